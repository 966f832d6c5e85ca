using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts;

/// <summary>Which files of packages a parser wants to see.</summary>
public enum OwnedFiles
{
    /// <summary>All.</summary>
    All,
    /// <summary>Those whose content is not what the package shipped: of the others there are many, and they say nothing new.</summary>
    Changed,
    /// <summary>The same, and only where a scan reads all programs: there are so many that reading them to compare costs more than a quick scan may.</summary>
    ChangedWhenAllIsRead,
}

/// <summary>Turns one claimed file into artefacts. Stateless and thread-safe.</summary>
public abstract class ArtifactParser
{
    /// <summary>Stable name: <c>linux/crontab</c>.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Globs over paths in display form: <c>*</c> within a component, <c>**</c> across components, <c>{a,b}</c> alternatives,
    /// <c>~</c> at the start stands for every home directory of the image's accounts.
    /// </summary>
    public abstract IReadOnlyList<string> Claims { get; }

    /// <summary>Names of named streams (NTFS), in any case, that it parses whatever file they belong to; none unless overridden.</summary>
    public virtual IReadOnlyList<string> ClaimedStreams => [];

    /// <summary>Which file types are handed over; regular files only unless overridden.</summary>
    public virtual bool Accepts(FileType type) => type == FileType.Regular;

    /// <summary>What it wants of files that a package owns; all of them unless overridden.</summary>
    public virtual OwnedFiles OwnedFiles => OwnedFiles.All;

    /// <summary>It reads the content from <see cref="ArtifactInput.Source"/>, whatever its length; <see cref="ArtifactInput.Content"/> is empty then. For archives too large to be held in memory.</summary>
    public virtual bool ReadsSource => false;

    /// <summary>Of several files that it claims, a quick scan reads only the newest: unpacking the early boot of every kernel takes too long.</summary>
    public virtual bool NewestIsEnough => false;

    /// <summary>Parses. May throw a <see cref="ForensicException"/>; the caller turns it into a diagnostic for this file and parser.</summary>
    public abstract void Parse(ArtifactInput input, IArtifactSink sink);
}

/// <summary>A claimed file as a parser sees it: facts and content, no way back to the file system.</summary>
/// <param name="Location">Where it is.</param>
/// <param name="Entry">Its metadata.</param>
/// <param name="Content">Content of a regular file, at most <see cref="ScanLimits.ArtifactBytes"/>; empty for other types.</param>
public sealed record ArtifactInput(EvidenceLocation Location, FileEntry Entry, ReadOnlyMemory<byte> Content)
{
    /// <summary>The content was longer than the limit and is cut.</summary>
    public bool IsTruncated { get; init; }
    /// <summary>The whole content, for parsers that ask for it by <see cref="ArtifactParser.ReadsSource"/>; null for others.</summary>
    public IByteSource? Source { get; init; }
    /// <summary>
    /// Opens the file of a name in the same directory, in any case where the file system ignores it; null when there is none or it cannot be read. For logs that belong to the
    /// content, not for looking around.
    /// </summary>
    public Func<string, IByteSource?> Siblings { get; init; } = static _ => null;
    /// <summary>Ends the reading of a long content.</summary>
    public CancellationToken Cancellation { get; init; }
    /// <summary>Target of a symbolic link in display form; null for other types.</summary>
    public string? LinkTarget { get; init; }
    /// <summary>Bounds to keep.</summary>
    public ScanLimits Limits { get; init; } = ScanLimits.Default;
}

/// <summary>Takes what a parser finds.</summary>
public interface IArtifactSink : IDiagnosticSink
{
    /// <summary>Takes one artefact.</summary>
    void Add(Artifact artifact);
}

/// <summary>Keeps everything: for tests and small jobs.</summary>
public sealed class ArtifactList : IArtifactSink
{
    /// <summary>Artefacts in arrival order.</summary>
    public List<Artifact> Artifacts { get; } = [];
    /// <summary>Diagnostics in arrival order.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <inheritdoc/>
    public void Add(Artifact artifact) => Artifacts.Add(artifact);
    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic) => Diagnostics.Add(diagnostic);
}
