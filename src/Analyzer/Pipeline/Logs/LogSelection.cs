using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Which logs a profile reads. Triage reads those that tell of accounts, jobs and packages, within a number of bytes a host that does not depend on the speed of the machine, the
/// newest first; the other profiles read all.
/// </summary>
internal static class LogSelection
{
    /// <summary>Bytes of journals that triage reads of a host.</summary>
    public const long JournalBytes = 48L << 20;
    /// <summary>Stored bytes of other logs that triage reads of a host.</summary>
    public const long OtherBytes = 256L << 20;

    /// <summary>What stands in the report for a log that triage does not read.</summary>
    public const string NotForTriage = "not read by triage";
    /// <summary>What stands there for one beyond the budget.</summary>
    public const string BeyondBudget = "beyond the number of bytes that triage reads, newest first";

    // Debian tells of cron in syslog.
    private static readonly HashSet<string> s_always = new(StringComparer.Ordinal) { "auth.log", "secure", "cron", "cron.log", "authpriv.log", "sudo.log", "syslog" };
    private static readonly HashSet<string> s_instead = new(StringComparer.Ordinal) { "messages" };

    /// <summary>The same logs in the same order, marked.</summary>
    public static IReadOnlyList<ClaimedLog> For(ScanProfile profile, IReadOnlyList<ClaimedLog> logs)
    {
        if (profile != ScanProfile.Triage)
        {
            return logs;
        }
        bool hasAccountLog = logs.Any(log => LogRotation.BaseOf(Name(log)) is "auth.log" or "secure");
        long journal = JournalBytes;
        long other = OtherBytes;
        var marks = new Dictionary<ClaimedLog, string>();
        foreach (ClaimedLog log in logs.OrderByDescending(log => log.File.File.Modified?.Seconds ?? 0).ThenBy(log => log.Path, StringComparer.Ordinal))
        {
            if (!Matters(log, hasAccountLog))
            {
                marks[log] = NotForTriage;
                continue;
            }
            ref long budget = ref (log.Parser is JournalParser ? ref journal : ref other);
            // A sparse table like lastlog has no size of its own worth counting.
            long size = log.Parser is AccountTableParser ? 0 : log.Content?.File.Size ?? 0;
            if (size > budget)
            {
                marks[log] = BeyondBudget;
                continue;
            }
            budget -= size;
        }
        return [.. logs.Select(log => marks.TryGetValue(log, out string? mark) ? log with { PassedOver = mark } : log)];
    }

    private static bool Matters(ClaimedLog log, bool hasAccountLog) => log.Parser switch
    {
        WebAccessParser or IisLogParser => false,
        WindowsEventLogParser => WindowsEventLogParser.IsCatalogued(Name(log)),
        SyslogParser => LogRotation.BaseOf(Name(log)) is var name && (s_always.Contains(name) || (!hasAccountLog && s_instead.Contains(name))),
        _ => true,
    };

    private static string Name(ClaimedLog log) => log.Path[(log.Path.LastIndexOf('/') + 1)..];
}
