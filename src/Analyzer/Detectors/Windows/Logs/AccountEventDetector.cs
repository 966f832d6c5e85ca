using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Accounts that were made and became administrators at once, and accounts that lived for a short time, by the security log.</summary>
/// <remarks><b>Limitations:</b> accounts that the system makes on the first day of the logs pass, as those of the set-up; a member is told by its security identifier, so older logs without it say nothing.</remarks>
public sealed class AccountEventDetector : IDetector
{
    private static readonly RuleInfo s_administrator = new("W-LOG.new-administrator", "An account was made and became an administrator", "access", ["T1136.001", "T1098.007"]);
    private static readonly RuleInfo s_shortLived = new("W-LOG.short-lived-account", "An account was made and soon removed", "access", ["T1136.001", "T1070"]);

    private const long Day = 86400;
    private const int MostListed = 50;
    private static readonly string[] s_groups = ["-512", "-518", "-519"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_administrator, s_shortLived];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            ILookup<string, LogEvent> memberships = WindowsLogEvents.Of(logs, LogEventKind.GroupChanged)
                .Where(found => found.UserSid is not null && found.Detail?.StartsWith("added", StringComparison.Ordinal) == true && IsOfAdministrators(found.TargetSid)).ToLookup(found => found.UserSid!, StringComparer.Ordinal);
            ILookup<string, LogEvent> removals = WindowsLogEvents.Of(logs, LogEventKind.AccountDeleted).Where(found => found.TargetSid is not null).ToLookup(found => found.TargetSid!, StringComparer.Ordinal);
            HashSet<string> guessed = [.. RemoteLoginDetector.StormsOf(logs).Select(storm => storm.Login.User).OfType<string>()];
            foreach (LogEvent made in WindowsLogEvents.Of(logs, LogEventKind.AccountCreated).Where(found => found.TargetSid is not null && (!WindowsLogEvents.IsSystem(found) || WindowsLogEvents.WasRunningBefore(logs, found))).DistinctBy(found => found.TargetSid).Take(MostListed))
            {
                LogEvent? member = memberships[made.TargetSid!].FirstOrDefault(found => WindowsLogEvents.Seconds(found) - WindowsLogEvents.Seconds(made) is >= 0 and <= Day);
                if (member is not null)
                {
                    bool isHidden = made.Target?.EndsWith('$') == true;
                    bool isByGuesser = made.User is not null && guessed.Contains(made.User);
                    yield return WindowsLogEvents.Finding(s_administrator, isHidden || isByGuesser ? Severity.High : Severity.Medium, made,
                        $"{made.User ?? made.UserSid} made the account {made.Target}, {WindowsLogEvents.When(made)}, and it became a member of {member.Target} {Minutes(made, member)} later."
                        + (isHidden ? " Its name ends like that of a computer, so that listings leave it out." : "") + (isByGuesser ? " The password of the account that did it had been guessed before." : ""),
                        $"{made.Target} {made.TargetSid}", "Ask who made the account; when nobody did, disable it (net user NAME /active:no) and look at what was done with it");
                }
                LogEvent? removed = removals[made.TargetSid!].FirstOrDefault(found => WindowsLogEvents.Seconds(found) - WindowsLogEvents.Seconds(made) is >= 0 and <= Day);
                if (removed is not null)
                {
                    yield return WindowsLogEvents.Finding(s_shortLived, member is null ? Severity.Low : Severity.Medium, made,
                        $"{made.User ?? made.UserSid} made the account {made.Target}, {WindowsLogEvents.When(made)}, and it was removed {Minutes(made, removed)} later.", $"{made.Target} {made.TargetSid}",
                        "Look into the logs for what was done as this account in between");
                }
            }
        }
    }

    private static bool IsOfAdministrators(string? sid) => sid == "S-1-5-32-544" || (sid is not null && sid.StartsWith("S-1-5-21-", StringComparison.Ordinal) && s_groups.Any(group => sid.EndsWith(group, StringComparison.Ordinal)));

    private static string Minutes(LogEvent from, LogEvent to) => string.Create(CultureInfo.InvariantCulture, $"{(WindowsLogEvents.Seconds(to) - WindowsLogEvents.Seconds(from)) / 60} minutes");
}
