using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Ties keys to logins by their fingerprints: which key was used by whom and from where, and which keys were used that stand in no file any more.</summary>
/// <remarks><b>Limitations:</b> sshd has logged SHA-256 fingerprints since OpenSSH 6.8; the MD5 ones of older releases are not compared.</remarks>
public sealed class KeyUseDetector : IDetector
{
    private static readonly RuleInfo Used = new("L-SSH-KEYS.used", "Logins with a key", "access", ["T1078"]);
    private static readonly RuleInfo Gone = new("L-SSH-KEYS.used-but-gone", "A key was used that stands in no file any more", "access", ["T1098.004", "T1070"]);

    private const long Short = 7 * 86400;
    private const int Most = 200;

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Used, Gone];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            LogEvent[] logins = [.. roster.Logs.Of(LogEventKind.Login).Where(login => login is { KeyFingerprint: string print, User: not null } && print.StartsWith("SHA256:", StringComparison.Ordinal))];
            if (logins.Length == 0)
            {
                continue;
            }
            ILookup<string, AuthorizedKey> keys = roster.Keys.Where(key => key.Fingerprint is not null).ToLookup(key => key.Fingerprint!, StringComparer.Ordinal);
            bool hasOtherSource = evidence.OfType<SshServerOption>().Any(option => evidence.TreeOf(option.Location.Volume) == roster.Host
                && (option.Keyword.Equals("AuthorizedKeysCommand", StringComparison.OrdinalIgnoreCase) || option.Keyword.Equals("TrustedUserCAKeys", StringComparison.OrdinalIgnoreCase)));
            foreach (IGrouping<(string, string), LogEvent> use in logins.GroupBy(login => (login.KeyFingerprint!, login.User!)).Take(Most))
            {
                LogEvent[] uses = [.. use.OrderBy(login => login.First?.Instant)];
                (string print, string user) = use.Key;
                string[] addresses = [.. uses.Select(login => login.RemoteAddress).OfType<string>().Distinct(StringComparer.Ordinal)];
                string from = addresses.Length == 0 ? "" : " from " + string.Join(", ", addresses.Take(5)) + (addresses.Length > 5 ? string.Create(CultureInfo.InvariantCulture, $" and {addresses.Length - 5} more") : "");
                string how = string.Create(CultureInfo.InvariantCulture, $"{uses.Sum(login => login.Count)} logins as {user}{from}, {LogText.Span(uses[0].First, uses[^1].Last)}");
                if (keys[print].FirstOrDefault() is { } key)
                {
                    yield return new Finding(Used, Severity.Info, key.Location)
                    {
                        Message = $"The key {print} was used: {how}.",
                        Evidence = Clip.Evidence(uses[0].Message ?? print),
                        Related = [new RelatedFile(uses[0].Location.Path, "logged-in")],
                    };
                }
                else if (!hasOtherSource && uses[0].Detail?.Contains("CERT", StringComparison.Ordinal) != true)
                {
                    yield return OfGone(uses, print, user, how, addresses, logins, roster);
                }
            }
        }
    }

    private static Finding OfGone(LogEvent[] uses, string print, string user, string how, string[] addresses, LogEvent[] all, AccountRoster roster)
    {
        UserAccount? account = roster.Current.FirstOrDefault(one => one.Name == user);
        // The key of an administrator who left was used for long, or from where others come from too.
        bool isShort = uses[0].First is { } first && uses[^1].First is { } last && last.Instant.Seconds - first.Instant.Seconds <= Short && roster.IsAfterInstallation(first.Instant);
        bool isStranger = addresses.Any(LogText.IsPublic) && !all.Any(login => login.KeyFingerprint != print && addresses.Contains(login.RemoteAddress));
        bool isPowerful = user == "root" || account?.UserId == 0 || AccountRoster.IsPureService(user) || (account is not null && roster.PrivilegesOf(account).Count > 0);
        Severity severity = isShort && isStranger && isPowerful ? Severity.Medium : Severity.Low;
        return new Finding(Gone, severity, uses[0].Location)
        {
            Message = $"The key {print} stands in no file of authorised keys any more, but was used: {how}." + (severity == Severity.Low ? " That is what a key looks like that was replaced or whose owner left." : ""),
            Evidence = Clip.Evidence(uses[0].Message ?? print),
            Remediation = severity == Severity.Low ? [] : ["Ask whose key this was; when nobody knows it, look at everything that was done as this account since"],
        };
    }
}
