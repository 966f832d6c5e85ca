using System.Globalization;
using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads <c>tmpfiles.d</c>: <c>type path mode user group age argument</c>, at each boot carried out as root. The text that a line writes into a cron table, a unit or a start-up script is taken
/// apart as that. See tmpfiles.d(5).
/// </summary>
/// <remarks><b>Limitations</b>: of the specifiers only <c>%%</c> is expanded; content from credentials (<c>^</c>) is not on the disk.</remarks>
public sealed class TmpfilesParser : ArtifactParser
{
    private const string Types = "fFwdDevqQpLcbCxXrRzZtThHaAmn";

    /// <inheritdoc/>
    public override string Name => "linux/tmpfiles";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/{etc,run,usr/local/lib,usr/lib,lib}/tmpfiles.d/*", "/{usr/share,usr/local/share}/user-tmpfiles.d/*", "~/.config/user-tmpfiles.d/*", "~/.local/share/user-tmpfiles.d/*",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "tmpfiles");
        string? dormant = input.Location.Name.EndsWith(".conf", StringComparison.Ordinal) ? input.Location.Name[0] == '.' ? "systemd-tmpfiles skips hidden files" : null
            : "systemd-tmpfiles reads only files whose name ends in .conf";
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }
            List<string> fields = Fields(text, out string argument);
            if (fields.Count < 2 || fields[1].Length == 0 || fields[1][0] is not ('/' or '%') || !IsType(fields[0]))
            {
                file.Report("line-bad", "no tmpfiles.d line", line);
                continue;
            }
            if (!file.Add(Entry(input.Location.At(line.Number, line.ByteOffset), fields, argument, dormant)))
            {
                return;
            }
        }
    }

    private static TmpfilesEntry Entry(EvidenceLocation location, List<string> fields, string argument, string? dormant)
    {
        string path = fields[1].Replace("%%", "%", StringComparison.Ordinal);
        string? value = argument is "" or "-" ? null : Unescape(argument).Replace("%%", "%", StringComparison.Ordinal);
        if (value is not null && fields[0].Contains('~'))
        {
            // Decoded without an exception for text that is none.
            var bytes = new byte[value.Length];
            value = Convert.TryFromBase64String(value, bytes, out int length) ? TextLines.Decode(bytes.AsSpan(0, length)) : value;
        }
        TmpfilesTarget target = TmpfilesTargets.Of(path);
        bool writes = fields[0][0] is 'f' or 'F' or 'w' && value is not null && !fields[0].Contains('^');
        return new TmpfilesEntry(location)
        {
            Type = fields[0],
            Path = path,
            Mode = Mode(Field(fields, 2)),
            User = Field(fields, 3),
            Argument = value,
            Target = target,
            DormantBecause = dormant,
            Commands = !writes ? [] :
            [
                .. TmpfilesTargets.Commands(path, target, value!).Select(command => new StartCommand(command)
                {
                    ThroughShell = target is not TmpfilesTarget.Unit, Trigger = "tmpfiles.d", User = "root", Line = location.Line, ByteOffset = location.ByteOffset, DormantBecause = dormant,
                }),
            ],
        };
    }

    private static string? Field(List<string> fields, int index) => fields.Count > index && fields[index] is not "-" ? fields[index] : null;

    private static int? Mode(string? text)
    {
        string digits = (text ?? "").TrimStart('~', ':');
        int mode = 0;
        foreach (char c in digits)
        {
            if (c is < '0' or > '7' || mode > 0xFFF)
            {
                return null;
            }
            mode = (mode * 8) + (c - '0');
        }
        return digits.Length == 0 ? null : mode & 0xFFF;
    }

    private static bool IsType(string word)
    {
        if (word.Length == 0 || !Types.Contains(word[0]))
        {
            return false;
        }
        return !word.AsSpan(1).ContainsAnyExcept("+!-=~^$?");
    }

    /// <summary>The first six words, quotes taken off, and what follows them as one text.</summary>
    private static List<string> Fields(string text, out string argument)
    {
        var fields = new List<string>(6);
        int at = 0;
        while (fields.Count < 6)
        {
            while (at < text.Length && text[at] is ' ' or '\t')
            {
                at++;
            }
            if (at == text.Length)
            {
                break;
            }
            char quote = text[at] is '"' or '\'' ? text[at++] : '\0';
            int start = at;
            while (at < text.Length && (quote != '\0' ? text[at] != quote : text[at] is not (' ' or '\t')))
            {
                at++;
            }
            fields.Add(text[start..at]);
            at += quote != '\0' && at < text.Length ? 1 : 0;
        }
        argument = text[at..].Trim();
        if (argument.Length > 1 && argument[0] is '"' or '\'' && argument[^1] == argument[0])
        {
            argument = argument[1..^1];
        }
        return fields;
    }

    /// <summary>Undoes the escapes of C, as systemd does for the argument.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }
            char letter = text[++i];
            if (letter == 'x' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte code))
            {
                result.Append((char)code);
                i += 2;
                continue;
            }
            result.Append(letter switch { 'n' => "\n", 't' => "\t", 'r' => "\r", 's' => " ", '\\' => "\\", '"' => "\"", '\'' => "'", _ => "\\" + letter });
        }
        return result.ToString();
    }
}
