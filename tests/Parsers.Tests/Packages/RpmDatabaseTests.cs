using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Packages;
using Xunit;

namespace Forensics.Parsers.Tests.Packages;

/// <summary>Databases of rpm in each of its formats, against the listing rpm itself gives.</summary>
public sealed class RpmDatabaseTests
{
    public static TheoryData<string, string[], string> Databases => new()
    {
        { "sqlite", ["rpmdb.sqlite"], "/usr/lib/sysimage/rpm/" },
        { "sqlite with a log", ["wal.sqlite=rpmdb.sqlite", "wal.sqlite-wal=rpmdb.sqlite-wal"], "/var/lib/rpm/" },
        { "ndb", ["Packages.db"], "/usr/lib/sysimage/rpm/" },
        { "bdb hash", ["Packages.le.hash=Packages"], "/var/lib/rpm/" },
        { "bdb hash big endian", ["Packages.be.hash=Packages"], "/var/lib/rpm/" },
        { "bdb btree", ["Packages.le.btree=Packages"], "/var/lib/rpm/" },
        { "bdb btree big endian", ["Packages.be.btree=Packages"], "/usr/share/rpm/" },
    };

    [Theory]
    [MemberData(nameof(Databases))]
    public void Packages_and_files_are_those_rpm_lists(string name, string[] files, string directory)
    {
        Assert.NotEmpty(name);
        PackageIndex index = Host(files, directory).Read(out DiagnosticList diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(Fixture.Lines("rpm.packages").Order(StringComparer.Ordinal), index.Packages
            .Select(package => $"{package.Name}|{package.Version}|{package.Architecture}|{(package.Vendor.Length == 0 ? "(none)" : package.Vendor)}|{package.InstalledAt!.Value.Seconds}")
            .Order(StringComparer.Ordinal));
        Assert.Equal(Fixture.Lines("rpm.dump").Order(StringComparer.Ordinal), index.Files.Select(Dump).Order(StringComparer.Ordinal));
        Assert.Equal(Fixture.Lines("rpm.flags").Select(Known).Order(StringComparer.Ordinal), index.Files.Select(Flags).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Scripts_have_text_interpreter_and_condition()
    {
        Package package = Host(["rpmdb.sqlite"], "/var/lib/rpm/").Read().Packages.Single(entry => entry.Name == "alpha8");
        Assert.Equal(
        [
            "pretrans|<lua>|print(\"pretrans\")|", "prein|/bin/sh|echo pre $1|", "postin|/sbin/ldconfig||", "preun|/usr/bin/python3|print(\"preun\")|", "postun|/bin/sh|echo postun|",
            "verify|/bin/sh|echo verify|", "trigger|/bin/sh|echo trigger|bash zsh", "filetrigger|/bin/sh|cat|/usr/lib/modules",
        ], package.Scripts.Select(script => $"{script.Kind}|{script.Interpreter}|{script.Text!.TrimEnd()}|{script.Condition}"));
        Assert.Equal("Example 9", package.Origin);
        Assert.Empty(package.Signatures);
        Assert.True(package.HasDigests);
    }

    [Fact]
    public void Files_are_judged_by_digest_size_mode_and_flags()
    {
        PackageIndex index = Host(["rpmdb.sqlite"], "/var/lib/rpm/").Read();
        foreach (int algorithm in (int[])[1, 2, 8, 10])
        {
            byte[] content = System.Text.Encoding.ASCII.GetBytes($"program {algorithm}\n");
            Assert.Equal(ProvenanceState.VendorIntact, index.Judge($"/usr/bin/alpha{algorithm}", content, 0x1ED).State);
            content[0]++;
            FileProvenance modified = index.Judge($"/usr/bin/alpha{algorithm}", content, 0x1ED);
            Assert.Equal((ProvenanceState.VendorModified, FileDifferences.Digest), (modified.State, modified.Differences));
            Assert.Equal(FileDifferences.Size, index.Judge($"/usr/bin/alpha{algorithm}", [], 0x1ED).Differences);
        }
        Assert.Equal(FileDifferences.Permissions | FileDifferences.User, index.Judge("/usr/bin/alpha8", "program 8\n"u8.ToArray(), 0x9ED, 33).Differences);
        Assert.Equal(ProvenanceState.ConfigModified, index.Judge("/etc/alpha8/main.conf", "key=other\n"u8.ToArray()).State);
        Assert.Equal(ProvenanceState.Unverified, index.Judge("/var/lib/alpha8/state", [1]).State);
        Assert.Equal(ProvenanceState.Alien, index.Judge("/usr/bin/alpha9", [1]).State);
        Assert.Equal(ProvenanceState.VendorIntact, index.JudgeLink("/usr/bin/alpha-link8", "alpha8").State);
        Assert.Equal(FileDifferences.LinkTarget, index.JudgeLink("/usr/bin/alpha-link8", "/tmp/x").Differences);
        Assert.Equal((ProvenanceState.VendorModified, FileDifferences.Kind), (index.JudgeLink("/usr/bin/alpha8", "/tmp/x").State, index.JudgeLink("/usr/bin/alpha8", "/tmp/x").Differences));
        Assert.Equal(["/etc/alpha8/no replace.conf", "/var/lib/alpha8/state"],
            index.FilesOf(index.Packages.ToList().FindIndex(package => package.Name == "alpha8")).Where(file => file.MayBeAbsent).Select(file => file.Path));
        Assert.Equal(ProvenanceState.Missing, new ProvenanceJudge(index).Judge("/usr/bin/alpha8", null, _ => null).State);
        // Two packages own it, with digests of two algorithms.
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge("/usr/lib/alpha/shared", "shared\n"u8.ToArray()).State);
        Assert.Equal(4, index.FindAll("/usr/lib/alpha/shared").Count());
    }

    [Fact]
    public void Second_database_in_the_folder_is_reported_and_adds_only_what_it_alone_has()
    {
        HostMemory host = Host(["rpmdb.sqlite", "Packages.le.hash=Packages"], "/var/lib/rpm/");
        PackageIndex index = host.Read(out DiagnosticList diagnostics);
        Assert.Equal(5, index.Packages.Count);
        Assert.Empty(diagnostics.Items);
        // The same folder by its old name.
        Assert.Equal(5, Host(["rpmdb.sqlite"], "/usr/lib/sysimage/rpm/").Link("/var/lib/rpm", "../../usr/lib/sysimage/rpm").Read().Packages.Count);
    }

    private static HostMemory Host(string[] files, string directory)
    {
        var host = new HostMemory();
        foreach (string file in files)
        {
            host.Add(directory + file[(file.IndexOf('=') + 1)..], Fixture.Unpack(file.Split('=')[0]));
        }
        return host;
    }

    /// <summary>A line of <c>rpm --dump</c>: path, size, mtime, digest, mode, owner, group, config, documentation, device, link target.</summary>
    private static string Dump(PackageFile file)
    {
        int kind = file.Kind switch
        {
            PackageFileKind.Directory => 4,
            PackageFileKind.Link => 10,
            _ => 8,
        };
        // rpm keeps a size of directories and links too, which says nothing and is not taken over; what it is follows from the build.
        long size = file.Size ?? (kind == 10 ? file.LinkTarget!.Length : 0);
        string digest = file.Digest.IsEmpty ? new string('0', (file.Package.Name switch { "alpha1" => 16, "alpha2" => 20, "alpha10" => 64, _ => 32 }) * 2) : Convert.ToHexStringLower(file.Digest);
        string mode = "0" + Convert.ToString(kind << 12 | file.Permissions!.Value, 8);
        return $"{Raw(file)} {size} {file.Modified!.Value.Seconds} {digest} {mode} {file.User} {file.Group} {(file.Flags.HasFlag(PackageFileFlags.Config) ? 1 : 0)} "
            + $"{(file.Flags.HasFlag(PackageFileFlags.Documentation) ? 1 : 0)} 0 {file.LinkTarget ?? "X"}";
    }

    private static string Raw(PackageFile file) => System.Text.Encoding.UTF8.GetString(file.PathBytes);

    private static string Flags(PackageFile file) =>
        $"{Raw(file)}|{file.Flags & ~(PackageFileFlags.License)}|{file.Capabilities}";

    /// <summary>What of rpm's flags is kept: config 1, doc 2, missingok 8, ghost 64; no digest to verify; state replaced or not installed.</summary>
    private static string Known(string line)
    {
        string[] parts = line.Split('|');
        int flags = int.Parse(parts[1]);
        long verify = long.Parse(parts[2]);
        PackageFileFlags known = ((flags & 1) != 0 ? PackageFileFlags.Config : 0) | ((flags & 2) != 0 ? PackageFileFlags.Documentation : 0)
            | ((flags & 8) != 0 ? PackageFileFlags.MissingOk : 0) | ((flags & 64) != 0 ? PackageFileFlags.Ghost : 0)
            | ((verify & 1) == 0 || parts[3] == "1" ? PackageFileFlags.ContentNotVerified : 0) | ((verify & 88) != 88 ? PackageFileFlags.ModeNotVerified : 0)
            | (int.Parse(parts[3]) > 1 ? PackageFileFlags.NotInstalled : 0);
        return $"{parts[0]}|{known}|{(parts[4] == "(none)" ? "" : parts[4])}";
    }
}
