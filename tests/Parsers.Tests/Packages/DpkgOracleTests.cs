using Forensics.Parsers.Packages;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Packages;

/// <summary>The database of the machine the tests run on, against dpkg itself.</summary>
public sealed class DpkgOracleTests
{
    private static readonly HostFolder s_host = new("");
    private static readonly Lazy<PackageIndex> s_index = new(() => PackageDatabases.Read(s_host, Catalog.PackageReaders, ParseContext.Quiet));

    [Fact]
    public void Packages_of_this_machine_are_those_dpkg_query_lists()
    {
        RequireDpkg();
        string[] expected = [.. TestTools.Run("dpkg-query", "-W", "-f", "${Package}|${Version}|${Architecture}|${Maintainer}|${Status}|${source:Package}\n")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains("not-installed", StringComparison.Ordinal))
            .Select(line => line.Replace("|deinstall ok config-files|", "|ConfigFiles|", StringComparison.Ordinal)
                .Replace("|install ok installed|", "|Installed|", StringComparison.Ordinal).Replace("|hold ok installed|", "|Installed|", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
        string[] actual = [.. s_index.Value.Packages.Where(package => package.Manager == "dpkg")
            .Select(package => $"{package.Name}|{package.Version}|{package.Architecture}|{package.Vendor}|{package.State}|{package.Source}").Order(StringComparer.Ordinal)];
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Files_of_every_package_are_those_dpkg_query_lists()
    {
        RequireDpkg();
        Dictionary<string, HashSet<string>> expected = [];
        string package = "";
        var seenDirectories = new Dictionary<string, string>();
        var names = new Queue<string>(TestTools.Run("dpkg-query", "-W", "-f", "${binary:Package}\n").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        // The lists of several packages stand one after the other with an empty line between them.
        foreach (string line in ("\n" + TestTools.TryRun("dpkg-query", ["-L", .. names]).Output).TrimEnd('\n').Split('\n'))
        {
            if (line.Length == 0)
            {
                package = names.Dequeue().Split(':')[0];
                expected.TryAdd(package, []);
            }
            else if (line.StartsWith('/'))
            {
                expected[package].Add(Canonical(line == "/." ? "/" : line, seenDirectories));
            }
        }
        // dpkg-query adds a line about diversions, our paths are already where the file lies.
        PackageIndex index = s_index.Value;
        var diverted = index.Diversions.ToDictionary(diversion => Canonical(diversion.From, seenDirectories), diversion => diversion);
        Dictionary<string, HashSet<string>> actual = [];
        for (int i = 0; i < index.Packages.Count; i++)
        {
            HashSet<string> paths = actual.TryGetValue(index.Packages[i].Name, out HashSet<string>? known) ? known : actual[index.Packages[i].Name] = [];
            paths.UnionWith(index.FilesOf(i).Where(file => (file.Flags & PackageFileFlags.Registered) == 0).Select(file => Canonical(Raw(file), seenDirectories)));
        }
        int compared = 0;
        foreach ((string name, HashSet<string> paths) in expected)
        {
            foreach (string from in diverted.Keys.Where(from => diverted[from].By != name && paths.Remove(from)).ToArray())
            {
                paths.Add(Canonical(diverted[from].To, seenDirectories));
            }
            // Obsolete conffiles are no longer in the list dpkg-query gives, yet still owned.
            actual[name].ExceptWith(index.FilesOf(index.Packages.ToList().FindIndex(entry => entry.Name == name))
                .Where(file => (file.Flags & PackageFileFlags.Obsolete) != 0).Select(Raw).Where(path => !paths.Contains(path)).ToArray());
            Assert.True(paths.SetEquals(actual[name]), name + ": " + string.Join(' ', paths.Except(actual[name]).Take(5)) + " / " + string.Join(' ', actual[name].Except(paths).Take(5)));
            compared += paths.Count;
        }
        Assert.True(compared > 1000);
    }

    [Fact]
    public void What_dpkg_verify_complains_of_is_modified_or_missing_and_nothing_else()
    {
        RequireDpkg();
        // A few packages: hashing a whole machine takes too long for a test.
        string[] packages = ["dpkg", "base-files", "coreutils", "bash", "apt", "libc-bin", "passwd", "login", "util-linux", "tzdata", "debconf", "openssh-client"];
        packages = [.. packages.Where(name => s_index.Value.Packages.Any(package => package.Name == name))];
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string line in TestTools.TryRun("dpkg", ["--verify", .. packages]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            expected.Add(line[line.IndexOf('/')..] + (line.StartsWith("missing", StringComparison.Ordinal) ? " missing" : " modified"));
        }
        var actual = new SortedSet<string>(StringComparer.Ordinal);
        PackageIndex index = s_index.Value;
        for (int i = 0; i < index.Packages.Count; i++)
        {
            if (!packages.Contains(index.Packages[i].Name))
            {
                continue;
            }
            foreach (PackageFile file in index.FilesOf(i).Where(file => file.Algorithm == DigestAlgorithm.Md5 && (file.Flags & PackageFileFlags.Registered) == 0))
            {
                bool exists = File.Exists(file.Path);
                FileProvenance provenance = exists ? index.Judge(file.Path, File.ReadAllBytes(file.Path)) : new ProvenanceJudge(index).Judge(file.Path, null, _ => null);
                if (provenance.State != ProvenanceState.VendorIntact)
                {
                    actual.Add(file.Path + (exists ? " modified" : " missing"));
                }
            }
        }
        Assert.Equal(expected.Where(line => index.TryFind(line[..line.LastIndexOf(' ')], out PackageFile file) && file.Algorithm == DigestAlgorithm.Md5), actual);
    }

    private static string Raw(PackageFile file) => System.Text.Encoding.UTF8.GetString(file.PathBytes);

    /// <summary>The path with the links of its directories followed on this machine, independently of the reader.</summary>
    private static string Canonical(string path, Dictionary<string, string> known)
    {
        int slash = path.LastIndexOf('/');
        string directory = path[..slash];
        if (!known.TryGetValue(directory, out string? real))
        {
            string first = "/" + directory.Split('/').ElementAtOrDefault(1);
            real = directory.Length > 0 && new FileInfo(first).LinkTarget is { } target ? "/" + target.TrimStart('/') + directory[first.Length..] : directory;
            known.Add(directory, real);
        }
        return real + path[slash..];
    }

    private static void RequireDpkg()
    {
        if (!File.Exists("/var/lib/dpkg/status"))
        {
            Assert.Skip("this machine has no dpkg database");
        }
    }
}
