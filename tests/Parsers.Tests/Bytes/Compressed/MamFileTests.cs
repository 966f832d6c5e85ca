using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Bytes.Compressed;

/// <summary>The container of prefetch files, and the codecs over more than one block.</summary>
public sealed class MamFileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(300_000)]
    public void Content_of_several_blocks_is_decoded(int size)
    {
        byte[] plain = Plain(size);
        Assert.Equal(plain, MamFile.Open(Pack(plain, withChecksum: false), 1 << 20).Content);
        MamFile withChecksum = MamFile.Open(Pack(plain, withChecksum: true), 1 << 20);
        Assert.Equal(plain, withChecksum.Content);
        Assert.True(withChecksum.IsChecksumRight);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Other_algorithms_of_the_specification_are_decoded(byte algorithm)
    {
        byte[] plain = Plain(50_000);
        byte[] packed = algorithm == 2 ? Lznt1Encoder.Encode(plain) : XpressEncoder.Plain(plain);
        Assert.Equal(plain, MamFile.Open([(byte)'M', (byte)'A', (byte)'M', algorithm, .. BitConverter.GetBytes(plain.Length), .. packed], 1 << 20).Content);
    }

    [Fact]
    public void Long_matches_go_over_the_end_of_a_block()
    {
        byte[] plain = [.. "start"u8, .. new byte[200_000], .. "middle"u8, .. new byte[70_000], .. Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, 20_000)))];
        Assert.Equal(plain, MamFile.Open(Pack(plain, withChecksum: true), 1 << 20).Content);
        var lz77 = new byte[plain.Length];
        Assert.Equal(plain.Length, XpressLz77.Decompress(XpressEncoder.Plain(plain), lz77));
        Assert.Equal(plain, lz77);
    }

    [Fact]
    public void A_wrong_checksum_is_told_and_the_content_given()
    {
        byte[] file = Pack(Plain(1000), withChecksum: true);
        file[8] ^= 1;
        MamFile mam = MamFile.Open(file, 1 << 20);
        Assert.False(mam.IsChecksumRight);
        Assert.Equal(Plain(1000), mam.Content);
        Assert.Null(MamFile.Open(Pack(Plain(1000), withChecksum: false), 1 << 20).IsChecksumRight);
    }

    [Fact]
    public void Sizes_are_bounded_before_anything_is_allocated()
    {
        byte[] file = Pack(Plain(1000), withChecksum: false);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), uint.MaxValue);
        Assert.Equal("mam.size", Assert.Throws<LimitExceededException>(() => MamFile.Open(file, 1 << 20)).Limit);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), 100_000);
        Assert.Throws<CorruptDataException>(() => MamFile.Open(file, 1 << 20));
        file[3] = 9;
        Assert.Throws<UnsupportedFeatureException>(() => MamFile.Open(file, 1 << 20));
        Assert.Throws<UnknownFormatException>(() => MamFile.Open("SCCA1234"u8, 1 << 20));
        Assert.Throws<CorruptDataException>(() => MamFile.Open([(byte)'M', (byte)'A', (byte)'M', 0x84, 0, 0, 0, 0, 0, 0], 1 << 20));
    }

    internal static byte[] Pack(byte[] plain, bool withChecksum)
    {
        byte[] packed = XpressEncoder.Huffman(plain);
        byte[] header = [(byte)'M', (byte)'A', (byte)'M', (byte)(withChecksum ? 0x84 : 4), .. BitConverter.GetBytes(plain.Length)];
        return withChecksum ? [.. header, .. BitConverter.GetBytes(Crc32.Compute([.. header, 0, 0, 0, 0, .. packed])), .. packed] : [.. header, .. packed];
    }

    private static byte[] Plain(int size)
    {
        var random = new Random(2);
        return [.. Enumerable.Range(0, size).Select(i => (byte)(i / 50 % 3 == 0 ? random.Next(256) : 'a' + (i % 11)))];
    }
}
