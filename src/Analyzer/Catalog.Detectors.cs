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
        new LoginShellDetector(),
        new AccountChangeDetector(),
        new GroupDetector(),
        new AuthorizedKeyDetector(),
        new SshServerDetector(),
        new ImmutableFlagDetector(),
        new MasqueradeDetector(),
        new ExecLocationDetector(),
        new DeletedRunningDetector(),
        new LoginDetector(),
        new KeyUseDetector(),
        new HistoryDetector(signatures),
        new LogWipeDetector(),
        new LogActivityDetector(),
        new HostsFileDetector(signatures),
        new ProtectionDetector(),
        new HashDetector(),
        new YaraDetector(),
    ];
}
