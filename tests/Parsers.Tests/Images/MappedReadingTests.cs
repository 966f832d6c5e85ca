using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>What reading a mapped image costs: reads of the file, steps over holes, memory.</summary>
public sealed class MappedReadingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("qcow2", "cluster_size=512")]
    [InlineData("qcow2", "cluster_size=65536")]
    [InlineData("qcow2", "cluster_size=65536,extended_l2=on")]
    [InlineData("qed", "cluster_size=65536")]
    [InlineData("vdi", "static=on")]
    [InlineData("parallels", "cluster_size=65536")]
    public void Clusters_that_follow_each_other_are_read_at_once(string format, string options)
    {
        byte[] raw = new byte[8 << 20];
        new Random(3).NextBytes(raw);
        string image = _folder.File("disk.img");
        Qemu.Img("convert", "-f", "raw", "-O", format, "-o", options, _folder.Write("disk.raw", raw), image);
        var file = new CountingSource(new MemorySource(File.ReadAllBytes(image)));
        IByteSource content = ImageProbe.Open(file, Catalog.Images, ParseContext.Quiet).Content;
        byte[] buffer = new byte[1 << 20];
        content.ReadUpTo(0, buffer);   // the tables are cached now
        file.Reads.Clear();
        content.ReadUpTo(0, buffer);
        Assert.True(raw.AsSpan(0, buffer.Length).SequenceEqual(buffer));
        // Where a table lies between clusters a run ends.
        Assert.True(file.Reads.Count <= (options == "cluster_size=512" ? 1 + (1 << 20) / (64 * 512) : 2), $"{file.Reads.Count} reads");
        Assert.Equal(1 << 20, file.Reads.Sum());
    }

    [Theory]
    [InlineData("qcow2", "8T", "")]
    [InlineData("qcow2", "8T", "extended_l2=on")]
    [InlineData("qcow2", "1P", "cluster_size=2M")]
    [InlineData("qcow", "1T", "")]
    [InlineData("qed", "8T", "")]
    [InlineData("vdi", "8T", "")]
    [InlineData("parallels", "8T", "")]
    public void Data_at_the_end_of_a_huge_hole_are_found_at_once(string format, string size, string options)
    {
        string image = _folder.File("huge.img");
        Qemu.Img(["create", "-q", "-f", format, .. options.Length == 0 ? [] : new[] { "-o", options }, image, size]);
        long end = size switch { "1T" => 1L << 40, "1P" => 1L << 50, _ => 8L << 40 };
        Qemu.Write(image, $"write -P 0x41 {end / 2} 4k", $"write -P 0x42 {end - 4096} 4k");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var disk = new OpenedDisk(image);
        var content = Assert.IsAssignableFrom<ISparseByteSource>(disk.Disk.Content);
        Assert.Equal(end, content.Length);
        var found = new List<byte>();
        long position = 0;
        while (content.NextData(position, out long start, out long length))
        {
            byte[] data = content.ReadArray(start, checked((int)length));
            found.AddRange(data.Where(value => value != 0).Distinct());
            position = start + length;
            Assert.True(found.Count < 100);
        }
        Assert.Equal([0x41, 0x42], found);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), watch.Elapsed.ToString());
    }

    [Fact]
    public void Tables_that_are_there_but_empty_are_passed_over_in_large_steps()
    {
        string image = _folder.File("meta.qcow2");
        Qemu.Img("create", "-q", "-f", "qcow2", image, "64G");
        // A zero cluster at the start of each L2 table: all tables exist, and nothing is stored.
        Qemu.Write(image, [.. Enumerable.Range(0, 128).Select(i => $"write -z {i * 512L}M 64k")]);
        var file = new CountingSource(new MemorySource(File.ReadAllBytes(image)));
        var content = Assert.IsAssignableFrom<ISparseByteSource>(ImageProbe.Open(file, Catalog.Images, ParseContext.Quiet).Content);
        file.Reads.Clear();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(content.NextData(0, out _, out _));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
        Assert.Equal(128, file.Reads.Count);
    }

    [Fact]
    public void Overlay_of_scattered_clusters_over_an_empty_image_is_walked_in_one_pass()
    {
        // Each call that ends at a written cluster must not look through all of the backing file again.
        Qemu.Img("create", "-q", "-f", "qcow2", "-o", "cluster_size=512", _folder.File("base.qcow2"), "1G");
        Qemu.Write(_folder.File("base.qcow2"), [.. Enumerable.Range(0, 256).Select(i => $"write -z {i * 4}M 512")]);
        string top = _folder.File("top.qcow2");
        Qemu.Img("create", "-q", "-f", "qcow2", "-o", "cluster_size=4096", "-F", "qcow2", "-b", "base.qcow2", top);
        Qemu.Write(top, [.. Enumerable.Range(0, 500).Select(i => $"write -P 0x41 {i * 2}M 4k")]);
        using var disk = new OpenedDisk(top);
        var content = Assert.IsAssignableFrom<ISparseByteSource>(disk.Disk.Content);
        int ranges = 0;
        long position = 0;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (content.NextData(position, out long start, out long length))
        {
            Assert.Equal((ranges * 2L << 20, 4096), (start, length));
            position = start + length;
            ranges++;
        }
        Assert.Equal(500, ranges);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), watch.Elapsed.ToString());
    }

    [Fact]
    public void Reads_of_cached_tables_and_plain_clusters_allocate_nothing()
    {
        IByteSource content = ImageProbe.Open(new MemorySource(new Qcow2Builder(200).Build()), Catalog.Images, ParseContext.Quiet).Content;
        byte[] buffer = new byte[64 << 10];
        content.ReadAt(0, buffer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            content.ReadAt(i * 512 % content.Length, buffer);
        }
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1000);
    }

    [Fact]
    public void Compressed_cluster_read_in_pieces_is_decompressed_once()
    {
        byte[] raw = new byte[1 << 20];
        new Random(12).NextBytes(raw);
        for (int i = 0; i < raw.Length; i++)
        {
            raw[i] &= 3;   // compressible, or QEMU stores it plainly
        }
        string image = _folder.File("c.qcow2");
        Qemu.Img("convert", "-c", "-f", "raw", "-O", "qcow2", _folder.Write("disk.raw", raw), image);
        var file = new CountingSource(new MemorySource(File.ReadAllBytes(image)));
        IByteSource content = ImageProbe.Open(file, Catalog.Images, ParseContext.Quiet).Content;
        byte[] buffer = new byte[4096];
        for (int offset = 0; offset < raw.Length; offset += buffer.Length)
        {
            content.ReadUpTo(offset, buffer);
            Assert.True(raw.AsSpan(offset, buffer.Length).SequenceEqual(buffer));
        }
        // Header, L1, one table block and sixteen clusters.
        Assert.InRange(file.Reads.Count, 5, 24);
    }

    private sealed class CountingSource(IByteSource source) : IByteSource
    {
        public List<int> Reads { get; } = [];

        public long Length => source.Length;

        public int ReadAt(long offset, Span<byte> destination)
        {
            int count = source.ReadAt(offset, destination);
            if (count > 0)
            {
                Reads.Add(count);
            }
            return count;
        }
    }
}
