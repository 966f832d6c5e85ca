using System.Globalization;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads <c>/etc/fstab</c> as libmount does: fields split by blanks and tabs, <c>\040</c> and its like in all of them, the last two or three fields optional.
/// See fstab(5) of util-linux.
/// </summary>
/// <remarks><b>Limitations</b>: mounts that generators, autofs or scripts make are not in this file.</remarks>
public sealed class FstabParser : ArtifactParser
{
    private const string Code = "linux.fstab";
    private const int LeastFields = 3;

    /// <inheritdoc/>
    public override string Name => "linux/fstab";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/fstab"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, Code);
        foreach (TextLine line in file.Lines())
        {
            List<string> fields = Split(line.Bytes.Span);
            if (fields.Count == 0)
            {
                continue;
            }
            if (fields.Count < LeastFields)
            {
                file.Report("line", "the line has fewer than three fields and is ignored, as mount does", line);
                continue;
            }
            bool hasRoom = file.Add(new FstabEntry(input.Location.At(line.Number, line.ByteOffset))
            {
                Source = Unquoted(fields[0]),
                MountPoint = fields[1],
                FileSystemType = fields[2],
                Options = fields.Count > 3 ? fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries) : [],
                DumpFrequency = Number(fields, 4),
                CheckPass = Number(fields, 5),
            });
            if (!hasRoom)
            {
                break;
            }
        }
    }

    private static int? Number(List<string> fields, int index) => index >= fields.Count ? 0
        : int.TryParse(fields[index], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : null;

    /// <summary>At most the six fields that mean something; none for blank lines and comments.</summary>
    private static List<string> Split(ReadOnlySpan<byte> line)
    {
        var fields = new List<string>(6);
        while (fields.Count < 6)
        {
            line = line.TrimStart(" \t"u8);
            if (line.IsEmpty || (fields.Count == 0 && line[0] == (byte)'#'))
            {
                break;
            }
            int end = line.IndexOfAny((byte)' ', (byte)'\t');
            end = end < 0 ? line.Length : end;
            // What follows the third field may be a comment; libmount takes no field for one.
            if (line[0] == (byte)'#' && fields.Count >= LeastFields)
            {
                break;
            }
            fields.Add(Decode(line[..end]));
            line = line[end..];
        }
        return fields;
    }

    /// <summary>A backslash and three octal digits stand for a byte, as mangled by addmntent(3).</summary>
    private static string Decode(ReadOnlySpan<byte> field)
    {
        if (field.IndexOf((byte)'\\') < 0)
        {
            return TextLines.Decode(field);
        }
        var bytes = new byte[field.Length];
        int length = 0;
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == (byte)'\\' && i + 3 < field.Length && IsOctal(field[i + 1]) && IsOctal(field[i + 2]) && IsOctal(field[i + 3]))
            {
                bytes[length++] = unchecked((byte)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0')));
                i += 3;
                continue;
            }
            bytes[length++] = field[i];
        }
        return TextLines.Decode(bytes.AsSpan(0, length));
    }

    private static bool IsOctal(byte value) => value is >= (byte)'0' and <= (byte)'7';

    /// <summary>libblkid takes the quotes off a tag's value: <c>LABEL="root"</c>.</summary>
    private static string Unquoted(string source)
    {
        int equals = source.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && source.Length >= equals + 3 && source[equals + 1] is '"' or '\'' && source[^1] == source[equals + 1]
            ? source[..(equals + 1)] + source[(equals + 2)..^1] : source;
    }
}
