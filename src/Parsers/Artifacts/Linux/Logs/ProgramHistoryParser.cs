using System.Text;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// Reads the histories of programs: Python, Node, MySQL, PostgreSQL, SQLite, Redis, MongoDB, gdb, and what vim, less and wget remember.
/// </summary>
/// <remarks>
/// Specifications: the GNU readline and libedit (<c>_HiStOrY_V2_</c>, blanks as <c>\040</c>) history files, viminfo (<c>:help viminfo</c>), less(1), wget's HSTS database.
/// Limitations: of <c>.viminfo</c> command lines, searches and files with marks are kept, not registers; times only where the file has them.
/// </remarks>
public sealed class ProgramHistoryParser : LogParser
{
    /// <inheritdoc/>
    public override string Name => "log/program-history";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "~/.python_history", "~/.node_repl_history", "~/.mysql_history", "~/.mariadb_history", "~/.psql_history", "~/.sqlite_history", "~/.rediscli_history", "~/.dbshell",
        "~/.gdb_history", "~/.irb_history", "~/.php_history", "~/.lftp/rl_history", "~/.local/share/lftp/rl_history", "~/.viminfo", "~/.lesshst", "~/.local/state/lesshst", "~/.wget-hsts",
        "~/.mongodb/mongosh/mongosh_repl_history", "~/.octave_hist", "~/.R_history", "~/.scapy_history", "~/.msf4/history",
    ];

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        using var file = new LogFile(input, sink, "log.history", LogRhythm.Unordered);
        string name = input.Location.Name;
        switch (name)
        {
            case ".viminfo":
                Vim(file, input);
                break;
            case ".lesshst" or "lesshst":
                Less(file, input);
                break;
            case ".wget-hsts":
                Wget(file, input);
                break;
            default:
                Lines(file, input, name.TrimStart('.'));
                break;
        }
        file.Finish();
    }

    private static void Lines(LogFile file, LogInput input, string program)
    {
        int underscore = program.IndexOf('_', StringComparison.Ordinal);
        program = underscore > 0 ? program[..underscore] : program;
        bool isEdit = false;
        while (file.ReadLine())
        {
            if (file.Number == 1 && file.Line.StartsWith("_HiStOrY_V"u8))
            {
                isEdit = true;
                continue;
            }
            Emit(file, input, LogEventKind.HistoryCommand, program, isEdit ? Unescape(file.Line) : EventDraft.LongText(file.Line), null, null);
        }
    }

    /// <summary>libedit writes blanks and control characters in octal.</summary>
    private static string? Unescape(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf((byte)'\\') < 0)
        {
            return EventDraft.LongText(line);
        }
        var result = new List<byte>(line.Length);
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\' && i + 3 < line.Length && line[i + 1] is >= (byte)'0' and <= (byte)'3' && line[i + 2] is >= (byte)'0' and <= (byte)'7' && line[i + 3] is >= (byte)'0' and <= (byte)'7')
            {
                result.Add((byte)((line[i + 1] - '0') * 64 + (line[i + 2] - '0') * 8 + (line[i + 3] - '0')));
                i += 3;
            }
            else
            {
                result.Add(line[i]);
            }
        }
        return EventDraft.LongText([.. result]);
    }

    private static void Vim(LogFile file, LogInput input)
    {
        // ":cmd", "?/pattern" with "|2,type,epoch,,\"text\"" behind; "> path" with marks below it; "|4,48,1,0,epoch,\"path\"" in newer files.
        string? last = null;
        long lastLine = 0, lastOffset = 0;
        string method = "";
        while (file.ReadLine())
        {
            var scan = new ByteScan(file.Line);
            if (last is not null)
            {
                CivilTime? time = null;
                if (scan.Take("|2,"u8) && scan.Number(out _) && scan.Take(","u8) && scan.Number(out long seconds))
                {
                    time = Time(seconds);
                }
                EmitAt(file, input, LogEventKind.HistoryCommand, method, last, null, time, lastLine, lastOffset);
                last = null;
                if (time is not null)
                {
                    continue;
                }
                scan = new ByteScan(file.Line);
            }
            if (scan.Take(":"u8) || scan.Take("?"u8))
            {
                method = file.Line[0] == ':' ? "vim" : "vim search";
                last = EventDraft.LongText(scan.Rest);
                lastLine = file.Number;
                lastOffset = file.Offset;
            }
            else if (scan.Take("> "u8))
            {
                Emit(file, input, LogEventKind.HistoryReference, "vim", null, EventDraft.LongText(scan.Rest), null);
            }
        }
        if (last is not null)
        {
            EmitAt(file, input, LogEventKind.HistoryCommand, method, last, null, null, lastLine, lastOffset);
        }
    }

    private static void Less(LogFile file, LogInput input)
    {
        // ".less-history-file:", ".search", "\"pattern", ".shell", "\"command", ".mark", "m a 1 123 path"
        bool isShell = false;
        while (file.ReadLine())
        {
            var scan = new ByteScan(file.Line);
            if (scan.Take("."u8))
            {
                isShell = scan.Rest.SequenceEqual("shell"u8);
            }
            else if (scan.Take("\""u8))
            {
                Emit(file, input, LogEventKind.HistoryCommand, isShell ? "less shell" : "less search", EventDraft.LongText(scan.Rest), null, null);
            }
            else if (scan.Take("m "u8))
            {
                scan.Word();
                scan.Word();
                scan.Word();
                Emit(file, input, LogEventKind.HistoryReference, "less", null, EventDraft.LongText(scan.Rest), null);
            }
        }
    }

    private static void Wget(LogFile file, LogInput input)
    {
        // host, port, include-subdomains, created, max-age
        while (file.ReadLine())
        {
            if (file.Line[0] == '#')
            {
                continue;
            }
            ReadOnlySpan<byte> line = file.Line;
            var words = new List<(int Start, int Length)>(5);
            int at = 0;
            while (at < line.Length && words.Count < 5)
            {
                int length = line[at..].IndexOfAny((byte)' ', (byte)'\t');
                length = length < 0 ? line.Length - at : length;
                if (length > 0)
                {
                    words.Add((at, length));
                }
                at += length + 1;
            }
            if (words.Count < 4)
            {
                continue;
            }
            long? created = ByteScan.NumberOf(line.Slice(words[3].Start, words[3].Length));
            Emit(file, input, LogEventKind.HistoryReference, "wget", null, Encoding.Latin1.GetString(line.Slice(words[0].Start, words[0].Length)), created is { } seconds ? Time(seconds) : null);
        }
    }

    private static CivilTime? Time(long seconds) => seconds is > 0 and < 253402300800 ? CivilTime.FromUnix(seconds, 0, LogTimePrecision.Second) : null;

    private static void Emit(LogFile file, LogInput input, LogEventKind kind, string method, string? command, string? target, CivilTime? time) =>
        EmitAt(file, input, kind, method, command, target, time, file.Number, file.Offset);

    private static void EmitAt(LogFile file, LogInput input, LogEventKind kind, string method, string? command, string? target, CivilTime? time, long line, long offset)
    {
        EventDraft draft = file.Draft;
        draft.Reset();
        draft.User = input.Owner;
        draft.Method = method;
        draft.Command = command;
        draft.Target = target;
        draft.Is(kind);
        file.Add(time, line, offset, default);
    }
}
