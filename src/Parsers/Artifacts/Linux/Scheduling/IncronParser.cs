using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads incron's tables: <c>path mask command</c>, run whenever something happens to the path. In <c>$@</c> the command gets the watched path, <c>$$</c> is a dollar;
/// <c>$#</c> (name of the file), <c>$%</c> and <c>$&amp;</c> (event) are only known when it happens. See incrontab(5).
/// </summary>
/// <remarks><b>Limitations</b>: a blank in a watched path must be written <c>\ </c>; other escapes are kept as written.</remarks>
public sealed class IncronParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/incron";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/incron.d/*", "/var/spool/incron/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "incron");
        bool isSystem = input.Location.Path.StartsWith("/etc/", StringComparison.Ordinal);
        string? dormant = input.Location.Name.StartsWith('.') ? "incrond skips hidden files" : null;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }
            int at = EndOfWord(text, 0);
            string path = text[..at].Replace("\\ ", " ", StringComparison.Ordinal);
            int maskStart = SkipBlanks(text, at);
            int maskEnd = EndOfWord(text, maskStart);
            int commandStart = SkipBlanks(text, maskEnd);
            if (path[0] != '/' || commandStart >= text.Length || !IsMask(text.AsSpan(maskStart, maskEnd - maskStart)))
            {
                file.Report("line-bad", "no incron entry", line);
                continue;
            }
            if (!file.Add(new CronJob(input.Location.At(line.Number, line.ByteOffset))
            {
                Table = CronTable.Other,
                Scheduler = "incron",
                Schedule = path + " " + text[maskStart..maskEnd],
                User = isSystem ? "root" : input.Location.Name,
                Command = text[commandStart..].Replace("$@", path, StringComparison.Ordinal).Replace("$$", "$", StringComparison.Ordinal),
                OwnerId = input.Entry.UserId,
                Acceptance = new CronAcceptance(dormant, dormant),
            }))
            {
                return;
            }
        }
    }

    private static bool IsMask(ReadOnlySpan<char> mask) => mask.StartsWith("IN_") || mask.StartsWith("recursive=") || mask.StartsWith("loopable=") || mask.StartsWith("dotdirs=")
        || (mask.Length > 0 && !mask.ContainsAnyExceptInRange('0', '9'));

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t')
        {
            at++;
        }
        return at;
    }

    private static int EndOfWord(string text, int at)
    {
        while (at < text.Length && (text[at] is not (' ' or '\t') || (at > 0 && text[at - 1] == '\\')))
        {
            at++;
        }
        return at;
    }
}
