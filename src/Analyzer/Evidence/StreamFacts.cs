using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>
/// A named stream that was looked into; <see cref="EvidenceLocation.Stream"/> of its location is its name. Apart from <see cref="FileFacts"/>, because what holds of the file (its path, its
/// origin, its rights) says nothing of what was put beside it.
/// </summary>
/// <param name="Location">Where it is.</param>
/// <param name="Entry">Metadata of the file or directory that it belongs to.</param>
public sealed record StreamFacts(EvidenceLocation Location, FileEntry Entry) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "stream";
    /// <summary>Length in bytes.</summary>
    public required long Size { get; init; }
    /// <summary>Kind of content.</summary>
    public ContentKind Content { get; init; }
    /// <summary>Interpreter of a script with a first line that names one.</summary>
    public string? Interpreter { get; init; }
    /// <summary>Digests.</summary>
    public FileHashes? Hashes { get; init; }
    /// <summary>It has a name that Windows or well-known programs give to streams.</summary>
    public bool IsOrdinaryName { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("ownerType", Entry.Type.ToString());
        fields.Text("content", Content.ToString());
        fields.Number("size", Size);
        fields.Flag("ordinaryName", IsOrdinaryName);
        fields.Time("modified", Entry.Modified);
        fields.Time("created", Entry.Created);
        fields.Text("interpreter", Interpreter);
        fields.Text("md5", Hashes?.Md5);
        fields.Text("sha1", Hashes?.Sha1);
        fields.Text("sha256", Hashes?.Sha256);
    }
}
