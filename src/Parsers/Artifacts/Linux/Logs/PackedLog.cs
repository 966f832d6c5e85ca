using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Unpacks compressed content from the beginning to the end. For one thread.</summary>
public interface IUnpackedLog : IDisposable
{
    /// <summary>Bytes of the packed content used so far; may be ahead by a buffer.</summary>
    long PackedPosition { get; }

    /// <summary>Reads into a destination that is not empty; 0 at the end only. Throws <see cref="CorruptDataException"/> for content that is damaged or cut short.</summary>
    int Read(Span<byte> destination);
}

/// <summary>Opens packed content by what it holds; null when it is not packed in a way that is known.</summary>
/// <param name="content">The packed bytes.</param>
/// <param name="diagnostics">For what is wrong but does not stop the reading.</param>
public delegate IUnpackedLog? LogUnpacker(IByteSource content, IDiagnosticSink diagnostics);

/// <summary>Opens a log for reading from the beginning to the end, unpacking it where its content, whatever its name, is compressed.</summary>
internal static class PackedLog
{
    public static LogContent Open(LogInput input, IDiagnosticSink diagnostics)
    {
        Span<byte> magic = stackalloc byte[6];
        magic = magic[..input.Content.ReadUpTo(0, magic)];
        if (!IsPacked(magic))
        {
            return new StoredLog(input.Content);
        }
        if (input.Unpacker?.Invoke(input.Content, new LocatedSink(input, diagnostics)) is { } unpacked)
        {
            return new Unpacked(unpacked, input.LogLimits);
        }
        diagnostics.Report(new Diagnostic("log.packed", "the log is compressed and was not unpacked")
        {
            Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true, Actual = Convert.ToHexStringLower(magic),
        });
        return new StoredLog(MemorySource.Empty);
    }

    /// <summary>gzip, xz, zstd, bzip2, LZ4 frames. No log in plain text begins like that.</summary>
    private static bool IsPacked(ReadOnlySpan<byte> magic) =>
        magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]) || magic.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0])
        || magic.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) || magic.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18])
        || (magic.Length > 3 && magic.StartsWith("BZh"u8) && magic[3] is >= (byte)'1' and <= (byte)'9');

    /// <summary>Ends with <see cref="LimitExceededException"/> when more comes out than any log holds.</summary>
    private sealed class Unpacked(IUnpackedLog source, LogLimits limits) : LogContent
    {
        public override int Read(Span<byte> destination)
        {
            if (Position >= limits.UnpackedBytes)
            {
                throw new LimitExceededException("log.unpacked-bytes", Position);
            }
            if (Position > limits.RatioFreeBytes && Position / Math.Max(1, source.PackedPosition) >= limits.Ratio)
            {
                throw new LimitExceededException("log.ratio", Position / Math.Max(1, source.PackedPosition));
            }
            int count = source.Read(destination);
            Position += count;
            return count;
        }

        protected override void Dispose(bool disposing) => source.Dispose();
    }

    private sealed class LocatedSink(LogInput input, IDiagnosticSink sink) : IDiagnosticSink
    {
        public void Report(Diagnostic diagnostic) => sink.Report(diagnostic with { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress });
    }
}
