using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>An ELF file that prelink (Red Hat 5 and 6) has rewritten: it differs from its package's digest until that is undone.</summary>
public sealed record PrelinkedFile(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "prelinked-file";

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
    }
}
