using System.Globalization;
using Forensics.Parsers.FileSystems;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>One cell in which a file system differs from a listing; <see cref="Column"/> is <c>path</c> when a whole row does.</summary>
internal sealed record ListingDifference(string Path, string Column, string Expected, string Actual);

/// <summary>A listing that was taken from a mounted file system: tab-separated, a header line, a row a path.</summary>
internal sealed class RecordedListing
{
    private readonly Dictionary<string, Dictionary<string, string>> _rows = new(StringComparer.Ordinal);

    public RecordedListing(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] header = lines[0].Split('\t');
        foreach (string line in lines.Skip(1))
        {
            string[] cells = line.Split('\t');
            Dictionary<string, string> row = header.Select((name, i) => (name, cell: cells[i])).ToDictionary(c => c.name, c => c.cell, StringComparer.Ordinal);
            row["mode"] = row["mode"].TrimStart('0');
            _rows.Add(row["path"], row);
        }
        _rows.Remove("/");
    }

    public bool IsDirectory(string path) => _rows.TryGetValue(path, out Dictionary<string, string>? row) && row["type"] == "d";

    public bool Says(string path, string column, string value) => _rows.TryGetValue(path, out Dictionary<string, string>? row) && row[column] == value;

    /// <summary>Everything in which a file system differs. "!" is a time that the kernel took from its own clock while it replayed.</summary>
    public List<ListingDifference> Compare(IFileSystem fileSystem)
    {
        var differences = new List<ListingDifference>();
        Dictionary<string, FileEntry> entries = ExtWalk.Files(fileSystem).Where(f => f.Path != "/").ToDictionary(f => f.Path, f => f.Entry, StringComparer.Ordinal);
        foreach ((string path, Dictionary<string, string> row) in _rows)
        {
            if (!entries.Remove(path, out FileEntry? entry))
            {
                differences.Add(new ListingDifference(path, "path", path, "missing"));
                continue;
            }
            foreach ((string column, string actual) in Columns(fileSystem, entry))
            {
                if (row[column] != actual && row[column] != "!")
                {
                    differences.Add(new ListingDifference(path, column, row[column], actual));
                }
            }
        }
        differences.AddRange(entries.Keys.Select(path => new ListingDifference(path, "path", "missing", path)));
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
        if (entry.Created is not null)
        {
            yield return ("crtime", ExtWalk.Time(entry.Created));
        }
        yield return ("target", entry.Type == FileType.SymbolicLink ? ExtWalk.Target(fileSystem, entry) : "");
    }
}
