namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>A body file of The Sleuth Kit in the columns of our own listings: <c>md5|name|inode|type/mode|uid|gid|size|atime|mtime|ctime|crtime</c>.</summary>
internal static class BodyFile
{
    /// <summary>Names in use; deleted ones and the virtual directory of orphans are left out.</summary>
    public static IEnumerable<Dictionary<string, string>> Read(SharedOracle oracle)
    {
        foreach (string line in File.ReadAllLines(SharedImages.Unpack("oracles/" + oracle.Listing)))
        {
            string[] cells = line.Split('|');
            // A name may hold the separator.
            string name = string.Join('|', cells[1..^9]);
            string[] rest = cells[^9..];
            if (name.StartsWith("/$OrphanFiles", StringComparison.Ordinal) || name.EndsWith(" (deleted)", StringComparison.Ordinal) || name.EndsWith(" (deleted-realloc)", StringComparison.Ordinal))
            {
                continue;
            }
            char type = rest[1][2];
            string[] words = type == 'l' ? name.Split(" -> ", 2) : [name];
            var row = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["path"] = words[0], ["inode"] = rest[0], ["type"] = type == 'r' ? "f" : type.ToString(), ["mode"] = Octal(rest[1][3..]), ["uid"] = rest[2], ["gid"] = rest[3],
                ["size"] = rest[4], ["atime"] = rest[5], ["mtime"] = rest[6], ["ctime"] = rest[7], ["crtime"] = rest[8], ["target"] = words.Length > 1 ? words[1] : "",
                ["md5"] = cells[0],
            };
            yield return row;
        }
    }

    /// <summary><c>rwsr-xr-t</c> as <c>5755</c>.</summary>
    private static string Octal(string letters)
    {
        int mode = 0;
        for (int i = 0; i < 9; i++)
        {
            mode |= letters[i] is '-' or 'S' or 'T' ? 0 : 1 << 8 - i;
            mode |= i % 3 == 2 && letters[i] is 's' or 'S' or 't' or 'T' ? 1 << 11 - i / 3 : 0;
        }
        return Convert.ToString(mode, 8).PadLeft(4, '0');
    }
}
