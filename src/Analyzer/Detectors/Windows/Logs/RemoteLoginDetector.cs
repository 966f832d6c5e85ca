using System.Globalization;
using System.Net;
using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Logins over the network by guessed passwords, and by the remote desktop from anywhere in the world.</summary>
/// <remarks><b>Limitations:</b> behind a gateway or a load balancer all logins have one address; the log of sessions keeps the address where the security log was cleared, but no refused logins.</remarks>
public sealed class RemoteLoginDetector : IDetector
{
    private static readonly RuleInfo s_guessed = new("W-LOG.guessed-password", "A password was guessed", "access", ["T1110.001", "T1078"]);
    private static readonly RuleInfo s_desktop = new("W-LOG.remote-desktop-from-internet", "Remote desktop login from a public address", "access", ["T1021.001", "T1078"]);

    private const long Storm = 20;
    private const long ManyRefused = 100;
    private const int ManyNames = 5;
    private const long Month = 30 * 86400;
    private const int MostListed = 50;

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_guessed, s_desktop];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            IReadOnlyList<StormLogin> storms = StormsOf(logs);
            foreach (StormLogin storm in storms.Take(MostListed))
            {
                LogEvent login = storm.Login;
                // Within a network it is mostly a program that keeps an old password.
                Severity severity = LogText.IsPublic(login.RemoteAddress) ? Severity.High : storm.Failures >= ManyRefused || NamesFrom(login.RemoteAddress!, logs) >= ManyNames ? Severity.Medium : Severity.Low;
                yield return WindowsLogEvents.Finding(s_guessed, severity, login,
                    string.Create(CultureInfo.InvariantCulture, $"After {storm.Failures} refused logins from {login.RemoteAddress} one was accepted for {login.User} ({login.Method}), {WindowsLogEvents.When(login)}."),
                    $"{login.User} {login.RemoteAddress}", CleanUp);
            }
            HashSet<(string?, string?)> said = [.. storms.Select(storm => (storm.Login.User?.ToUpperInvariant(), storm.Login.RemoteAddress))];
            IEnumerable<IGrouping<(string? User, string? RemoteAddress), LogEvent>> desktops = Logins(logs).Where(login => login.Method!.Contains("remote desktop", StringComparison.Ordinal) && LogText.IsPublic(login.RemoteAddress))
                .GroupBy(login => (login.User?.ToUpperInvariant(), login.RemoteAddress)).Where(group => !said.Contains(group.Key));
            foreach (IGrouping<(string? User, string? RemoteAddress), LogEvent> group in desktops.Take(MostListed))
            {
                LogEvent first = group.First();
                long refused = WindowsLogEvents.Of(logs, LogEventKind.LoginFailed).Where(found => string.Equals(found.User, first.User, StringComparison.OrdinalIgnoreCase)).Sum(found => found.Count);
                long span = group.Max(login => WindowsLogEvents.Seconds(login) ?? 0) - group.Min(login => WindowsLogEvents.Seconds(login) ?? 0);
                // An administrator comes again; whoever guessed from many addresses seldom does under the same one.
                Severity severity = refused >= ManyRefused && span < Month ? Severity.Medium : Severity.Low;
                yield return WindowsLogEvents.Finding(s_desktop, severity, first,
                    string.Create(CultureInfo.InvariantCulture, $"{first.User} logged in by the remote desktop from {first.RemoteAddress}, {LogText.Span(first.First, group.Last().Last)}; {refused} logins for that account were refused, whoever tried."),
                    $"{first.User} {first.RemoteAddress}", CleanUp);
            }
        }
    }

    /// <summary>Logins from an address that had been refused many times before, the first of each account and address.</summary>
    internal static IReadOnlyList<StormLogin> StormsOf(HostLogs logs)
    {
        var failures = new Dictionary<string, (long Count, long First)>(StringComparer.Ordinal);
        foreach (LogEvent refused in WindowsLogEvents.Of(logs, LogEventKind.LoginFailed).Where(found => found is { EventId: 4625 or 4771, RemoteAddress: not null, First: not null } && !IsLoopback(found.RemoteAddress)))
        {
            (long count, long first) = failures.GetValueOrDefault(refused.RemoteAddress!, (0, long.MaxValue));
            failures[refused.RemoteAddress!] = (count + refused.Count, Math.Min(first, WindowsLogEvents.Seconds(refused)!.Value));
        }
        var found = new List<StormLogin>();
        var said = new HashSet<(string?, string)>();
        foreach (LogEvent login in Logins(logs).Where(login => login.RemoteAddress is not null && login.First is not null).OrderBy(WindowsLogEvents.Seconds))
        {
            if (failures.TryGetValue(login.RemoteAddress!, out (long Count, long First) storm) && storm.Count >= Storm && storm.First <= WindowsLogEvents.Seconds(login) && said.Add((login.User?.ToUpperInvariant(), login.RemoteAddress!)))
            {
                found.Add(new StormLogin(login, storm.Count));
            }
        }
        return found;
    }

    private static int NamesFrom(string address, HostLogs logs) =>
        WindowsLogEvents.Of(logs, LogEventKind.LoginFailed).Where(found => found.RemoteAddress == address).Select(found => found.User?.ToUpperInvariant()).Distinct().Count();

    /// <summary>Logins at the console have the host's own address.</summary>
    private static bool IsLoopback(string address) => IPAddress.TryParse(address, out IPAddress? parsed) && IPAddress.IsLoopback(parsed);

    /// <summary>Logins of people: computers and whoever gives no name log in all the time.</summary>
    private static IEnumerable<LogEvent> Logins(HostLogs logs) =>
        WindowsLogEvents.Of(logs, LogEventKind.Login).Where(login => login.Method is not null && login.User is { } user && !user.EndsWith('$') && login.UserSid is not ("S-1-5-7" or "S-1-5-18") && !user.Equals("ANONYMOUS LOGON", StringComparison.OrdinalIgnoreCase));

    private static readonly IReadOnlyList<string> CleanUp = ["Give the account a new password, close the remote desktop to the internet, and look at everything that was done as this account since"];
}
