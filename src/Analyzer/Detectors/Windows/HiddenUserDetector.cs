using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Accounts that the logon screen leaves out by <c>Winlogon\SpecialAccounts\UserList</c>.</summary>
/// <remarks><b>Limitations:</b> where the accounts could not be read, what a hidden one may do is not known.</remarks>
public sealed partial class HiddenUserDetector : IDetector
{
    private static readonly RuleInfo s_hidden = new("W-HIDEUSER.hidden", "Account that the logon screen leaves out", "evasion", ["T1564.002"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_hidden];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<string, WindowsAccount> accounts = evidence.OfType<WindowsAccount>().ToLookup(account => evidence.TreeOf(account.Location.Volume));
        foreach (AutorunEntry entry in evidence.OfType<AutorunEntry>().Where(IsHiding))
        {
            IEnumerable<WindowsAccount> host = accounts[evidence.TreeOf(entry.Location.Volume)];
            WindowsAccount? account = host.FirstOrDefault(account => account.Name.Equals(entry.ValueName, StringComparison.OrdinalIgnoreCase));
            (Severity severity, string why) = Judge(entry.ValueName, account, host.Any());
            bool isOff = account?.IsDisabled == true;
            yield return new Finding(s_hidden, isOff ? severity.Lower() : severity, entry.Location)
            {
                Message = $"The logon screen leaves out the account {entry.ValueName}: {why}." + (isOff ? " Nobody can log on as it at present: the account is disabled; one level lower." : ""),
                Evidence = Clip.Evidence($"{entry.KeyPath}, {entry.ValueName}={entry.Data}"),
                Hashes = evidence.HashesOf(entry.Location),
                Related = account is null ? [] : [new RelatedFile(account.Location.Path, "stated-in")],
                Remediation = severity <= Severity.Low ? [] : [.. Place.CleanUp(entry, null), "Ask who made the account; when nobody did:", .. WindowsRemediation.DeleteAccount(entry.ValueName)],
            };
        }
    }

    /// <summary>The names that a host hides.</summary>
    public static HashSet<string> NamesOf(EvidenceIndex evidence, string tree) =>
        evidence.OfType<AutorunEntry>().Where(entry => IsHiding(entry) && evidence.TreeOf(entry.Location.Volume) == tree).Select(entry => entry.ValueName).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static (Severity Severity, string Why) Judge(string name, WindowsAccount? account, bool areAccountsRead) =>
        account is { Groups.Count: > 0 } ? (Severity.High, $"it is in the groups {string.Join(", ", account.Groups)}, and whoever knows of it can log on as it")
        : OfServices().IsMatch(name) ? (Severity.Low, "software hides an account of its service so")
        : account is not null ? (Severity.Medium, "it may log on all the same")
        : areAccountsRead ? (Severity.Low, "there is no such local account") : (Severity.Medium, "what it may do is not known, as the accounts could not be read");

    private static bool IsHiding(AutorunEntry entry) => entry.Mechanism == AutorunKind.HiddenAccount && entry.Data.Trim() == "0" && entry.ValueName.Length > 0;

    // The first ones Windows XP and 2003 list themselves.
    [GeneratedRegex(@"^(?:HelpAssistant|TsInternetUser|SQLAgentCmdExec|NetShowServices|(?:IUSR|IWAM|VUSR)_.*|ASPNET|SQLDebugger|__vmware_user__|QBDataServiceUser[0-9]*|SophosSAU.*|MSSQL.*|SQLServer.*|.*MFA.*|cloudbase-init|krbtgt)$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OfServices();
}
