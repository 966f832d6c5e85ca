using System.Globalization;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A line of <c>gshadow</c> (or its previous state <c>gshadow-</c>). The password itself is kept out of reports.</summary>
public sealed record GroupShadow(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "group-shadow";
    /// <summary>Group name.</summary>
    public required string Name { get; init; }
    /// <summary>Kind of the password, as <see cref="PasswordEntry.HashType"/>. An empty one is <c>none</c>: only members may then enter the group.</summary>
    public required string HashType { get; init; }
    /// <summary>Who may add and remove members.</summary>
    public IReadOnlyList<string> Administrators { get; init; } = [];
    /// <summary>Members.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
    /// <summary>From <c>gshadow-</c>.</summary>
    public bool IsPrevious { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("hashType", HashType);
        fields.List("administrators", Administrators);
        fields.List("members", Members);
        fields.Flag("isPrevious", IsPrevious);
    }
}

/// <summary>Reads <c>/etc/gshadow</c> and <c>/etc/gshadow-</c>, see gshadow(5).</summary>
/// <remarks>Limitations: systems without shadow groups have no such file.</remarks>
public sealed class GshadowParser : ArtifactParser
{
    private const int FieldCount = 4;

    /// <inheritdoc/>
    public override string Name => "linux/gshadow";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/gshadow", "/etc/gshadow-"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.gshadow");
        bool previous = input.Location.Path.EndsWith('-');
        foreach (TextLine line in file.Lines())
        {
            if (!ColonFields.TryRead(input.Content, line, FieldCount, out ColonFields fields))
            {
                continue;
            }
            if (fields.Found != FieldCount)
            {
                file.Report("fields", "the number of fields is wrong", line, expected: "4", actual: fields.Found.ToString(CultureInfo.InvariantCulture));
            }
            if (!file.Add(new GroupShadow(input.Location.At(line.Number, line.ByteOffset))
            {
                Name = fields[0],
                HashType = fields.Found < 2 ? "unknown" : PasswordHash.TypeOf(fields[1]),
                Administrators = Names(fields[2]),
                Members = Names(fields[3]),
                IsPrevious = previous,
            }))
            {
                return;
            }
        }
    }

    private static string[] Names(string field) => field.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
