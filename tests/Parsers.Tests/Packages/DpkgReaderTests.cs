using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Packages;
using Xunit;

namespace Forensics.Parsers.Tests.Packages;

public sealed class DpkgReaderTests
{
    private const string Info = "/var/lib/dpkg/info/";
    private const string Hello = "b1946ac92492d2347c6235b4d2611184"; // "hello\n"

    [Fact]
    public void Package_has_its_fields_scripts_and_the_time_of_its_list()
    {
        HostMemory host = Host("Package: tool\nStatus: install ok installed\nPriority: optional\nMaintainer: A B <a@example.org>\nArchitecture: amd64\nMulti-Arch: same\n"
            + "Source: tools (1.0)\nVersion: 1:1.0-2+b1\nOrigin: Example\nDescription: x\n Package: not-this\n")
            .Add(Info + "tool:amd64.list", "/.\n/usr\n/usr/bin\n/usr/bin/tool\n").Add(Info + "tool:amd64.postinst", "#!/bin/sh\n").Add(Info + "tool:amd64.triggers", "")
            .Add(Info + "ghost.prerm", "#!/bin/sh\n").Add("/var/lib/apt/extended_states", "Package: tool\nArchitecture: amd64\nAuto-Installed: 1\n");
        PackageIndex index = host.Read(out DiagnosticList diagnostics);
        Package package = Assert.Single(index.Packages);
        Assert.Equal(("tool", "1:1.0-2+b1", "amd64", "A B <a@example.org>", "Example", "tools"), (package.Name, package.Version, package.Architecture, package.Vendor, package.Origin, package.Source));
        Assert.Equal((PackageState.Installed, false, new Timestamp(1_700_000_000, 0), false), (package.State, package.IsExplicit, package.InstalledAt, package.HasDigests));
        Assert.Equal(["postinst " + Info + "tool:amd64.postinst", "triggers " + Info + "tool:amd64.triggers"], package.Scripts.Select(script => script.Kind + " " + script.Path));
        Assert.Equal("ghost prerm", Assert.Single(index.OrphanScripts) is { } orphan ? orphan.Package + " " + orphan.Script.Kind : "");
        Assert.Equal(["/ Directory", "/usr Directory", "/usr/bin Directory", "/usr/bin/tool Unknown"], index.FilesOf(0).Select(file => file.Path + " " + file.Kind));
        Assert.Empty(diagnostics.Items);
        // No digest: owned, but nothing is known of the content.
        Assert.Equal(ProvenanceState.Unverified, index.Judge("/usr/bin/tool", "hello\n"u8.ToArray()).State);
    }

