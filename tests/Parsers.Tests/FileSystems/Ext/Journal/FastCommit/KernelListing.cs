using System.Globalization;
using Forensics.Parsers.FileSystems;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>A listing that record.sh took from a mounted file system.</summary>
internal sealed class KernelListing
{
    private readonly List<Dictionary<string, string>> _rows = [];

    public KernelListing(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] header = lines[0].Split('\t');
        foreach (string line in lines.Skip(1))
        {
            string[] cells = line.Split('\t');
            _rows.Add(header.Select((name, i) => (name, cells[i])).ToDictionary(c => c.name, c => c.Item2, StringComparer.Ordinal));
        }
    }

    public int Count => _rows.Count;

    /// <summary>
    /// Everything in which a file system differs. A time of "!" is one that the kernel took from its own clock while it replayed.
    /// </summary>
    /// <param name="fileSystem">The file system.</param>
    /// <param name="except">Columns of a row that are not compared.</param>
    public List<string> Differences(IFileSystem fileSystem, Func<Dictionary<string, string>, string[]>? except = null)
    {
        var differences = new List<string>();
        Dictionary<string, FileEntry> entries = ExtWalk.Files(fileSystem).Where(f => f.Path != "/").ToDictionary(f => f.Path, f => f.Entry, StringComparer.Ordinal);
        foreach (Dictionary<string, string> row in _rows)
        {
            string path = row["path"];
            if (!entries.Remove(path, out FileEntry? entry))
            {
                differences.Add(path + " is missing");
                continue;
            }
            string[] left = except?.Invoke(row) ?? [];
            foreach ((string column, string actual) in Columns(fileSystem, entry))
            {
                string expected = row[column];
                if (expected != actual && expected != "!" && !left.Contains(column))
                {
                    differences.Add($"{path}: {column} is {actual}, kernel {expected}");
                }
            }
        }
        differences.AddRange(entries.Keys.Select(path => path + " is too much"));
        return differences;
    }

    private static IEnumerable<(string Column, string Value)> Columns(IFileSystem fileSystem, FileEntry entry)
    {
        yield return ("type", ExtWalk.TypeLetter(entry.Type).ToString());
        yield return ("size", entry.Size.ToString(CultureInfo.InvariantCulture));
        yield return ("md5", entry.Type == FileType.Regular ? ExtWalk.Md5(fileSystem.OpenContent(entry)) : "");
        yield return ("mode", Convert.ToString(entry.Permissions, 8));
        yield return ("uid", entry.UserId.ToString(CultureInfo.InvariantCulture));
        yield return ("gid", entry.GroupId.ToString(CultureInfo.InvariantCulture));
        yield return ("nlink", entry.LinkCount.ToString(CultureInfo.InvariantCulture));
        yield return ("inode", entry.MetadataAddress.ToString(CultureInfo.InvariantCulture));
        yield return ("mtime", ExtWalk.Time(entry.Modified));
        yield return ("ctime", ExtWalk.Time(entry.Changed));
        yield return ("atime", ExtWalk.Time(entry.Accessed));
        yield return ("crtime", entry.Created is null ? "0.000000000" : ExtWalk.Time(entry.Created));
        yield return ("target", entry.Type == FileType.SymbolicLink ? ExtWalk.Target(fileSystem, entry) : "");
    }
}
