using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.FileSystems.Ntfs.Compression;
using Forensics.Parsers.Tests.Bytes.Compressed;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs.Compression;

/// <summary>Compression units made by hand and by ntfs-3g.</summary>
public sealed class CompressedUnitSourceTests
{
    private const int Cluster = 4096;
    private const int Unit = 16 * Cluster;

    [Fact]
    public void Units_are_zeros_plain_or_compressed_by_what_is_stored_of_them()
    {
        (MemorySource volume, DataRun[] runs, byte[] plain) = Three();
        var counted = new Counting(volume);
        var content = new CompressedUnitSource(counted, runs, Cluster, 16, plain.Length, plain.Length);

        Assert.Equal(plain, content.ReadArray(0, plain.Length + 10));
        Assert.Equal(10 * Cluster, content.FirstPhysicalOffset);
        Assert.Equal(0, content.ReadAt(plain.Length, new byte[1]));
        Assert.Equal([(0L, 2L * Unit), (3L * Unit, plain.Length - (3L * Unit))], Data(content));
        Assert.Equal(Data(content)[0].Start + Unit, Next(content, Unit).Start);
        counted.Bytes = 0;
        content.ReadArray(2 * Unit, Unit);
        Assert.Equal(0, counted.Bytes);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(65_536)]
    [InlineData(100_000)]
    public void Reading_forward_decodes_each_unit_once(int step)
    {
        (MemorySource volume, DataRun[] runs, byte[] plain) = Three();
        var counted = new Counting(volume);
        var content = new CompressedUnitSource(counted, runs, Cluster, 16, plain.Length, plain.Length);
        for (int offset = 0; offset < plain.Length; offset += step)
        {
            Assert.Equal(plain[offset..Math.Min(offset + step, plain.Length)], content.ReadArray(offset, step));
        }
        // 100,000 is no whole number of units: a unit that a read takes whole is not kept, one that it takes in part is.
        Assert.InRange(counted.Bytes, 1, runs.Where(run => !run.IsHole).Sum(run => run.Count) * Cluster);
    }

    [Fact]
    public void Behind_the_initialized_size_is_nothing_but_zeros()
    {
        (MemorySource volume, DataRun[] runs, byte[] plain) = Three();
        var content = new CompressedUnitSource(volume, runs, Cluster, 16, plain.Length, 1000);
        Assert.Equal([.. plain[..1000], .. new byte[plain.Length - 1000]], content.ReadArray(0, plain.Length));
        Assert.Equal([(0L, 1000L)], Data(content));
    }

    [Fact]
    public void A_damaged_unit_leaves_the_others_readable()
    {
        (MemorySource volume, DataRun[] runs, byte[] plain) = Three();
        byte[] bytes = volume.ReadArray(0, (int)volume.Length);
        // A match before anything was decoded.
        CodecVectorTests.Hex("02B0010000").CopyTo(bytes, 10 * Cluster);
        var content = new CompressedUnitSource(new MemorySource(bytes), runs, Cluster, 16, plain.Length, plain.Length);

        Assert.Throws<CorruptDataException>(() => content.ReadArray(0, 10));
        Assert.Throws<CorruptDataException>(() => content.ReadArray(0, plain.Length));
        Assert.Equal(plain[Unit..], content.ReadArray(Unit, plain.Length));
    }

    [Fact]
    public void Sizes_and_runs_that_cannot_be_are_damage()
    {
        Assert.Throws<CorruptDataException>(() => new CompressedUnitSource(MemorySource.Empty, [], 1 << 30, 16, 10, 10));
        Assert.Throws<CorruptDataException>(() => new CompressedUnitSource(MemorySource.Empty, [], 3000, 16, 10, 10));
        Assert.Throws<CorruptDataException>(() => new CompressedUnitSource(MemorySource.Empty, [], 4096, 0, 10, 10));
        Assert.Throws<CorruptDataException>(() => new CompressedUnitSource(MemorySource.Empty, [], 4096, 16, -1, 10));
        Assert.Throws<CorruptDataException>(() => new CompressedUnitSource(MemorySource.Empty, [new(5, 2, 1), new(0, 2, 1)], 4096, 16, 100_000, 10));
        var past = new CompressedUnitSource(new MemorySource(new byte[100]), [new(0, 1, 1L << 40), new(1, 15, -1)], 4096, 16, long.MaxValue, long.MaxValue);
        Assert.Throws<CorruptDataException>(() => past.ReadArray(0, 1));
        Assert.Equal(new byte[5], past.ReadArray(long.MaxValue - 5, 100));
        Assert.Equal([(0L, (long)Unit)], Data(past));
    }

