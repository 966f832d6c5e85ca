namespace Forensics.Parsers.Diagnostics;

/// <summary>
/// A local anomaly that did not stop the reading: stable code such as <c>ext4.extent.depth</c>, where, what was expected and what was found.
/// <see cref="Volume"/> and <see cref="Path"/> are added by the pipeline, which knows them.
/// </summary>
public sealed record Diagnostic(string Code, string Message)
{
    /// <summary>Byte offset within the source the parser was given; null when there is none.</summary>
    public long? Offset { get; init; }
    /// <summary>Inode or record number concerned.</summary>
    public ulong? MetadataAddress { get; init; }
    /// <summary>What the format demands.</summary>
    public string? Expected { get; init; }
    /// <summary>What is there.</summary>
    public string? Actual { get; init; }
    /// <summary>Volume name (<c>gpt1@1048576</c>).</summary>
    public string? Volume { get; init; }
    /// <summary>Path in display form.</summary>
    public string? Path { get; init; }
    /// <summary>True when content that should have been looked at was not: the scan is incomplete.</summary>
    public bool LosesContent { get; init; }
}

/// <summary>Receives diagnostics; thread-safe.</summary>
public interface IDiagnosticSink
{
    /// <summary>Takes one diagnostic. Never throws.</summary>
    void Report(Diagnostic diagnostic);
}

/// <summary>Drops everything.</summary>
public sealed class NullDiagnosticSink : IDiagnosticSink
{
    /// <summary>The only instance.</summary>
    public static NullDiagnosticSink Instance { get; } = new();

    private NullDiagnosticSink()
    {
    }

    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic)
    {
    }
}

/// <summary>Keeps everything in arrival order, for tests and small jobs; thread-safe.</summary>
public sealed class DiagnosticList : IDiagnosticSink
{
    private readonly List<Diagnostic> _items = [];

    /// <summary>A snapshot of what arrived.</summary>
    public IReadOnlyList<Diagnostic> Items
    {
        get
        {
            lock (_items)
            {
                return [.. _items];
            }
        }
    }

    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic)
    {
        lock (_items)
        {
            _items.Add(diagnostic);
        }
    }
}
