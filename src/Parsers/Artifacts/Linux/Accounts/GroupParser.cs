using System.Globalization;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads <c>/etc/group</c> and its previous state <c>/etc/group-</c>, see group(5).</summary>
/// <remarks>Limitations: members by primary group stand in passwd, not here; gshadow is not read.</remarks>
public sealed class GroupParser : ArtifactParser
{
    private const int FieldCount = 4;

    /// <inheritdoc/>
    public override string Name => "linux/group";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/group", "/etc/group-"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.group");
        bool previous = input.Location.Path.EndsWith('-');
        foreach (TextLine line in file.Lines())
        {
            if (!ColonFields.TryRead(input.Content, line, FieldCount, out ColonFields fields))
            {
                continue;
            }
            uint? groupId = ColonFields.ParseId(fields[2]);
            if (fields.Found != FieldCount)
            {
                file.Report("fields", "the number of fields is wrong", line, expected: "4", actual: fields.Found.ToString(CultureInfo.InvariantCulture));
            }
            else if (groupId is null)
            {
                file.Report("id", "the group id is not a number", line, expected: "a number");
            }
            if (!file.Add(new UserGroup(input.Location.At(line.Number, line.ByteOffset))
            {
                Name = fields[0],
                GroupId = groupId,
                Members = fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                IsPrevious = previous,
            }))
            {
                return;
            }
        }
    }
}
