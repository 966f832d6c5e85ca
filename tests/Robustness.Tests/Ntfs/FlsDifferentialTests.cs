using System.Globalization;
using System.Text;
using Forensics.Analyzer.Tests.EndToEnd;
using Xunit;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>Listings and contents against The Sleuth Kit, on volumes of several geometries.</summary>
public sealed class FlsDifferentialTests
{
    [Theory]
    [InlineData("-c 1024 -s 512", 4)]
    [InlineData("-c 512 -s 512", 6)]
    [InlineData("-c 4096 -s 512", 8)]
    [InlineData("-c 65536 -s 512", 48)]
    [InlineData("-c 4096 -s 4096", 16)]
    public void The_body_file_equals_that_of_fls(string options, int mebibytes)
    {
        using NtfsFile image = Make(options, mebibytes);
        string[] expected = [.. NtfsMaker.Run("fls", ["-r", "-m", "/", image.Path]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Row).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        string[] actual = [.. Deadbox.Text("files", image.Path, "--format", "bodyfile").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Row).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(expected, actual);
        Assert.True(expected.Length > 200);
    }

    [Fact]
    public void Contents_equal_those_of_icat()
    {
        using NtfsFile image = Make("-c 1024 -s 512", 4);
        Dictionary<string, Dictionary<string, string>> rows = NtfsListing.Rows(Encoding.UTF8.GetBytes(Deadbox.Text("files", image.Path, "--hash", "md5")));
        int compared = 0;
        foreach (string line in NtfsMaker.Run("fls", ["-r", "-m", "/", image.Path]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains("entry-1", StringComparison.Ordinal)))
        {
            string[] cells = line.Split('|');
            // The volume's bad clusters are a hole as long as the volume, which we hash as zeros and icat writes as nothing.
            if (cells[1].EndsWith(" ($FILE_NAME)", StringComparison.Ordinal) || !cells[2].Contains("-128-", StringComparison.Ordinal) || cells[1].Contains("/.:", StringComparison.Ordinal) || cells[1] == "/$BadClus:$Bad"
                || !rows.TryGetValue(cells[1], out Dictionary<string, string>? row) || row["type"] is "l")
            {
                continue;
            }
            string content = NtfsMaker.Run("icat", [image.Path, cells[2]]);
            Assert.Equal((cells[1], NtfsListing.Md5(Encoding.Latin1.GetBytes(content))), (cells[1], row["md5"]));
            compared++;
        }
        Assert.True(compared > 100);
    }

    [Fact]
    public void A_stream_is_written_by_its_path_and_by_its_name()
    {
        using var image = new NtfsFile(NtfsBase.Copy());
        Assert.Equal(NtfsBase.Payload, Deadbox.Run("cat", image.Path, "/witness.txt:payload.exe").Output);
        Assert.Equal(NtfsBase.Payload, Deadbox.Run("cat", image.Path, "/witness.txt", "--stream", "PAYLOAD.EXE").Output);
        Assert.Equal("a stream of a directory\n"u8.ToArray(), Deadbox.Run("cat", image.Path, "/dir:of directory").Output);
        Assert.Equal("witness\n"u8.ToArray(), Deadbox.Run("cat", image.Path, "/symlink.txt").Output);
        string inode = NtfsListing.Rows(Deadbox.Run("files", image.Path).Output)["/witness.txt"]["inode"];
        Assert.Equal(NtfsBase.Payload, Deadbox.Run("cat", image.Path, "--inode", inode, "--stream", "payload.exe").Output);
        (int code, _, string error) = Deadbox.Run("cat", image.Path, "/witness.txt:none");
        Assert.Equal(2, code);
        Assert.Contains("has no stream 'none'", error, StringComparison.Ordinal);
        Assert.Equal(2, Deadbox.Run("cat", image.Path, "/dir").Code);
    }

    private static NtfsFile Make(string options, int mebibytes)
    {
        NtfsMaker.Require();
        var image = new NtfsFile([]);
        NtfsMaker.Make(image.Path, mebibytes, options, NtfsBase.Fill);
        return image;
    }

    /// <summary>A file that has nothing but indexes is shown by these, with a name after a colon as if they were streams; here it is the file of no content that it is.
    /// Path, record, type, size and times of a row of a body file. What The Sleuth Kit adds of its own is left out: rows of names apart, its virtual directory, and a directory's entry for itself.</summary>
    private static string? Row(string line)
    {
        string[] cells = line.Split('|');
        string name = cells[1];
        if (name.EndsWith(" ($FILE_NAME)", StringComparison.Ordinal) || name.StartsWith("/$OrphanFiles", StringComparison.Ordinal) || name.Contains("/.:", StringComparison.Ordinal) || name == "/"
)
        {
            return null;
        }
        bool isIndex = name.Contains(':', StringComparison.Ordinal) && cells[2].Contains("-144-", StringComparison.Ordinal);
        name = isIndex ? name[..name.LastIndexOf(':')] : name;
        name = name.Split(" -> ")[0];
        // Of a name from the slack of an index it does not know the type; the second letter is that of the file.
        // It shows links and junctions as the files and directories that carry them.
        bool isReparsePoint = name is "/symlink.txt" or "/junction";
        // The size of a directory is what each makes of its index.
        bool hasSize = !cells[3].StartsWith("d/", StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal);
        // The Sleuth Kit gives times of before 1970 as a number of 32 bits; the record of the table itself has none.
        bool hasTimes = name != "/$MFT";
        return string.Join('|', name, cells[2].Split('-')[0], isReparsePoint ? "" : cells[3][2..3], isIndex ? "0" : hasSize && !isReparsePoint ? cells[6] : "", hasTimes ? string.Join('|', cells[7..11]) : "");
    }
}
