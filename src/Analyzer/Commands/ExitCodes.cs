using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Commands;

/// <summary>The exit codes, frozen; <c>docs/report.md</c> describes them.</summary>
public static class ExitCodes
{
    /// <summary>Done; with findings too when no gate is set.</summary>
    public const int Done = 0;
    /// <summary>A finding at or above <c>--fail-on</c>.</summary>
    public const int Gate = 1;
    /// <summary>Usage, configuration or rule error: nothing was scanned.</summary>
    public const int Usage = 2;
    /// <summary>Nothing in the image could be read.</summary>
    public const int NothingReadable = 3;
    /// <summary>Incomplete while a gate is set.</summary>
    public const int Incomplete = 4;
    /// <summary>The evidence changed during the scan, or is not what its stored digest says.</summary>
    public const int EvidenceChanged = 5;
    /// <summary>A defect of the program.</summary>
    public const int Internal = 70;
    /// <summary>The result could not be written: disk full, read-only output.</summary>
    public const int Temporary = 75;
    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
    /// <summary>The reader of a pipe went away; what a shell reports for SIGPIPE. Never 0: a gate was not passed.</summary>
    public const int BrokenPipe = 141;
    /// <summary>SIGTERM.</summary>
    public const int Terminated = 143;

    /// <summary>The code of a scan that ended, highest precedence first: 5, 3, 1, 4, 0.</summary>
    /// <param name="result">The scan.</param>
    /// <param name="failOn">The gate; null when none is set.</param>
    /// <param name="allowIncomplete">An incomplete scan may pass the gate.</param>
    public static int Of(ScanResult result, Severity? failOn, bool allowIncomplete)
    {
        if (result.EvidenceChanged || result.DigestsDiffer)
        {
            return EvidenceChanged;
        }
        if (result.Report.Coverage.VolumesExamined == 0)
        {
            return NothingReadable;
        }
        if (failOn is not Severity gate)
        {
            return Done;
        }
        foreach (Finding finding in result.Report.Findings)
        {
            if (finding.Severity >= gate)
            {
                return Gate;
            }
        }
        return result.Report.Coverage.IsIncomplete && !allowIncomplete ? Incomplete : Done;
    }
}
