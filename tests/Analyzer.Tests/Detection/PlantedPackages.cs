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
            default:
                break;
        }
    }

    private static void Dpkg(PlantTree tree)
    {
        var status = new StringBuilder();
        foreach (IGrouping<string, PlantedFile> package in tree.Files.Where(file => file.Package is not null).GroupBy(file => file.Package!).OrderBy(group => group.Key, StringComparer.Ordinal).ToArray())
        {
            PlantedFile[] files = [.. package];
            PlantedFile[] regular = [.. files.Where(file => file.Type == FileType.Regular)];
            status.Append(CultureInfo.InvariantCulture, $"Package: {package.Key}\nStatus: install ok installed\nArchitecture: amd64\nMaintainer: Debian Maintainers <packages@lists.debian.org>\nVersion: 1.0\n");
            if (regular.Any(file => file.IsConfig))
            {
                status.Append("Conffiles:\n");
                foreach (PlantedFile file in regular.Where(file => file.IsConfig))
                {
                    status.Append(' ').Append(file.Path).Append(' ').Append(Md5(file)).Append('\n');
                }
            }
            status.Append("Description: planted\n\n");
            tree.File($"/var/lib/dpkg/info/{package.Key}.list", "/.\n" + string.Concat(files.Select(file => file.Path + "\n")));
            tree.File($"/var/lib/dpkg/info/{package.Key}.md5sums", string.Concat(regular.Where(file => !file.IsConfig).Select(file => Md5(file) + "  " + file.Path[1..] + "\n")));
            foreach (string kind in (string[])["list", "md5sums"])
            {
                tree.Change($"/var/lib/dpkg/info/{package.Key}.{kind}", file => file with { Created = PlantTree.Installed, Modified = PlantTree.Installed });
            }
        }
        tree.Add(new PlantedFile("/var/lib/dpkg/status", FileType.Regular) { Content = Encoding.UTF8.GetBytes(status.ToString()) });
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
