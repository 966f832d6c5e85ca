using System.Globalization;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// Reads the request logs of IIS in W3C's extended format and keeps, counted by path, the requests that tell of intrusions: calls of pages and scripts that were answered, and requests in the shape of known
/// exploits, answered or not. Specification: <see href="https://www.w3.org/TR/WD-logfile.html"/>, <see href="https://learn.microsoft.com/windows/win32/http/w3c-logging"/>.
/// </summary>
/// <remarks>
/// The target of the event is the path without its query, the method that of HTTP, the detail the status and what the request looks like, as of <see cref="WebAccessParser"/>.
/// <b>Limitations:</b> logs in other folders than the usual ones and in other formats (<c>u_in</c>, <c>u_nc</c>, ODBC, binary) are not read; a plus sign in a path cannot be told from a blank; bodies and most
/// headers are never logged; requests for pictures and the like are not kept, nor are scripts behind a path without extension.
/// </remarks>
public sealed class IisLogParser : LogParser
{
    private const int LongestTarget = 512;

    private static readonly string[] s_scripts = [".aspx", ".ashx", ".asmx", ".asp", ".asa", ".cer", ".php", ".phtml", ".jsp", ".jspx", ".cfm", ".cgi", ".pl", ".py"];

    /// <inheritdoc/>
    public override string Name => "log/iis";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/inetpub/logs/LogFiles/W3SVC*/{u_ex,ex}*.log", "/Windows/System32/LogFiles/W3SVC*/{u_ex,ex}*.log", "/inetpub/logs/LogFiles/{u_ex,ex}*.log"];

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        // A line is written when its request ends.
        using var file = new LogFile(input, sink, "log.iis", LogRhythm.Unordered);
        EventDraft draft = file.Draft;
        var fields = new W3cLogFields();
        long nameless = 0, damaged = 0;
        while (file.ReadLine())
        {
            ReadOnlySpan<byte> line = file.Line.StartsWith("\uFEFF"u8) ? file.Line[3..] : file.Line;
            if (line.StartsWith("#"u8))
            {
                fields.TakeDirective(line);
                continue;
            }
            if (!fields.IsUsable)
            {
                nameless++;
                continue;
            }
            if (!fields.TryRead(line, out W3cRequest request))
            {
                damaged++;
                continue;
            }
            CivilTime? time = request.Time is { } stated ? file.Observe(stated) : null;
            string? sign = IisExploits.NameOf(request);
            if (sign is null && request.Status is < 200 or > 299)
            {
                continue;
            }
            string target = EventDraft.LongText(request.Stem[..Math.Min(request.Stem.Length, LongestTarget)])!.Replace('+', ' ');
            if (sign is null && !IsScript(target))
            {
                continue;
            }
            draft.Reset();
            draft.Target = target;
            draft.Method = draft.Text(request.Method);
            draft.Detail = request.Status.ToString(CultureInfo.InvariantCulture) + (sign is null ? "" : ", " + sign);
            draft.Is(LogEventKind.WebRequest);
            file.Add(time, line);
        }
        Say(file, nameless, "header", "the log does not say what its columns are, these lines were not read");
        Say(file, damaged, "line", "lines do not have the columns that the log names, they were not read");
        file.Finish();
    }

    private static void Say(LogFile file, long lines, string what, string message)
    {
        if (lines > 0)
        {
            file.Report(what, message, null, losesContent: true, lines.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static bool IsScript(string path) => s_scripts.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
