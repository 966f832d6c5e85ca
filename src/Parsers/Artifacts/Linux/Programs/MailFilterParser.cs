using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Programs in mail filters and mail servers' settings: procmail recipes and backticks, maildrop, Sieve's <c>pipe</c>, <c>filter</c> and <c>execute</c>, fetchmail, transports of postfix and exim, <c>mailbox_command</c>. See procmailrc(5),
/// maildropfilter(7), Pigeonhole's extprograms plugin, fetchmail(1), master(5), pipe(8), Exim's "The pipe transport".
/// </summary>
/// <remarks><b>Limitations</b>: conditions of recipes are not evaluated; variables of exim stay as written.</remarks>
public sealed class MailFilterParser : ArtifactParser
{
    private enum Dialect { Procmail, Maildrop, Sieve, Fetchmail, Master, Main, Exim }

    /// <inheritdoc/>
    public override string Name => "linux/mail-filter";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "~/.procmailrc", "/etc/procmailrc", "/etc/procmailrcs/*", "~/.mailfilter", "/etc/maildroprc", "~/.dovecot.sieve", "~/sieve/*.sieve", "/etc/dovecot/sieve/*.sieve", "/var/lib/dovecot/sieve/*.sieve", "~/.fetchmailrc", "/etc/fetchmailrc",
        "/etc/postfix/{master,main}.cf", "/etc/exim4/exim4.conf", "/etc/exim4/exim4.conf.template", "/etc/exim4/conf.d/{transport,router}/*", "/etc/exim/exim.conf", "/etc/exim.conf",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        Dialect dialect = DialectOf(input.Location);
        var file = new ArtifactFile(input, sink, "mail-filter");
        string? dormant = dialect is Dialect.Procmail && (input.Entry.Permissions & 0x12) != 0 && !input.Location.Path.StartsWith("/etc/", StringComparison.Ordinal) ? "procmail refuses a file that others may write" : null;
        bool inRecipe = false;
        bool joinsIndented = dialect is Dialect.Master or Dialect.Main;
        foreach (ConfigLine line in ConfigLines.Read(file, joinsIndented, joinsBackslash: !joinsIndented))
        {
            EvidenceLocation location = input.Location.At(line.First.Number, line.First.ByteOffset);
            foreach ((string trigger, string command, bool shell) in Commands(dialect, line.Text, ref inRecipe))
            {
                if (command.Length > 0 && !file.Add(new HookCommand(location)
                {
                    Place = StartupPlace.MailProgram, Trigger = trigger, Command = command, ThroughShell = shell, IsBlock = line.Count > 1, DormantBecause = dormant,
                }))
                {
                    return;
                }
            }
        }
    }

    private static List<(string Trigger, string Command, bool Shell)> Commands(Dialect dialect, string text, ref bool inRecipe)
    {
        var found = new List<(string, string, bool)>();
        switch (dialect)
        {
            case Dialect.Procmail:
                Procmail(text, ref inRecipe, found);
                break;
            case Dialect.Maildrop:
                if (text.IndexOf("\"|", StringComparison.Ordinal) is int pipe and >= 0)
                {
                    found.Add(("maildrop", Quoted(text, pipe)[1..].Trim(), true));
                }
                Backticks(text, "maildrop", found);
                break;
            case Dialect.Sieve:
                foreach (string action in (ReadOnlySpan<string>)["pipe", "execute", "filter"])
                {
                    int at = text.IndexOf(action, StringComparison.Ordinal);
                    if (at >= 0 && (at == 0 || text[at - 1] is ' ' or '\t' or '{' or ';') && text.IndexOf('"', at) is int open and > 0)
                    {
                        found.Add(("sieve " + action, Quoted(text, open), false));
                    }
                }
                break;
            case Dialect.Fetchmail:
                foreach (string key in (ReadOnlySpan<string>)["mda ", "preconnect ", "postconnect ", "plugin ", "plugout "])
                {
                    int at = text.IndexOf(key, StringComparison.Ordinal);
                    if (at >= 0 && (at == 0 || text[at - 1] is ' ' or '\t') && text.AsSpan(at).IndexOfAny('"', '\'') is int open and > 0)
                    {
                        found.Add(("fetchmail " + key.Trim(), Quoted(text, at + open), true));
                    }
                }
                break;
            case Dialect.Master:
                if (text.IndexOf("argv=", StringComparison.Ordinal) is int argv and > 0)
                {
                    found.Add(("postfix " + ConfigLines.Split(text).Word, text[(argv + 5)..].Trim(), false));
                }
                break;
            case Dialect.Main:
                (string name, string value) = ConfigLines.Split(text, "=");
                value = value.TrimStart('=', ' ', '\t').TrimStart('|');
                if (name.Trim() is "mailbox_command" or "forward_path_command" or "debugger_command" or "smtpd_command_filter_program" or "fallback_command" or "multi_instance_wrapper" or "sendmail_path" or "mailq_path" or "newaliases_path")
                {
                    found.Add(("postfix " + name.Trim(), value, true));
                }
                break;
            default:
                (string key2, string command) = ConfigLines.Split(text, "=");
                if (key2.Trim() is "command" or "transport_filter" or "pipe_command" or "data" && command.TrimStart('=', ' ', '\t') is { Length: > 0 } exim && (key2.Trim() != "data" || exim.StartsWith('|') || exim.StartsWith("\"|", StringComparison.Ordinal)))
                {
                    found.Add(("exim " + key2.Trim(), ConfigLines.Unquote(exim).TrimStart('|').Trim(), false));
                }
                // ${run{...}} runs a program while an address or a header is looked at.
                if (text.IndexOf("${run{", StringComparison.Ordinal) is int run and >= 0)
                {
                    int end = text.IndexOf('}', run);
                    found.Add(("exim ${run}", text[(run + 6)..(end < 0 ? text.Length : end)], false));
                }
                break;
        }
        return found;
    }

    private static void Procmail(string text, ref bool inRecipe, List<(string, string, bool)> found)
    {
        if (text.StartsWith(":0", StringComparison.Ordinal))
        {
            inRecipe = true;
            return;
        }
        if (inRecipe && text[0] is '*' or '{')
        {
            // * ? program: the exit code of a program as condition
            if (text[0] == '*' && text.AsSpan(1).TrimStart() is ['?', ..] condition)
            {
                found.Add(("procmail condition", condition[1..].Trim().ToString(), true));
            }
            inRecipe = text[0] == '*';
            return;
        }
        if (inRecipe)
        {
            inRecipe = false;
            int pipe = text.IndexOf('|', StringComparison.Ordinal);
            // VAR=| program keeps what the program says
            if (pipe == 0 || (pipe > 0 && text[pipe - 1] == '='))
            {
                found.Add(("procmail recipe", text[(pipe + 1)..].Trim(), true));
                return;
            }
        }
        (string name, string value) = ConfigLines.Split(text, "=");
        value = value.TrimStart('=', ' ', '\t');
        if (name.Trim() is "TRAP" or "SHELL" or "SENDMAIL" && value.Length > 0)
        {
            found.Add(("procmail " + name.Trim(), ConfigLines.Unquote(value), true));
        }
        Backticks(text, "procmail backticks", found);
    }

    private static void Backticks(string text, string trigger, List<(string, string, bool)> found)
    {
        int open = text.IndexOf('`', StringComparison.Ordinal);
        while (open >= 0 && found.Count < 32)
        {
            int close = text.IndexOf('`', open + 1);
            if (close < 0)
            {
                break;
            }
            found.Add((trigger, text[(open + 1)..close], true));
            open = text.IndexOf('`', close + 1);
        }
    }

    private static string Quoted(string text, int open)
    {
        int close = text.IndexOf(text[open], open + 1);
        return close < 0 ? text[(open + 1)..] : text[(open + 1)..close];
    }

    private static Dialect DialectOf(EvidenceLocation location) => location.Path switch
    {
        _ when location.Path.Contains("procmail", StringComparison.Ordinal) => Dialect.Procmail,
        _ when location.Name is ".mailfilter" or "maildroprc" => Dialect.Maildrop,
        _ when location.Name.EndsWith("sieve", StringComparison.Ordinal) => Dialect.Sieve,
        _ when location.Name.EndsWith("fetchmailrc", StringComparison.Ordinal) => Dialect.Fetchmail,
        "/etc/postfix/master.cf" => Dialect.Master,
        "/etc/postfix/main.cf" => Dialect.Main,
        _ => Dialect.Exim,
    };
}
