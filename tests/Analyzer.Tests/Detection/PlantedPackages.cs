using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Forensics.Parsers;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Writes the package database of a planted host from what its files say about their packages.</summary>
internal static class PlantedPackages
{
    public static void Write(PlantTree tree)
    {
        switch (tree.Host)
        {
            case PlantHost.Debian:
                Dpkg(tree);
                break;
            case PlantHost.Alpine:
                Apk(tree);
                break;
            case PlantHost.RedHat when tree.HasRpmDatabase:
                tree.Add(new PlantedFile("/var/lib/rpm/Packages.db", FileType.Regular) { Content = PlantedRpm.Database(tree) });
                break;
            default:
                break;
        }
    }

    private static void Dpkg(PlantTree tree)
    {
        var status = new StringBuilder();
        ILookup<string, PlantedFile> files = tree.Files.Where(file => file.Package is not null).ToLookup(file => file.Package!);
        foreach (string name in files.Select(group => group.Key).Concat(tree.Packages.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray())
        {
            PlantedPackage package = tree.Packages.GetValueOrDefault(name) ?? new PlantedPackage(name);
            PlantedFile[] all = [.. files[name]];
            PlantedFile[] regular = [.. all.Where(file => file.Type == FileType.Regular || file.Shipped is not null)];
            status.Append(CultureInfo.InvariantCulture, $"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nMaintainer: {package.Maker}\nVersion: {package.Version}\n");
            if (regular.Any(file => file.IsConfig))
            {
                status.Append("Conffiles:\n");
                foreach (PlantedFile file in regular.Where(file => file.IsConfig))
                {
                    status.Append(' ').Append(file.Path).Append(' ').Append(Md5(file)).Append('\n');
                }
            }
            status.Append("Description: planted\n\n");
            Info(tree, name + ".list", "/.\n" + string.Concat(all.Select(file => file.Path + "\n")));
            if (package.HasDigests)
            {
                Info(tree, name + ".md5sums", string.Concat(regular.Where(file => !file.IsConfig).Select(file => Md5(file) + "  " + file.Path[1..] + "\n")));
            }
            foreach ((string kind, string text) in package.Scripts)
            {
                Info(tree, name + "." + kind, text, 0b111_101_101);
            }
        }
        tree.Add(new PlantedFile("/var/lib/dpkg/status", FileType.Regular) { Content = Encoding.UTF8.GetBytes(status.ToString()) });
    }

    /// <summary>A file of the database, as old as the host; what a plant put there stays.</summary>
    private static void Info(PlantTree tree, string name, string text, int mode = 0b110_100_100)
    {
        string path = "/var/lib/dpkg/info/" + name;
        if (tree.Files.All(file => file.Path != path))
        {
            tree.Add(new PlantedFile(path, FileType.Regular) { Content = Encoding.UTF8.GetBytes(text), Mode = mode });
        }
    }

    private static void Apk(PlantTree tree)
    {
        var installed = new StringBuilder();
        foreach (IGrouping<string, PlantedFile> package in tree.Files.Where(file => file.Package is not null).GroupBy(file => file.Package!).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            installed.Append(CultureInfo.InvariantCulture, $"C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:{package.Key}\nV:1.0-r0\nA:x86_64\nS:1000\nI:1000\nT:planted\nU:https://alpinelinux.org\nL:MIT\nt:1768435200\n");
            foreach (IGrouping<string, PlantedFile> folder in package.GroupBy(file => file.Path[1..(Math.Max(1, file.Path.LastIndexOf('/')))]))
            {
                installed.Append("F:").Append(folder.Key).Append('\n');
                foreach (PlantedFile file in folder)
                {
                    byte[] digest = SHA1.HashData(file.Shipped ?? file.Content);
                    installed.Append("R:").Append(file.Path[(file.Path.LastIndexOf('/') + 1)..]).Append('\n');
                    installed.Append("a:0:0:").Append(Convert.ToString(file.Mode, 8)).Append('\n').Append("Z:Q1").Append(Convert.ToBase64String(digest)).Append('\n');
                }
            }
            installed.Append('\n');
        }
        tree.Add(new PlantedFile("/lib/apk/db/installed", FileType.Regular) { Content = Encoding.UTF8.GetBytes(installed.ToString()) });
    }

    private static string Md5(PlantedFile file) => Convert.ToHexStringLower(MD5.HashData(file.Shipped ?? file.Content));
}
