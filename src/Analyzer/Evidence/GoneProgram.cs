using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>A program that Windows noted where none belongs, or under the name of a miner, and that is not there any more.</summary>
/// <param name="Location">Where the first of its traces stands.</param>
/// <param name="Path">Path in the image, as the trace has it.</param>
/// <remarks><b>Limitations:</b> a program in a directory that cannot be read counts as gone.</remarks>
public sealed record GoneProgram(EvidenceLocation Location, string Path) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "gone-program";

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields) => fields.Text("path", Path);
}
