using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>A listing that <c>fixtures/make.sh</c> took from a mounted file system, and its comparison with what the reader says.</summary>
internal static class KernelListing
{
    private static readonly string[] Columns = ["path", "type", "size", "mode", "uid", "gid", "nlink", "inode", "mtime", "ctime", "atime", "target", "md5"];

    /// <summary>
    /// Every difference in words, at most one a file and column; empty when both say the same. In a file system without replay a name may lead to nothing yet,
    /// which goes to <paramref name="failures"/>.
    /// </summary>
    public static List<string> Differences(string listing, IFileSystem fileSystem, List<ForensicException>? failures = null)
    {
        List<WalkedFile> files = ExtWalk.Files(fileSystem, failures);
        var byPath = files.ToDictionary(file => file.Path, file => file.Entry, StringComparer.Ordinal);
        var differences = new List<string>();
        string[] lines = File.ReadAllLines(listing);
        foreach (string line in lines)
        {
            string[] expected = line.Split('\t');
            if (!byPath.Remove(expected[0], out FileEntry? entry))
            {
                differences.Add(expected[0] + " is missing");
                continue;
            }
            string[] actual = Row(fileSystem, expected[0], entry);
            for (int i = 0; i < Columns.Length; i++)
            {
                // "!": the kernel could not read the file.
                if (expected[i] != actual[i] && expected[i] != "!")
                {
                    differences.Add($"{expected[0]}: {Columns[i]} is {actual[i]}, for the kernel {expected[i]}");
                }
            }
        }
        differences.AddRange(byPath.Keys.Select(path => path + " is not there for the kernel"));
        return lines.Length == 0 ? ["an empty listing"] : differences;
    }

    private static string[] Row(IFileSystem fileSystem, string path, FileEntry entry) =>
    [
        path, ExtWalk.TypeLetter(entry.Type).ToString(), Text(entry.Size), Convert.ToString(entry.Permissions, 8), Text(entry.UserId), Text(entry.GroupId), Text(entry.LinkCount),
        entry.MetadataAddress.ToString(CultureInfo.InvariantCulture), Time(entry.Modified), Time(entry.Changed), Time(entry.Accessed), ExtWalk.Target(fileSystem, entry),
        entry.Type == FileType.Regular ? ExtWalk.Md5(fileSystem.OpenContent(entry)) : "",
    ];

    /// <summary>find prints a tenth decimal that is always zero.</summary>
    private static string Time(Timestamp? time) => ExtWalk.Time(time) + "0";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
