using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Programs and scripts that lie in a Startup folder themselves, where installers put shortcuts; and profiles that every PowerShell of the machine reads, which Windows does not bring.</summary>
/// <remarks><b>Limitations:</b> where a shortcut leads is not judged yet.</remarks>
public sealed class StartupItemDetector : IDetector
{
    private static readonly RuleInfo s_program = new("W-STARTUP.program", "Program in a Startup folder", "persistence", ["T1547.001"]);
    private static readonly RuleInfo s_script = new("W-STARTUP.script", "Script in a Startup folder", "persistence", ["T1547.001", "T1059"]);
    private static readonly RuleInfo s_profile = new("W-PSPROFILE.machine-profile", "Profile that every PowerShell of the machine reads", "persistence", ["T1546.013"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_program, s_script, s_profile];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        HashSet<(string, string)> signed = [.. evidence.OfType<WindowsProgramFacts>().Where(program => program.IsSigned).Select(program => (program.Location.Volume, program.Location.Path))];
        foreach (StartupItem item in evidence.OfType<StartupItem>())
        {
            if (item.Folder == StartupFolder.PowerShellMachine)
            {
                yield return Of(s_profile, Severity.Low, item, "Every PowerShell of the machine, that of the system included, runs this profile; Windows does not bring one.", evidence);
                continue;
            }
            if (item.IsShortcut || item.Folder == StartupFolder.PowerShellUser)
            {
                continue;
            }
            string suffix = WindowsNames.Suffix(item.Location.Path).ToLowerInvariant();
            bool isScript = WindowsNames.IsScript(item.Location.Path);
            // Administrators map drives by batch files; programs and the scripts of the script host are not put there by anybody's installer.
            Severity severity = suffix is ".bat" or ".cmd" || signed.Contains((item.Location.Volume, item.Location.Path)) ? Severity.Low : Severity.Medium;
            yield return Of(isScript ? s_script : s_program, severity, item,
                $"The file itself lies in a Startup folder and is run whenever {(item.User is null ? "anybody" : item.User)} logs on; installers put shortcuts there.", evidence);
        }
    }

    private static Finding Of(RuleInfo rule, Severity severity, StartupItem item, string message, EvidenceIndex evidence) => new(rule, item.DormantBecause is null ? severity : severity.Lower(), item.Location)
    {
        Message = message + (item.DormantBecause is null ? "" : $" It would not run at present: {item.DormantBecause}; one level lower."),
        Evidence = Clip.Evidence(item.Location.Path),
        Hashes = evidence.HashesOf(item.Location),
        Remediation = severity <= Severity.Low ? [] : ["Find out who put it there; when nobody did:", .. Place.CleanUp(item, null)],
    };
}
