namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>What the data of an entry are.</summary>
internal enum AutorunForm
{
    /// <summary>A command.</summary>
    Command,
    /// <summary>Commands separated by commas.</summary>
    CommandList,
    /// <summary>A library.</summary>
    Library,
    /// <summary>Libraries separated by commas, blanks or as several texts.</summary>
    LibraryList,
    /// <summary>Neither: a class identifier, a folder, a number.</summary>
    Setting,
}

/// <summary>A place of the registry where entries are looked for.</summary>
/// <param name="Kind">Mechanism.</param>
/// <param name="Form">What the data are.</param>
/// <param name="Key">Path below the root of the hive or control set; <c>*</c> is any one name.</param>
/// <param name="Values">Names of values; <c>*</c> is any.</param>
internal sealed record AutorunPlace(AutorunKind Kind, AutorunForm Form, string Key, params string[] Values);

/// <summary>The places, by hive. The catalogue of persistence of this project and Sysinternals Autoruns are the sources.</summary>
internal static class AutorunPlaces
{
    private const string Nt = @"Microsoft\Windows NT\CurrentVersion\";
    private const string Cv = @"Microsoft\Windows\CurrentVersion\";
    private const string All = "*";
    private const string Default = "";

    // Below SOFTWARE, below its Wow6432Node, and below Software of users.
    private static readonly AutorunPlace[] s_shared =
    [
        new(AutorunKind.Run, AutorunForm.Command, Cv + "Run", All),
        new(AutorunKind.RunOnce, AutorunForm.Command, Cv + "RunOnce", All),
        new(AutorunKind.RunOnce, AutorunForm.Command, Cv + @"RunOnce\Setup", All),
        new(AutorunKind.RunOnceEx, AutorunForm.Command, Cv + @"RunOnceEx", All),
        new(AutorunKind.RunOnceEx, AutorunForm.Command, Cv + @"RunOnceEx\*", All),
        new(AutorunKind.RunOnceEx, AutorunForm.Library, Cv + @"RunOnceEx\*\Depend", All),
        new(AutorunKind.RunServices, AutorunForm.Command, Cv + "RunServices", All),
        new(AutorunKind.RunServices, AutorunForm.Command, Cv + "RunServicesOnce", All),
        new(AutorunKind.PolicyRun, AutorunForm.Command, Cv + @"Policies\Explorer\Run", All),
        new(AutorunKind.RemoteDesktop, AutorunForm.Command, Nt + @"Terminal Server\Install\Software\Microsoft\Windows\CurrentVersion\Run", All),
        new(AutorunKind.RemoteDesktop, AutorunForm.Command, Nt + @"Terminal Server\Install\Software\Microsoft\Windows\CurrentVersion\RunOnce", All),
        new(AutorunKind.RemoteDesktop, AutorunForm.Command, Nt + @"Terminal Server\Install\Software\Microsoft\Windows\CurrentVersion\RunOnceEx\*", All),
        new(AutorunKind.Winlogon, AutorunForm.CommandList, Nt + "Winlogon", "Userinit", "Shell", "Taskman", "VmApplet", "AppSetup", "mpnotify", "System", "UIHost"),
        new(AutorunKind.Winlogon, AutorunForm.Library, Nt + "Winlogon", "GinaDLL"),
        new(AutorunKind.Winlogon, AutorunForm.CommandList, Cv + @"Policies\System", "Shell"),
        new(AutorunKind.CommandProcessor, AutorunForm.Command, @"Microsoft\Command Processor", "AutoRun"),
        new(AutorunKind.LogonScript, AutorunForm.Command, Cv + @"Group Policy\Scripts\*\*\*", "Script"),
        new(AutorunKind.LogonScript, AutorunForm.Command, Cv + @"Group Policy\State\*\Scripts\*\*\*", "Script"),
        new(AutorunKind.LogonScript, AutorunForm.Command, @"Policies\Microsoft\Windows\System\Scripts\*\*\*", "Script"),
        new(AutorunKind.OfficeAddin, AutorunForm.Library, @"Microsoft\Office test\Special\Perf", Default),
        new(AutorunKind.ShellExtension, AutorunForm.Setting, Cv + @"ShellServiceObjectDelayLoad", All),
        new(AutorunKind.CrashDebugger, AutorunForm.Command, @"Microsoft\Windows\Windows Error Reporting\Hangs", "Debugger", "ReflectDebugger"),
    ];

