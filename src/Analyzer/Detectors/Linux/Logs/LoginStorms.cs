using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>A login by password from an address that had guessed passwords before.</summary>
/// <param name="Login">The login.</param>
/// <param name="Failures">Refused passwords from that address before it.</param>
internal sealed record StormLogin(LogEvent Login, long Failures);

/// <summary>Finds guessed passwords: many refused from an address, then one accepted.</summary>
internal static class LoginStorms
{
    /// <summary>Somebody who mistypes a password gives up before that.</summary>
    public const long Storm = 20;
    private const long FollowUp = 24 * 3600;

    /// <summary>The first such login of each account and address.</summary>
    public static IReadOnlyList<StormLogin> Of(HostLogs logs)
    {
        // One attempt stands in up to three logs; each source is counted by itself.
        var failures = new Dictionary<(string Address, string Source), (long Count, long First)>();
        foreach (LogEvent refused in logs.Of(LogEventKind.LoginFailed).Where(IsPassword))
        {
            if (refused is { RemoteAddress: string address, First: { } first })
            {
                (long count, long begin) = failures.GetValueOrDefault((address, SourceOf(refused)), (0, long.MaxValue));
                failures[(address, SourceOf(refused))] = (count + refused.Count, Math.Min(begin, first.Instant.Seconds));
            }
        }
        ILookup<string, (long Count, long First)> byAddress = failures.ToLookup(pair => pair.Key.Address, pair => pair.Value, StringComparer.Ordinal);
        var found = new List<StormLogin>();
        var said = new HashSet<(string?, string)>();
        foreach (LogEvent login in logs.Of(LogEventKind.Login).Where(login => IsPassword(login) && login.RemoteAddress is not null && login.First is not null).OrderBy(login => login.First!.Value.Instant))
        {
            long most = byAddress[login.RemoteAddress!].Where(storm => storm.First <= login.First!.Value.Instant.Seconds).Select(storm => storm.Count).DefaultIfEmpty().Max();
            if (most >= Storm && said.Add((login.User, login.RemoteAddress!)))
            {
                found.Add(new StormLogin(login, most));
            }
        }
        return found;
    }

    /// <summary>Refused passwords for an account from all addresses.</summary>
    public static long FailuresFor(string account, HostLogs logs) => logs.Of(LogEventKind.LoginFailed).Where(refused => refused.User == account && IsPassword(refused))
        .GroupBy(SourceOf, StringComparer.Ordinal).Select(source => source.Sum(refused => refused.Count)).DefaultIfEmpty().Max();

    /// <summary>A sentence when an account was made, or was given rights, within a day after somebody got in by guessing; else null.</summary>
    public static string? WhoMade(string account, AccountRoster roster)
    {
        LogEvent[] changes = [.. roster.Logs.Events.Where(found => found.First is not null && ((found.Event == LogEventKind.AccountCreated && found.Target == account) || (found.Event == LogEventKind.GroupChanged && found.User == account)))];
        if (changes.Length == 0)
        {
            return null;
        }
        foreach (StormLogin storm in Of(roster.Logs))
        {
            Timestamp begin = storm.Login.First!.Value.Instant;
            if (changes.FirstOrDefault(change => change.First!.Value.Instant.Seconds - begin.Seconds is >= 0 and <= FollowUp) is { } change)
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"That was {(change.First!.Value.Instant.Seconds - begin.Seconds) / 60} minutes after somebody got in as {storm.Login.User} from {storm.Login.RemoteAddress} by guessing passwords.");
            }
        }
        return null;
    }

    private static bool IsPassword(LogEvent found) => found.Method is "password" or "btmp" || found.Method?.StartsWith("keyboard-interactive", StringComparison.Ordinal) == true;

    private static string SourceOf(LogEvent found) => found.Location.Path.Contains("/journal/", StringComparison.Ordinal) ? "journal" : LogRotation.BaseOf(found.Location.Name);
}
