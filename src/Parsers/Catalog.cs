using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.Images;
using Forensics.Parsers.Images.Archives;
using Forensics.Parsers.Images.Compressed;
using Forensics.Parsers.Images.Ewf;
using Forensics.Parsers.Images.Parallels;
using Forensics.Parsers.Images.Qcow;
using Forensics.Parsers.Images.Qcow2;
using Forensics.Parsers.Images.Qed;
using Forensics.Parsers.Images.Vdi;
using Forensics.Parsers.Images.Vhd;
using Forensics.Parsers.Images.Vhdx;
using Forensics.Parsers.Images.Vmdk;
using Forensics.Parsers.Packages;
using Forensics.Parsers.Packages.Apk;
using Forensics.Parsers.Packages.Dpkg;
using Forensics.Parsers.Packages.Pacman;
using Forensics.Parsers.Packages.Rpm;
using Forensics.Parsers.Volumes;
using Forensics.Parsers.Volumes.Lvm2;
using Forensics.Parsers.Volumes.Md;

namespace Forensics.Parsers;

/// <summary>The ordered lists of formats and artefact parsers: the only registry. Order is probe order.</summary>
public static class Catalog
{
    /// <summary>Image containers; raw, which takes everything, is last.</summary>
    public static IReadOnlyList<IFormat<DiskImage>> Images { get; } =
    [
        new Qcow2Format(),
        new QcowFormat(),
        new QedFormat(),
        new VdiFormat(),
        new VhdFormat(),
        new VhdxFormat(),
        new ParallelsFormat(),
        new VmdkFormat(),
        new EwfFormat(),
        new GzipFormat(DiskRecognition.Identify),
        new XzFormat(DiskRecognition.Identify),
        new ZstdFormat(DiskRecognition.Identify),
        new Bzip2Format(DiskRecognition.Identify),
        new Lz4Format(DiskRecognition.Identify),
        new TarFormat(DiskRecognition.Identify),
        new ZipFormat(DiskRecognition.Identify),
        new SevenZipFormat(DiskRecognition.Identify),
        new RecognisedFormats(),
        new RawFormat(),
    ];

    /// <summary>Volume systems; a disk without a table, which matches everything, is last.</summary>
    public static IReadOnlyList<IFormat<IVolumeSystem>> VolumeSystems => VolumeProbe.Formats;

    /// <summary>What puts volumes together out of members on one or several disks; arrays before volume groups.</summary>
    public static IReadOnlyList<IVolumeAssembler> VolumeAssemblers { get; } = [new MdAssembler(), new Lvm2Assembler()];

    /// <summary>Package databases; a host usually has one, and all that are there are read.</summary>
    public static IReadOnlyList<IPackageReader> PackageReaders { get; } = [new DpkgReader(), new RpmReader(), new ApkReader(), new PacmanReader()];

    /// <summary>File systems.</summary>
    public static IReadOnlyList<IFormat<IFileSystem>> FileSystems { get; } = [new ExtFormat(), new NtfsFormat()];

    /// <summary>Parsers of logs and histories; they get files of any length as streams.</summary>
    public static IReadOnlyList<LogParser> LogParsers { get; } =
    [
        new SyslogParser(),
        new JournalParser(),
        new UtmpParser(),
        new AccountTableParser(),
        new LoginDatabaseParser(),
        new AuditLogParser(),
        new DpkgLogParser(),
        new PackageManagerLogParser(),
        new ShellHistoryParser(),
        new ProgramHistoryParser(),
        new CloudInitParser(),
        new WebAccessParser(),
        new IisLogParser(),
        new WindowsEventLogParser(),
    ];

