using Forensics.Analyzer.Detectors;
using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Signatures;

namespace Forensics.Analyzer;

/// <summary>The ordered lists of examiners, detectors and report writers: the only registry.</summary>
public static partial class Catalog
{
    /// <summary>All detectors, in the order in which they run; the report sorts findings, so the order shows nowhere.</summary>
    public static IReadOnlyList<IDetector> Detectors(SignatureSet signatures, int threads = 1) =>
    [
        new RuleDetector(signatures, threads),
        new StartTargetDetector(),
        new CronTableDetector(),
        new SystemdUnitDetector(),
        new MaskedUnitDetector(),
        new BootScriptDetector(),
        new PreloadDetector(),
        new InterposerDetector(),
        new UidZeroDetector(),
        new PasswordDetector(),
        new ServiceAccountDetector(),
        new AccountChangeDetector(),
        new AuthorizedKeyDetector(),
        new SshServerDetector(),
        new ImmutableFlagDetector(),
        new MasqueradeDetector(),
        new ExecLocationDetector(),
        new DeletedRunningDetector(),
        new ReplacedProgramDetector(),
        new MovedProgramDetector(),
        new SshBinaryDetector(),
        new LoaderDetector(),
        new PackageScriptDetector(),
        new RepositoryDetector(),
        new HashDetector(),
        new YaraDetector(),
    ];
}
