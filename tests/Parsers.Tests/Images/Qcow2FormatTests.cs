using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Forensics.Parsers.Images.Qcow2;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Images that QEMU writes read as the raw bytes they were made from.</summary>
public sealed class Qcow2FormatTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, bool> Variants()
    {
        var data = new TheoryData<string, bool>();
        for (int bits = 9; bits <= 21; bits++)
        {
            data.Add($"compat=1.1,cluster_size={1 << bits}", false);
        }
        foreach (int size in new[] { 512, 4096, 65536, 1 << 21 })
        {
            data.Add($"compat=0.10,cluster_size={size}", false);
            data.Add($"compat=0.10,cluster_size={size}", true);
            data.Add($"compat=1.1,cluster_size={size},compression_type=zlib", true);
            data.Add($"compat=1.1,cluster_size={size},compression_type=zstd", true);
        }
        foreach (int size in new[] { 16384, 65536, 1 << 21 })
        {
            data.Add($"compat=1.1,extended_l2=on,cluster_size={size}", false);
            data.Add($"compat=1.1,extended_l2=on,cluster_size={size},compression_type=zstd", true);
        }
        data.Add("compat=1.1,lazy_refcounts=on", false);
        data.Add("compat=1.1,refcount_bits=1", false);
        data.Add("compat=1.1,refcount_bits=64", false);
        return data;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Content_equals_the_raw_disk_for_every_layout(string options, bool compressed)
    {
        byte[] raw = TestDisk.Mixed(5 * 1024 * 1024 + 1536, seed: 7);
        string image = Convert(raw, options, compressed);
        var diagnostics = new DiagnosticList();
        using ImageFile file = ImageFile.Open(image);
        DiskImage disk = ImageProbe.Open(file, Catalog.Images, new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None));
        Assert.Equal("qcow2", disk.Format);
        Assert.Equal(raw.Length, disk.Content.Length);
        Assert.True(raw.AsSpan().SequenceEqual(disk.Content.ReadArray(0, raw.Length)));
        ReadChecks.AssertRandomReads(raw, disk.Content, threads: 4, reads: 150);
        ReadChecks.AssertDataRanges(raw, Assert.IsAssignableFrom<ISparseByteSource>(disk.Content));
        Assert.Empty(diagnostics.Items);
    }

    [Theory]
    [InlineData("extended_l2=on,cluster_size=65536")]
    [InlineData("extended_l2=off,cluster_size=4096")]
    public void Zeroed_discarded_and_partly_written_clusters_read_as_qemu_reads_them(string options)
    {
        string image = _folder.File("z.qcow2");
        TestTools.Run("qemu-img", "create", "-q", "-f", "qcow2", "-o", options, image, "4M");
        TestTools.Run("qemu-io", "-c", "write -P 0x41 0 1M", "-c", "write -z 128k 64k", "-c", "write -z 70k 3k", "-c", "discard 256k 128k", "-c", "write -P 0x42 2050k 1k",
            "-c", "write -P 0x43 3M 2k", "-c", "write -z -u 512k 4k", "-c", "write -P 0x44 4092k 4k", image);
        string rawPath = _folder.File("z.raw");
        TestTools.Run("qemu-img", "convert", "-O", "raw", image, rawPath);
        byte[] raw = File.ReadAllBytes(rawPath);
        using ImageFile file = ImageFile.Open(image);
        var diagnostics = new DiagnosticList();
        DiskImage disk = new Qcow2Format().Open(file, new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None));
        Assert.Equal(raw, disk.Content.ReadArray(0, raw.Length));
        ReadChecks.AssertRandomReads(raw, disk.Content, threads: 2, reads: 200);
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void Facts_state_version_cluster_size_compression_and_snapshots()
    {
        string image = Convert(TestDisk.Mixed(1 << 20, 3), "compat=1.1,cluster_size=4096,compression_type=zstd", true);
        TestTools.Run("qemu-img", "snapshot", "-c", "before", image);
        TestTools.Run("qemu-img", "snapshot", "-c", "after", image);
        using ImageFile file = ImageFile.Open(image);
        Dictionary<string, string> facts = new(new Qcow2Format().Open(file, ParseContext.Quiet).Facts);
        Assert.Equal("3", facts["version"]);
        Assert.Equal("4096", facts["cluster size"]);
        Assert.Equal("zstd", facts["compression type"]);
        Assert.Equal("2", facts["internal snapshots"]);
        Assert.Equal("no", facts["dirty"]);
        Assert.Equal("1048576", facts["virtual size"]);
    }

    [Fact]
    public void Active_state_is_read_when_there_are_snapshots()
    {
        string image = _folder.File("s.qcow2");
        TestTools.Run("qemu-img", "create", "-q", "-f", "qcow2", image, "1M");
        TestTools.Run("qemu-io", "-c", "write -P 0x41 0 1M", image);
        TestTools.Run("qemu-img", "snapshot", "-c", "one", image);
        TestTools.Run("qemu-io", "-c", "write -P 0x42 100k 10k", image);
        using ImageFile file = ImageFile.Open(image);
        byte[] content = new Qcow2Format().Open(file, ParseContext.Quiet).Content.ReadArray(0, 1 << 20);
        Assert.Equal(0x41, content[99 << 10]);
        Assert.Equal(0x42, content[105 << 10]);
    }

    [Fact]
    public void Preallocated_metadata_gives_no_diagnostics()
    {
        string image = _folder.File("p.qcow2");
        TestTools.Run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "preallocation=metadata", image, "3M");
        using ImageFile file = ImageFile.Open(image);
        var diagnostics = new DiagnosticList();
        IByteSource content = new Qcow2Format().Open(file, new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None)).Content;
        Assert.Equal(new byte[3 << 20], content.ReadArray(0, 3 << 20));
        Assert.Empty(diagnostics.Items);
    }

    [Theory]
    [InlineData("dfvfs/ext2.qcow2.zst", "196066add11fb71c4c49cf1bb50d6d24")]
    [InlineData("dfimagetools/image.qcow2.zst", "d73c51f10c7ee6a681b7b619ccc6f1c4")]
    public void Shared_images_have_the_digest_of_the_oracle(string relative, string md5)
    {
        using ImageFile file = ImageFile.Open(SharedImages.Decompress(relative));
        DiskImage disk = ImageProbe.Open(file, Catalog.Images, ParseContext.Quiet);
        Assert.Equal("qcow2", disk.Format);
        Assert.Equal(md5, System.Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(disk.Content.ReadArray(0, (int)disk.Content.Length))));
    }

    private string Convert(byte[] raw, string options, bool compressed)
    {
        string source = _folder.Write("disk.raw", raw);
        string target = _folder.File("disk.qcow2");
        List<string> arguments = ["convert", "-f", "raw", "-O", "qcow2", "-o", options, source, target];
        if (compressed)
        {
            arguments.Insert(1, "-c");
        }
        TestTools.Run("qemu-img", [.. arguments]);
        return target;
    }
}
