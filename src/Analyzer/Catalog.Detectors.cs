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
        new InitramfsDetector(signatures),
        new BootEntryDetector(),
        new KernelModuleDetector(),
        new UdevDetector(),
        new BinfmtDetector(),
        new KernelSettingDetector(),
        new MountDetector(),
        new EntryOriginDetector(),
        new UnitImitationDetector(),
        new TmpfilesDetector(),
        new ServiceStartDetector(),
        new HookEntryDetector(),
        new PackagePluginDetector(),
        new IfcfgDetector(),
        new ConnectionServerDetector(),
        new SyslogDetector(),
        new DbusDetector(),
        new PolkitDetector(),
        new PreloadDetector(),
        new InterposerDetector(),
        new UidZeroDetector(),
        new PasswordDetector(),
        new ServiceAccountDetector(),
        new AccountChangeDetector(),
        new AuthorizedKeyDetector(),
        new SshServerDetector(),
        new SetIdDetector(),
        new CapabilityDetector(),
        new SshLoginDetector(),
        new SudoDetector(),
        new PamDetector(),
        new NameServiceDetector(),
        new EnvironmentDetector(),
        new ShellStartupDetector(),
        new LibraryPathDetector(),
        new GitDetector(),
        new PythonStartupDetector(),
        new LanguageConfigDetector(),
        new ImmutableFlagDetector(),
        new MasqueradeDetector(),
        new HiddenNameDetector(),
        new MinerConfigurationDetector(signatures.Pools),
        new ExecLocationDetector(),
        new DeletedRunningDetector(),
        new ContainerDetector(),
        new WebShellDetector(),
        new DatabaseDetector(),
        new HashDetector(),
        new YaraDetector(),
    ];
}
