using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>
/// A compressed file that begins with <c>MAM</c>, such as prefetch files since Windows 10: an algorithm, the size of the content, perhaps a checksum, and the data in one piece.
/// Source: https://github.com/libyal/libscca/blob/main/documentation/Windows%20Prefetch%20File%20(PF)%20format.asciidoc
/// </summary>
/// <param name="Content">The decompressed content.</param>
/// <param name="IsChecksumRight">Whether the checksum fits; null when the file has none.</param>
/// <remarks>Limitations: the algorithms of [MS-XCA] only (LZNT1, XPRESS, XPRESS Huffman).</remarks>
public sealed record MamFile(byte[] Content, bool? IsChecksumRight)
{
    private const int HeaderSize = 8;
    private const int ChecksumSize = 4;
    private const byte HasChecksum = 0x80;

    // COMPRESSION_FORMAT_ of RtlDecompressBuffer.
    private const int FormatLznt1 = 2;
    private const int FormatXpress = 3;
    private const int FormatXpressHuffman = 4;

    /// <summary>Whether a file begins like one. Never throws.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => header.Length >= HeaderSize && header.StartsWith("MAM"u8);

    /// <summary>Decompresses a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="maximumSize">Most bytes of content.</param>
    /// <exception cref="UnknownFormatException">The file does not begin like one.</exception>
    /// <exception cref="UnsupportedFeatureException">Another algorithm.</exception>
    /// <exception cref="LimitExceededException">More content than allowed.</exception>
    /// <exception cref="CorruptDataException">The data are damaged; <c>Offset</c> counts from where they begin, behind the header.</exception>
    public static MamFile Open(ReadOnlySpan<byte> file, int maximumSize)
    {
        if (!Matches(file))
        {
            throw new UnknownFormatException("not a MAM file");
        }
        int algorithm = file[3] & ~HasChecksum;
        if (algorithm is not (FormatLznt1 or FormatXpress or FormatXpressHuffman))
        {
            throw new UnsupportedFeatureException("MAM compression format " + algorithm.ToString(CultureInfo.InvariantCulture));
        }
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        bool? isRight = null;
        ReadOnlySpan<byte> data = file[HeaderSize..];
        if ((file[3] & HasChecksum) != 0)
        {
            if (data.Length < ChecksumSize)
            {
                throw CodecErrors.Truncated("mam", file.Length);
            }
            isRight = Checksum(file) == BinaryPrimitives.ReadUInt32LittleEndian(data);
            data = data[ChecksumSize..];
        }
        if (size > maximumSize)
        {
            throw new LimitExceededException("mam.size", size);
        }
        var content = new byte[size];
        int count = Decompress(algorithm, data, content);
        return count == content.Length ? new MamFile(content, isRight) : throw CodecErrors.Truncated("mam", file.Length);
    }

    private static int Decompress(int algorithm, ReadOnlySpan<byte> data, Span<byte> content)
    {
        switch (algorithm)
        {
            case FormatLznt1:
                return Lznt1.Decompress(data, content);
            case FormatXpress:
                return XpressLz77.Decompress(data, content);
            default:
                XpressHuffman.Decompress(data, content);
                return content.Length;
        }
    }

    /// <summary>Over the whole file with zeros where the checksum is.</summary>
    private static uint Checksum(ReadOnlySpan<byte> file) =>
        Crc32.Append(Crc32.Append(Crc32.Compute(file[..HeaderSize]), [0, 0, 0, 0]), file[(HeaderSize + ChecksumSize)..]);
}