    [Fact]
    public void Program_conffile_and_unowned_file_are_told_apart()
    {
        PackageIndex index = Tool("Conffiles:\n /etc/tool.conf " + Hello + "\n /etc/gone.conf " + Hello + " obsolete\n /etc/not yet newconffile\n /etc/never newconffile remove-on-upgrade\n",
            "/usr/bin/tool\n/etc/tool.conf\n/etc/not yet\n", Hello + "  usr/bin/tool\n" + Hello + "  usr/bin/taken-over\n").Read();
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge("/usr/bin/tool", "hello\n"u8.ToArray()).State);
        Assert.Equal((ProvenanceState.VendorModified, "vendor-modified"), (index.Judge("/usr/bin/tool", "hellO\n"u8.ToArray()).State, index.Judge("/usr/bin/tool", [1]).Word));
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge("/etc/tool.conf", "hello\n"u8.ToArray()).State);
        Assert.Equal(ProvenanceState.ConfigModified, index.Judge("/etc/tool.conf", "other\n"u8.ToArray()).State);
        Assert.Equal(ProvenanceState.Unverified, index.Judge("/etc/not yet", [1]).State);
        Assert.True(index.TryFind("/etc/gone.conf", out PackageFile gone) && gone.Flags == (PackageFileFlags.Config | PackageFileFlags.Obsolete));
        Assert.False(index.IsOwned("/etc/never"));
        Assert.Equal(ProvenanceState.Alien, index.Judge("/usr/bin/taken-over", "hello\n"u8.ToArray()).State);
        Assert.Equal(ProvenanceState.Missing, new ProvenanceJudge(index).Judge("/usr/bin/tool", null, _ => null).State);
        // A program replaced by a link to another.
        Assert.Equal((ProvenanceState.VendorModified, FileDifferences.Kind), (index.JudgeLink("/usr/bin/tool", "/tmp/x").State, index.JudgeLink("/usr/bin/tool", "/tmp/x").Differences));
    }

    [Theory]
    [InlineData("/bin/tool", "/usr/bin/tool")]
    [InlineData("/usr/bin/tool", "/bin/tool")]
    public void Merged_usr_makes_both_names_one_file(string listed, string asked)
    {
        HostMemory host = Tool("", listed + "\n", Hello + "  " + listed[1..] + "\n").Link("/bin", "usr/bin").Link("/lib64", "usr/lib64").Link("/usr/lib64", "lib");
        PackageIndex index = host.Read();
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge(asked, "hello\n"u8.ToArray()).State);
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge(listed, "hello\n"u8.ToArray()).State);
        Assert.Equal("/usr/bin/tool", index.Files.Single().Path);
        Assert.Equal("/usr/lib/x", index.Aliases.Apply("/lib64/x"));
        Assert.Equal("/bin", index.Aliases.Apply("/bin"));
    }

    [Fact]
    public void Without_merged_usr_a_twin_in_the_other_folder_is_alien()
    {
        PackageIndex index = Tool("", "/bin/tool\n", Hello + "  bin/tool\n").Read();
        Assert.Equal(ProvenanceState.Alien, index.Judge("/usr/bin/tool", "hello\n"u8.ToArray()).State);
    }

    [Fact]
    public void Directory_links_that_lead_round_in_circles_end()
    {
        PackageIndex index = Tool("", "/bin/tool\n", "").Link("/bin", "sbin").Link("/sbin", "/bin").Link("/lib", "lib/lib").Link("/home", "../../..").Link("/opt", ".").Read();
        Assert.Single(index.Files);
        Assert.Equal("/home/x", index.Aliases.Apply("/home/x"));
    }

    [Fact]
    public void Diverted_file_is_where_the_diversion_put_it()
    {
        HostMemory host = Tool("", "/usr/bin/tool\n", Hello + "  usr/bin/tool\n");
        host.Add("/var/lib/dpkg/status", "Package: tool\nStatus: install ok installed\n\nPackage: wrapper\nStatus: install ok installed\n")
            .Add(Info + "wrapper.list", "/bin/tool\n").Add(Info + "wrapper.md5sums", Hello.Replace('b', 'c') + "  bin/tool\n").Link("/bin", "usr/bin")
            .Add("/var/lib/dpkg/diversions", "/bin/tool\n/bin/tool.real\nwrapper\n/usr/bin/other\n/usr/bin/other.local\n:\n");
        PackageIndex index = host.Read();
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge("/usr/bin/tool.real", "hello\n"u8.ToArray()).State);
        Assert.True(index.TryFind("/usr/bin/tool.real", out PackageFile moved) && moved.Flags.HasFlag(PackageFileFlags.Diverted) && moved.Package.Name == "tool");
        FileProvenance taken = index.Judge("/usr/bin/tool", "hello\n"u8.ToArray());
        Assert.Equal((ProvenanceState.VendorModified, "wrapper"), (taken.State, taken.File!.Value.Package.Name));
        Assert.Equal([("/bin/tool", "wrapper"), ("/usr/bin/other", null)], index.Diversions.Select(diversion => (diversion.From, diversion.By)));
    }

    [Fact]
    public void Alternatives_are_links_to_what_may_be_chosen_and_nothing_else()
    {
        HostMemory host = Tool("", "/usr/bin/tool\n", "").Add("/var/lib/dpkg/alternatives/awk",
            "manual\n/usr/bin/awk\nawk.1.gz\n/usr/share/man/man1/awk.1.gz\nnawk\n/usr/bin/nawk\n\n/usr/bin/mawk\n5\n/usr/share/man/man1/mawk.1.gz\n/usr/bin/mawk\n/usr/bin/gawk\n10\n\n/usr/bin/gawk\n\n")
            .Add("/var/lib/alternatives/java", "auto\n/usr/bin/java\n\n/usr/lib/jvm/bin/java\n@java@2000 jexec\n\n");
        PackageIndex index = host.Read();
        Alternative awk = index.Alternatives.Single(alternative => alternative.Name == "awk");
        Assert.Equal((true, 3, 2), (awk.IsManual, awk.Links.Count, awk.Choices.Count));
        Assert.Equal([5, 10], awk.Choices.Select(choice => choice.Priority));
        Assert.Equal(["/usr/bin/gawk", "", "/usr/bin/gawk"], awk.Choices[1].Targets);
        Assert.Equal(2000, index.Alternatives.Single(alternative => alternative.Name == "java").Choices.Single().Priority);
        Assert.Equal((ProvenanceState.Generated, "alternatives"), (index.JudgeLink("/usr/bin/awk", "/etc/alternatives/awk").State, index.JudgeLink("/usr/bin/awk", "/etc/alternatives/awk").Rule!.Name));
        Assert.Equal(ProvenanceState.Generated, index.JudgeLink("/etc/alternatives/nawk", "/usr/bin/gawk").State);
        Assert.Equal(ProvenanceState.Generated, index.JudgeLink("/etc/alternatives/java", "/usr/lib/jvm/bin/java").State);
        Assert.Equal(ProvenanceState.Alien, index.JudgeLink("/etc/alternatives/awk", "/tmp/awk").State);
        Assert.Equal(ProvenanceState.Alien, index.Judge("/usr/bin/awk", [1]).State);
    }

    [Fact]
    public void Overrides_of_owner_and_mode_and_files_registered_with_ucf_count()
    {
        HostMemory host = Tool("", "/usr/bin/tool\n", Hello + "  usr/bin/tool\n").Add("/var/lib/dpkg/statoverride", "root adm 4750 /usr/bin/tool\n#33 #33 bad /usr/bin/tool\n")
            .Add("/var/lib/ucf/hashfile", Hello + "  /etc/default/tool\n").Add("/var/lib/ucf/registry", "tool \t /etc/default/tool\nother \t /etc/other\n");
        PackageIndex index = host.Read();
        Assert.True(index.TryFind("/usr/bin/tool", out PackageFile file));
        Assert.Equal((0x9E8, "root", "adm"), (file.Permissions, file.User, file.Group));
        Assert.Equal(FileDifferences.Permissions | FileDifferences.Group, index.Judge("/usr/bin/tool", "hello\n"u8.ToArray(), 0x1ED).Differences);
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge("/etc/default/tool", "hello\n"u8.ToArray()).State);
        Assert.Equal(ProvenanceState.ConfigModified, index.Judge("/etc/default/tool", "x\n"u8.ToArray()).State);
    }

    [Fact]
    public void Newer_paragraphs_in_updates_replace_those_of_status_and_removed_packages_keep_their_configuration()
    {
        HostMemory host = Host("Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\nPackage: b\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 2\nConffiles:\n /etc/b "
            + Hello + "\n\nPackage: c\nStatus: unknown ok not-installed\n\nPackage: d\nStatus: install reinstreq half-installed\n")
            .Add("/var/lib/dpkg/updates/0001", "Package: a\nStatus: install ok unpacked\nArchitecture: all\nVersion: 3\n").Add("/var/lib/dpkg/updates/tmp.i", "Package: x\n")
            .Add(Info + "a.list", "/a\n").Add(Info + "b.list", "/etc/b\n");
        PackageIndex index = host.Read(out _);
        Assert.Equal(["a 3 Partly", "b 2 ConfigFiles", "d  Partly"], index.Packages.Select(package => $"{package.Name} {package.Version} {package.State}"));
        Assert.Equal(ProvenanceState.ConfigModified, index.Judge("/etc/b", [1]).State);
    }

    [Fact]
    public void Image_without_dpkg_itself_is_read_from_its_folder_of_paragraphs()
    {
        HostMemory host = new HostMemory().Add("/var/lib/dpkg/status.d/base-files", "Package: base-files\nVersion: 12\nArchitecture: amd64\n")
            .Add("/var/lib/dpkg/status.d/base-files.md5sums", Hello + "  usr/bin/tool\n").Add("/var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 2024\n");
        PackageIndex index = host.Read();
        Assert.Equal(2, index.Packages.Count);
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge("/usr/bin/tool", "hello\n"u8.ToArray()).State);
    }

    [Fact]
    public void Names_that_climb_or_are_no_text_do_no_harm()
    {
        HostMemory host = Tool("", "/usr/../etc/shadow\nrelative\n/a\0b\n/" + new string('x', 5000) + "\n//double///slash/./dot/\n/gr\u00fc\u00df\n\n", "");
        host.Add("/var/lib/dpkg/status", "Package: tool\nStatus: install ok installed\n\nPackage: ../../../etc/passwd\nStatus: install ok installed\n");
        PackageIndex index = host.Read(out DiagnosticList diagnostics);
        Assert.Equal(["/relative", "/double/slash/dot", "/gr\u00fc\u00df"], index.Files.Select(file => file.Path));
        Assert.Equal(["dpkg.list.missing", "packages.path.bad"], diagnostics.Items.Select(item => item.Code));
        // Bytes that are no UTF-8 are found by their display form.
        Assert.Single(new HostMemory().Add("/var/lib/dpkg/status", "Package: t\n").Add(Info + "t.list", [(byte)'/', 0xFE, (byte)'\n']).Read().FindAll("/\\xfe"));
    }

    [Fact]
    public void Lists_without_end_and_one_list_under_many_names_are_bounded()
    {
        // 400 packages whose lists are holes of 2^60 bytes: read as far as the limits go.
        var host = new EndlessLists(string.Concat(Enumerable.Range(0, 400).Select(i => $"Package: p{i}\nStatus: install ok installed\n\n")));
        var diagnostics = new DiagnosticList();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        PackageIndex index = PackageDatabases.Read(host, Catalog.PackageReaders, new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None));
        Assert.Equal((400, 0), (index.Packages.Count, index.FileCount));
        Assert.Contains(diagnostics.Items, item => item is { Code: "packages.limit", LosesContent: true });
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), watch.Elapsed.ToString());
    }

    [Fact]
    public void Million_lines_of_paths_that_climb_end_the_reading()
    {
        PackageIndex index = Tool("", string.Concat(Enumerable.Repeat("/..\n", 3_000_000)) + "/late\n", "").Read(out DiagnosticList diagnostics);
        Assert.Equal(0, index.FileCount);
        Assert.Equal(["packages.limit", "packages.path.bad"], diagnostics.Items.Select(item => item.Code));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("info/tool.list")]
    [InlineData("info/tool.md5sums")]
    [InlineData("diversions")]
    [InlineData("statoverride")]
    [InlineData("alternatives/awk")]
    public void File_cut_at_any_point_is_read_as_far_as_it_goes(string name)
    {
        byte[] whole = System.Text.Encoding.ASCII.GetBytes("Package: tool\nStatus: install ok installed\nConffiles:\n /etc/x " + Hello + "\nVersion: 1\n/usr/bin/tool\n" + Hello + "  usr/bin/tool\nroot root 755 /x\n");
        for (int i = 0; i <= 64; i++)
        {
            Tool("", "/usr/bin/tool\n", "").Add("/var/lib/dpkg/" + name, whole[..(whole.Length * i / 64)]).Read();
        }
    }

    private sealed class EndlessLists(string status) : IHostFiles
    {
        public IByteSource? Open(string path) => path.EndsWith("/status", StringComparison.Ordinal) ? new MemorySource(System.Text.Encoding.ASCII.GetBytes(status))
            : path.EndsWith(".list", StringComparison.Ordinal) ? new Holes() : null;

        public IEnumerable<string> List(string directory) => directory.EndsWith("/info", StringComparison.Ordinal) ? Enumerable.Range(0, 400).Select(i => $"p{i}.list") : [];

        public string? ReadLink(string path) => null;

        public Timestamp? Modified(string path) => null;
    }

    private sealed class Holes : IByteSource
    {
        public long Length => 1L << 60;

        public int ReadAt(long offset, Span<byte> destination)
        {
            destination.Clear();
            return destination.Length;
        }
    }

    private static HostMemory Host(string status) => new HostMemory().Add("/var/lib/dpkg/status", status);

    private static HostMemory Tool(string fields, string list, string md5sums) =>
        Host("Package: tool\nStatus: install ok installed\nVersion: 1\n" + fields).Add(Info + "tool.list", list).Add(Info + "tool.md5sums", md5sums);
}
