using System.Text;
using System.Text.Json.Nodes;
using Forensics.Analyzer.Tests.EndToEnd;
using Forensics.Parsers.Tests;
using Xunit;

namespace Forensics.Robustness.Tests;

/// <summary>The logical disk of every container of other projects, as the program reads it through all wrappers, against what other tools read (<c>oracles/containers.tsv</c>).</summary>
public sealed class ContainerOracleTests
{
    /// <summary>
    /// Where the program and the oracle differ, and why. The VHD files have checksums that somebody broke on purpose; the pair is compared elsewhere, with libvhdi.
    /// The digest of the log is that of QEMU after <c>qemu-img check -r all</c> on a copy.
    /// </summary>
    private static readonly Dictionary<string, (string Format, string? Sha256)> s_differences = new(StringComparer.Ordinal)
    {
        ["DiscUtils/Vhdx/Data/vhdx-log-replay.vhdx.gz"] = ("gzip/vhdx", "3ba3b309425b7ff5e8e0199edceed95226250f880c53b24e8eae93865f3fad5e"),
        ["dfvfs/image.vhd.zst"] = ("zstd/vhd", null),
        // A differencing disk without its parent beside it.
        ["dfvfs/image-differential.vhd.zst"] = ("refused", null),
        // The footer names a disk that is larger than the file: no VHD, read as the raw disk it is. The oracle was told to take it for one.
        ["go-ntfs/tests/ads_with_same_ids/charlie.dd.bz2"] = ("bzip2/raw", null),
    };

    public static TheoryData<string> Containers() => SharedImages.Folder is null ? ["absent"] : [.. Rows().Select(cells => cells[0])];

    [Theory]
    [MemberData(nameof(Containers))]
    public void Logical_disk_has_the_digest_of_the_oracle(string image)
    {
        SharedImages.Require();
        string[] row = Rows().Single(cells => cells[0] == image);
        (int code, byte[] output, string error) = Deadbox.Run("info", PathOf(image), "--hash", "sha256", "--format", "json");
        Assert.DoesNotContain("internal error", error, StringComparison.Ordinal);
        if (s_differences.TryGetValue(image, out (string Format, string? Sha256) difference))
        {
            if (difference.Format == "refused")
            {
                Assert.Equal(3, code);
                Assert.Contains("not supported", error, StringComparison.Ordinal);
                return;
            }
            Assert.Equal(difference.Format, (string?)Image(output)["format"]);
            Assert.True(difference.Sha256 is null || difference.Sha256 == (string?)Image(output)["hashes"]![0]!["sha256"]);
            return;
        }
        JsonNode info = Image(output);
        Assert.Equal((row[2], row[4]), (info["diskBytes"]!.ToString(), (string?)info["hashes"]![0]!["sha256"]));
    }

    private static JsonNode Image(byte[] output) => JsonNode.Parse(Encoding.UTF8.GetString(output))!["image"]!;

    private static IEnumerable<string[]> Rows() => File.ReadLines(Path.Combine(SharedImages.Require(), "oracles", "containers.tsv")).Skip(1).Select(line => line.Split('\t'));

    /// <summary>The file as it lies there; segments that are packed one by one are unpacked beside each other first.</summary>
    private static string PathOf(string image)
    {
        if (!image.Contains(".split.E01", StringComparison.Ordinal))
        {
            return Path.Combine(SharedImages.Require(), image);
        }
        string folder = Directory.CreateTempSubdirectory("deadbox-segments-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (string segment in new[] { "E01", "E02" })
        {
            File.Move(SharedImages.Decompress(image.Replace(".E01", "." + segment, StringComparison.Ordinal)), Path.Combine(folder, "ext2.split." + segment));
        }
        return Path.Combine(folder, "ext2.split.E01");
    }
}
