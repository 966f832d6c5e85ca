using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;
using SharpCompress.Compressors.LZMA;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Opens <c>.lzma</c>, the format of LZMA before xz. Specification: https://tukaani.org/xz/lzma-file-format.txt (kept in the sources of XZ Utils as doc/lzma-file-format.txt)</summary>
/// <remarks>Limitations: there is no checksum; what follows the stream is not looked at.</remarks>
internal static class LzmaAlone
{
    private const int HeaderSize = 13;
    private const long LargestStated = 1L << 40;

    /// <summary>There is no magic: the properties that everybody uses, a dictionary of a plausible size, and a length that is unknown or below 1 TiB.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderSize || header[0] != 0x5D)
        {
            return false;
        }
        uint dictionary = BinaryPrimitives.ReadUInt32LittleEndian(header[1..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(header[5..]);
        return dictionary is >= 4096 and <= 256u << 20 && System.Numerics.BitOperations.PopCount(dictionary) <= 2 && length is -1 or (>= 0 and < LargestStated);
    }

    /// <summary>A decoder at the beginning.</summary>
    public static ForwardReader Open(IByteSource source)
    {
        var input = new SourceStream(source);
        Span<byte> header = stackalloc byte[HeaderSize];
        if (input.ReadUpTo(header) < HeaderSize || !IsHeader(header))
        {
            throw new CorruptDataException("lzma.header", 0, "a header of LZMA", Convert.ToHexStringLower(header));
        }
        try
        {
            return new DecoderReader(LzmaStream.Create(header[..5].ToArray(), input, input.Length - HeaderSize, BinaryPrimitives.ReadInt64LittleEndian(header[5..]), leaveOpen: true), input, "lzma");
        }
        catch (Exception e) when (e is not ForensicException && CodecErrors.IsDamage(e))
        {
            throw new CorruptDataException("lzma", HeaderSize, "LZMA data", "none");
        }
    }
}
