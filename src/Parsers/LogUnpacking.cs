using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers;

/// <summary>Lets the log parsers read what is compressed: gzip, xz, zstd, bzip2 and LZ4.</summary>
public static class LogUnpacking
{
    /// <summary>A <see cref="LogUnpacker"/>. Throws <see cref="CorruptDataException"/> for a header that is damaged.</summary>
    public static IUnpackedLog? Open(IByteSource content, IDiagnosticSink diagnostics)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(diagnostics);
        return Decompression.TryOpen(content, diagnostics) is { } reader ? new Unpacked(reader) : null;
    }

    private sealed class Unpacked(ForwardReader reader) : IUnpackedLog
    {
        public long PackedPosition => reader.InputPosition;

        public int Read(Span<byte> destination) => reader.Read(destination);

        public void Dispose() => reader.Dispose();
    }
}
