using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads udev rules: what <c>RUN</c>, <c>PROGRAM</c> and <c>IMPORT{program}</c> start, and units that <c>ENV{SYSTEMD_WANTS}</c> asks for. Specification: udev(7).</summary>
/// <remarks><b>Limitations</b>: <c>GOTO</c> is not followed, so that a rule which is jumped over counts as live; substitutions such as <c>$env{KEY}</c> and <c>%k</c> stay as written.</remarks>
public sealed class UdevRulesParser : ArtifactParser
{
    private const string Code = "linux.udev";
    private const string ProgramDirectory = "/usr/lib/udev/";
    private const int MostTokens = 256;
    private const int MostJoined = 256;

    /// <inheritdoc/>
    public override string Name => "linux/udev-rules";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = DropInDirectory.Claims("udev/rules.d");

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.Regular or FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (DropInDirectory.IsLink(input, sink))
        {
            return;
        }
        var file = new ArtifactFile(input, sink, Code);
        string? dormant = DropInDirectory.DormantByName(input.Location, ".rules");
        var joined = new StringBuilder();
        TextLine first = default;
        int parts = 0;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }
            first = joined.Length == 0 ? line : first;
            if (text[^1] == '\\' && ++parts < MostJoined && joined.Length < input.Limits.LineBytes)
            {
                joined.Append(text, 0, text.Length - 1).Append(' ');
                continue;
            }
            text = joined.Append(text).ToString();
            joined.Clear();
            parts = 0;
            if (!Add(file, text, first, dormant))
            {
                return;
            }
        }
        if (joined.Length > 0)
        {
            Add(file, joined.ToString(), first, dormant);
        }
    }

    private static bool Add(ArtifactFile file, string text, TextLine line, string? dormant)
    {
        // Most rules only name and tag devices.
        if (!text.Contains("RUN", StringComparison.Ordinal) && !text.Contains("PROGRAM", StringComparison.Ordinal) && !text.Contains("program}", StringComparison.Ordinal) && !text.Contains("_WANTS", StringComparison.Ordinal))
        {
            return true;
        }
        List<UdevToken> tokens = Tokens(text, out bool isDamaged);
        if (isDamaged)
        {
            file.Report("rule", "a rule is not well-formed; udev ignores it or its end", line);
        }
        var commands = new List<StartCommand>();
        var units = new List<string>();
        foreach (UdevToken token in tokens)
        {
            bool runs = (token.Key, token.Attribute) is ("RUN", "" or "program") or ("PROGRAM", _) or ("IMPORT", "program");
            if (runs && token.Operator != "-=" && Command(token.Value) is { Length: > 0 } command)
            {
                commands.Add(new StartCommand(command)
                {
                    Trigger = "udev " + token.Key, User = "root", Line = line.Number, ByteOffset = line.ByteOffset, DormantBecause = dormant,
                });
            }
            else if (token is { Key: "ENV", Attribute: "SYSTEMD_WANTS" or "SYSTEMD_USER_WANTS", IsMatch: false })
            {
                units.AddRange(token.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
            }
        }
        return (commands.Count == 0 && units.Count == 0)
            || file.Add(new UdevRule(file.Input.Location.At(line.Number, line.ByteOffset)) { Tokens = tokens, Units = units, Commands = commands, DormantBecause = dormant });
    }

    /// <summary>The command as udev executes it: doubled signs single, a program without a path below udev's own directory.</summary>
    private static string Command(string value)
    {
        string text = value.Trim().Replace("$$", "$", StringComparison.Ordinal).Replace("%%", "%", StringComparison.Ordinal);
        return text.Length == 0 || text[0] is '/' or '\'' or '$' or '%' ? text : ProgramDirectory + text;
    }

    private static List<UdevToken> Tokens(string text, out bool isDamaged)
    {
        var tokens = new List<UdevToken>();
        int at = 0;
        isDamaged = false;
        while (tokens.Count < MostTokens)
        {
            while (at < text.Length && (char.IsWhiteSpace(text[at]) || text[at] == ','))
            {
                at++;
            }
            if (at >= text.Length)
            {
                return tokens;
            }
            int end = text.AsSpan(at).IndexOfAny('=', '!', '+');
            int other = text.AsSpan(at).IndexOfAny('-', ':');
            end = other >= 0 && (end < 0 || other < end) && at + other + 1 < text.Length && text[at + other + 1] == '=' ? other : end;
            int quote = end < 0 ? -1 : text.IndexOf('"', at + end);
            if (quote < 0)
            {
                break;
            }
            string key = text.Substring(at, end).Trim();
            string operation = text[(at + end)..quote].Trim();
            // e"..." knows C escapes, i"..." ignores case.
            bool isEscaped = operation.EndsWith('e');
            operation = operation.TrimEnd('e', 'i').Trim();
            if (operation is not ("==" or "!=" or "=" or "+=" or "-=" or ":=") || key.Length is 0 or > 256)
            {
                break;
            }
            at = quote + 1;
            string value = Value(text, ref at, isEscaped, out bool isClosed);
            int brace = key.IndexOf('{');
            tokens.Add(brace > 0 ? new UdevToken(key[..brace], key[(brace + 1)..].TrimEnd('}'), operation, value) : new UdevToken(key, "", operation, value));
            isDamaged |= !isClosed;
        }
        isDamaged = true;
        return tokens;
    }

    private static string Value(string text, ref int at, bool isEscaped, out bool isClosed)
    {
        var value = new StringBuilder();
        for (; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at++;
                isClosed = true;
                return value.ToString();
            }
            if (text[at] == '\\' && at + 1 < text.Length && (text[at + 1] == '"' || isEscaped))
            {
                at++;
                value.Append(isEscaped && text[at] is 'n' or 't' ? ' ' : text[at]);
                continue;
            }
            value.Append(text[at]);
        }
        isClosed = false;
        return value.ToString();
    }
}
