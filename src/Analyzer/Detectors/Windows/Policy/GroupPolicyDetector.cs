using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>
/// Group policies that run interpreters, tasks that a policy runs at once, values that take protection away, and passwords that policies give away. Scripts on the domain's shares and of installed programs are what
/// administrators start like that.
/// </summary>
/// <remarks><b>Limitations:</b> who may change a policy of the domain stands in the directory; what scripts say is judged by the rules on commands, what they start by <see cref="WindowsTargetDetector"/>.</remarks>
public sealed partial class GroupPolicyDetector : IDetector
{
    private static readonly RuleInfo s_interpreter = new("W-GPO.script-interpreter", "Script of a policy that gives an interpreter something to run", "persistence", ["T1484.001", "T1037.001", "T1059"]);
    private static readonly RuleInfo s_script = new("W-GPO.local-script", "Script of the local policy", "persistence", ["T1037.001"]);
    private static readonly RuleInfo s_task = new("W-GPO.task-interpreter", "Task or service of a policy that gives an interpreter something to run", "persistence", ["T1484.001", "T1053.005", "T1059"]);
    private static readonly RuleInfo s_value = new("W-GPO.value-interpreter", "Value of a policy that gives an interpreter something to run", "persistence", ["T1484.001", "T1547.001", "T1059"]);
    private static readonly RuleInfo s_protection = new("W-GPO.weakens-protection", "Value of a policy that takes protection away", "evasion", ["T1484.001", "T1562.001"]);
    private static readonly RuleInfo s_password = new("W-GPO.password", "Password that anybody can decrypt in a policy", "access", ["T1552.006"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_interpreter, s_script, s_task, s_value, s_protection, s_password];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<object, CommandLink> links = evidence.Links.Where(link => link.Source is PolicyScript or PolicyPreference or PolicyValue or AutorunEntry).ToLookup<CommandLink, object>(link => link.Source, ReferenceEqualityComparer.Instance);
        foreach (PolicyScript script in evidence.OfType<PolicyScript>())
        {
            if (IsUnusual(script, links[script]))
            {
                yield return Of(s_interpreter, Severity.Medium, script, script.CommandLine, null, $"A {Words(script.Origin)} gives an interpreter this to run at {script.Phase.ToLowerInvariant()}{As(script.User)}; administrators' scripts lie in the policy or on a share of the domain.", evidence);
            }
            else if (script.Origin == PolicyOrigin.Local)
            {
                yield return Of(s_script, Severity.Low, script, script.CommandLine, null, $"The local policy runs this at {script.Phase.ToLowerInvariant()}{As(script.User)}; Windows brings no such script.", evidence);
            }
        }
        foreach (AutorunEntry entry in evidence.OfType<AutorunEntry>().Where(WindowsApplicationPlaces.IsOfPolicy))
        {
            if (IsUnusual(entry, links[entry]))
            {
                yield return Of(s_interpreter, Severity.Medium, entry, entry.CommandTexts[0], entry.DormantBecause, $"{entry.KeyPath}: a policy gives an interpreter this to run; administrators' scripts lie in the policy or on a share of the domain.", evidence);
            }
        }
        foreach (PolicyPreference item in evidence.OfType<PolicyPreference>())
        {
            if (IsUnusual(item, links[item]))
            {
                yield return Of(s_task, Severity.Medium, item, item.Commands[0].Text, item.DormantBecause, $"The item {item.Item} of a {Words(item.Origin)} gives an interpreter this to run{As(item.Account)}" + (item.IsImmediate ? ", at once, on every machine that takes the policy over." : "."), evidence);
            }
            if (item.HasPassword)
            {
                yield return Of(s_password, Severity.Low, item, item.Item + " " + item.Name, null, $"A password of {item.Account ?? "an account"} is kept in a {Words(item.Origin)}, encrypted with a key that is public: whoever can read the file has it.", evidence);
            }
        }
        foreach (PolicyValue value in evidence.OfType<PolicyValue>())
        {
            if (IsUnusual(value, links[value]))
            {
                yield return Of(s_value, Severity.Medium, value, value.Data!, null, $"A {Words(value.Origin)} writes this into {value.KeyPath}, value {value.ValueName}: it gives an interpreter something to run.", evidence);
            }
            else if (Weakness(value) is { } weakness)
            {
                yield return Of(s_protection, weakness.Severity, value, $"{value.KeyPath}\\{value.ValueName} = {value.Data}", null, $"A {Words(value.Origin)} {weakness.Why}.", evidence);
            }
        }
    }

    private static bool IsUnusual(IStartsCommands source, IEnumerable<CommandLink> links) =>
        source.Commands.Any(command => RegistryDefaults.RunsScripts(command.Text) && !DomainShare().IsMatch(command.Text)) && !WindowsInterpreters.LeadsToInstalledOnly(links);

    private static (Severity Severity, string Why)? Weakness(PolicyValue value)
    {
        string name = value.ValueName.ToUpperInvariant();
        if (value.Topic == PolicyTopic.Defender && value.KeyPath.Contains(@"\Exclusions\", StringComparison.OrdinalIgnoreCase) && !value.IsDeletion)
        {
            return Broad().IsMatch(value.ValueName) ? (Severity.Medium, "keeps Defender from looking where anybody may put a program, or at interpreters") : null;
        }
        return (value.Topic, name, value.Data) switch
        {
            (PolicyTopic.Defender, "DISABLEANTISPYWARE" or "DISABLEREALTIMEMONITORING" or "DISABLEBEHAVIORMONITORING" or "DISABLEIOAVPROTECTION" or "DISABLESCRIPTSCANNING", "1") => (Severity.Low, "switches a part of Defender off, as other products of protection do too"),
            (PolicyTopic.Security, "ALWAYSINSTALLELEVATED", "1") => (Severity.Medium, "lets any user install packages with the rights of the system"),
            (PolicyTopic.Security, "ENABLESCRIPTBLOCKLOGGING", "0") => (Severity.Low, "keeps PowerShell from logging what it runs"),
            (PolicyTopic.Security, "USELOGONCREDENTIAL", "1") => (Severity.Medium, "keeps passwords of those who log on in memory in plain text"),
            _ => null,
        };
    }

    private static Finding Of(RuleInfo rule, Severity severity, Artifact source, string evidenceText, string? dormant, string message, EvidenceIndex evidence) => new(rule, dormant is null ? severity : severity.Lower(), source.Location)
    {
        Message = message + (dormant is null ? "" : $" It would not run at present: {dormant}; one level lower."),
        Evidence = Clip.Evidence(evidenceText),
        Hashes = evidence.HashesOf(source.Location),
        Remediation = severity <= Severity.Low ? [] : Place.CleanUp(source, source.Location.Line),
    };

    private static string Words(PolicyOrigin origin) => origin switch
    {
        PolicyOrigin.Local => "local policy", PolicyOrigin.Domain => "policy of the domain", _ => "policy of this domain",
    };

    private static string As(string? user) => user is null ? "" : " as " + user;

    [GeneratedRegex(@"\\\\[^\\\s]+\\(?:sysvol|netlogon)\\", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DomainShare();

    [GeneratedRegex(@"^(?:[a-z]:\\?|[a-z]:\\(?:users(?:\\public)?|programdata|windows(?:\\temp|\\system32)?|temp)\\?\*?|\*?\.?(?:exe|dll|ps1|bat|vbs)|(?:.*\\)?(?:powershell|pwsh|cmd|wscript|cscript|mshta|rundll32|regsvr32)\.exe|.*\\(?:users\\public|appdata\\local\\temp|windows\\temp|perflogs)\\.*)$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Broad();
}
