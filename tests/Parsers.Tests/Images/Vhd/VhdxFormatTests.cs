using System.Buffers.Binary;
using System.Security.Cryptography;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>VHDX images read as QEMU and 7-Zip read them.</summary>
public sealed class VhdxFormatTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("subformat=fixed,block_size=1M")]
    [InlineData("subformat=fixed,block_size=32M")]
    [InlineData("subformat=dynamic,block_size=1M")]
    [InlineData("subformat=dynamic,block_size=8M,log_size=4M")]
    [InlineData("subformat=dynamic,block_size=256M")]
    [InlineData("subformat=dynamic,block_size=1M,block_state_zero=off")]
    public void Content_equals_the_raw_disk_for_every_layout(string options)
    {
        byte[] raw = TestDisk.Mixed(5 * 1024 * 1024 + 1536, 7);
        string source = _folder.Write("disk.raw", raw);
        string path = _folder.File("disk.vhdx");
        TestTools.Run("qemu-img", "convert", "-f", "raw", "-O", "vhdx", "-o", options, source, path);
        using VhdTestImage image = VhdTestImage.Open(path);
        image.AssertIs(raw);
        Assert.Equal("vhdx", image.Disk.Format);
        Assert.Equal(options.Contains("fixed", StringComparison.Ordinal) ? "fixed" : "dynamic", image.Fact("type"));
        Assert.Equal("5244416", image.Fact("virtual size"));
        Assert.Equal("512", image.Fact("logical sector size"));
        Assert.StartsWith("QEMU", image.Fact("creator"), StringComparison.Ordinal);
        Assert.Equal("empty", image.Fact("log"));
        Assert.Empty(image.Codes);
    }

    /// <summary>A terabyte in blocks of 1 MiB has 128 chunks, so entries of sector bitmaps lie between those of the blocks.</summary>
    [Fact]
    public void Blocks_behind_many_chunks_are_where_qemu_put_them()
    {
        string path = _folder.File("big.vhdx");
        TestTools.Run("qemu-img", "create", "-q", "-f", "vhdx", "-o", "block_size=1M", path, "1T");
        TestTools.Run("qemu-io", "-f", "vhdx", "-c", "write -P 0x41 4095M 3M", "-c", "write -P 0x42 700G 4k", "-c", "write -P 0x43 1048575M 512", path);
        using VhdTestImage image = VhdTestImage.Open(path);
        var content = Assert.IsAssignableFrom<ISparseByteSource>(image.Content);
        Assert.Equal([(4095L << 20, 3L << 20), (700L << 30, 1L << 20), (1048575L << 20, 1L << 20)], Ranges(content));
        Assert.Equal(0x41, content.ReadArray((4098L << 20) - 1, 1)[0]);
        Assert.Equal(0x42, content.ReadArray(700L << 30, 1)[0]);
        Assert.Equal(0x43, content.ReadArray((1048575L << 20) + 511, 1)[0]);
        Assert.Empty(image.Codes);
    }

    [Theory]
    [InlineData("DiscUtils/Lvm/Data/lvm2.vhdx.gz", "f7dc6812a3b12a35f3ec895ce981bd59ff4558270fc80cd812c9cd522bff1295")]
    [InlineData("DiscUtils/Xfs/Data/xfs5.vhdx.gz", "edc5d630b2da0ddb08992afb58ded06ffb56b884e184b4974fda16e31b7e6817")]
    public void Shared_images_have_the_digest_of_the_oracle(string relative, string sha256)
    {
        using VhdTestImage image = VhdTestImage.Open(SharedImages.Decompress(relative));
        Assert.Equal(10737418240, image.Content.Length);
        Assert.Equal(sha256, Sha256(image.Content));
        Assert.Empty(image.Codes.Except(["vhdx.log.replayed"]));
    }

    [Fact]
    public void Log_of_the_shared_image_is_replayed_as_qemu_replays_it()
    {
        string path = SharedImages.Decompress("DiscUtils/Vhdx/Data/vhdx-log-replay.vhdx.gz");
        byte[] before = SHA256.HashData(File.ReadAllBytes(path));
        using VhdTestImage image = VhdTestImage.Open(path);
        Assert.Equal(["vhdx.log.replayed"], image.Codes);
        string copy = _folder.Write("replayed.vhdx", File.ReadAllBytes(path));
        TestTools.Run("qemu-img", "check", "-q", "-r", "all", copy);
        using VhdTestImage replayed = VhdTestImage.Open(copy);
        string target = _folder.File("replayed.raw");
        TestTools.Run("qemu-img", "convert", "-f", "vhdx", "-O", "raw", copy, target);
        using ImageFile raw = ImageFile.Open(target);
        string expected = Sha256(raw);
        Assert.Equal("3ba3b309425b7ff5e8e0199edceed95226250f880c53b24e8eae93865f3fad5e", expected);
        Assert.Equal(expected, Sha256(image.Content));
        Assert.Equal(expected, Sha256(replayed.Content));
        Assert.Equal("replayed in memory (2 entries)", image.Fact("log"));
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(path)));
    }

    [Theory]
    [InlineData(512, 1 << 20)]
    [InlineData(4096, 1 << 20)]
    [InlineData(4096, 4 << 20)]
    public void Sectors_of_both_sizes_are_read_as_7zip_reads_them(int sectorSize, int blockSize)
    {
        byte[] raw = TestDisk.Mixed(6 << 20, 21);
        string path = _folder.Write("s.vhdx", new VhdxBuilder(raw.Length, blockSize, sectorSize).Write(0, raw).Build());
        using VhdTestImage image = VhdTestImage.Open(path);
        image.AssertIs(raw);
        Assert.Equal(sectorSize.ToString(System.Globalization.CultureInfo.InvariantCulture), image.Fact("logical sector size"));
        Assert.Equal("test writer", image.Fact("creator"));
        Assert.Equal(raw, SevenZip.Read(path));
        Assert.Empty(image.Codes);
    }

    [Fact]
    public void Undefined_zero_and_unmapped_blocks_are_zeros()
    {
        byte[] part = TestDisk.Mixed(1 << 20, 1);
        string path = _folder.Write("z.vhdx", new VhdxBuilder(5 << 20).Write(3 << 20, part).State(0, 1).State(1, 2).State(2, 3).Build());
        using VhdTestImage image = VhdTestImage.Open(path);
        image.AssertIs([.. new byte[3 << 20], .. part, .. new byte[1 << 20]]);
        Assert.Empty(image.Codes);
    }

    [Fact]
    public void Header_with_the_higher_sequence_number_is_current()
    {
        byte[] image = new VhdxBuilder(2 << 20).Build();
        // The older one says there is a log.
        Guid.NewGuid().TryWriteBytes(image.AsSpan(VhdxBuilder.Header1 + 48));
        using VhdTestImage second = VhdTestImage.Open(_folder.Write("2.vhdx", VhdxBuilder.Seal(image)));
        Assert.Empty(second.Codes);
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(VhdxBuilder.Header1 + 8), ulong.MaxValue);
        using VhdTestImage first = VhdTestImage.Open(_folder.Write("1.vhdx", VhdxBuilder.Seal(image)));
        Assert.Equal(["vhdx.log.unusable"], first.Codes);
    }

    private static List<(long Start, long Length)> Ranges(ISparseByteSource content)
    {
        var ranges = new List<(long, long)>();
        for (long position = 0; content.NextData(position, out long start, out long length); position = start + length)
        {
            ranges.Add((start, length));
        }
        return ranges;
    }

    /// <summary>Digest of the whole disk; holes are not read, as in a scan.</summary>
    private static string Sha256(IByteSource content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[4 << 20];
        byte[] zeros = new byte[4 << 20];
        long position = 0;
        while (position < content.Length)
        {
            (long start, long length) = (position, content.Length - position);
            if (content is ISparseByteSource sparse && !sparse.NextData(position, out start, out length))
            {
                start = content.Length;
            }
            for (; position < start; position += Math.Min(zeros.Length, start - position))
            {
                hash.AppendData(zeros.AsSpan(0, (int)Math.Min(zeros.Length, start - position)));
            }
            for (long end = start + length; position < end;)
            {
                int count = content.ReadUpTo(position, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - position)));
                hash.AppendData(buffer.AsSpan(0, count));
                position += count;
            }
        }
        return System.Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