    private static readonly AutorunPlace[] s_software =
    [
        .. s_shared,
        new(AutorunKind.WinlogonNotify, AutorunForm.Library, Nt + @"Winlogon\Notify\*", "DLLName"),
        new(AutorunKind.HiddenAccount, AutorunForm.Setting, Nt + @"Winlogon\SpecialAccounts\UserList", All),
        new(AutorunKind.ImageFileDebugger, AutorunForm.Command, Nt + @"Image File Execution Options\*", "Debugger"),
        new(AutorunKind.ImageFileVerifier, AutorunForm.LibraryList, Nt + @"Image File Execution Options\*", "VerifierDlls"),
        new(AutorunKind.ImageFileDebugger, AutorunForm.Command, Nt + @"Image File Execution Options\*\*", "Debugger"),
        new(AutorunKind.ImageFileVerifier, AutorunForm.LibraryList, Nt + @"Image File Execution Options\*\*", "VerifierDlls"),
        new(AutorunKind.SilentProcessExit, AutorunForm.Command, Nt + @"SilentProcessExit\*", "MonitorProcess"),
        new(AutorunKind.AppInit, AutorunForm.LibraryList, Nt + "Windows", "AppInit_DLLs"),
        new(AutorunKind.CrashDebugger, AutorunForm.Command, Nt + "AeDebug", "Debugger"),
        new(AutorunKind.NetshHelper, AutorunForm.Library, @"Microsoft\NetSh", All),
        new(AutorunKind.ActiveSetup, AutorunForm.Command, @"Microsoft\Active Setup\Installed Components\*", "StubPath"),
        new(AutorunKind.Compatibility, AutorunForm.Command, Nt + @"AppCompatFlags\TelemetryController\*", "Command"),
        new(AutorunKind.Compatibility, AutorunForm.Setting, Nt + @"AppCompatFlags\InstalledSDB\*", "DatabasePath"),
        new(AutorunKind.Compatibility, AutorunForm.Setting, Nt + @"AppCompatFlags\Custom\*", All),
        new(AutorunKind.Accessibility, AutorunForm.Command, Nt + @"Accessibility\ATs\*", "StartExe"),
        new(AutorunKind.Accessibility, AutorunForm.Command, Nt + @"Accessibility\Utility Manager\*", "Application path"),
        new(AutorunKind.ExplorerTool, AutorunForm.Command, Cv + @"Explorer\MyComputer\*", Default),
        new(AutorunKind.StartupFolder, AutorunForm.Setting, Cv + @"Explorer\User Shell Folders", "Common Startup"),
        new(AutorunKind.StartupFolder, AutorunForm.Setting, Cv + @"Explorer\Shell Folders", "Common Startup"),
        new(AutorunKind.ShellExtension, AutorunForm.Setting, Cv + @"Explorer\SharedTaskScheduler", All),
        .. new[] { "exefile", "comfile", "batfile", "cmdfile", "piffile", "scrfile", "htafile", "txtfile", "regfile", "mscfile", "vbsfile", "jsfile", "ms-settings", "http", "https", "Folder", "Directory", "Drive" }
            .Select(type => new AutorunPlace(AutorunKind.Association, AutorunForm.Command, $@"Classes\{type}\shell\open\command", Default, "IsolatedCommand", "DelegateExecute")),
    ];

