using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Signatures;

namespace Forensics.Analyzer;

public static partial class Catalog
{
    /// <summary>A worker's own examiners, in the order they look.</summary>
    internal static IReadOnlyList<Examiner> Examiners(YaraKnowledge yara, PoolList pools, CodeTrust trust) =>
    [
        .. yara.Compilation is { RuleCount: > 0 } compilation ? [new YaraExaminer(compilation)] : Array.Empty<Examiner>(),
        new PrelinkExaminer(),
        new ElfExaminer(pools),
        new PeExaminer(pools, trust),
        new ScriptExaminer(),
        new MinerConfigurationExaminer(),
    ];
}
