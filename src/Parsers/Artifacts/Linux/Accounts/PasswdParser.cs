using System.Globalization;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads <c>/etc/passwd</c> and its previous state <c>/etc/passwd-</c>, see passwd(5). Duplicates and damaged lines are kept: both are telling.
/// </summary>
/// <remarks>Limitations: only the local database; NIS, LDAP and systemd-homed accounts are not in these files.</remarks>
public sealed class PasswdParser : ArtifactParser
{
    private const int FieldCount = 7;

    /// <inheritdoc/>
    public override string Name => "linux/passwd";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/passwd", "/etc/passwd-"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.passwd");
        bool previous = input.Location.Path.EndsWith('-');
        foreach (TextLine line in file.Lines())
        {
            if (!ColonFields.TryRead(input.Content, line, FieldCount, out ColonFields fields))
            {
                continue;
            }
            uint? userId = ColonFields.ParseId(fields[2]);
            uint? groupId = ColonFields.ParseId(fields[3]);
            if (fields.Found != FieldCount)
            {
                file.Report("fields", "the number of fields is wrong", line, expected: "7", actual: fields.Found.ToString(CultureInfo.InvariantCulture));
            }
            else if (userId is null || groupId is null)
            {
                file.Report("id", "the user or group id is not a number", line, expected: "a number");
            }
            if (!file.Add(new UserAccount(input.Location.At(line.Number, line.ByteOffset))
            {
                Name = fields[0],
                Password = fields[1],
                UserId = userId,
                GroupId = groupId,
                Comment = fields[4],
                Home = fields[5],
                Shell = fields[6],
                IsPrevious = previous,
            }))
            {
                return;
            }
        }
    }
}
