using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads fcron's tables as users wrote them: <c>&amp;options m h d M w command</c>, <c>@options interval command</c>, <c>%period,options fields command</c>, plain cron lines, variables,
/// <c>!options</c>. See fcrontab(5).
/// </summary>
/// <remarks>
/// <b>Limitations</b>: fcron itself runs the compiled table beside the one ending in <c>.orig</c>, which is not read; of the options only <c>runas</c> is looked at.
/// </remarks>
public sealed class FcronParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/fcron";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/fcrontab", "/etc/fcron.d/*", "/var/spool/fcron/*.orig", "/usr/local/var/spool/fcron/*.orig"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "fcron");
        var environment = new CronEnvironment();
        string name = input.Location.Name;
        string owner = input.Location.Path.StartsWith("/etc/", StringComparison.Ordinal) || name is "systab.orig" ? "root" : name[..name.LastIndexOf('.')];
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || text[0] is '#' or '!')
            {
                continue;
            }
            if (IsVariable(text, out int equals))
            {
                environment.Set(text[..equals].TrimEnd(), text[(equals + 1)..].Trim().Trim('"', '\''));
                continue;
            }
            if (!Job(text, out string schedule, out string? user, out string command))
            {
                file.Report("line-bad", "no fcron entry", line);
                continue;
            }
            if (!file.Add(new CronJob(input.Location.At(line.Number, line.ByteOffset))
            {
                Table = CronTable.Other,
                Scheduler = "fcron",
                Schedule = schedule,
                User = user ?? owner,
                Command = command,
                Environment = environment.Snapshot(),
                OwnerId = input.Entry.UserId,
                Acceptance = new CronAcceptance(null, null),
            }))
            {
                return;
            }
        }
    }

    private static bool IsVariable(string text, out int equals)
    {
        equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && char.IsAsciiLetter(text[0]) && !text.AsSpan(0, equals).TrimEnd().ContainsAny(' ', '\t');
    }

    private static bool Job(string text, out string schedule, out string? user, out string command)
    {
        int at = 0;
        user = null;
        bool hasInterval = text[0] == '@';
        if (text[0] is '&' or '@' or '%')
        {
            // Options stand without blanks, those with arguments in parentheses.
            while (at < text.Length && text[at] is not (' ' or '\t'))
            {
                at++;
            }
            int runAs = text.IndexOf("runas(", 0, at, StringComparison.Ordinal);
            int close = runAs < 0 ? -1 : text.IndexOf(')', runAs, at - runAs);
            user = close < 0 ? null : text[(runAs + 6)..close];
        }
        int fields = 0;
        int end = at;
        while (fields < (hasInterval ? 1 : 5))
        {
            int start = end;
            while (start < text.Length && text[start] is ' ' or '\t')
            {
                start++;
            }
            int stop = start;
            while (stop < text.Length && text[stop] is not (' ' or '\t'))
            {
                stop++;
            }
            ReadOnlySpan<char> word = text.AsSpan(start, stop - start);
            if (word.IsEmpty || !(hasInterval ? char.IsAsciiDigit(word[0]) : IsField(word)))
            {
                break;
            }
            fields++;
            end = stop;
        }
        schedule = text[..end];
        command = text[end..].Trim();
        return command.Length > 0 && fields >= (text[0] == '%' || hasInterval ? 1 : 5);
    }

    private static bool IsField(ReadOnlySpan<char> word) => (char.IsAsciiDigit(word[0]) || word[0] == '*' || CronSchedule.LooksLikeField(word.ToString(), 3) || CronSchedule.LooksLikeField(word.ToString(), 4)) && word[0] != '/';
}
