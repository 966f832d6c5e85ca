using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Opens compressed content by its first bytes, whatever its name: gzip, xz, zstd, bzip2, LZ4 (also its legacy frame), lzop and LZMA.</summary>
internal static class Decompression
{
    private const int HeaderSize = 16;

    /// <summary>A decoder at the beginning; null when the content is not compressed in a way that is known. Throws <see cref="CorruptDataException"/> for a header that is damaged.</summary>
    /// <param name="content">The packed bytes.</param>
    /// <param name="diagnostics">For what is wrong but does not stop the reading.</param>
    /// <param name="largestWindowLog">Base-2 logarithm of the most bytes a dictionary or window of xz and zstd may take; null for the decoders' own limits.</param>
    public static ForwardReader? TryOpen(IByteSource content, IDiagnosticSink diagnostics, int? largestWindowLog = null)
    {
        ReadOnlySpan<byte> header = content.ReadArray(0, HeaderSize);
        return GzipReader.IsHeader(header) ? new GzipReader(content, diagnostics)
            : header.StartsWith(XzLayout.Magic) ? (largestWindowLog is int xz ? new XzReader(content, diagnostics, 1L << xz) : new XzReader(content, diagnostics))
            : ZstdFrameHeader.IsFrame(header) || ZstdFrameHeader.IsSkippable(header) ? (largestWindowLog is int zstd ? new ZstdReader(new SourceStream(content), diagnostics, zstd) : new ZstdReader(new SourceStream(content), diagnostics))
            : Bzip2Reader.IsHeader(header) ? new Bzip2Reader(content, diagnostics)
            : Lz4Reader.IsHeader(header) ? new Lz4Reader(content, diagnostics)
            : Lz4LegacyReader.IsHeader(header) ? new Lz4LegacyReader(content, diagnostics)
            : LzopReader.IsHeader(header) ? new LzopReader(content, diagnostics)
            : LzmaAlone.IsHeader(header) ? LzmaAlone.Open(content)
            : null;
    }

    /// <summary>The name of the format that <see cref="TryOpen"/> finds.</summary>
    public static string NameOf(IByteSource content)
    {
        ReadOnlySpan<byte> header = content.ReadArray(0, HeaderSize);
        return GzipReader.IsHeader(header) ? "gzip" : header.StartsWith(XzLayout.Magic) ? "xz" : ZstdFrameHeader.IsFrame(header) || ZstdFrameHeader.IsSkippable(header) ? "zstd"
            : Bzip2Reader.IsHeader(header) ? "bzip2" : Lz4Reader.IsHeader(header) || Lz4LegacyReader.IsHeader(header) ? "lz4" : LzopReader.IsHeader(header) ? "lzop" : "lzma";
    }
}
