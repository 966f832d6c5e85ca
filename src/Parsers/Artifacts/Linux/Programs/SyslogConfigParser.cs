using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Programs that rsyslog and syslog-ng start, and messages that rsyslog throws away: <c>action(type="omprog" binary="...")</c>, <c>^program</c>, <c>$ActionOMProgBinary</c>,
/// <c>program("...")</c>; <c>stop</c>, <c>~</c> and <c>/dev/null</c>. See rsyslog.conf(5), rsyslog's omprog, mmexternal and improg, and syslog-ng's program() drivers.
/// </summary>
/// <remarks><b>Limitations</b>: included files outside the usual directories are named, not read as configuration; conditions are kept as text and not evaluated.</remarks>
public sealed class SyslogConfigParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/syslog-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/rsyslog.conf", "/etc/rsyslog.d/*", "/etc/syslog.conf", "/etc/syslog-ng/syslog-ng.conf", "/etc/syslog-ng/{conf.d,patterndb.d}/*", "/etc/syslog-ng.conf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "syslog");
        string path = input.Location.Path;
        bool isNg = path.Contains("syslog-ng", StringComparison.Ordinal);
        string? dormant = HookDirectory.Of(path).EndsWith(".d", StringComparison.Ordinal) && !path.EndsWith(".conf", StringComparison.Ordinal)
            ? (isNg ? "syslog-ng" : "rsyslog") + " reads only files whose name ends in .conf" : null;
        if (isNg)
        {
            SyslogNg(file, dormant);
            return;
        }
        foreach (RsyslogStatement statement in RsyslogStatements.Read(file))
        {
            EvidenceLocation location = input.Location.At(statement.Line.Number, statement.Line.ByteOffset);
            if (Artifact(location, statement, dormant) is { } artifact && !file.Add(artifact))
            {
                return;
            }
        }
    }

    private static Artifact? Artifact(EvidenceLocation location, in RsyslogStatement statement, string? dormant)
    {
        string text = statement.Text;
        if (text is "stop" or "~" or "discard" || IsNull(text))
        {
            return new SyslogDiscard(location) { Filter = statement.Filter, IsAfterOtherActions = !statement.IsFirst, DormantBecause = dormant };
        }
        if (text[0] == '^' && text.Length > 1)
        {
            // ^program;template
            int template = text.LastIndexOf(';');
            return Program(location, "rsyslog ^program", text[1..(template > 0 ? template : text.Length)].Trim(), statement.Filter, dormant);
        }
        if (text.StartsWith("$ActionOMProgBinary", StringComparison.OrdinalIgnoreCase))
        {
            return Program(location, "rsyslog omprog", ConfigLines.Split(text).Tail, statement.Filter, dormant);
        }
        if (text.StartsWith("$IncludeConfig", StringComparison.OrdinalIgnoreCase) || text.StartsWith("include(", StringComparison.OrdinalIgnoreCase))
        {
            string target = text[0] == '$' ? ConfigLines.Split(text).Tail : Parameter(text, "file") ?? "";
            return target.StartsWith('/') && !target.StartsWith("/etc/rsyslog.d/", StringComparison.Ordinal)
                ? new HookFile(location) { Place = StartupPlace.SyslogProgram, Trigger = "rsyslog include", Target = RunlevelLinkParser.Absolute("/", target), IsInclude = true, DormantBecause = dormant } : null;
        }
        if (Parameter(text, "type") is { } type && type.ToLowerInvariant() is "omprog" or "mmexternal" or "improg" && Parameter(text, "binary") is { Length: > 0 } binary)
        {
            return Program(location, "rsyslog " + type.ToLowerInvariant(), binary, statement.Filter, dormant);
        }
        return null;
    }

    private static HookCommand Program(EvidenceLocation location, string trigger, string command, string? filter, string? dormant) => new(location)
    {
        Place = StartupPlace.SyslogProgram, Trigger = trigger, Command = command, Subject = string.IsNullOrEmpty(filter) ? null : filter, User = "root", ThroughShell = false, DormantBecause = dormant,
    };

    private static bool IsNull(string text) => text is "/dev/null" or "-/dev/null"
        || (text.StartsWith("action", StringComparison.OrdinalIgnoreCase) && (Parameter(text, "file") is "/dev/null" || Parameter(text, "type") is "omdiscard"));

    /// <summary>The value of <c>name="value"</c> in a call.</summary>
    private static string? Parameter(string text, string name)
    {
        for (int at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase); at > 0; at = text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            int equals = at + name.Length;
            while (equals < text.Length && text[equals] is ' ' or '\t')
            {
                equals++;
            }
            if (char.IsAsciiLetterOrDigit(text[at - 1]) || text[at - 1] == '.' || equals >= text.Length || text[equals] != '=')
            {
                continue;
            }
            int open = text.AsSpan(equals).IndexOfAny('"', '\'');
            if (open < 0)
            {
                return null;
            }
            open += equals;
            int close = open;
            do
            {
                close = text.IndexOf(text[open], close + 1);
            }
            while (close > 0 && text[close - 1] == '\\');
            return close < 0 ? text[(open + 1)..] : text[(open + 1)..close].Replace("\\\"", "\"", StringComparison.Ordinal);
        }
        return null;
    }

    private static void SyslogNg(ArtifactFile file, string? dormant)
    {
        string subject = "";
        foreach (ConfigLine line in ConfigLines.Read(file))
        {
            string text = line.Text;
            if (text.StartsWith("source ", StringComparison.Ordinal) || text.StartsWith("destination ", StringComparison.Ordinal))
            {
                subject = text[..Math.Min(text.Length, text.AsSpan().IndexOf('{') is int brace and > 0 ? brace : text.Length)].Trim();
            }
            EvidenceLocation location = file.Input.Location.At(line.First.Number, line.First.ByteOffset);
            foreach (string driver in (ReadOnlySpan<string>)["program(", "program (", "exec(", "sun-streams-door("])
            {
                int at = text.IndexOf(driver, StringComparison.Ordinal);
                int open = at < 0 || (at > 0 && (char.IsAsciiLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or '-')) ? -1 : text.AsSpan(at).IndexOfAny('"', '\'');
                if (open < 0)
                {
                    continue;
                }
                open += at;
                int close = text.IndexOf(text[open], open + 1);
                string command = close < 0 ? text[(open + 1)..] : text[(open + 1)..close];
                // A filter on the program that sent a message looks the same; it names no path.
                if (command.Contains('/', StringComparison.Ordinal) && !text.StartsWith("filter", StringComparison.Ordinal)
                    && !file.Add(Program(location, "syslog-ng program", command, subject, dormant) with { ThroughShell = true }))
                {
                    return;
                }
            }
        }
    }
}
