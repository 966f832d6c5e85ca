namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Reads the logs of Debian's package management: <c>dpkg.log</c>, <c>alternatives.log</c>, <c>apt/history.log</c> and <c>apt/term.log</c>.</summary>
/// <remarks>
/// Specifications: dpkg(1), apt(8) and their sources. Times are local without an offset.
/// Limitations: of <c>term.log</c> only what was unpacked or removed is kept, with the time at which the log was begun; a package that dpkg.log and apt's history both name is
/// two events.
/// </remarks>
public sealed class DpkgLogParser : LogParser
{
    /// <summary>A line of the history names every package of an upgrade of the distribution.</summary>
    private const int HistoryLineBytes = 1 << 20;

    /// <inheritdoc/>
    public override string Name => "log/dpkg";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
        LogRotation.Claims("/var/log/dpkg.log", "/var/log/alternatives.log", "/var/log/apt/history.log", "/var/log/apt/term.log");

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        string name = LogRotation.BaseOf(input.Location.Name);
        using var file = new LogFile(input, sink, "log.dpkg", LogRhythm.Ordered, name == "history.log" ? HistoryLineBytes : 0);
        if (name == "history.log")
        {
            new AptHistory(file).Read();
        }
        else if (name == "term.log")
        {
            Terminal(file);
        }
        else
        {
            Actions(file);
        }
        file.Finish();
    }

    /// <summary><c>2026-01-01 10:00:00 install bash:amd64 &lt;none&gt; 5.2-1</c>; <c>update-alternatives 2026-01-01 10:00:00: run with --install ...</c>.</summary>
    private static void Actions(LogFile file)
    {
        EventDraft draft = file.Draft;
        while (file.ReadLine())
        {
            var scan = new ByteScan(file.Line);
            bool isAlternative = scan.Take("update-alternatives "u8);
            if (!CivilTimeText.TryIso(scan.Rest, out CivilTime time, out int length))
            {
                continue;
            }
            time = file.Observe(time);
            var action = new ByteScan(scan.Rest[length..].TrimStart(": "u8));
            draft.Reset();
            if (isAlternative)
            {
                draft.Detail = EventDraft.LongText(action.Rest);
                draft.Is(LogEventKind.AlternativeChanged);
                file.Add(time, default);
            }
            else if (Action(ref action, draft))
            {
                file.Add(time, default);
            }
        }
    }

    private static bool Action(ref ByteScan scan, EventDraft draft)
    {
        LogEventKind kind;
        if (scan.Take("install "u8))
        {
            kind = LogEventKind.PackageInstalled;
        }
        else if (scan.Take("upgrade "u8))
        {
            kind = LogEventKind.PackageUpgraded;
        }
        else if (scan.Take("remove "u8) || scan.Take("purge "u8) || scan.Take("disappear "u8))
        {
            kind = LogEventKind.PackageRemoved;
        }
        else
        {
            return false;
        }
        draft.Target = draft.Text(scan.Word());
        ReadOnlySpan<byte> old = scan.Word();
        ReadOnlySpan<byte> version = scan.Word();
        draft.Detail = draft.Text(version.IsEmpty || version.SequenceEqual("<none>"u8) ? old : version);
        draft.Method = "dpkg";
        return draft.Is(kind);
    }

    private static void Terminal(LogFile file)
    {
        EventDraft draft = file.Draft;
        CivilTime? started = null;
        while (file.ReadLine())
        {
            var scan = new ByteScan(file.Line);
            if (scan.Take("Log started: "u8))
            {
                started = CivilTimeText.TryIso(scan.Rest, out CivilTime time, out _) ? file.Observe(time) : null;
                continue;
            }
            bool removes = scan.Take("Removing "u8) || scan.Take("Purging configuration files for "u8);
            if (!removes && !scan.Take("Unpacking "u8))
            {
                continue;
            }
            draft.Reset();
            draft.Target = draft.Text(scan.Word());
            draft.Detail = draft.Text(ByteScan.Between(scan.Rest, "("u8, ")"u8));
            draft.Method = "apt terminal";
            draft.Is(removes ? LogEventKind.PackageRemoved : scan.Rest.IndexOf(" over ("u8) >= 0 ? LogEventKind.PackageUpgraded : LogEventKind.PackageInstalled);
            file.Add(started, default);
        }
    }
}

/// <summary>Blocks of <c>apt/history.log</c>: <c>Start-Date</c>, <c>Commandline</c>, <c>Requested-By</c>, and lists of packages by what was done.</summary>
internal sealed class AptHistory(LogFile file)
{
    private const int MostPackages = 20_000;

    private CivilTime? _time;
    private string? _command;
    private string? _user;
    private long? _userId;

    public void Read()
    {
        EventDraft draft = file.Draft;
        while (file.ReadLine())
        {
            var scan = new ByteScan(file.Line);
            if (!scan.Until(": "u8, out ReadOnlySpan<byte> key))
            {
                continue;
            }
            if (key.SequenceEqual("Start-Date"u8))
            {
                _time = CivilTimeText.TryIso(scan.Rest, out CivilTime time, out _) ? file.Observe(time) : null;
                _command = _user = null;
                _userId = null;
            }
            else if (key.SequenceEqual("Commandline"u8))
            {
                _command = EventDraft.LongText(scan.Rest);
                Emit(LogEventKind.PackageCommand, default, default);
            }
            else if (key.SequenceEqual("Requested-By"u8))
            {
                scan.Until(" ("u8, out ReadOnlySpan<byte> user);
                _user = draft.Text(user);
                _userId = scan.Number(out long id) ? id : null;
            }
            else if (KindOf(key) is { } kind)
            {
                Packages(scan.Rest, kind);
            }
        }
    }

    private static LogEventKind? KindOf(ReadOnlySpan<byte> key) => key.SequenceEqual("Install"u8) || key.SequenceEqual("Reinstall"u8) ? LogEventKind.PackageInstalled
        : key.SequenceEqual("Upgrade"u8) || key.SequenceEqual("Downgrade"u8) ? LogEventKind.PackageUpgraded
        : key.SequenceEqual("Remove"u8) || key.SequenceEqual("Purge"u8) ? LogEventKind.PackageRemoved : null;

    /// <summary><c>name:amd64 (1.0, automatic), other:amd64 (1.0, 2.0)</c>.</summary>
    private void Packages(ReadOnlySpan<byte> list, LogEventKind kind)
    {
        var scan = new ByteScan(list);
        for (int i = 0; i < MostPackages && scan.Until(" ("u8, out ReadOnlySpan<byte> name); i++)
        {
            bool closes = scan.Until(")"u8, out ReadOnlySpan<byte> versions);
            Emit(kind, name.TrimStart(", "u8), closes ? versions : scan.Rest);
            if (!closes)
            {
                break;
            }
        }
    }

    private void Emit(LogEventKind kind, ReadOnlySpan<byte> package, ReadOnlySpan<byte> versions)
    {
        EventDraft draft = file.Draft;
        draft.Reset();
        draft.Target = draft.Text(package);
        draft.Detail = draft.Text(versions);
        draft.Command = _command;
        draft.User = _user;
        draft.UserId = _userId;
        draft.Method = "apt";
        draft.Is(kind);
        file.Add(_time, default);
    }
}
