using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A line of <c>subuid</c>, <c>subgid</c> or their previous states: ids that an account may use in containers. Tools add it with the account and often leave it behind.</summary>
public sealed record SubordinateIds(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "subordinate-ids";
    /// <summary>Account, by name or number.</summary>
    public required string Account { get; init; }
    /// <summary>From a previous state.</summary>
    public bool IsPrevious { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("account", Account);
        fields.Flag("isPrevious", IsPrevious);
    }
}

/// <summary>Reads <c>/etc/subuid</c> and <c>/etc/subgid</c> and their previous states, see subuid(5).</summary>
/// <remarks>Limitations: the ranges themselves are not kept.</remarks>
public sealed class SubordinateIdParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/subordinate-ids";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/subuid", "/etc/subuid-", "/etc/subgid", "/etc/subgid-"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.subordinate-ids");
        bool previous = input.Location.Path.EndsWith('-');
        foreach (TextLine line in file.Lines())
        {
            if (ColonFields.TryRead(input.Content, line, 3, out ColonFields fields) && fields[0].Length > 0
                && !file.Add(new SubordinateIds(input.Location.At(line.Number, line.ByteOffset)) { Account = fields[0], IsPrevious = previous }))
            {
                return;
            }
        }
    }
}
