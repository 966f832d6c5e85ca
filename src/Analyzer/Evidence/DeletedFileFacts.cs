using Forensics.Parsers;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>A file without a name: unlinked while a process had it open, or deleted and brought back. Its path is the last one known, or <c>/$OrphanFiles/inode-N</c>.</summary>
public sealed record DeletedFileFacts(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "deleted-file";
    /// <summary>A remnant of its name was found, so the path is a real one.</summary>
    public bool HasPath { get; init; }
    /// <summary>Where the name was found, as a clause; null without one.</summary>
    public string? NameFrom { get; init; }
    /// <summary>When it was deleted; null when that is not stored.</summary>
    public Timestamp? Deleted { get; init; }
    /// <summary>The file that has taken its place: at the same path, or another version of the same library beside it. Null when there is none.</summary>
    public string? Successor { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Flag("hasPath", HasPath);
        fields.Text("nameFrom", NameFrom);
        fields.Time("deleted", Deleted);
        fields.Text("successor", Successor);
    }
}
