using System.Globalization;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// What each cron daemon thinks of a table because of its place, name, mode, owner and link count, before it reads a line.
/// Debian: database.c of cron 3.0pl1; cronie: process_crontab and not_a_crontab; Busybox: crond.c.
/// </summary>
/// <remarks><b>Limitations</b>: whether the owner of a user table is that user needs the account list and is judged elsewhere.</remarks>
internal static class CronTableRules
{
    private const string DebianSpool = "/var/spool/cron/crontabs/";
    private const string NoDaemon = "no cron daemon reads this directory";
    private const string BusyboxDirectory = "/etc/crontabs/";

    /// <summary>The kind of table that stands at a path.</summary>
    public static CronTable TableAt(string path) =>
        path.Equals("/etc/crontab", StringComparison.Ordinal) ? CronTable.System
        : path.StartsWith("/etc/cron.d/", StringComparison.Ordinal) ? CronTable.SystemDirectory
        : path.Contains("/.config/cron/", StringComparison.Ordinal) ? CronTable.Other
        : CronTable.User;

    /// <summary>Busybox reads this table; it knows no <c>%</c> and no file modes.</summary>
    public static bool IsBusybox(string path) => path.StartsWith(BusyboxDirectory, StringComparison.Ordinal);

    /// <summary>Why Debian's cron ignores the table; null when it reads it.</summary>
    public static string? Debian(EvidenceLocation location, FileEntry entry, CronTable table)
    {
        string name = location.Name;
        if (table == CronTable.Other)
        {
            return NoDaemon;
        }
        if (table == CronTable.User)
        {
            if (!location.Path.StartsWith(DebianSpool, StringComparison.Ordinal))
            {
                return "Debian cron reads user tables only from /var/spool/cron/crontabs";
            }
            if (name[0] == '.')
            {
                return "Debian cron ignores files whose name begins with a dot";
            }
            if (entry.Permissions != 0x180)
            {
                return $"Debian cron refuses a user table with mode {Mode(entry)} (only 0600)";
            }
        }
        else
        {
            if (table == CronTable.SystemDirectory && NameProblem(name) is { } problem)
            {
                return "Debian cron ignores files with " + problem + " in their name";
            }
            if (entry.UserId != 0)
            {
                return "Debian cron refuses a system table that root does not own";
            }
            if ((entry.Permissions & 0x12) != 0)
            {
                return $"Debian cron refuses a system table with mode {Mode(entry)} (writable by group or others)";
            }
        }
        return entry.LinkCount > 1 ? $"Debian cron refuses a table with {entry.LinkCount.ToString(CultureInfo.InvariantCulture)} hard links" : null;
    }

    /// <summary>Why cronie ignores the table (or, in its directory, Busybox); null when it reads it.</summary>
    public static string? Cronie(EvidenceLocation location, FileEntry entry, CronTable table)
    {
        string name = location.Name;
        if (table == CronTable.Other)
        {
            return NoDaemon;
        }
        if (IsBusybox(location.Path))
        {
            return name.Contains('.') ? "Busybox crond ignores files with a dot in their name" : null;
        }
        if (table != CronTable.System)
        {
            if (name[0] is '.' or '#')
            {
                return "cronie ignores files whose name begins with " + name[0];
            }
            foreach (string suffix in (ReadOnlySpan<string>)["~", ".rpmsave", ".rpmorig", ".rpmnew"])
            {
                if (name.EndsWith(suffix, StringComparison.Ordinal))
                {
                    return "cronie ignores files whose name ends in " + suffix;
                }
            }
        }
        // 07533 must leave 0400: no set-id or sticky bit, readable by its owner, no x bit, not writable by others.
        if ((entry.Permissions & 0xF5B) != 0x100)
        {
            return $"cronie refuses a table with mode {Mode(entry)}";
        }
        if (entry.UserId != 0 && (table != CronTable.User || name is "root"))
        {
            return "cronie refuses a table of root that root does not own";
        }
        return table == CronTable.User && entry.LinkCount > 1
            ? $"cronie refuses a user table with {entry.LinkCount.ToString(CultureInfo.InvariantCulture)} hard links" : null;
    }

    /// <summary>The first character that Debian's classic name rule <c>^[a-zA-Z0-9_-]+$</c> does not allow, in words; null when the name is good.</summary>
    public static string? NameProblem(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
            {
                return c switch
                {
                    '.' => "a dot",
                    '~' => "a tilde",
                    '\\' => "an unusual character",
                    ' ' => "a blank",
                    < '\x7f' => $"the character {c}",
                    _ => "an unusual character",
                };
            }
        }
        return name.Length == 0 ? "no character" : null;
    }

    private static string Mode(FileEntry entry) => Convert.ToString(entry.Permissions & 0xFFF, 8).PadLeft(4, '0');
}