    /// <summary>Artefact parsers, sorted by name.</summary>
    public static IReadOnlyList<ArtifactParser> ArtifactParsers { get; } =
    [
        new AcpiEventParser(),
        new AmcacheParser(),
        new AnacrontabParser(),
        new AptConfParser(),
        new AtJobParser(),
        new AuthorizedKeysParser(),
        new AutostartParser(),
        new BinfmtParser(),
        new BitsQueueParser(),
        new BootConfigurationParser(),
        new CronPartsParser(),
        new CrontabParser(),
        new DatabaseConfigParser(),
        new DbusPolicyParser(),
        new DbusServiceParser(),
        new DoasParser(),
        new DockerContainerParser(),
        new DockerDaemonParser(),
        new DockerHostConfigParser(),
        new DownloadMarkParser(),
        new DpkgConfigParser(),
        new EnvironmentFileParser(),
        new FcronParser(),
        new FstabParser(),
        new GeneratorParser(),
        new GitConfigParser(),
        new GitHookParser(),
        new GroupParser(),
        new GrubConfigParser(),
        new GrubDefaultsParser(),
        new GshadowParser(),
        new HistorySettingParser(),
        new HomeDirectoryParser(),
        new HostFactParser(),
        new HostsFileParser(),
        new IfcfgParser(),
        new IisSiteParser(),
        new IncronParser(),
        new InetdParser(),
        new InitScriptParser(),
        new InitramfsImageParser(),
        new InitramfsScriptParser(),
        new InittabParser(),
        new InterfacesParser(),
        new JobFileParser(),
        new KernelModuleParser(),
        new KubernetesManifestParser(),
        new LanguageConfigParser(),
        new LdSoCacheParser(),
        new LdSoConfParser(),
        new LdSoPreloadParser(),
        new LingerParser(),
        new LoaderEntryParser(),
        new LoginShellsParser(),
        new LogrotateParser(),
        new MailAliasParser(),
        new MailFilterParser(),
        new ModprobeParser(),
        new ModuleIndexParser(),
        new ModuleLoadParser(),
        new MotdParser(),
        new NetworkDirectiveParser(),
        new NetworkHookScriptParser(),
        new NetworkManagerDispatcherParser(),
        new NsswitchParser(),
        new OciSpecParser(),
        new OfficeStartupFileParser(),
        new PackageActionParser(),
        new PackageHookScriptParser(),
        new PackageManagerPluginParser(),
        new PackageRepositoryParser(),
        new PackageScriptParser(),
        new PamParser(),
        new PasswdParser(),
        new PolicyPreferenceParser(),
        new PolicyScriptParser(),
        new PolkitAuthorityParser(),
        new PolkitRulesParser(),
        new PowerHookParser(),
        new PowerShellProfileParser(),
        new PrefetchParser(),
        new PreloadingEnvironmentParser(),
        new ProtectionParser(),
        new PythonStartupParser(),
        new QuadletParser(),
        new RcLocalParser(),
        new RecentFileCacheParser(),
        new RecentItemsParser(),
        new RecycleBinParser(),
        new RegistryPolicyParser(),
        new RpmDatabaseFileParser(),
        new RpmMacroParser(),
        new RunlevelLinkParser(),
        new SamHiveParser(),
        new ScheduledTaskParser(),
        new SecurityHiveParser(),
        new ServiceConfigurationParser(),
        new SessionConfigParser(),
        new SessionScriptParser(),
        new ShadowParser(),
        new ShellStartupParser(),
        new SoftwareHiveParser(),
        new SshKeyPairParser(),
        new SshLoginScriptParser(),
        new SshServerConfigParser(),
        new StartupFolderParser(),
        new StartupShortcutParser(),
        new SubordinateIdParser(),
        new SudoConfParser(),
        new SudoersParser(),
        new SysctlParser(),
        new SyslogConfigParser(),
        new SystemHiveParser(),
        new SystemProgramParser(),
        new SystemdLinkParser(),
        new SystemdUnitParser(),
        new TcpWrappersParser(),
        new TmpfilesParser(),
        new ToolSettingsParser(),
        new TrustedHostsParser(),
        new UdevRulesParser(),
        new UpstartJobParser(),
        new UserClassesHiveParser(),
        new UserCronDirectoryParser(),
        new UserHiveParser(),
        new WebScriptParser(),
        new WebServerConfigParser(),
        new WebServerExtensionParser(),
        new WindowsHostsFileParser(),
        new WindowsAuthorizedKeysParser(),
        new WindowsSshServerConfigParser(),
        new DefenderHistoryParser(),
        new DefenderQuarantineParser(),
        new DefenderEngineLogParser(),
        new WindowsWebScriptParser(),
        new WmiRepositoryParser(),
        new XinetdParser(),
    ];
}
