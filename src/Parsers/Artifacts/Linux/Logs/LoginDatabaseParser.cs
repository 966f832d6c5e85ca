using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Sqlite;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Reads the SQLite databases that follow <c>lastlog</c> and <c>wtmp</c>: <c>lastlog2.db</c> of util-linux and <c>wtmp.db</c> of wtmpdb.</summary>
/// <remarks>
/// Specifications: lastlog2(8), wtmpdb(8) and the tables that their sources make: <c>Lastlog2(Name, Time, TTY, RemoteHost, Service)</c> in seconds, <c>wtmp(ID, Type, User,
/// Login, Logout, TTY, RemoteHost, Service)</c> in microseconds. Limitations: those of <see cref="SqliteDatabase"/>; a write-ahead log beside the file is not read.
/// </remarks>
public sealed class LoginDatabaseParser : LogParser
{
    private const long BootTime = 1, UserProcess = 3;
    private const int MostRows = 2_000_000;

    /// <inheritdoc/>
    public override string Name => "log/login-database";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/var/lib/lastlog/lastlog2.db", "/var/log/lastlog2.db", "/var/lib/wtmpdb/wtmp.db", "/var/log/wtmp.db"];

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        if (input.Content.Length == 0)
        {
            return;
        }
        var database = SqliteDatabase.Open(input.Content, null, new ParseContext(input.Limits, new LocatedSink(input, sink), input.Cancellation));
        var clock = new LogClock(input.LogLimits, LogRhythm.Ordered);
        var events = new LogEventCollector(input, clock);
        var draft = new EventDraft();
        int rows = 0;
        foreach (SqliteTable table in database.Tables)
        {
            bool isLast = table.Name.Equals("Lastlog2", StringComparison.OrdinalIgnoreCase);
            if (!isLast && !table.Name.Equals("wtmp", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            foreach (SqliteRow row in database.Rows(table))
            {
                if (++rows > MostRows)
                {
                    sink.Report(new Diagnostic("log.login-database.rows", "the database has more rows than are read") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true });
                    break;
                }
                draft.Reset();
                if (isLast)
                {
                    Last(row, draft, events);
                }
                else
                {
                    Session(row, draft, events, clock);
                }
            }
        }
        events.Finish(sink, input.Entry.Modified);
    }

    private static void Last(SqliteRow row, EventDraft draft, LogEventCollector events)
    {
        if (row.Integer(1) is not (> 0 and < 253402300799 and long seconds))
        {
            return;
        }
        draft.User = Text(row, 0);
        draft.Terminal = Text(row, 2);
        draft.RemoteAddress = Text(row, 3);
        draft.Process = Text(row, 4);
        draft.Method = "lastlog2";
        draft.Is(LogEventKind.Login);
        events.Add(draft, CivilTime.FromUnix(seconds, 0, LogTimePrecision.Second), 0, row.RowId, default);
    }

    private static void Session(SqliteRow row, EventDraft draft, LogEventCollector events, LogClock clock)
    {
        if (row.Integer(3) is not (> 0 and < 253402300799_000_000 and long login))
        {
            return;
        }
        CivilTime time = Time(login);
        clock.Observe(time, 0, row.RowId);
        long type = row.Integer(1) ?? 0;
        draft.Method = "wtmpdb";
        draft.Terminal = Text(row, 5);
        if (type == BootTime)
        {
            draft.Detail = Text(row, 6);
            draft.Is(LogEventKind.Boot);
            events.Add(draft, time, 0, row.RowId, default);
        }
        else if (type == UserProcess)
        {
            draft.User = Text(row, 2);
            draft.RemoteAddress = Text(row, 6);
            draft.Process = Text(row, 7);
            draft.Is(LogEventKind.Login);
            events.Add(draft, time, 0, row.RowId, default);
            if (row.Integer(4) is > 0 and < 253402300799_000_000 and long logout)
            {
                draft.Is(LogEventKind.SessionClosed);
                events.Add(draft, Time(logout), 0, row.RowId, default);
            }
        }
    }

    private static CivilTime Time(long microseconds) => CivilTime.FromUnix(microseconds / 1_000_000, (int)(microseconds % 1_000_000) * 1000, LogTimePrecision.Microsecond);

    private static string? Text(SqliteRow row, int column) => row.Text(column) is { Length: > 0 } text ? text[..Math.Min(text.Length, EventDraft.LongestText)] : null;

    /// <summary>Adds to diagnostics which file they are about.</summary>
    private sealed class LocatedSink(LogInput input, ILogEventSink sink) : IDiagnosticSink
    {
        public void Report(Diagnostic diagnostic) => sink.Report(diagnostic with { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress });
    }
}
