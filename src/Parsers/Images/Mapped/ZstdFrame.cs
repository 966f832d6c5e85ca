using System.Buffers.Binary;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>Finds where a zstd frame ends by its block headers. Specification: RFC 8878, section 3.1.1.</summary>
internal static class ZstdFrame
{
    private const uint Magic = 0xFD2FB528;
    private const int ReservedBlock = 3;
    private const int RunLengthBlock = 1;

    /// <summary>Bytes of the frame at the start of <paramref name="bytes"/>; -1 when none is there whole. Every step moves on by at least three bytes.</summary>
    public static int Length(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 6 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
        {
            return -1;
        }
        byte descriptor = bytes[4];
        bool isSingleSegment = (descriptor & 0x20) != 0;
        int contentSizeBytes = (descriptor >> 6) switch
        {
            0 => isSingleSegment ? 1 : 0,
            1 => 2,
            2 => 4,
            _ => 8,
        };
        int dictionaryBytes = (descriptor & 3) switch
        {
            3 => 4,
            int size => size,
        };
        int position = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes;
        bool isLast = false;
        while (!isLast)
        {
            if (position + 3 > bytes.Length)
            {
                return -1;
            }
            int block = bytes[position] | bytes[position + 1] << 8 | bytes[position + 2] << 16;
            isLast = (block & 1) != 0;
            int type = block >> 1 & 3;
            if (type == ReservedBlock)
            {
                return -1;
            }
            position += 3 + (type == RunLengthBlock ? 1 : block >> 3);
        }
        position += (descriptor & 4) != 0 ? 4 : 0;
        return position <= bytes.Length ? position : -1;
    }
}
