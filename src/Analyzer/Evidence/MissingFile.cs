using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>A program that every system needs and that an installed package owns, and of whose name there is nothing in its directory.</summary>
/// <param name="Location">Where it should be; its metadata address is 0.</param>
/// <param name="Package">Package that owns it, <c>name version</c>.</param>
public sealed record MissingFile(EvidenceLocation Location, string Package) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "missing-file";
    /// <summary>Package manager.</summary>
    public required string Manager { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("package", Package);
        fields.Text("packageManager", Manager);
    }
}
