using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Shortcuts in Startup folders that give arguments to an interpreter: installers put shortcuts to programs there.</summary>
/// <remarks><b>Limitations:</b> what is started is judged by <see cref="WindowsTargetDetector"/>, and what the arguments say by the rules on commands.</remarks>
public sealed class StartupShortcutDetector : IDetector
{
    private const uint Minimised = 7;

    private static readonly RuleInfo s_interpreter = new("W-STARTUP.shortcut-interpreter", "Shortcut in a Startup folder that gives an interpreter something to run", "persistence", ["T1547.009", "T1059"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_interpreter];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<object, CommandLink> links = evidence.Links.Where(link => link.Source is StartupShortcut).ToLookup<CommandLink, object>(link => link.Source, ReferenceEqualityComparer.Instance);
        foreach (StartupShortcut shortcut in evidence.OfType<StartupShortcut>())
        {
            if (shortcut.Link.Command is not { } command || string.IsNullOrWhiteSpace(shortcut.Link.Arguments) || !WindowsInterpreters.Runs(command))
            {
                continue;
            }
            // Batch files on a share, and scripts of installed programs, are what administrators start like that.
            Severity severity = WindowsInterpreters.LeadsToInstalledOnly(links[shortcut]) ? Severity.Low : shortcut.Link.ShowCommand == Minimised ? Severity.High : Severity.Medium;
            yield return new Finding(s_interpreter, shortcut.DormantBecause is null ? severity : severity.Lower(), shortcut.Location)
            {
                Message = $"The shell starts an interpreter with arguments whenever {(shortcut.User is null ? "anybody" : shortcut.User)} logs on"
                    + (shortcut.Link.ShowCommand == Minimised ? ", in a window that is not shown." : "; installers put shortcuts to programs there.")
                    + (shortcut.DormantBecause is { } dormant ? $" It would not run at present: {dormant}; one level lower." : ""),
                Evidence = Clip.Evidence(command),
                Hashes = evidence.HashesOf(shortcut.Location),
                Remediation = severity <= Severity.Low ? [] : Place.CleanUp(shortcut, null),
            };
        }
    }
}
