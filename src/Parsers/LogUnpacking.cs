using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers;

/// <summary>Lets the log parsers read what is compressed: gzip, xz, zstd, bzip2 and LZ4.</summary>
/// <remarks>Limitations: dictionaries and windows up to 64 MiB, what the strongest setting of xz asks for: several logs are unpacked at once.</remarks>
public static class LogUnpacking
{
    private const int LargestWindowLog = 26;

    /// <summary>A <see cref="LogUnpacker"/>. Throws <see cref="CorruptDataException"/> for a header that is damaged.</summary>
    public static IUnpackedLog? Open(IByteSource content, IDiagnosticSink diagnostics)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(diagnostics);
        return Decompression.TryOpen(content, diagnostics, LargestWindowLog) is { } reader ? new Unpacked(reader) : null;
    }

    private sealed class Unpacked(ForwardReader reader) : IUnpackedLog
    {
        public long PackedPosition => reader.InputPosition;

        public int Read(Span<byte> destination) => reader.Read(destination);

        public void Dispose() => reader.Dispose();
    }
}
