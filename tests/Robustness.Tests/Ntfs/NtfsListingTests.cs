using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Forensics.Analyzer.Tests.EndToEnd;
using Forensics.Parsers.Tests;
using Xunit;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>What listings say of NTFS files beside what they say of all: streams, owners, attributes, reparse points, times of names.</summary>
public sealed class NtfsListingTests
{
    [Fact]
    public void Streams_follow_their_file_with_its_number_and_times_and_a_digest_of_their_own()
    {
        using var image = new NtfsFile(NtfsBase.Copy());
        string[] lines = Deadbox.Text("files", image.Path, "--hash", "md5").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int at = Array.FindIndex(lines, line => line.StartsWith("disk@0,/witness.txt,", StringComparison.Ordinal));
        string[] file = lines[at].Split(',');
        string[] stream = lines[at + 1].Split(',');
        Assert.Equal(("/witness.txt:payload.exe", "a", "3002"), (stream[1], stream[2], stream[3]));
        Assert.Equal(file[4..13], stream[4..13]);
        Assert.Equal(NtfsListing.Md5(NtfsBase.Payload), stream[15]);
        Assert.Equal("/witness.txt:Zone.Identifier", lines[at + 2].Split(',')[1]);
        Assert.Contains(lines, line => line.StartsWith("disk@0,/dir:of directory,a,24,", StringComparison.Ordinal));
    }

    [Fact]
    public void What_marks_bad_clusters_has_a_length_and_no_digest()
    {
        using var image = new NtfsFile(NtfsBase.Copy());
        string[] row = Deadbox.Text("files", image.Path, "--hash", "md5", "--path", "/$BadClus:$Bad").Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split(',');
        Assert.Equal(("/$BadClus:$Bad", "a", ""), (row[1], row[2], row[15]));
        Assert.True(long.Parse(row[3], System.Globalization.CultureInfo.InvariantCulture) > 1 << 20);
    }

    [Fact]
    public void A_glob_is_matched_against_the_whole_name_of_a_stream()
    {
        using var image = new NtfsFile(NtfsBase.Copy());
        Assert.Equal(["/witness.txt:Zone.Identifier"], Paths(image, "/**:Zone.Identifier"));
        Assert.Equal(["/witness.txt"], Paths(image, "/witness.txt"));
        Assert.Equal(60, Paths(image, "/many.txt:*").Length);
    }

    [Fact]
    public void Json_has_attributes_tags_sequence_numbers_and_the_times_of_names()
    {
        using var image = new NtfsFile(NtfsBase.Copy());
        Dictionary<string, JsonNode> rows = Deadbox.Text("files", image.Path, "--format", "jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
            .ToDictionary(row => (string)row["path"]!);
        Assert.Equal("0xa000000c", (string?)rows["/symlink.txt"]["reparseTag"]);
        Assert.Equal("witness.txt", (string?)rows["/symlink.txt"]["target"]);
        Assert.Equal("0xa0000003", (string?)rows["/junction"]["reparseTag"]);
        Assert.Equal("0x20", (string?)rows["/witness.txt"]["dosAttributes"]);
        Assert.Equal(1, (int)rows["/witness.txt"]["sequence"]!);
        Assert.NotNull(rows["/witness.txt"]["nameCrtime"]);
        Assert.Null(rows["/witness.txt:payload.exe"]["nameCrtime"]);
        Assert.Equal("a", (string?)rows["/witness.txt:payload.exe"]["type"]);
    }

    [Fact]
    public void Owners_are_those_that_istat_shows()
    {
        SharedImages.Require();
        NtfsMaker.Require();
        string image = SharedImages.Unpack("ntfs-samples/ntfs.tgz", "ntfs.raw");
        // What was not yet written to the table is not what The Sleuth Kit shows.
        Dictionary<string, Dictionary<string, string>> rows = NtfsListing.Rows(Encoding.UTF8.GetBytes(Deadbox.Text("files", image, "--journal", "ignore")));
        int compared = 0;
        foreach (Dictionary<string, string> row in rows.Values.Where(row => row["owner"].Length > 0))
        {
            Match shown = Regex.Match(NtfsMaker.Run("istat", ["-o", "2048", image, row["inode"]]), @"^Security ID: \d+\s+\((S-[0-9-]+)\)", RegexOptions.Multiline);
            if (shown.Success)
            {
                Assert.Equal((row["path"], shown.Groups[1].Value), (row["path"], row["owner"]));
                compared++;
            }
        }
        Assert.True(compared > 20);
    }

    [Fact]
    public void A_listing_of_another_file_system_has_the_columns_it_always_had()
    {
        SharedImages.Require();
        SharedOracle ext = SharedImages.Oracles().First(oracle => oracle is { View: "kernel", IsLogicalVolume: false, Listing: not "-" } && oracle.Method.Contains("ext4", StringComparison.Ordinal));
        string header = Deadbox.Text("files", SharedImages.Unpack(ext.Image, ext.Member)).Split('\n')[0];
        Assert.Equal("volume,path,type,size,mode,uid,gid,nlink,inode,mtime,ctime,atime,crtime,flags,target,md5,sha1,sha256", header);
    }

    private static string[] Paths(NtfsFile image, string glob) => [.. NtfsListing.Rows(Encoding.UTF8.GetBytes(Deadbox.Text("files", image.Path, "--path", glob))).Keys];
}
