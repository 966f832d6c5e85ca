using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Interface settings that run something because they are shell text: <c>NAME=lan /usr/bin/x</c>. A blank too many in a value looks the same, but names no program.</summary>
public sealed class IfcfgDetector : IDetector
{
    private static readonly RuleInfo Sourced = new("L-IFUP.sourced-command", "Interface settings run a program when they are read", "persistence", ["T1546", "T1059.004"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Sourced];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (CommandLink link in evidence.Links)
        {
            if (link.Source is not HookCommand { Trigger: "ifcfg value" } hook)
            {
                continue;
            }
            // "DNS1=192.0.2.1 192.0.2.2" is a mistake, and the shell finds no such program.
            bool isProgram = link.Files.Any(file => file.Resolved is not null || file.Requested.StartsWith('/'));
            Severity severity = isProgram ? Severity.High : Severity.Low;
            yield return new Finding(Sourced, hook.DormantBecause is null ? severity : severity.Lower(), hook.Location)
            {
                Message = $"The settings of {Clip.Evidence(hook.Subject ?? "an interface")} are shell text, and the network scripts run this part of them as a command."
                    + (hook.DormantBecause is null ? "" : $" It would not run at present: {hook.DormantBecause}; one level lower."),
                Evidence = Clip.Evidence(hook.Command),
                Related = [.. EvidenceQueries.Related(link)],
                Remediation = isProgram ? Place.CleanUp(hook, hook.Location.Line) : [],
            };
        }
    }
}