    /// <summary>ntfs-3g compresses; where it put the clusters is asked of ntfsinfo, so that nothing of NTFS but the units is ours.</summary>
    [Fact]
    public void Files_of_ntfs_3g_read_as_they_were_written()
    {
        using var folder = new TempFolder();
        var random = new Random(4);
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 40_000).Select(i => "line " + i * 7 % 1000 + " of " + random.Next(30))));
        byte[] noise = new byte[200_000];
        random.NextBytes(noise);
        var files = new Dictionary<string, byte[]>
        {
            ["text"] = text,
            ["noise"] = noise,
            ["zeros"] = new byte[300_000],
            ["program"] = File.ReadAllBytes("/bin/bash"),
            ["mixed"] = [.. text[..100_000], .. noise[..90_000], .. new byte[150_000], .. text[..5000], .. noise[..70_000]],
        };
        foreach (int size in (int[])[4095, 4096, 4097, Unit - 1, Unit, Unit + 1, (3 * Unit) + 7])
        {
            files["text" + size] = text[..size];
            files["noise" + size] = noise[..size];
        }
        foreach ((string name, byte[] content) in files)
        {
            folder.Write(name, content);
        }
        using (File.Create(folder.File("image")))
        {
        }
        string mount = Directory.CreateDirectory(folder.File("mount")).FullName;
        TestTools.Run("truncate", "-s", "48M", folder.File("image"));
        TestTools.Run("mkntfs", "-F", "-q", "-c", "4096", folder.File("image"));
        if (TestTools.TryRun("ntfs-3g", "-o", "compression", folder.File("image"), mount).Code != 0)
        {
            Assert.Skip("ntfs-3g cannot mount here");
        }
        try
        {
            Directory.CreateDirectory(Path.Combine(mount, "c"));
            TestTools.Run("setfattr", "-h", "-v", "0x00000800", "-n", "system.ntfs_attrib_be", Path.Combine(mount, "c"));
            foreach (string name in files.Keys)
            {
                File.WriteAllBytes(Path.Combine(mount, "c", name), files[name]);
            }
        }
        finally
        {
            TestTools.Run("umount", mount);
        }

        int compressed = 0;
        using var volume = new FileByteSource(folder.File("image"));
        foreach ((string name, byte[] plain) in files)
        {
            List<DataRun> runs = Runs(TestTools.Run("ntfsinfo", "-v", "-F", "/c/" + name, folder.File("image")));
            Assert.NotEmpty(runs);
            compressed += runs.Any(run => run.IsHole) ? 1 : 0;
            var content = new CompressedUnitSource(volume, runs, Cluster, 16, plain.Length, plain.Length);
            Assert.True(plain.AsSpan().SequenceEqual(content.ReadArray(0, plain.Length)), name);
            for (int i = 0; i < 50; i++)
            {
                int offset = random.Next(plain.Length);
                int count = random.Next(1, 30_000);
                Assert.True(plain.AsSpan(offset, Math.Min(count, plain.Length - offset)).SequenceEqual(content.ReadArray(offset, count)), name + " at " + offset);
            }
        }
        Assert.InRange(compressed, 8, files.Count);
    }

    /// <summary>The run list of the data attribute, as ntfsinfo prints it: numbers in hexadecimal, <c>&lt;HOLE&gt;</c> for a hole.</summary>
    private static List<DataRun> Runs(string output)
    {
        var runs = new List<DataRun>();
        foreach (string line in output[output.IndexOf("Dumping attribute $DATA", StringComparison.Ordinal)..].Split('\n').SkipWhile(line => !line.Contains("Runlist:", StringComparison.Ordinal)).Skip(1))
        {
            string[] cells = line.Split('\t', StringSplitOptions.RemoveEmptyEntries);
            if (cells.Length != 3 || !cells[0].StartsWith("0x", StringComparison.Ordinal))
            {
                break;
            }
            runs.Add(new DataRun(Number(cells[0]), Number(cells[2]), cells[1] == "<HOLE>" ? -1 : Number(cells[1])));
        }
        return runs;
    }

    private static long Number(string cell) => long.Parse(cell.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>A unit compressed into two runs, a plain one in two runs, one of zeros, and a short compressed one that the runs end with.</summary>
    private static (MemorySource Volume, DataRun[] Runs, byte[] Plain) Three()
    {
        var random = new Random(6);
        byte[] first = [.. Enumerable.Range(0, Unit).Select(i => (byte)(i % 300 < 200 ? 'a' + (i % 9) : random.Next(256)))];
        byte[] second = new byte[Unit];
        random.NextBytes(second);
        byte[] last = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i % 11))];
        byte[] packed = Lznt1Encoder.Encode(first);
        int clusters = (packed.Length + Cluster - 1) / Cluster;
        Assert.InRange(clusters, 3, 15);
        var volume = new byte[100 * Cluster];
        packed.AsSpan(0, Cluster).CopyTo(volume.AsSpan(10 * Cluster));
        packed.AsSpan(Cluster).CopyTo(volume.AsSpan(20 * Cluster));
        second.AsSpan(0, 5 * Cluster).CopyTo(volume.AsSpan(50 * Cluster));
        second.AsSpan(5 * Cluster).CopyTo(volume.AsSpan(60 * Cluster));
        Lznt1Encoder.Encode(last).CopyTo(volume, 80 * Cluster);
        DataRun[] runs =
        [
            new(0, 1, 10), new(1, clusters - 1, 20), new(clusters, 16 - clusters, -1),
            new(16, 5, 50), new(21, 11, 60),
            new(32, 16, -1),
            new(48, 1, 80), new(49, 15, -1),
        ];
        return (new MemorySource(volume), runs, [.. first, .. second, .. new byte[Unit], .. last]);
    }

    private static (long Start, long Length) Next(CompressedUnitSource content, long offset) => content.NextData(offset, out long start, out long length) ? (start, length) : (-1, 0);

    private static List<(long Start, long Length)> Data(CompressedUnitSource content)
    {
        var found = new List<(long, long)>();
        for (long offset = 0; content.NextData(offset, out long start, out long length); offset = start + length)
        {
            found.Add((start, length));
        }
        return found;
    }

    /// <summary>Counts what is read.</summary>
    private sealed class Counting(IByteSource source) : IByteSource
    {
        public long Bytes { get; set; }

        public long Length => source.Length;

        public int ReadAt(long offset, Span<byte> destination)
        {
            int count = source.ReadAt(offset, destination);
            Bytes += count;
            return count;
        }
    }
}
