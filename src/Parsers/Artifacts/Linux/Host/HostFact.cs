namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One fact about the installed system: <c>os.id</c>, <c>os.prettyName</c>, <c>os.versionId</c>, <c>os.idLike</c>, <c>hostName</c>, <c>machineId</c>, <c>timeZone</c>.</summary>
public sealed record HostFact(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "host-fact";
    /// <summary>Which fact.</summary>
    public required string Name { get; init; }
    /// <summary>Its value.</summary>
    public required string Value { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("value", Value);
    }
}
