using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Reports;

/// <summary>What the logs of one host say, in short.</summary>
/// <param name="Volume">Root volume of the host, or a volume that belongs to none.</param>
public sealed record LogSummary(string Volume)
{
    private const int MostLogins = 500;
    private const int MostGaps = 100;
    private const int MostNotRead = 200;
    private const int MostCited = 1000;

    /// <summary>Logs and histories that were read.</summary>
    public required int FilesRead { get; init; }
    /// <summary>Time of the earliest event.</summary>
    public Timestamp? First { get; init; }
    /// <summary>Time of the latest event.</summary>
    public Timestamp? Last { get; init; }
    /// <summary>How often each kind of event happened.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> Counts { get; init; }
    /// <summary>Logs that were not read, with the reason; at most 200.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> NotRead { get; init; }
    /// <summary>Who came from where and how; at most 500.</summary>
    public required IReadOnlyList<LoginSummary> Logins { get; init; }
    /// <summary>Silences of logs; at most 100.</summary>
    public required IReadOnlyList<LogEvent> Gaps { get; init; }
    /// <summary>The events that findings rest on; at most 1000.</summary>
    public required IReadOnlyList<LogEvent> Cited { get; init; }

    /// <summary>One entry a host that has logs.</summary>
    public static IReadOnlyList<LogSummary> Of(LogEvidence logs, IReadOnlyList<Finding> findings)
    {
        HashSet<(string, string, int?, long?)> cited = [.. findings.Select(finding => (finding.Location.Volume, finding.Location.Path, finding.Location.Line, finding.Location.ByteOffset))];
        return [.. logs.Hosts.Where(host => host.Files.Count > 0).Select(host => new LogSummary(host.Volume)
        {
            FilesRead = host.Files.Count(file => file.NotReadBecause is null && file.LinkTarget is null),
            First = host.First,
            Last = host.Last,
            Counts = host.Counts,
            NotRead = [.. host.Files.Where(file => file.NotReadBecause is not null).Take(MostNotRead).Select(file => KeyValuePair.Create(file.Location.Path, file.NotReadBecause!))],
            Logins = LoginsOf(host),
            Gaps = [.. host.Of(LogEventKind.LogGap).Take(MostGaps)],
            Cited = [.. host.Events.Where(found => cited.Contains((found.Location.Volume, found.Location.Path, found.Location.Line, found.Location.ByteOffset))).Take(MostCited)],
        })];
    }

    private static IReadOnlyList<LoginSummary> LoginsOf(HostLogs host) =>
    [
        .. host.Of(LogEventKind.Login).GroupBy(login => (login.User, login.UserId, login.Method, login.RemoteAddress, login.KeyFingerprint)).Take(MostLogins).Select(group => new LoginSummary(group.Key.User, group.Key.Method, group.Key.RemoteAddress, group.Key.KeyFingerprint)
        {
            UserId = group.Key.UserId,
            Count = group.Sum(login => login.Count),
            First = group.Select(login => login.First?.Instant).Min(),
            Last = group.Select(login => (login.Last ?? login.First)?.Instant).Max(),
            TimeBasis = group.First().First?.BasisText,
        }),
    ];
}

/// <summary>Logins of one account from one place in one way.</summary>
/// <param name="User">Account; null when the log knows its number only.</param>
/// <param name="Method"><c>publickey</c>, <c>password</c>, <c>utmp</c> ...</param>
/// <param name="RemoteAddress">Where from.</param>
/// <param name="KeyFingerprint">With which key.</param>
public sealed record LoginSummary(string? User, string? Method, string? RemoteAddress, string? KeyFingerprint)
{
    /// <summary>Number of the account, where the log keeps that.</summary>
    public long? UserId { get; init; }
    /// <summary>How often.</summary>
    public required long Count { get; init; }
    /// <summary>First time.</summary>
    public Timestamp? First { get; init; }
    /// <summary>Last time.</summary>
    public Timestamp? Last { get; init; }
    /// <summary>What of the times was concluded.</summary>
    public string? TimeBasis { get; init; }
}
