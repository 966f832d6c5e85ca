using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Bytes;

/// <summary>LZ4 blocks made by the tool of the project, and damaged ones.</summary>
public sealed class Lz4BlockTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Blocks_of_the_lz4_tool_are_decoded(int kind)
    {
        byte[] plain = Plain(kind);
        byte[] block = Pack(plain);
        var target = new byte[plain.Length];

        int end = 0;
        Assert.Equal(Lz4End.Whole, Lz4Block.Decode(block, target, ref end));

        Assert.Equal(plain.Length, end);
        Assert.Equal(plain, target);
        var part = new byte[1000];
        end = 0;
        Assert.Equal(Lz4End.Full, Lz4Block.Decode(block, part, ref end));
        Assert.Equal(plain[..1000], part);
    }

    [Fact]
    public void Cut_and_changed_blocks_never_leave_their_bounds()
    {
        byte[] block = Pack(Plain(1));
        var random = new Random(5);
        var target = new byte[70_000];
        for (int i = 0; i < 2_000; i++)
        {
            byte[] bad = block[..random.Next(block.Length)];
            for (int k = random.Next(4); k > 0 && bad.Length > 0; k--)
            {
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            }
            int end = 0;
            Lz4Block.Decode(bad, target.AsSpan(0, random.Next(target.Length)), ref end);
            Assert.InRange(end, 0, target.Length);
        }
    }

    [Fact]
    public void A_length_that_never_ends_is_no_block()
    {
        int end = 0;
        Assert.Equal(Lz4End.Damaged, Lz4Block.Decode([.. Enumerable.Repeat((byte)0xFF, 1 << 20)], new byte[100], ref end));
    }

    internal static byte[] Plain(int kind)
    {
        var plain = new byte[60_000];
        var random = new Random(kind);
        for (int i = 0; i < plain.Length; i++)
        {
            plain[i] = kind switch { 0 => (byte)'a', 1 => (byte)"abcdefgh"[random.Next(1 + i % 8)], _ => (byte)(i % 251) };
        }
        return plain;
    }

    /// <summary>The only block of a frame of <c>lz4</c>. Specification: lz4_Frame_format.md: magic, descriptor of 3 bytes and 8 of a content size, then size and data.</summary>
    internal static byte[] Pack(byte[] plain)
    {
        using var folder = new TempFolder();
        string source = folder.Write("plain", plain);
        SharedImages.Run("lz4", ["-q", "-c", "-B4", "--no-frame-crc", source], folder.File("packed"));
        byte[] frame = File.ReadAllBytes(folder.File("packed"));
        int at = 4 + 3 + ((frame[4] & 8) != 0 ? 8 : 0);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(at));
        Assert.True(size >> 31 == 0, "the block is not compressed");
        return frame.AsSpan(at + 4, (int)size).ToArray();
    }
}
