using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers;

/// <summary>Lets the log parsers read what the image containers can unpack: gzip, xz, zstd, bzip2 and LZ4.</summary>
/// <remarks>Limitations: dictionaries and windows up to 64 MiB, what the strongest setting of xz asks for: several logs are unpacked at once.</remarks>
public static class LogUnpacking
{
    private const int HeaderSize = 16;
    private const int LargestWindowLog = 26;

    // What is inside is a log, not a disk: there is nothing to recognise.
    private static readonly DiskRecogniser s_nothing = static _ => null;
    private static readonly CompressedFormat[] s_formats = [new GzipFormat(s_nothing), new XzFormat(s_nothing), new ZstdFormat(s_nothing), new Bzip2Format(s_nothing), new Lz4Format(s_nothing)];

    /// <summary>A <see cref="LogUnpacker"/>. Throws <see cref="CorruptDataException"/> for a header that is damaged.</summary>
    public static IUnpackedLog? Open(IByteSource content, IDiagnosticSink diagnostics)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(diagnostics);
        byte[] header = content.ReadArray(0, HeaderSize);
        foreach (CompressedFormat format in s_formats)
        {
            if (format.Matches(header))
            {
                return new Unpacked(format switch
                {
                    XzFormat => new XzReader(content, diagnostics, 1L << LargestWindowLog),
                    ZstdFormat => new ZstdReader(new SourceStream(content), diagnostics, LargestWindowLog),
                    _ => format.OpenReader(content, diagnostics),
                });
            }
        }
        return null;
    }

    private sealed class Unpacked(ForwardReader reader) : IUnpackedLog
    {
        public long PackedPosition => reader.InputPosition;

        public int Read(Span<byte> destination) => reader.Read(destination);

        public void Dispose() => reader.Dispose();
    }
}
