using System.Text;
using Forensics.Analyzer.Tests.EndToEnd;
using Forensics.Parsers.Tests;
using Xunit;

namespace Forensics.Robustness.Tests;

/// <summary>
/// <c>files --hash md5</c> against what the Linux kernel listed for the same volumes: mounted with replay (the default view) and without.
/// </summary>
public sealed class FilesOracleTests
{
    private static readonly string[] s_columns = ["type", "size", "md5", "mode", "uid", "gid", "nlink", "inode", "mtime", "ctime", "atime", "crtime", "target"];

    public static TheoryData<string, string> Volumes()
    {
        var volumes = new TheoryData<string, string>();
        foreach (SharedOracle oracle in SharedImages.Oracles().Where(IsExtSeenByKernel))
        {
            volumes.Add(oracle.Volume, oracle.View);
        }
        if (volumes.Count == 0)
        {
            volumes.Add("absent", "kernel");
        }
        return volumes;
    }

    [Theory]
    [MemberData(nameof(Volumes))]
    public void The_listing_equals_the_kernels(string volume, string view)
    {
        SharedImages.Require();
        SharedOracle oracle = SharedImages.Oracles().First(candidate => candidate.Volume == volume && candidate.View == view && IsExtSeenByKernel(candidate));
        // The view "kernel" is a mount without replay; only where there is something to replay does that need to be asked for.
        bool isPlain = view == "kernel" && SharedImages.Oracles().Any(other => other.Volume == volume && other.View == "replayed");
        (int code, byte[] output, string error) = Deadbox.Run(["files", SharedImages.Unpack(oracle.Image, oracle.Member), "--hash", "md5", .. isPlain ? ["--journal", "ignore"] : Array.Empty<string>()]);
        Assert.True(code == 0, error);
        string suffix = "@" + oracle.Offset.ToString(System.Globalization.CultureInfo.InvariantCulture);
        List<Dictionary<string, string>> rows = [.. Csv(Encoding.UTF8.GetString(output)).Where(row => row["volume"].EndsWith(suffix, StringComparison.Ordinal)).Select(Normalised)];
        var byPath = rows.ToDictionary(row => row["path"], StringComparer.Ordinal);
        ILookup<string, Dictionary<string, string>> byInode = rows.ToLookup(row => row["inode"], StringComparer.Ordinal);
        var differences = new List<string>();
        int expected = 0;
        foreach (Dictionary<string, string> wanted in oracle.Rows())
        {
            expected++;
            // Without the key the kernel makes names up in an encrypted directory; those rows are the same by inode.
            Dictionary<string, string>? actual = byPath.GetValueOrDefault(wanted["path"]) ?? byInode[wanted["inode"]].FirstOrDefault();
            if (actual is null)
            {
                differences.Add(wanted["path"] + ": missing");
                continue;
            }
            // A cell such as "!126" is an error number: the kernel could not read that without the key.
            differences.AddRange(s_columns.Where(column => actual[column] != wanted[column] && !wanted[column].StartsWith('!') && !IsEncryptedContent(actual, column))
                .Select(column => $"{wanted["path"]}: {column} is {actual[column]}, the kernel says {wanted[column]}"));
        }
        Assert.Empty(differences.Take(20));
        Assert.Equal(expected, rows.Count);
    }

    private static bool IsExtSeenByKernel(SharedOracle oracle) =>
        oracle.View is "kernel" or "replayed" && oracle.Listing != "-" && !oracle.IsLogicalVolume && oracle.Method.Contains("ext4", StringComparison.Ordinal);

    private static bool IsEncryptedContent(Dictionary<string, string> row, string column) =>
        column is "md5" or "target" && row["flags"].Length > 2 && (Convert.ToInt64(row["flags"], 16) & 0x800) != 0;

    /// <summary>The oracle writes times as seconds and nanoseconds since the epoch.</summary>
    private static Dictionary<string, string> Normalised(Dictionary<string, string> row)
    {
        foreach (string column in new[] { "mtime", "ctime", "atime", "crtime" })
        {
            if (row[column].Length > 0)
            {
                DateTimeOffset whole = DateTimeOffset.Parse(row[column][..19] + "Z", System.Globalization.CultureInfo.InvariantCulture);
                row[column] = Epoch(whole.ToUnixTimeSeconds(), row[column][20..29]);
            }
        }
        return row;
    }

    private static string Epoch(long seconds, string nanoseconds) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{seconds}.{nanoseconds}");

    private static IEnumerable<Dictionary<string, string>> Csv(string text)
    {
        string[]? header = null;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] cells = [.. Cells(line)];
            if (header is null)
            {
                header = cells;
                continue;
            }
            yield return header.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        }
    }

    private static IEnumerable<string> Cells(string line)
    {
        var cell = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            char value = line[i];
            if (value == '"')
            {
                if (quoted && i + 1 < line.Length && line[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else
                {
                    quoted = !quoted;
                }
            }
            else if (value == ',' && !quoted)
            {
                yield return cell.ToString();
                cell.Clear();
            }
            else
            {
                cell.Append(value);
            }
        }
        yield return cell.ToString();
    }
}
