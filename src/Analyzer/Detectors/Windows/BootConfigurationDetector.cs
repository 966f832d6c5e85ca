using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Boot entries that let unsigned drivers in, start safe mode with a shell of its own, or switch the recovery off.</summary>
/// <remarks><b>Limitations:</b> what a loader inherits is judged where it stands; whether Secure Boot overrules an entry is not known offline.</remarks>
public sealed class BootConfigurationDetector : IDetector
{
    private const long IgnoresAllFailures = 1;
    private static readonly RuleInfo s_signing = new("W-SESSMGR.boot-signing", "Boot entry that lets drivers without a proper signature in", "evasion", ["T1553.006"]);
    private static readonly RuleInfo s_safe = new("W-SESSMGR.boot-safe-mode", "Boot entry that starts safe mode", "evasion", ["T1562.009"]);
    private static readonly RuleInfo s_recovery = new("W-SESSMGR.boot-recovery-off", "Boot entry without recovery", "evasion", ["T1490"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_signing, s_safe, s_recovery];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence) => evidence.OfType<BootConfiguration>().SelectMany(Judge);

    private static IEnumerable<Finding> Judge(BootConfiguration entry)
    {
        if (entry.SkipsIntegrityChecks == true || entry.AllowsTestSigning == true)
        {
            string setting = entry.SkipsIntegrityChecks == true ? "nointegritychecks" : "testsigning";
            // Who writes drivers has a debugger at hand.
            bool isDeveloper = entry.DebugsKernel == true;
            yield return Make(s_signing, isDeveloper ? Severity.Low : Severity.Medium, entry, setting, $"{setting} lets drivers in that nobody vouches for" + (isDeveloper ? "; the kernel debugger is on as well, as with those who write drivers" : ""));
        }
        if (entry.SafeBoot is { } mode)
        {
            bool hasShell = entry.UsesAlternateShell == true;
            yield return Make(s_safe, hasShell ? Severity.Medium : Severity.Low, entry, "safeboot", "it starts safe mode" + (mode == 1 ? " with network" : "") + ", where protection software does not run" + (hasShell ? ", and there the alternate shell" : ""));
        }
        if (entry.IsRecoveryEnabled == false && entry.BootStatusPolicy == IgnoresAllFailures)
        {
            yield return Make(s_recovery, Severity.Low, entry, "recoveryenabled", "recovery is off and failures are ignored, as ransomware sets it; some administrators do so too");
        }
    }

    private static Finding Make(RuleInfo rule, Severity severity, BootConfiguration entry, string setting, string why)
    {
        bool isDormant = entry is { IsLoader: true, IsDefault: false };
        return new Finding(rule, isDormant ? severity.Lower() : severity, entry.Location)
        {
            Message = $"The boot entry {entry.Description ?? entry.Id}: {why}." + (isDormant ? " It would not run at present: it is not the default entry; one level lower." : ""),
            Evidence = Clip.Evidence($"{entry.Id} {setting} {entry.Path}"),
            Remediation = severity <= Severity.Low ? [] : [Guid.TryParseExact(entry.Id, "B", out Guid id) ? $"bcdedit /deletevalue {id:B} {setting}" : $"Take {setting} out of the entry with bcdedit"],
        };
    }
}
