using Forensics.Parsers.Tests.Formats.Registry;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Hives as a Windows server has them after the installation, to be changed by plants.</summary>
internal static partial class WindowsStockHives
{
    public const string SystemFile = "/Windows/System32/config/SYSTEM";
    public const string Software = "/Windows/System32/config/SOFTWARE";
    public const string User = "/Users/alice/NTUSER.DAT";
    public const string Classes = "/Users/alice/AppData/Local/Microsoft/Windows/UsrClass.dat";
    public const string Set = @"ControlSet001\";
    public const string Cv = @"Microsoft\Windows\CurrentVersion\";
    public const string Nt = @"Microsoft\Windows NT\CurrentVersion\";

    /// <summary>Plants SYSTEM and SOFTWARE, changed.</summary>
    public static PlantTree Hives(PlantTree tree, Action<RegistryHiveWriter>? system = null, Action<RegistryHiveWriter>? software = null, Action<RegistryHiveWriter>? user = null, Action<RegistryHiveWriter>? classes = null)
    {
        foreach ((string path, RegistryHiveWriter hive, Action<RegistryHiveWriter>? change) in new[] { (SystemFile, SystemHive(), system), (Software, SoftwareHive(), software), (User, UserHive(), user), (Classes, ClassesHive(), classes) })
        {
            if (path == Software)
            {
                RegisterPlanted(hive, tree);
            }
            change?.Invoke(hive);
            tree.File(path, hive.ToBytes());
        }
        tree.File(SamFile, SamHive(500).ToBytes());
        foreach (string library in (string[])["schedsvc.dll", "qmgr.dll", "termsrv.dll", "SecurityHealthSystray.exe", "userinit.exe", "csrss.exe", "autochk.exe", "localspl.dll", "tcpmon.dll", "w32time.dll", "drivers/tcpip.sys", "drivers/disk.sys", "drivers/ntfs.sys"])
        {
            tree.Pe("/Windows/System32/" + library, new PlantedPe { Seed = library });
        }
        return tree.Pe("/Users/alice/AppData/Local/Microsoft/OneDrive/OneDrive.exe", new PlantedPe { Seed = "od", IsSigned = true });
    }

