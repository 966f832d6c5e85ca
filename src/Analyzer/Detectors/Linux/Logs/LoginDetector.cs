using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Logins by guessed passwords, and root's by password from anywhere in the world.</summary>
public sealed class LoginDetector : IDetector
{
    private static readonly RuleInfo Guessed = new("L-LOGIN.storm-then-success", "A password was guessed", "access", ["T1110.001", "T1078"]);
    private static readonly RuleInfo Root = new("L-LOGIN.root-password", "root logged in by password from a public address", "access", ["T1110", "T1078.003"]);

    private const long Noticeable = 100;
    private const long Day = 86400;

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Guessed, Root];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            IReadOnlyList<StormLogin> storms = LoginStorms.Of(logs);
            foreach (StormLogin storm in storms)
            {
                LogEvent login = storm.Login;
                yield return new Finding(Guessed, LogText.IsPublic(login.RemoteAddress) ? Severity.High : Severity.Medium, login.Location)
                {
                    Message = $"After {storm.Failures} refused passwords from {login.RemoteAddress} one was accepted for {login.User}, {LogText.On(login.First!.Value)}.",
                    Evidence = Clip.Evidence(login.Message ?? $"{login.User} {login.RemoteAddress}"),
                    Remediation = CleanUp(login.User),
                };
            }
            LogEvent[] root = [.. logs.Of(LogEventKind.Login).Where(login => login is { User: "root", Method: "password", First: not null } && LogText.IsPublic(login.RemoteAddress) && !storms.Any(storm => storm.Login.User == "root" && storm.Login.RemoteAddress == login.RemoteAddress))];
            if (root.Length == 0)
            {
                continue;
            }
            long failures = LoginStorms.FailuresFor("root", logs);
            foreach (IGrouping<string, LogEvent> address in root.GroupBy(login => login.RemoteAddress!, StringComparer.Ordinal).Take(50))
            {
                long span = address.Max(login => login.First!.Value.Instant.Seconds) - address.Min(login => login.First!.Value.Instant.Seconds);
                // An administrator comes again; whoever guessed the password from many addresses seldom does under the same one.
                Severity severity = failures < Noticeable || span > 30 * Day ? Severity.Low : span <= Day && root.All(login => login.RemoteAddress == address.Key || login.First!.Value.Instant.Seconds > address.First().First!.Value.Instant.Seconds) ? Severity.High : Severity.Medium;
                LogEvent first = address.First();
                yield return new Finding(Root, severity, first.Location)
                {
                    Message = $"root logged in by password from {address.Key}, {LogText.Span(first.First, address.Last().Last)}; {failures} passwords for root were refused, whoever tried.",
                    Evidence = Clip.Evidence(first.Message ?? address.Key),
                    Remediation = severity > Severity.Low ? CleanUp("root") : [],
                };
            }
        }
    }

    private static IReadOnlyList<string> CleanUp(string? account) =>
        account is not null && ShellQuote.TryText(account, out string word) && !word.StartsWith('-')
            ? [$"passwd {word}   # a new password, or: passwd -l {word}", "Set PasswordAuthentication no in sshd_config; look at everything that was done as this account since"]
            : ["Set PasswordAuthentication no in sshd_config; look at everything that was done as this account since"];
}
