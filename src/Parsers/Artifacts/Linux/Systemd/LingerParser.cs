namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>An account whose user units start at boot, without a login: an empty file of its name in <c>/var/lib/systemd/linger</c>.</summary>
public sealed record LingeringUser(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "lingering-user";
    /// <summary>Account.</summary>
    public required string User { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields) => fields.Text("user", User);
}

/// <summary>Reads <c>/var/lib/systemd/linger</c>. See loginctl(1), enable-linger.</summary>
/// <remarks><b>Limitations</b>: none known; the content of the files means nothing.</remarks>
public sealed class LingerParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/linger";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/var/lib/systemd/linger/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (input.Location.Name[0] != '.')
        {
            sink.Add(new LingeringUser(input.Location) { User = input.Location.Name });
        }
    }
}
