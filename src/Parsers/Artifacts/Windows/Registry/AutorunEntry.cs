namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Which mechanism of Windows acts on an entry of the registry by itself.</summary>
public enum AutorunKind
{
    /// <summary>Run keys, at every logon.</summary>
    Run,
    /// <summary>RunOnce keys, at the next logon.</summary>
    RunOnce,
    /// <summary>RunOnceEx.</summary>
    RunOnceEx,
    /// <summary>RunServices, of systems before 2000 and of software that still writes it.</summary>
    RunServices,
    /// <summary>Run key of policies.</summary>
    PolicyRun,
    /// <summary>Run and Load of the Windows key.</summary>
    WindowsLoad,
    /// <summary>Programs of Winlogon.</summary>
    Winlogon,
    /// <summary>Notification packages of Winlogon.</summary>
    WinlogonNotify,
    /// <summary>Account hidden from the logon screen.</summary>
    HiddenAccount,
    /// <summary>Debugger of Image File Execution Options.</summary>
    ImageFileDebugger,
    /// <summary>Verifier libraries of Image File Execution Options.</summary>
    ImageFileVerifier,
    /// <summary>Monitor of silent process exit.</summary>
    SilentProcessExit,
    /// <summary>AppInit_DLLs.</summary>
    AppInit,
    /// <summary>AppCertDlls.</summary>
    AppCert,
    /// <summary>Packages of the local security authority.</summary>
    LsaPackage,
    /// <summary>Settings of the local security authority that weaken it.</summary>
    LsaSetting,
    /// <summary>Print monitors and providers.</summary>
    PrintMonitor,
    /// <summary>Helpers of netsh.</summary>
    NetshHelper,
    /// <summary>Programs of the session manager.</summary>
    SessionManager,
    /// <summary>Files that the session manager renames or deletes at the next boot.</summary>
    PendingRename,
    /// <summary>Known DLLs.</summary>
    KnownLibrary,
    /// <summary>Programs that boot, setup and safe mode start.</summary>
    Boot,
    /// <summary>Programs and libraries of remote desktop sessions.</summary>
    RemoteDesktop,
    /// <summary>Time providers.</summary>
    TimeProvider,
    /// <summary>Network providers and other libraries of the network.</summary>
    NetworkProvider,
    /// <summary>COM class of one user.</summary>
    UserClass,
    /// <summary>COM class of the machine whose server lies where neither Windows nor installers put one.</summary>
    MachineClass,
    /// <summary>Command of a file type or protocol.</summary>
    Association,
    /// <summary>Screen saver.</summary>
    ScreenSaver,
    /// <summary>Logon script, of a user or of group policy.</summary>
    LogonScript,
    /// <summary>Active Setup.</summary>
    ActiveSetup,
    /// <summary>AutoRun of the command processor.</summary>
    CommandProcessor,
    /// <summary>Debugger of crashed or hung programs.</summary>
    CrashDebugger,
    /// <summary>Shims and telemetry of application compatibility.</summary>
    Compatibility,
    /// <summary>Assistive technology.</summary>
    Accessibility,
    /// <summary>Tools that Explorer offers for drives: clean-up, backup, defragmentation.</summary>
    ExplorerTool,
    /// <summary>Startup folder that lies elsewhere.</summary>
    StartupFolder,
    /// <summary>Add-ins of Office.</summary>
    OfficeAddin,
    /// <summary>Libraries that Explorer loads.</summary>
    ShellExtension,
    /// <summary>Environment variable by which libraries are loaded.</summary>
    Environment,
}

/// <summary>An entry of the registry that makes Windows start or load something by itself, or a setting that such an entry depends on.</summary>
/// <remarks><b>Limitations:</b> class identifiers are not resolved to their libraries; libraries without a path are taken to be those of System32.</remarks>
public sealed record AutorunEntry(EvidenceLocation Location) : Artifact(Location), IStartsCommands, INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "windows-autorun";
    /// <summary>Mechanism.</summary>
    public required AutorunKind Mechanism { get; init; }
    /// <summary>Root and path of the key as an administrator writes it: <c>HKLM\SOFTWARE\Microsoft\...</c>, <c>HKU\NAME\...</c>.</summary>
    public required string KeyPath { get; init; }
    /// <summary>Name of the value, empty for the default; counted, may begin with NUL.</summary>
    public required string ValueName { get; init; }
    /// <summary>Its data as text; several texts are separated by line feeds.</summary>
    public required string Data { get; init; }
    /// <summary>Profile that it belongs to; null for the machine.</summary>
    public string? User { get; init; }
    /// <summary>It counts for 32-bit programs.</summary>
    public bool IsWow64 { get; init; }
    /// <summary>Last write of the key.</summary>
    public Timestamp? LastWritten { get; init; }
    /// <summary>What of the data are commands.</summary>
    public IReadOnlyList<string> CommandTexts { get; init; } = [];
    /// <summary>What of the data are files that are loaded, in Windows' notation.</summary>
    public IReadOnlyList<string> Libraries { get; init; } = [];
    /// <summary>Why it has no effect, as a clause; null when it has.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => [.. CommandTexts.Select(text => new StartCommand(text)
    {
        Trigger = "registry " + Mechanism,
        User = User,
        ByteOffset = Location.ByteOffset,
        DormantBecause = DormantBecause,
    })];

    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => [.. Libraries.Select(name => RegistryText.ImagePath(name, ".dll")).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("mechanism", Mechanism.ToString());
        fields.Text("key", KeyPath);
        fields.Text("value", ValueName);
        fields.Text("data", Data);
        fields.Text("user", User);
        fields.Flag("isWow64", IsWow64);
        fields.Time("lastWritten", LastWritten);
        fields.Text("dormantBecause", DormantBecause);
    }
}
