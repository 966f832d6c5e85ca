using System.Globalization;
using System.Text.Json;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>The same tables as The Sleuth Kit's mmls and as sfdisk read them, and typed answers only when tables are damaged at random.</summary>
public sealed class PartitionOracleTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Disks() => ["gpt", "gpt4096", "mbr", "logical"];

    [Theory]
    [MemberData(nameof(Disks))]
    public void Partitions_equal_those_of_mmls(string name)
    {
        DiskBuilder disk = Make(name);
        string path = _folder.Write("disk.raw", disk.Bytes);
        string listing = TestTools.Run("mmls", "-a", "-b", disk.SectorSize.ToString(CultureInfo.InvariantCulture), path);
        IVolumeSystem volumes = VolumeProbe.Open(disk.Source, ParseContext.Quiet);
        Assert.Equal(Mmls(listing), volumes.Volumes.Select(volume => (volume.Offset / disk.SectorSize, volume.Length / disk.SectorSize)));
        Assert.NotEmpty(volumes.Volumes);
    }

    [Theory]
    [InlineData("binwalk/tests/inputs/mbr.bin")]
    [InlineData("gptman/tests/fixtures/disk1.img")]
    [InlineData("gptman/tests/fixtures/disk2.img.zst")]
    public void Shared_disks_equal_what_sfdisk_recorded(string relative)
    {
        string oracle = File.ReadAllText(Path.Combine(SharedImages.Require(), "oracles", "partitions", relative.Replace("/", "__", StringComparison.Ordinal) + ".txt"));
        int start = oracle.IndexOf('{', StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(oracle[start..(oracle.IndexOf("\n}\n", StringComparison.Ordinal) + 2)]);
        JsonElement table = json.RootElement.GetProperty("partitiontable");
        int sectorSize = table.GetProperty("sectorsize").GetInt32();
        using ImageFile file = ImageFile.Open(SharedImages.Decompress(relative));
        IVolumeSystem volumes = VolumeProbe.Open(file, ParseContext.Quiet);
        Assert.Equal(table.GetProperty("label").GetString() == "dos" ? "mbr" : "gpt", volumes.Kind);
        Assert.Equal(sectorSize, volumes.SectorSize);
        Assert.Equal(table.GetProperty("id").GetString(), volumes.DiskIdentifier, ignoreCase: true);
        Assert.Equal(
            table.GetProperty("partitions").EnumerateArray().Select(item => (item.GetProperty("start").GetInt64() * sectorSize, item.GetProperty("size").GetInt64() * sectorSize,
                item.TryGetProperty("name", out JsonElement label) ? label.GetString() : null)),
            volumes.Volumes.Select(volume => (volume.Offset, volume.Length, volume.Label)));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Mutated_tables_give_a_volume_system_in_bounded_time(int seed)
    {
        var random = new Random(seed);
        string[] names = ["gpt", "gpt4096", "mbr", "logical"];
        DiskBuilder[] disks = [.. names.Select(Make)];
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 2000; i++)
        {
            DiskBuilder original = disks[i % disks.Length];
            var copy = new DiskBuilder(original.LastLba + 1, original.SectorSize);
            original.Bytes.CopyTo(copy.Bytes, 0);
            int sector = original.SectorSize;
            Range last = (copy.Bytes.Length - sector)..(copy.Bytes.Length - sector + 92);
            Mutator.Mutate(random, copy.Bytes, [446..512, sector..(sector + 92), (2 * sector)..(2 * sector + 256), last, (100 * sector)..(100 * sector + 512)]);
            if (random.Next(2) == 0 && original.Bytes[sector] == (byte)'E')
            {
                copy.FixGpt();
            }
            var diagnostics = new DiagnosticList();
            IVolumeSystem volumes = VolumeProbe.Open(copy.Source, new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None));
            Assert.NotEmpty(volumes.Kind);
            Assert.True(volumes.Volumes.Count <= 1024 && diagnostics.Items.Count <= 4096);
            Assert.All(volumes.Volumes, volume => Assert.True(volume.Offset >= 0 && volume.Length > 0 && volume.Content.Length <= copy.Bytes.Length));
        }
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    private static DiskBuilder Make(string name) => name switch
    {
        "gpt" => new DiskBuilder(400).Gpt((40, 99, "root"), (100, 100, "tiny"), (200, 300, "data")),
        "gpt4096" => new DiskBuilder(400, 4096).Gpt((40, 99, "root"), (100, 300, "data")),
        "mbr" => new DiskBuilder(400).Entry(0, 0, 0x83, 10, 50, 0x80).Entry(0, 1, 0x07, 60, 20).Entry(0, 3, 0x82, 300, 20),
        _ => new DiskBuilder(400).Entry(0, 0, 0x83, 10, 50).Entry(0, 1, 0x05, 100, 300).Entry(100, 0, 0x83, 2, 10).Entry(100, 1, 0x05, 50, 20).Entry(150, 0, 0x07, 2, 10)
            .Entry(150, 1, 0x05, 100, 20).Entry(200, 0, 0x8E, 2, 10),
    };

    /// <summary>Start and length of the allocated lines: <c>002:  000   0000000040   0000000099   0000000060   root</c>; tables themselves have the slot "Meta".</summary>
    private static IEnumerable<(long Start, long Length)> Mmls(string listing)
    {
        foreach (string line in listing.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 5 && words[0].EndsWith(':') && words[1] != "Meta" && words[1] != "-------")
            {
                yield return (long.Parse(words[2], CultureInfo.InvariantCulture), long.Parse(words[4], CultureInfo.InvariantCulture));
            }
        }
    }
}
