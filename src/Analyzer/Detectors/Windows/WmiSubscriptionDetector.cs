using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Permanent event subscriptions of WMI that run a command or a script: they run as the system, without anybody logged on, and no list of programs that start shows them.</summary>
/// <remarks><b>Limitations:</b> what the command starts is judged by <see cref="WindowsTargetDetector"/>; consumers that only write logs or mails are left alone.</remarks>
public sealed partial class WmiSubscriptionDetector : IDetector
{
    private static readonly RuleInfo s_command = new("W-WMI.command-consumer", "WMI subscription that runs a command", "persistence", ["T1546.003"]);
    private static readonly RuleInfo s_script = new("W-WMI.script-consumer", "WMI subscription that runs a script", "persistence", ["T1546.003", "T1059.005"]);
    private static readonly RuleInfo s_unbound = new("W-WMI.unbound-consumer", "WMI consumer of commands that no filter is bound to", "persistence", ["T1546.003"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_command, s_script, s_unbound];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<object, CommandLink> links = evidence.Links.Where(link => link.Source is WmiSubscription).ToLookup<CommandLink, object>(link => link.Source, ReferenceEqualityComparer.Instance);
        foreach (WmiSubscription subscription in evidence.OfType<WmiSubscription>())
        {
            if (!subscription.RunsSomething || IsOfWindows(subscription))
            {
                continue;
            }
            Severity severity = SeverityOf(subscription, links[subscription]);
            RuleInfo rule = !subscription.IsBound ? s_unbound : subscription.Command is not null ? s_command : s_script;
            string what = subscription.Command ?? subscription.ScriptFile ?? subscription.ScriptText ?? "";
            yield return new Finding(rule, subscription.DormantBecause is null ? severity : severity.Lower(), subscription.Location)
            {
                Message = $"The WMI consumer {subscription.ConsumerName ?? "without a name"} ({subscription.ConsumerKind}) runs {(subscription.Command is null ? "a script" : "a command")} as the system"
                    + (subscription.IsBound ? $" whenever the filter {subscription.FilterName} holds." : ".")
                    + (subscription.FilterQuery is { } query ? $" Its query: {Clip.Evidence(query)}." : "")
                    + (subscription.IsCarved && subscription.DormantBecause is null ? " It was carved out of the repository, whose index cannot be read: it may be one that was deleted." : "")
                    + (subscription.DormantBecause is { } dormant ? $" It would not run at present: {dormant}; one level lower." : ""),
                Evidence = Clip.Evidence(what),
                Hashes = evidence.HashesOf(subscription.Location),
                Remediation = severity <= Severity.Low || (subscription.IsCarved && subscription.DormantBecause is not null) ? [] : Place.CleanUp(subscription, null),
            };
        }
    }

    private static Severity SeverityOf(WmiSubscription subscription, IEnumerable<CommandLink> links)
    {
        if (subscription.Command is { } command)
        {
            return WindowsInterpreters.LeadsToInstalledOnly(links) && !WindowsInterpreters.Runs(command) ? Severity.Low
                : WindowsInterpreters.LeadsToInstalledOnly(links) ? Severity.Medium : Severity.High;
        }
        if (subscription.ScriptText is { } text)
        {
            // Management agents write to logs or set values; what starts programs or fetches something is another matter.
            return StartsOrFetches().IsMatch(text.Length > 64 << 10 ? text[..(64 << 10)] : text) ? Severity.High : Severity.Medium;
        }
        return WindowsInterpreters.LeadsToInstalledOnly(links) ? Severity.Low : Severity.Medium;
    }

    /// <summary>The consumer that Windows 7 brought: it runs nothing unless somebody puts a file of that name into the directory.</summary>
    private static bool IsOfWindows(WmiSubscription subscription) => subscription is { ConsumerName: "BVTConsumer", FilterName: "BVTFilter" or null, Command: { } command }
        && command.Trim().Equals("cscript KernCap.vbs", StringComparison.OrdinalIgnoreCase) && subscription.WorkingDirectory?.Replace(@"\\", @"\", StringComparison.Ordinal).Equals(@"C:\tools\kernrate", StringComparison.OrdinalIgnoreCase) == true;

    [GeneratedRegex(@"wscript\.shell|shell\.application|\.run\b|\.exec\b|shellexecute|xmlhttp|winhttp|adodb\.stream|powershell|win32_process|https?://|\bexecute(?:global)?\b|\beval\b|frombase64|createobject\s*\(\s*[^""'\s]", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex StartsOrFetches();
}