    /// <summary>Adds a service of its own.</summary>
    public static WrittenKey Service(RegistryHiveWriter hive, string name, string image, uint start = 2, uint type = 0x10) =>
        hive.Key(Set + @"Services\" + name).Expandable("ImagePath", image).Number("Type", type).Number("Start", start).Number("ErrorControl", 1).Text("ObjectName", "LocalSystem");

    /// <summary>Sets a text in place of the one that is there.</summary>
    public static WrittenKey Replace(WrittenKey key, string name, string text)
    {
        key.Values.RemoveAll(value => value.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return key.Text(name, text);
    }

    /// <summary>Sets several texts in place of those that are there.</summary>
    public static WrittenKey ReplaceAll(WrittenKey key, string name, params string[] texts)
    {
        key.Values.RemoveAll(value => value.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return key.Texts(name, texts);
    }

    /// <summary>Sets a number in place of the one that is there.</summary>
    public static WrittenKey ReplaceNumber(WrittenKey key, string name, uint number)
    {
        key.Values.RemoveAll(value => value.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return key.Number(name, number);
    }

    private static RegistryHiveWriter SystemHive()
    {
        var hive = new RegistryHiveWriter();
        hive.Key("Select").Number("Current", 1).Number("Default", 1);
        hive.Key("Setup").Text("CmdLine", "").Number("SetupType", 0);
        foreach ((string name, string dll) in new[] { ("Schedule", "schedsvc.dll"), ("BITS", "qmgr.dll"), ("TermService", "termsrv.dll") })
        {
            Service(hive, name, @"%SystemRoot%\system32\svchost.exe -k netsvcs -p", type: 0x20).Key("Parameters").Expandable("ServiceDll", @"%SystemRoot%\System32\" + dll);
        }
        Service(hive, "Spooler", @"%SystemRoot%\System32\spoolsv.exe", type: 0x110);
        Service(hive, "WinDefend", "\"%ProgramFiles%\\Windows Defender\\MsMpEng.exe\"");
        hive.Key(Set + @"Services\Tcpip").Expandable("ImagePath", @"System32\drivers\tcpip.sys").Number("Type", 1).Number("Start", 0).Key("Parameters").Expandable("DataBasePath", @"%SystemRoot%\System32\drivers\etc").Text("Hostname", "WS01");
        hive.Key(Set + @"Services\disk").Expandable("ImagePath", @"\SystemRoot\System32\drivers\disk.sys").Number("Type", 1).Number("Start", 0);
        hive.Key(Set + @"Services\Ntfs").Number("Type", 2).Number("Start", 0);
        hive.Key(Set + @"Services\W32Time\TimeProviders\NtpClient").Expandable("DllName", @"%systemroot%\system32\w32time.dll").Number("Enabled", 1);
        hive.Key(Set + @"Services\WinSock2\Parameters").Expandable("AutodialDLL", @"C:\Windows\System32\rasadhlp.dll");
        hive.Key(Set + @"Services\LanmanWorkstation\NetworkProvider").Expandable("ProviderPath", @"%SystemRoot%\System32\ntlanman.dll");
        hive.Key(Set + @"Control\Lsa").Texts("Security Packages", "\"\"").Texts("Authentication Packages", "msv1_0").Texts("Notification Packages", "rassfm", "scecli").Number("LimitBlankPasswordUse", 1).Number("NoLMHash", 1);
        hive.Key(Set + @"Control\Lsa\OSConfig").Texts("Security Packages", "kerberos", "msv1_0", "schannel", "wdigest", "tspkg", "pku2u");
        hive.Key(Set + @"Control\LsaExtensionConfig\LsaSrv").Texts("Extensions", "lsasrv.dll");
        hive.Key(Set + @"Control\SecurityProviders").Text("SecurityProviders", "credssp.dll");
        hive.Key(Set + @"Control\Session Manager").Texts("BootExecute", "autocheck autochk *").Texts("SetupExecute", "");
        hive.Key(Set + @"Control\Session Manager\SubSystems").Expandable("Windows", @"%SystemRoot%\system32\csrss.exe ObjectDirectory=\Windows SharedSection=1024,20480,768 Windows=On SubSystemType=Windows");
        hive.Key(Set + @"Control\Session Manager\KnownDLLs").Text("kernel32", "kernel32.dll").Expandable("DllDirectory", @"%SystemRoot%\system32").Expandable("DllDirectory32", @"%SystemRoot%\syswow64");
        hive.Key(Set + @"Control\SafeBoot").Text("AlternateShell", "cmd.exe");
        hive.Key(Set + @"Control\Print\Monitors\Local Port").Text("Driver", "localspl.dll");
        hive.Key(Set + @"Control\Print\Monitors\Standard TCP/IP Port").Text("Driver", "tcpmon.dll");
        hive.Key(Set + @"Control\Terminal Server").Number("fDenyTSConnections", 1).Key(@"Wds\rdpwd").Text("StartupPrograms", "rdpclip");
        hive.Key(Set + @"Control\Terminal Server\WinStations\RDP-Tcp").Number("PortNumber", 3389).Number("UserAuthentication", 1).Text("InitialProgram", "");
        hive.Key(Set + @"Control\ComputerName\ComputerName").Text("ComputerName", "WS01");
        hive.Key(Set + @"Control\TimeZoneInformation").Text("TimeZoneKeyName", "W. Europe Standard Time");
        WrittenKey firewall = hive.Key(Set + @"Services\SharedAccess\Parameters\FirewallPolicy");
        firewall.Key("StandardProfile").Number("EnableFirewall", 1);
        firewall.Key("FirewallRules").Text("RemoteDesktop-UserMode-In-TCP", @"v2.30|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=3389|App=%SystemRoot%\system32\svchost.exe|Svc=termservice|Name=@FirewallAPI.dll,-28775|")
            .Text("CoreNet-DHCP-In", @"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=68|RPort=67|App=%SystemRoot%\system32\svchost.exe|Svc=dhcp|Name=@FirewallAPI.dll,-25301|");
        return hive;
    }

    private static RegistryHiveWriter SoftwareHive()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(Nt.TrimEnd('\\')).Text("ProductName", "Windows Server 2019 Standard").Text("CurrentBuildNumber", "17763").Number("UBR", 5329).Number("InstallDate", 1_700_000_000);
        hive.Key(Nt + "Winlogon").Text("Userinit", @"C:\Windows\system32\userinit.exe,").Text("Shell", "explorer.exe").Text("VMApplet", "SystemPropertiesPerformance.exe /pagefile");
        hive.Key(Cv + "Run").Expandable("SecurityHealth", @"%windir%\system32\SecurityHealthSystray.exe");
        hive.Key(Nt + @"Image File Execution Options\svchost.exe").Number("MinimumStackCommitInBytes", 32768);
        hive.Key(Nt + "Windows").Text("AppInit_DLLs", "").Number("LoadAppInit_DLLs", 0);
        hive.Key(@"Classes\exefile\shell\open\command").Text("", "\"%1\" %*").Text("IsolatedCommand", "\"%1\" %*");
        hive.Key(@"Classes\scrfile\shell\open\command").Text("", "\"%1\" /S");
        hive.Key(@"Classes\txtfile\shell\open\command").Expandable("", @"%SystemRoot%\system32\NOTEPAD.EXE %1");
        hive.Key(@"Classes\ms-settings\shell\open\command").Text("DelegateExecute", "{4ed3a719-cea8-4bd9-910d-e252f997afc2}");
        hive.Key(@"Microsoft\NetSh").Text("2", "ifmon.dll").Text("4", "rasmontr.dll");
        hive.Key(Nt + "AeDebug").Text("Debugger", "");
        hive.Key(Cv + @"Explorer\User Shell Folders").Expandable("Common Startup", @"%ProgramData%\Microsoft\Windows\Start Menu\Programs\Startup");
        hive.Key(@"Microsoft\Active Setup\Installed Components\{89820200-ECBD-11cf-8B85-00AA005B4340}").Expandable("StubPath", @"U");
        hive.Key(@"Microsoft\Windows Defender").Number("DisableAntiSpyware", 0).Number("ProductStatus", 0);
        hive.Key(@"Microsoft\Windows Defender\Features").Number("TamperProtection", 5);
        hive.Key(@"Microsoft\Windows Defender\Exclusions\Paths");
        return hive;
    }

    private static RegistryHiveWriter UserHive()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"Software\" + Cv + "Run").Text("OneDrive", "\"C:\\Users\\alice\\AppData\\Local\\Microsoft\\OneDrive\\OneDrive.exe\" /background");
        hive.Key(@"Control Panel\Desktop").Text("SCRNSAVE.EXE", @"C:\Windows\system32\scrnsave.scr");
        hive.Key(@"Software\" + Cv + @"Explorer\User Shell Folders").Expandable("Startup", @"%USERPROFILE%\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup");
        return hive;
    }

    private static RegistryHiveWriter ClassesHive()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"CLSID\{A0396A93-DC06-4AEF-BEE9-95FFCCAEF20E}\InprocServer32").Text("", @"C:\Users\alice\AppData\Local\Microsoft\OneDrive\FileSyncShell64.dll");
        return hive;
    }
}
