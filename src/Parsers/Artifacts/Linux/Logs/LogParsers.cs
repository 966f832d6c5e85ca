namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>The log parsers of Linux hosts.</summary>
public static class LogParsers
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<LogParser> All { get; } =
    [
        new SyslogParser(),
        new JournalParser(),
        new UtmpParser(),
        new AccountTableParser(),
        new AuditLogParser(),
        new DpkgLogParser(),
        new PackageManagerLogParser(),
        new ShellHistoryParser(),
        new ProgramHistoryParser(),
        new CloudInitParser(),
    ];
}
