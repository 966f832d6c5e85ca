using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Examiners;

/// <summary>A file's complete content in memory, with what is known about it so far.</summary>
public readonly ref struct ExaminedContent
{
    /// <summary>Where it is.</summary>
    public required EvidenceLocation Location { get; init; }
    /// <summary>Its metadata.</summary>
    public required FileEntry Entry { get; init; }
    /// <summary>What its first bytes say.</summary>
    public required ContentKind Kind { get; init; }
    /// <summary>All of it.</summary>
    public required ReadOnlySpan<byte> Bytes { get; init; }
    /// <summary>Lower-case hex MD5; empty when not computed.</summary>
    public required string Md5 { get; init; }
    /// <summary>Artefact or script that starts it; null when it was not reached through a link.</summary>
    public string? StartedBy { get; init; }
    /// <summary>Name of the program that the starter gives it to (<c>sh</c>, <c>python3</c>); null when its own first line decides.</summary>
    public string? RunsWith { get; init; }
}

/// <summary>Takes what examiners find in one file. Used by one thread at a time.</summary>
public interface IExaminationSink : IDiagnosticSink
{
    /// <summary>Takes an artefact.</summary>
    void Add(Artifact artifact);

    /// <summary>The examiner could not finish this content: the scan is incomplete for the reason given.</summary>
    void Incomplete(string reason);
}

/// <summary>Looks into content. One instance a worker thread, reused for all its files; what it shares with its sisters is immutable.</summary>
public abstract class Examiner : IDisposable
{
    /// <summary>Short name for messages.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it has anything to do with this content.</summary>
    public abstract bool Wants(in ExaminedContent content);

    /// <summary>Looks. May throw a <see cref="ForensicException"/>, which ends this examiner's work on this file only.</summary>
    public abstract void Examine(in ExaminedContent content, IExaminationSink sink);

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
