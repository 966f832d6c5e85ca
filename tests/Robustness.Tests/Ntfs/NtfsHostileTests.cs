using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Forensics.Analyzer.Tests.EndToEnd;
using Xunit;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>
/// Hostile NTFS volumes through the whole program. What every case owes: one clear sentence when nothing can be read; else a diagnostic that names the damage, all other files still listed and
/// looked into (the digest of the witness, and the program in its stream as a finding), sums that add up, and little time and memory.
/// </summary>
public sealed class NtfsHostileTests
{
    private const double MostSeconds = 20;
    private const long MostBytes = 256L << 20;

    public static TheoryData<string> Cases() => [.. NtfsCases.All.Select(one => one.Id)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_damage_is_named_and_the_rest_is_read(string id)
    {
        NtfsCase one = NtfsCases.All.Single(candidate => candidate.Id == id);
        var patch = new NtfsPatch(NtfsBase.Copy());
        one.Damage(patch);
        using var image = new NtfsFile(patch.Image);
        var clock = Stopwatch.StartNew();
        (int code, byte[] output, string error) = Deadbox.Run("files", image.Path, "--hash", "md5");
        if (one.Refusal is { } refusal)
        {
            Assert.Equal(3, code);
            Assert.Contains(refusal, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
            Assert.Equal(3, Deadbox.Run("scan", image.Path, "-q", "--no-builtin-rules").Code);
            return;
        }
        Assert.True(code == 0, error);
        Dictionary<string, Dictionary<string, string>> rows = NtfsListing.Rows(output);
        Assert.Equal(NtfsListing.Md5(NtfsBase.Witness), rows["/witness.bin"]["md5"]);
        Assert.Equal(NtfsListing.Md5(NtfsBase.Payload), rows["/witness.txt:payload.exe"]["md5"]);
        Assert.Equal(one.KeepsDirectory ? 150 : 0, rows.Keys.Count(path => path.StartsWith("/dir/entry-", StringComparison.Ordinal)));
        foreach ((string path, string column, string value) in one.Rows)
        {
            Assert.Equal(value, rows[path][column]);
        }
        if (id.StartsWith("N09 link", StringComparison.Ordinal))
        {
            // Nothing of the machine that looks at the image is ever read.
            (int link, byte[] content, string refused) = Deadbox.Run("cat", image.Path, "/symlink.txt");
            // Without a target that can be read it is a file of no content.
            Assert.Contains(link, (int[])(one.Code is null ? [2, 3] : [0, 2, 3]));
            Assert.Empty(content);
            Assert.Single(refused.Trim().Split('\n'));
        }
        AssertScan(image, one);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, MostSeconds);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(0, Deadbox.Run("files", image.Path, "--threads", "1").Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
    }

    [Fact]
    public void The_sound_volume_has_no_diagnostics_and_is_complete()
    {
        using var image = new NtfsFile(NtfsBase.Copy());
        JsonObject report = Deadbox.Scan(image.Path, "--no-builtin-rules", "--profile", "full").Report;
        Assert.Empty(report["diagnostics"]!.AsArray().Select(item => item!.ToJsonString()));
        Assert.False((bool)report["coverage"]!["isIncomplete"]!);
        AssertWitness(report);
        (int code, byte[] output, string error) = Deadbox.Run("files", image.Path, "--hash", "md5");
        Assert.True(code == 0 && error.Length == 0, error);
        Dictionary<string, Dictionary<string, string>> rows = NtfsListing.Rows(output);
        Assert.Equal(150, rows.Keys.Count(path => path.StartsWith("/dir/entry-", StringComparison.Ordinal)));
        Assert.Equal(60, rows.Keys.Count(path => path.StartsWith("/many.txt:stream-", StringComparison.Ordinal)));
    }

    private static void AssertScan(NtfsFile image, NtfsCase one)
    {
        JsonObject report = Deadbox.Scan(image.Path, "--no-builtin-rules", "--profile", "full").Report;
        JsonNode coverage = report["coverage"]!;
        Assert.Equal((long)coverage["seen"]!, (long)coverage["examined"]! + coverage["skipped"]!.AsObject().Sum(pair => (long)pair.Value!));
        AssertWitness(report);
        if (one.IsOrphaned)
        {
            string deleted = Encoding.UTF8.GetString(Deadbox.Run("files", image.Path, "--deleted").Output);
            Assert.Contains(deleted.Split('\n'), row => row.StartsWith("disk@0,/$OrphanFiles/inode-", StringComparison.Ordinal) && row.Contains(",orphan,", StringComparison.Ordinal));
        }
        if (one.Code is { } expected)
        {
            string[] codes = [.. report["diagnostics"]!.AsArray().Select(item => (string)item!["code"]!)];
            Assert.True(codes.Any(found => found.StartsWith(expected, StringComparison.Ordinal)), $"no {expected}; there are: {string.Join(", ", codes)}");
        }
    }

    internal static void AssertWitness(JsonObject report)
    {
        JsonNode found = Assert.Single(report["findings"]!.AsArray(), item => (string?)item!["ruleId"] == "W-ADS.program")!;
        Assert.Equal("payload.exe", (string?)found["stream"]);
    }
}

/// <summary>A volume in a file that is gone after the test.</summary>
internal sealed class NtfsFile : IDisposable
{
    public NtfsFile(byte[] image)
    {
        File.WriteAllBytes(Path, image);
    }

    public string Path { get; } = System.IO.Path.Combine(Directory.CreateTempSubdirectory("deadbox-ntfs-").FullName, "image");

    public void Dispose() => Directory.Delete(System.IO.Path.GetDirectoryName(Path)!, recursive: true);
}

/// <summary>Reads what <c>files</c> wrote.</summary>
internal static class NtfsListing
{
    /// <summary>Rows by path. The names that the tests make have no commas or quotes but where the test is about them; such rows are left out.</summary>
    public static Dictionary<string, Dictionary<string, string>> Rows(byte[] csv)
    {
        string[] lines = Encoding.UTF8.GetString(csv).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] header = lines[0].Split(',');
        var rows = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (string[] cells in lines.Skip(1).Where(line => !line.Contains('"', StringComparison.Ordinal)).Select(line => line.Split(',')))
        {
            rows[cells[1]] = header.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        }
        return rows;
    }

#pragma warning disable CA5351 // A digest to compare with, nothing to protect.
    public static string Md5(byte[] content) => Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(content));
#pragma warning restore CA5351
}
