using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>The header of a zstd frame. Specification: RFC 8878, section 3.1.1.1.</summary>
/// <param name="Size">Bytes of the header with its magic.</param>
/// <param name="ContentSize">Bytes of the content; -1 when not stated.</param>
/// <param name="WindowSize">Memory that the decoder needs.</param>
/// <param name="Dictionary">Identifier of the dictionary; 0 for none.</param>
/// <param name="HasChecksum">Whether a checksum follows the last block.</param>
internal readonly record struct ZstdFrameHeader(int Size, long ContentSize, long WindowSize, uint Dictionary, bool HasChecksum)
{
    /// <summary>Longest header.</summary>
    public const int MaxSize = 18;
    /// <summary>Largest window that is provided, as a power of two; <c>zstd --long</c> alone uses 27.</summary>
    public const int MaxWindowLog = 28;

    private const uint Magic = 0xFD2FB528;

    /// <summary>Whether a frame with data begins here.</summary>
    public static bool IsFrame(ReadOnlySpan<byte> bytes) => bytes.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic;

    /// <summary>Whether a skippable frame begins here: user data, such as a table of the frames.</summary>
    public static bool IsSkippable(ReadOnlySpan<byte> bytes) => bytes.Length >= 4 && (BinaryPrimitives.ReadUInt32LittleEndian(bytes) & 0xFFFFFFF0) == 0x184D2A50;

    /// <summary>Reads a header. Throws when it is cut short, or needs a dictionary or too much memory.</summary>
    public static ZstdFrameHeader Read(ReadOnlySpan<byte> bytes, long offset)
    {
        if (bytes.Length < 6)
        {
            throw CodecErrors.Truncated("zstd.frame", offset);
        }
        byte descriptor = bytes[4];
        bool isSingleSegment = (descriptor & 0x20) != 0;
        int dictionarySize = (descriptor & 3) == 3 ? 4 : descriptor & 3;
        int contentBytes = (descriptor >> 6) switch
        {
            0 => isSingleSegment ? 1 : 0,
            1 => 2,
            2 => 4,
            _ => 8,
        };
        int position = 5 + (isSingleSegment ? 0 : 1);
        int size = position + dictionarySize + contentBytes;
        if (bytes.Length < size)
        {
            throw CodecErrors.Truncated("zstd.frame", offset);
        }
        if ((descriptor & 8) != 0)
        {
            throw new CorruptDataException("zstd.frame", offset, "a reserved bit of zero", "one");
        }
        uint dictionary = (uint)Number(bytes.Slice(position, dictionarySize));
        ulong content = Number(bytes.Slice(position + dictionarySize, contentBytes));
        content += contentBytes == 2 ? 256u : 0u;
        long window = isSingleSegment ? (long)Math.Min(content, long.MaxValue) : (1L << (10 + (bytes[5] >> 3))) / 8 * (8 + (bytes[5] & 7));
        if (dictionary != 0)
        {
            throw new UnsupportedFeatureException("zstd frame that was compressed with a dictionary");
        }
        if (window > 1L << MaxWindowLog && !isSingleSegment)
        {
            throw new LimitExceededException("zstd window", window);
        }
        if (content > long.MaxValue)
        {
            throw new CorruptDataException("zstd.frame", offset, "a content size of at most 63 bits", "a larger one");
        }
        return new ZstdFrameHeader(size, contentBytes == 0 ? -1 : (long)content, window, dictionary, (descriptor & 4) != 0);
    }

    /// <summary>What the three bytes before a block say: whether it is the last and how many bytes are stored.</summary>
    public static (bool IsLast, int Stored) ReadBlock(ReadOnlySpan<byte> header, long offset)
    {
        int value = header[0] | header[1] << 8 | header[2] << 16;
        return (value >> 1 & 3) switch
        {
            1 => ((value & 1) != 0, 1),
            3 => throw new CorruptDataException("zstd.block", offset, "a raw, run-length or compressed block", "a reserved type"),
            _ => ((value & 1) != 0, value >> 3),
        };
    }

    private static ulong Number(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            value = value << 8 | bytes[i];
        }
        return value;
    }
}
