using Forensics.Analyzer.Detectors;
using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Signatures;

namespace Forensics.Analyzer;

public static partial class Catalog
{
    /// <summary>Detectors in the order they judge.</summary>
    public static IReadOnlyList<IDetector> Detectors(SignatureSet signatures) => [new YaraDetector(), new HashDetector()];
}
