using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Scripts and programs in logrotate's configuration: <c>prerotate</c>, <c>postrotate</c>, <c>firstaction</c>, <c>lastaction</c>, <c>preremove</c> up to <c>endscript</c>, <c>compresscmd</c>, and
/// what is included. See logrotate(8).
/// </summary>
/// <remarks><b>Limitations</b>: whether the log files of a block exist, without which its scripts never run, is not looked at.</remarks>
public sealed class LogrotateParser : ArtifactParser
{
    private const int MaximumScript = 64 << 10;

    private static readonly string[] s_taboo = [".bak", ".cfsaved", ".disabled", ".dpkg-bak", ".dpkg-del", ".dpkg-dist", ".dpkg-new", ".dpkg-old", ".dpkg-tmp", ".rhn-cfg-tmp-", ".rpmnew", ".rpmorig", ".rpmsave", ".swp", ".ucf-dist", ".ucf-new", ".ucf-old", ",v", "~"];

    /// <inheritdoc/>
    public override string Name => "linux/logrotate";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/logrotate.conf", "/etc/logrotate.d/*", "/usr/etc/logrotate.conf", "/usr/etc/logrotate.d/*", "/etc/logrotate.d.{hourly,daily}/*", "/etc/logrotate-*.conf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "logrotate");
        string? dormant = Refusal(input);
        string subject = "";
        string user = "root";
        string? script = null;
        TextLine start = default;
        var body = new StringBuilder();
        bool isCut = false;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (script is not null)
            {
                if (!text.Equals("endscript", StringComparison.Ordinal))
                {
                    isCut |= body.Length + text.Length > MaximumScript;
                    body.Append(isCut ? "" : text + "\n");
                    continue;
                }
                if (!Emit(file, script, body, start, subject, user, dormant, isCut))
                {
                    return;
                }
                (script, isCut) = (null, false);
                continue;
            }
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }
            if (text.EndsWith('{'))
            {
                (subject, user) = (text.Length > 1 ? text[..^1].Trim() : subject, "root");
                continue;
            }
            (string key, string value) = ConfigLines.Split(text, " \t=");
            value = value.TrimStart('=', ' ', '\t');
            switch (key)
            {
                case "}":
                    subject = "";
                    break;
                case "su":
                    user = ConfigLines.Split(value).Word;
                    break;
                case "prerotate" or "postrotate" or "firstaction" or "lastaction" or "preremove" or "postremove":
                    (script, start) = (key, line);
                    body.Clear();
                    break;
                case "compresscmd" or "uncompresscmd" when value.Length > 0:
                    if (!file.Add(Command(file, key, value, line, subject, user, dormant) with { ThroughShell = false }))
                    {
                        return;
                    }
                    break;
                case "include" when value.StartsWith('/') && value.TrimEnd('/') is not "/etc/logrotate.d":
                    if (!file.Add(new HookFile(input.Location.At(line.Number, line.ByteOffset)) { Place = StartupPlace.LogrotateScript, Trigger = "logrotate include", Target = RunlevelLinkParser.Absolute("/", value), IsInclude = true, DormantBecause = dormant }))
                    {
                        return;
                    }
                    break;
                default:
                    // One log file a line, the brace on the next one.
                    subject = text[0] is '/' or '"' ? text : subject;
                    break;
            }
        }
        if (script is not null)
        {
            file.Report("endscript", "a script has no end", start);
            Emit(file, script, body, start, subject, user, "logrotate refuses a script without endscript", isCut);
        }
    }

    private static bool Emit(ArtifactFile file, string script, StringBuilder body, TextLine start, string subject, string user, string? dormant, bool isCut)
    {
        if (isCut)
        {
            file.Report("script-cut", "a script is longer than the limit, its end was not read", start, losesContent: true);
        }
        string text = body.ToString().Trim();
        return text.Length == 0 || file.Add(Command(file, script, text, start, subject, user, dormant) with { IsBlock = true });
    }

    private static HookCommand Command(ArtifactFile file, string key, string text, TextLine line, string subject, string user, string? dormant) => new(file.Input.Location.At(line.Number, line.ByteOffset))
    {
        Place = StartupPlace.LogrotateScript, Trigger = "logrotate " + key, Command = text, Subject = subject.Length == 0 ? null : subject, User = user, DormantBecause = dormant,
    };

    private static string? Refusal(ArtifactInput input)
    {
        string name = input.Location.Name;
        if (HookDirectory.Of(input.Location.Path).EndsWith("logrotate.d", StringComparison.Ordinal))
        {
            foreach (string suffix in s_taboo)
            {
                if (name.EndsWith(suffix, StringComparison.Ordinal))
                {
                    return "logrotate ignores files whose name ends in " + suffix;
                }
            }
            if (name.StartsWith('.'))
            {
                return "logrotate ignores files whose name begins with a dot";
            }
        }
        return HookDirectory.Untrusted(input.Entry, "logrotate");
    }
}
