using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Deliveries of mail to programs: <c>|command</c> in aliases, <c>.forward</c> and qmail's <c>.qmail</c>, and files that are included. See aliases(5), local(8), dot-qmail(5).</summary>
/// <remarks><b>Limitations</b>: whether the alias database was rebuilt since, and whether the mail server takes pipes at all, is not looked at.</remarks>
public sealed class MailAliasParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/mail-alias";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/aliases", "/etc/mail/aliases", "/etc/postfix/{aliases,virtual_aliases}", "/etc/exim{,4}/aliases", "/etc/smtpd/aliases", "/var/lib/mailman/data/aliases", "~/.forward", "~/.forward+*", "~/.qmail", "~/.qmail-*", "/var/qmail/alias/.qmail*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "mail-alias");
        string name = input.Location.Name;
        bool isForward = name.StartsWith(".forward", StringComparison.Ordinal);
        bool isQmail = name.StartsWith(".qmail", StringComparison.Ordinal);
        bool isPersonal = isForward || isQmail;
        string? dormant = isPersonal && (input.Entry.Permissions & 0x2) != 0 ? "mail servers refuse a file that anybody may write" : null;
        string? user = isForward ? Owner(input.Location.Path) : null;
        foreach (ConfigLine line in ConfigLines.Read(file, joinsIndented: !isPersonal, joinsBackslash: false))
        {
            string text = line.Text;
            string? subject = null;
            if (!isPersonal)
            {
                int colon = EndOfName(text);
                if (colon < 0)
                {
                    continue;
                }
                (subject, text) = (text[..colon].Trim().Trim('"'), text[(colon + 1)..]);
            }
            foreach (string destination in isQmail ? [text] : Destinations(text))
            {
                EvidenceLocation location = input.Location.At(line.First.Number, line.First.ByteOffset);
                Artifact? artifact = destination.StartsWith('|') && destination[1..].Trim() is { Length: > 0 } command
                    ? new HookCommand(location) { Place = StartupPlace.MailProgram, Trigger = isForward ? ".forward" : isQmail ? ".qmail" : "mail alias", Command = command, Subject = subject, User = user, IsBlock = line.Count > 1, DormantBecause = dormant }
                    : destination.StartsWith(":include:", StringComparison.Ordinal) && destination[9..].Trim() is ['/', ..] included
                        ? new HookFile(location) { Place = StartupPlace.MailProgram, Trigger = "mail alias :include:", Target = RunlevelLinkParser.Absolute("/", included), IsInclude = true, DormantBecause = dormant } : null;
                if (artifact is not null && !file.Add(artifact))
                {
                    return;
                }
            }
        }
    }

    private static string? Owner(string path)
    {
        string home = HookDirectory.Of(path);
        string name = home[(home.LastIndexOf('/') + 1)..];
        return name.Length == 0 ? null : name;
    }

    /// <summary>The colon behind the name, which may stand in quotes.</summary>
    private static int EndOfName(string text)
    {
        int quote = text.StartsWith('"') ? text.IndexOf('"', 1) : 0;
        return text.IndexOf(':', Math.Max(quote, 0));
    }

    /// <summary>Splits at commas outside quotes, quotes taken off; <c>|"a b"</c> and <c>"|a b"</c> are the same.</summary>
    private static List<string> Destinations(string text)
    {
        var all = new List<string>();
        var part = new StringBuilder();
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && quote == '"' && i + 1 < text.Length)
            {
                part.Append(text[++i]);
            }
            else if (quote == '\0' && c == '"')
            {
                quote = c;
            }
            else if (quote == c)
            {
                quote = '\0';
            }
            else if (c == ',' && quote == '\0')
            {
                all.Add(part.ToString().Trim());
                part.Clear();
            }
            else
            {
                part.Append(c);
            }
        }
        all.Add(part.ToString().Trim());
        return all;
    }
}
