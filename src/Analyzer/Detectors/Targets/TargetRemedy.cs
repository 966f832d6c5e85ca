using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Detectors;

/// <summary>What to do about a file that was judged, and about what starts it.</summary>
internal static class TargetRemedy
{
    /// <summary>Commands and sentences for the restored host.</summary>
    /// <param name="file">The file.</param>
    /// <param name="score">Its judgement.</param>
    /// <param name="source">What starts it; null when nothing is known to.</param>
    /// <param name="line">Line of the entry that starts it.</param>
    public static IReadOnlyList<string> For(TargetFile file, TargetScore score, Artifact? source, int? line)
    {
        string[] suffixes = [.. score.Signs.Where(sign => sign.Weight >= 20).Select(sign => sign.Suffix).Distinct()];
        if (suffixes is [RightsSigns.Suffix])
        {
            return Remediation.CloseToOthers(file.Path);
        }
        if (score.Worst.Suffix is "target-modified-program" or "target-gained-setuid")
        {
            return Remediation.Reinstall(file.Path, file.Facts.Origin?.Package);
        }
        IReadOnlyList<string> entry = source is null ? [] : Place.CleanUp(source, line);
        return score.Severity >= Severity.High
            ? [.. entry, .. Remediation.RemoveFile(file.Path)]
            : ["Find out who installed " + Remediation.Word(file.Path) + "; when nobody did:", .. entry, .. Remediation.RemoveFile(file.Path)];
    }
}
