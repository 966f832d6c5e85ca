using System.Globalization;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads <c>/etc/shadow</c> and its previous state <c>/etc/shadow-</c>, see shadow(5). Only the kind of the hash leaves this class, never the hash.
/// </summary>
/// <remarks>Limitations: the ageing fields between the last change and the expiry are not kept.</remarks>
public sealed class ShadowParser : ArtifactParser
{
    private const int FieldCount = 9;
    private const long SecondsPerDay = 86400;
    // The last day of the year 9999; anything later is not a date that an administrator or a tool wrote.
    private const long LastDay = 2_932_896;

    /// <inheritdoc/>
    public override string Name => "linux/shadow";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/shadow", "/etc/shadow-"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.shadow");
        bool previous = input.Location.Path.EndsWith('-');
        foreach (TextLine line in file.Lines())
        {
            if (!ColonFields.TryRead(input.Content, line, FieldCount, out ColonFields fields))
            {
                continue;
            }
            // glibc also takes the short form that ends after the sixth or eighth field, but no tool writes it.
            if (fields.Found != FieldCount)
            {
                file.Report("fields", "the number of fields is wrong", line, expected: "9", actual: fields.Found.ToString(CultureInfo.InvariantCulture));
            }
            // Without a second field the line has no password to judge; "none" would claim an account open to everyone.
            string hashType = fields.Found < 2 ? "unknown" : PasswordHash.TypeOf(fields[1]);
            if (!file.Add(new PasswordEntry(input.Location.At(line.Number, line.ByteOffset))
            {
                Name = WithoutHash(fields[0]),
                HashType = hashType,
                IsLocked = fields[1].StartsWith('!'),
                LastChanged = Day(fields[2]),
                Expires = Day(fields[7]),
                IsPrevious = previous,
            }))
            {
                return;
            }
        }
    }

    // A damaged line may have its hash in the first field. A final dollar is no hash but the mark of a Samba machine account.
    private static string WithoutHash(string name)
    {
        int dollar = name.IndexOf('$');
        return dollar >= 0 && dollar < name.Length - 1 ? name[..dollar] : name;
    }

    private static Timestamp? Day(string field) =>
        long.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out long days) && days <= LastDay ? new Timestamp(days * SecondsPerDay, 0) : null;
}
