using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Forensics.Analyzer.Tests.EndToEnd;
using Forensics.Parsers.Tests;
using Xunit;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>The verb <c>usn</c> against the bytes of the journal that The Sleuth Kit takes out of a volume of Windows, decoded here apart.</summary>
public sealed class UsnVerbTests
{
    private const string Image = "ntfs-samples/ntfs.tgz";

    [Fact]
    public void Every_event_is_there_with_its_number_name_and_file()
    {
        SharedImages.Require();
        NtfsMaker.Require();
        string image = SharedImages.Unpack(Image, "ntfs.raw");
        byte[] journal = Encoding.Latin1.GetBytes(NtfsMaker.Run("icat", ["-o", "2048", image, "42-128-3"]));
        string[] expected = [.. Decode(journal)];
        Assert.True(expected.Length > 100);
        // What the log holds beside is not in what The Sleuth Kit shows.
        string[] actual = [.. Deadbox.Text("usn", image, "--format", "jsonl", "--journal", "ignore").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
            .Select(row => string.Join('|', (long)row["usn"]!, ((string)row["path"]!).Split('/')[^1], (ulong)row["inode"]!, (int)row["sequence"]!, (ulong)row["parent"]!, (uint)row["attributes"]!))];
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Formats_agree_and_paths_begin_at_the_root()
    {
        SharedImages.Require();
        string image = SharedImages.Unpack(Image, "ntfs.raw");
        string[] json = Deadbox.Text("usn", image, "--format", "jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] csv = Deadbox.Text("usn", image, "--format", "csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] table = Deadbox.Text("usn", image).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(json.Length, csv.Length - 1);
        Assert.Equal(json.Length, table.Length);
        Assert.All(json, line => Assert.Matches("\"path\":\"(/|\\?/)", line));
        Assert.Contains(table, line => line.EndsWith("  /test_dir_2/file_2_1.txt", StringComparison.Ordinal) && line.Contains("DATA_EXTEND|CLOSE", StringComparison.Ordinal));
        Assert.StartsWith("volume,usn,time,path,reasons,", csv[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_without_a_journal_is_said_in_one_sentence()
    {
        using var image = new NtfsFile(NtfsBase.Copy());
        (int code, byte[] output, string error) = Deadbox.Run("usn", image.Path);
        Assert.Equal(3, code);
        Assert.Empty(output);
        Assert.Contains("has a change journal", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    /// <summary>USN_RECORD_V2 as [MS-FSCC] 2.3.62.1 lays it out; the rest of a page of zeros is passed over.</summary>
    private static IEnumerable<string> Decode(byte[] journal)
    {
        for (int at = 0; at + 60 <= journal.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(journal.AsSpan(at));
            if (length == 0)
            {
                at = (at / 4096 + 1) * 4096;
                continue;
            }
            ReadOnlySpan<byte> record = journal.AsSpan(at, length);
            ulong file = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);
            ulong parent = BinaryPrimitives.ReadUInt64LittleEndian(record[16..]);
            string name = Encoding.Unicode.GetString(record.Slice(BinaryPrimitives.ReadUInt16LittleEndian(record[58..]), BinaryPrimitives.ReadUInt16LittleEndian(record[56..])));
            // The root directory, whose name is a dot, has no last component in a path.
            name = (file & 0xFFFF_FFFF_FFFF) == 5 ? "" : name;
            yield return string.Join('|', BinaryPrimitives.ReadInt64LittleEndian(record[24..]), name, file & 0xFFFF_FFFF_FFFF, file >> 48, parent & 0xFFFF_FFFF_FFFF, BinaryPrimitives.ReadUInt32LittleEndian(record[52..]));
            at += length;
        }
    }
}