    private static readonly AutorunPlace[] s_user =
    [
        .. s_shared.Select(place => place with { Key = @"Software\" + place.Key }),
        new(AutorunKind.WindowsLoad, AutorunForm.CommandList, @"Software\" + Nt + "Windows", "Run", "Load"),
        new(AutorunKind.LogonScript, AutorunForm.Command, "Environment", "UserInitMprLogonScript"),
        new(AutorunKind.Environment, AutorunForm.Library, "Environment", "COR_PROFILER_PATH", "COR_PROFILER_PATH_32", "COR_PROFILER_PATH_64", "CORECLR_PROFILER_PATH", "CORECLR_PROFILER_PATH_64", "APPDOMAIN_MANAGER_ASM"),
        new(AutorunKind.Environment, AutorunForm.Setting, "Environment", "COR_ENABLE_PROFILING", "COR_PROFILER", "CORECLR_ENABLE_PROFILING", "CORECLR_PROFILER"),
        new(AutorunKind.ScreenSaver, AutorunForm.Command, @"Control Panel\Desktop", "SCRNSAVE.EXE"),
        new(AutorunKind.ScreenSaver, AutorunForm.Command, @"Software\Policies\Microsoft\Windows\Control Panel\Desktop", "SCRNSAVE.EXE"),
        new(AutorunKind.Association, AutorunForm.Library, @"Software\Microsoft\HtmlHelp Author", "Location"),
        new(AutorunKind.StartupFolder, AutorunForm.Setting, @"Software\" + Cv + @"Explorer\User Shell Folders", "Startup"),
        new(AutorunKind.StartupFolder, AutorunForm.Setting, @"Software\" + Cv + @"Explorer\Shell Folders", "Startup"),
        new(AutorunKind.UserClass, AutorunForm.Library, @"Software\Classes\CLSID\*\InprocServer32", Default),
        new(AutorunKind.UserClass, AutorunForm.Command, @"Software\Classes\CLSID\*\LocalServer32", Default),
        new(AutorunKind.Association, AutorunForm.Command, @"Software\Classes\*\shell\open\command", Default, "DelegateExecute", "IsolatedCommand"),
    ];

    private static readonly AutorunPlace[] s_userClasses =
    [
        .. new[] { "", @"Wow6432Node\" }.SelectMany(prefix => (AutorunPlace[])
        [
            new(AutorunKind.UserClass, AutorunForm.Library, prefix + @"CLSID\*\InprocServer32", Default),
            new(AutorunKind.UserClass, AutorunForm.Library, prefix + @"CLSID\*\InprocHandler32", Default),
            new(AutorunKind.UserClass, AutorunForm.Command, prefix + @"CLSID\*\LocalServer32", Default),
            new(AutorunKind.UserClass, AutorunForm.Setting, prefix + @"CLSID\*\TreatAs", Default),
            new(AutorunKind.UserClass, AutorunForm.Setting, prefix + @"CLSID\*\ScriptletURL", Default),
        ]),
        new(AutorunKind.Association, AutorunForm.Command, @"*\shell\open\command", Default, "DelegateExecute", "IsolatedCommand"),
        new(AutorunKind.Association, AutorunForm.Command, @"*\shell\runas\command", Default, "DelegateExecute", "IsolatedCommand"),
    ];

    // Below the control set in use.
    private static readonly AutorunPlace[] s_controlSet =
    [
        new(AutorunKind.LsaPackage, AutorunForm.LibraryList, @"Control\Lsa", "Security Packages", "Authentication Packages", "Notification Packages"),
        new(AutorunKind.LsaPackage, AutorunForm.LibraryList, @"Control\Lsa\OSConfig", "Security Packages"),
        new(AutorunKind.LsaPackage, AutorunForm.LibraryList, @"Control\LsaExtensionConfig\LsaSrv", "Extensions"),
        new(AutorunKind.LsaPackage, AutorunForm.LibraryList, @"Control\SecurityProviders", "SecurityProviders"),
        new(AutorunKind.LsaSetting, AutorunForm.Setting, @"Control\Lsa", "DsrmAdminLogonBehavior", "LimitBlankPasswordUse", "RunAsPPL", "DisableRestrictedAdmin", "NoLMHash", "LmCompatibilityLevel"),
        new(AutorunKind.LsaSetting, AutorunForm.Setting, @"Control\SecurityProviders\WDigest", "UseLogonCredential"),
        new(AutorunKind.SessionManager, AutorunForm.Command, @"Control\Session Manager", "BootExecute", "BootExecuteNoPnpSync", "SetupExecute", "SetupExecuteNoPnpSync", "Execute", "S0InitialCommand", "PlatformExecute"),
        new(AutorunKind.SessionManager, AutorunForm.Command, @"Control\Session Manager\SubSystems", "Windows", "Posix", "Os2"),
        new(AutorunKind.PendingRename, AutorunForm.Setting, @"Control\Session Manager", "PendingFileRenameOperations", "PendingFileRenameOperations2"),
        new(AutorunKind.KnownLibrary, AutorunForm.Library, @"Control\Session Manager\KnownDLLs", All),
        new(AutorunKind.AppCert, AutorunForm.Library, @"Control\Session Manager\AppCertDlls", All),
        new(AutorunKind.Environment, AutorunForm.Library, @"Control\Session Manager\Environment", "COR_PROFILER_PATH", "COR_PROFILER_PATH_32", "COR_PROFILER_PATH_64", "CORECLR_PROFILER_PATH", "CORECLR_PROFILER_PATH_64"),
        new(AutorunKind.Environment, AutorunForm.Setting, @"Control\Session Manager\Environment", "COR_ENABLE_PROFILING", "COR_PROFILER", "CORECLR_ENABLE_PROFILING", "ComSpec", "Path"),
        new(AutorunKind.Boot, AutorunForm.Command, @"Control\BootVerificationProgram", "ImagePath"),
        new(AutorunKind.Boot, AutorunForm.Command, @"Control\SafeBoot", "AlternateShell"),
        new(AutorunKind.PrintMonitor, AutorunForm.Library, @"Control\Print\Monitors\*", "Driver"),
        new(AutorunKind.PrintMonitor, AutorunForm.Library, @"Control\Print\Providers\*", "Name"),
        new(AutorunKind.PrintMonitor, AutorunForm.Library, @"Control\Print\Environments\*\Print Processors\*", "Driver"),
        new(AutorunKind.RemoteDesktop, AutorunForm.Command, @"Control\Terminal Server\WinStations\*", "InitialProgram"),
        new(AutorunKind.RemoteDesktop, AutorunForm.CommandList, @"Control\Terminal Server\Wds\rdpwd", "StartupPrograms"),
        new(AutorunKind.TimeProvider, AutorunForm.Library, @"Services\W32Time\TimeProviders\*", "DllName"),
        new(AutorunKind.NetworkProvider, AutorunForm.Setting, @"Control\NetworkProvider\Order", "ProviderOrder"),
        new(AutorunKind.NetworkProvider, AutorunForm.Library, @"Services\*\NetworkProvider", "ProviderPath"),
        new(AutorunKind.NetworkProvider, AutorunForm.Library, @"Services\WinSock2\Parameters", "AutodialDLL"),
        new(AutorunKind.NetworkProvider, AutorunForm.Library, @"Services\WinSock2\Parameters\Protocol_Catalog9\Catalog_Entries\*", "PackedCatalogItem"),
        new(AutorunKind.NetworkProvider, AutorunForm.Library, @"Services\WinSock2\Parameters\Protocol_Catalog9\Catalog_Entries64\*", "PackedCatalogItem"),
        new(AutorunKind.NetworkProvider, AutorunForm.Library, @"Services\WinSock2\Parameters\NameSpace_Catalog5\Catalog_Entries\*", "LibraryPath"),
        new(AutorunKind.NetworkProvider, AutorunForm.Library, @"Services\WinSock2\Parameters\NameSpace_Catalog5\Catalog_Entries64\*", "LibraryPath"),
        new(AutorunKind.NetworkProvider, AutorunForm.Setting, @"Services\Tcpip\Parameters", "DataBasePath"),
        new(AutorunKind.ShellExtension, AutorunForm.Library, @"Control\ContentIndex\Language\*", "DLLOverridePath", "StemmerDLLPathOverride", "WBDLLPathOverride"),
    ];

    /// <summary>Below the root of SOFTWARE.</summary>
    public static IReadOnlyList<AutorunPlace> Software => s_software;
    /// <summary>Below the root of NTUSER.DAT.</summary>
    public static IReadOnlyList<AutorunPlace> User => s_user;
    /// <summary>Below Software of a user, or its Wow6432Node.</summary>
    public static IReadOnlyList<AutorunPlace> UserSoftware => s_shared;
    /// <summary>Below the root of UsrClass.dat.</summary>
    public static IReadOnlyList<AutorunPlace> UserClasses => s_userClasses;
    /// <summary>Below a control set of SYSTEM.</summary>
    public static IReadOnlyList<AutorunPlace> ControlSet => s_controlSet;
    /// <summary>Below the root of SYSTEM.</summary>
    public static IReadOnlyList<AutorunPlace> System { get; } = [new(AutorunKind.Boot, AutorunForm.Command, "Setup", "CmdLine")];
}
