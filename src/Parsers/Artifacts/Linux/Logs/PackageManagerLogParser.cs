namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Reads the logs of yum, dnf (4 and 5), zypper and pacman: what was installed, upgraded, removed, and by which command.</summary>
/// <remarks>
/// Specifications: yum(8), dnf(8), libzypp's history format, pacman(8) and their sources.
/// Limitations: lines about repositories, dependencies and downloads are passed over; versions are left joined to names as RPM writes them.
/// </remarks>
public sealed class PackageManagerLogParser : LogParser
{
    /// <inheritdoc/>
    public override string Name => "log/package-managers";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = LogRotation.Claims(
        "/var/log/yum.log", "/var/log/dnf.log", "/var/log/dnf.rpm.log", "/var/log/dnf5.log", "/var/log/zypp/history", "/var/log/pacman.log", "/var/log/tdnf.log");

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        using var file = new LogFile(input, sink, "log.packages", LogRhythm.Ordered);
        EventDraft draft = file.Draft;
        while (file.ReadLine())
        {
            var scan = new ByteScan(file.Line);
            scan.Take("["u8);
            bool hasTime = CivilTimeText.TryIso(scan.Rest, out CivilTime time, out int length) || CivilTimeText.TryTraditional(scan.Rest, out time, out length)
                || TryMinute(scan.Rest, out time, out length);
            if (!hasTime)
            {
                continue;
            }
            time = file.Observe(time);
            ReadOnlySpan<byte> rest = scan.Rest[length..];
            draft.Reset();
            bool found = rest.StartsWith("|"u8) ? Zypper(rest[1..], draft) : rest.StartsWith("]"u8) ? Pacman(rest[1..].TrimStart((byte)' '), draft) : Dnf(rest.TrimStart((byte)' '), draft);
            if (found)
            {
                file.Add(time, default);
            }
        }
        file.Finish();
    }

    /// <summary>Old pacman: <c>[2012-01-01 10:00]</c>.</summary>
    private static bool TryMinute(ReadOnlySpan<byte> text, out CivilTime time, out int length)
    {
        time = default;
        length = 16;
        if (text.Length < 17 || text[16] != ']' || text[13] != ':')
        {
            return false;
        }
        Span<byte> whole = stackalloc byte[19];
        text[..16].CopyTo(whole);
        ":00"u8.CopyTo(whole[16..]);
        return CivilTimeText.TryIso(whole, out time, out _);
    }

    private static bool Dnf(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        // "[1234] INFO ..." of dnf5; "DDEBUG Command: dnf install x"; "SUBDEBUG Installed: x"; yum has the action right behind the time.
        if (scan.Take("["u8) && scan.Until("] "u8, out _))
        {
            scan.Word();
        }
        else if (IsLevel(scan.Rest))
        {
            scan.Word();
        }
        draft.Method = "dnf";
        if (scan.Take("Command: "u8) || scan.Take("DNF5 start with command line: "u8) || scan.Take("Command line: "u8))
        {
            draft.Command = EventDraft.LongText(scan.Rest);
            return draft.Is(LogEventKind.PackageCommand);
        }
        LogEventKind kind;
        if (scan.Take("Installed: "u8) || scan.Take("Reinstalled: "u8) || scan.Take("Dep-Installed: "u8))
        {
            kind = LogEventKind.PackageInstalled;
        }
        else if (scan.Take("Updated: "u8) || scan.Take("Upgrade: "u8) || scan.Take("Upgraded: "u8) || scan.Take("Downgraded: "u8) || scan.Take("Downgrade: "u8))
        {
            kind = LogEventKind.PackageUpgraded;
        }
        else if (scan.Take("Erased: "u8) || scan.Take("Erase: "u8) || scan.Take("Removed: "u8))
        {
            kind = LogEventKind.PackageRemoved;
        }
        else
        {
            return false;
        }
        draft.Target = draft.Text(scan.Word());
        return !(draft.Target is null) && draft.Is(kind);
    }

    private static bool IsLevel(ReadOnlySpan<byte> text)
    {
        int blank = text.IndexOf((byte)' ');
        return blank is > 3 and < 12 && !text[..blank].ContainsAnyExceptInRange((byte)'A', (byte)'Z');
    }

    /// <summary><c>install|name|version|arch|user@host|repository|checksum|</c>, <c>command|root@host|'zypper' 'install' 'x'|</c>.</summary>
    private static bool Zypper(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (!scan.Until("|"u8, out ReadOnlySpan<byte> action))
        {
            return false;
        }
        action = action.Trim((byte)' ');
        draft.Method = "zypper";
        if (action.SequenceEqual("command"u8))
        {
            scan.Until("|"u8, out ReadOnlySpan<byte> who);
            draft.User = draft.Text(UserOf(who));
            draft.Command = EventDraft.LongText(scan.Until("|"u8, out ReadOnlySpan<byte> command) ? command : scan.Rest);
            return draft.Is(LogEventKind.PackageCommand);
        }
        bool installs = action.SequenceEqual("install"u8);
        if (!installs && !action.SequenceEqual("remove"u8))
        {
            return false;
        }
        scan.Until("|"u8, out ReadOnlySpan<byte> name);
        scan.Until("|"u8, out ReadOnlySpan<byte> version);
        scan.Until("|"u8, out _);
        scan.Until("|"u8, out ReadOnlySpan<byte> user);
        draft.Target = draft.Text(name);
        draft.Detail = draft.Text(version);
        draft.User = draft.Text(UserOf(user));
        return draft.Is(installs ? LogEventKind.PackageInstalled : LogEventKind.PackageRemoved);
    }

    private static ReadOnlySpan<byte> UserOf(ReadOnlySpan<byte> userAtHost)
    {
        int at = userAtHost.IndexOf((byte)'@');
        return at > 0 ? userAtHost[..at] : userAtHost;
    }

    /// <summary><c>[ALPM] installed bash (5.2-1)</c>, <c>[PACMAN] Running 'pacman -S bash'</c>; old ones without the bracket.</summary>
    private static bool Pacman(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (scan.Take("["u8))
        {
            scan.Until("] "u8, out _);
        }
        draft.Method = "pacman";
        if (scan.Take("Running '"u8))
        {
            draft.Command = EventDraft.LongText(scan.Rest.TrimEnd((byte)'\''));
            return draft.Is(LogEventKind.PackageCommand);
        }
        LogEventKind kind;
        if (scan.Take("installed "u8) || scan.Take("reinstalled "u8))
        {
            kind = LogEventKind.PackageInstalled;
        }
        else if (scan.Take("upgraded "u8) || scan.Take("downgraded "u8))
        {
            kind = LogEventKind.PackageUpgraded;
        }
        else if (scan.Take("removed "u8))
        {
            kind = LogEventKind.PackageRemoved;
        }
        else
        {
            return false;
        }
        draft.Target = draft.Text(scan.Word());
        draft.Detail = draft.Text(scan.Rest.Trim("()"u8));
        return draft.Is(kind);
    }
}
