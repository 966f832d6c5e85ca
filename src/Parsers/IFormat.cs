using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;

namespace Forensics.Parsers;

/// <summary>
/// One recognisable format of a layer: an image container (<c>DiskImage</c>), a volume system (<c>IVolumeSystem</c>) or a file system (<c>IFileSystem</c>).
/// </summary>
public interface IFormat<out TLayer>
{
    /// <summary>Short lower-case name: <c>qcow2</c>, <c>gpt</c>, <c>ext</c>.</summary>
    string Name { get; }

    /// <summary>How many bytes from the start of the source <see cref="Matches"/> wants to see.</summary>
    int HeaderSize { get; }

    /// <summary>Whether the header looks like this format. Pure: no I/O, no allocation, never throws; the header may be shorter than asked.</summary>
    bool Matches(ReadOnlySpan<byte> header);

    /// <summary>Whether <see cref="Open"/> may succeed although <see cref="Matches"/> said no, because backup structures are searched for: tried when nothing else matches.</summary>
    bool SearchesBackups => false;

    /// <summary>Opens the layer. Throws a <see cref="ForensicException"/> when its structure is unusable.</summary>
    TLayer Open(IByteSource source, ParseContext context);
}

/// <summary>What every parser is given besides bytes.</summary>
public sealed record ParseContext(ScanLimits Limits, IDiagnosticSink Diagnostics, CancellationToken Cancellation)
{
    /// <summary>Default limits, diagnostics dropped, no cancellation: for tests and one-off use.</summary>
    public static ParseContext Quiet { get; } = new(ScanLimits.Default, NullDiagnosticSink.Instance, CancellationToken.None);

    /// <summary>Which state of a journaled file system is opened.</summary>
    public JournalView Journal { get; init; } = JournalView.Replay;

    /// <summary>External journal devices the user named; a file system takes the one whose UUID it asks for.</summary>
    public IReadOnlyList<IByteSource> ExternalJournals { get; init; } = [];

    /// <summary>What an image container may use beside its own bytes.</summary>
    public ImageAccess Images { get; init; } = new();
}
