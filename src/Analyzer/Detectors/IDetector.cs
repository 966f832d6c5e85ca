using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Detectors;

/// <summary>Judges evidence. Pure: same evidence, same findings, in the same order; no I/O.</summary>
public interface IDetector
{
    /// <summary>Every rule it can raise.</summary>
    IReadOnlyList<RuleInfo> Rules { get; }

    /// <summary>Its findings.</summary>
    IEnumerable<Finding> Examine(EvidenceIndex evidence);
}
