using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads <c>sudoers</c> and its drop-ins: rules, <c>Defaults</c>, aliases. See sudoers(5).</summary>
/// <remarks>
/// <b>Limitations</b>: of several host parts of one rule (<c>: host = ...</c>) the first is read; digests and date limits are skipped; files that <c>@include</c> names outside the usual directory are not read.
/// </remarks>
public sealed class SudoersParser : ArtifactParser
{
    private const int MostMembers = 500;
    private static readonly string[] s_options = ["ROLE=", "TYPE=", "APPARMOR_PROFILE=", "PRIVS=", "LIMITPRIVS=", "NOTBEFORE=", "NOTAFTER=", "TIMEOUT=", "CWD=", "CHROOT="];

    /// <inheritdoc/>
    public override string Name => "linux/sudoers";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/sudoers", "/etc/sudoers.d/*", "/usr/etc/sudoers", "/usr/etc/sudoers.d/*", "/usr/local/etc/sudoers", "/usr/local/etc/sudoers.d/*", "/etc/sudoers-*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.sudoers");
        string? dormant = Refusal(input);
        foreach ((string text, TextLine line) in LogicalLines(file))
        {
            EvidenceLocation place = input.Location.At(line.Number, line.ByteOffset);
            bool goesOn = true;
            if (text.StartsWith("Defaults", StringComparison.Ordinal))
            {
                foreach (SudoDefault setting in Defaults(place, text, dormant))
                {
                    goesOn = goesOn && file.Add(setting);
                }
            }
            else if (AliasKind(text) is { } kind)
            {
                foreach (string part in Split(text[kind.Length..], ':'))
                {
                    int equals = part.IndexOf('=');
                    if (equals > 0)
                    {
                        goesOn = goesOn && file.Add(new SudoAlias(place) { AliasKind = kind, Name = part[..equals].Trim(), Members = [.. Split(part[(equals + 1)..], ',').Select(member => member.Trim()).Take(MostMembers)] });
                    }
                }
            }
            else if (Rule(place, text, dormant) is { } rule)
            {
                goesOn = file.Add(rule);
            }
            if (!goesOn)
            {
                return;
            }
        }
    }

    /// <summary>Why sudo does not read the file; null when it does.</summary>
    private static string? Refusal(ArtifactInput input)
    {
        string name = input.Location.Name;
        string path = input.Location.Path;
        if (path.Contains("/sudoers.d/", StringComparison.Ordinal) && (name.Contains('.') || name.EndsWith('~')))
        {
            return "sudo skips names with a dot or a tilde at the end in sudoers.d";
        }
        if (name.StartsWith("sudoers-", StringComparison.Ordinal))
        {
            return "nothing includes a file of this name";
        }
        FileEntry entry = input.Entry;
        return entry.UserId != 0 ? "sudo refuses a file that root does not own"
            : (entry.Permissions & 0b000_000_010) != 0 ? "sudo refuses a file that anybody may write"
            : (entry.Permissions & 0b000_010_000) != 0 && entry.GroupId != 0 ? "sudo refuses a file that its group may write" : null;
    }

    /// <summary>Lines joined at a backslash, comments cut off; a <c>#</c> in front of digits is a user id.</summary>
    private static IEnumerable<(string Text, TextLine Line)> LogicalLines(ArtifactFile file)
    {
        var joined = new StringBuilder();
        TextLine first = default;
        foreach (TextLine line in file.Lines())
        {
            if (joined.Length == 0)
            {
                first = line;
            }
            string text = line.Text.TrimEnd('\r');
            if (text.EndsWith('\\') && joined.Length < file.Input.Limits.LineBytes)
            {
                joined.Append(text, 0, text.Length - 1).Append(' ');
                continue;
            }
            joined.Append(text);
            string whole = WithoutComment(joined.ToString()).Trim();
            joined.Clear();
            if (whole.Length > 0 && whole[0] != '@')
            {
                yield return (whole, first);
            }
        }
        if (joined.Length > 0 && WithoutComment(joined.ToString()).Trim() is { Length: > 0 } rest)
        {
            yield return (rest, first);
        }
    }

    private static string WithoutComment(string text)
    {
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (text[i] == '#' && !isQuoted)
            {
                bool isId = i + 1 < text.Length && (char.IsAsciiDigit(text[i + 1]) || text[i + 1] == '-') && (i == 0 || text[i - 1] is ' ' or '\t' or ',' or '(' or '%' or ':' or '!');
                if (!isId)
                {
                    return text[..i];
                }
            }
        }
        return text;
    }

    private static string? AliasKind(string text)
    {
        foreach (string kind in (ReadOnlySpan<string>)["User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias"])
        {
            if (text.StartsWith(kind, StringComparison.Ordinal) && text.Length > kind.Length && text[kind.Length] is ' ' or '\t')
            {
                return kind;
            }
        }
        return null;
    }

    private static IEnumerable<SudoDefault> Defaults(EvidenceLocation place, string text, string? dormant)
    {
        string rest = text["Defaults".Length..];
        int blank = rest.AsSpan().IndexOfAny(' ', '\t');
        if (blank < 0)
        {
            yield break;
        }
        string scope = rest[..blank];
        foreach (string part in Split(rest[blank..], ',').Take(MostMembers))
        {
            string setting = part.Trim();
            bool isNegated = setting.StartsWith('!');
            setting = setting.TrimStart('!', ' ');
            int equals = setting.IndexOf('=');
            string name = (equals < 0 ? setting : setting[..equals].TrimEnd('+', '-', ' ', '\t')).Trim();
            if (name.Length > 0)
            {
                bool removes = equals > 0 && setting[..equals].TrimEnd().EndsWith('-');
                yield return new SudoDefault(place) { Scope = scope, Name = name, Value = equals < 0 ? null : setting[(equals + 1)..].Trim().Trim('"'), IsNegated = isNegated || removes, DormantBecause = dormant };
            }
        }
    }

    private static SudoRule? Rule(EvidenceLocation place, string text, string? dormant)
    {
        int equals = Find(text, '=');
        if (equals <= 0)
        {
            return null;
        }
        // A list may have blanks behind its commas; the last word before the sign is the host list.
        string left = string.Join(',', Split(text[..equals], ',').Select(item => item.Trim()));
        int gap = left.AsSpan().LastIndexOfAny(' ', '\t');
        if (gap <= 0)
        {
            return null;
        }
        var commands = new List<SudoCommand>();
        string? runAs = null;
        bool noPassword = false, keepsEnvironment = false;
        foreach (string item in Split(text[(equals + 1)..], ',').Take(MostMembers))
        {
            string rest = item.Trim();
            while (true)
            {
                if (rest.StartsWith('(') && rest.IndexOf(')') is var close and > 0)
                {
                    runAs = rest[1..close].Trim();
                    rest = rest[(close + 1)..].TrimStart();
                }
                else if (Array.Find(s_options, option => rest.StartsWith(option, StringComparison.Ordinal)) is not null && rest.AsSpan().IndexOfAny(' ', '\t') is var end and > 0)
                {
                    rest = rest[end..].TrimStart();
                }
                else if (rest.IndexOf(':') is var colon and > 2 && Tag(rest[..colon]) is { } tag)
                {
                    noPassword = tag == "NOPASSWD" || (tag != "PASSWD" && noPassword);
                    keepsEnvironment = tag == "SETENV" || (tag != "NOSETENV" && keepsEnvironment);
                    rest = rest[(colon + 1)..].TrimStart();
                }
                else
                {
                    break;
                }
            }
            bool isNegated = rest.StartsWith('!');
            rest = rest.TrimStart('!', ' ');
            if (rest.Length > 0)
            {
                commands.Add(new SudoCommand(rest, runAs) { NeedsNoPassword = noPassword, KeepsEnvironment = keepsEnvironment, IsNegated = isNegated });
            }
        }
        return commands.Count == 0 ? null : new SudoRule(place)
        {
            Users = [.. left[..gap].Trim().Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Plain).Take(MostMembers)], Hosts = [.. left[(gap + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries).Take(MostMembers)],
            Commands = commands, DormantBecause = dormant,
        };
    }

    private static string? Tag(string text) => text.TrimEnd() is var tag && tag.Length < 16 && tag.AsSpan().IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") < 0 ? tag : null;

    private static string Plain(string name) => name.Trim().Trim('"').Replace("\\", "", StringComparison.Ordinal);

    private static int Find(string text, char wanted)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == wanted)
            {
                return i;
            }
        }
        return -1;
    }

    /// <summary>Parts between separators that are neither quoted, escaped nor in parentheses.</summary>
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        int start = 0;
        int depth = 0;
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\':
                    i++;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case '(':
                    depth++;
                    break;
                case ')':
                    depth--;
                    break;
                case var c when c == separator && !isQuoted && depth <= 0:
                    parts.Add(text[start..i]);
                    start = i + 1;
                    break;
                default:
                    break;
            }
        }
        parts.Add(text[start..]);
        return parts;
    }
}
