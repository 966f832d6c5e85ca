using System.Buffers.Binary;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Registry;

/// <summary>What the hive SYSTEM says: services, drivers, libraries of the system, the firewall, remote access.</summary>
public sealed class SystemHiveTests
{
    private const string Path = "/Windows/System32/config/SYSTEM";

    [Fact]
    public void Services_and_drivers_of_the_control_set_in_use_are_read()
    {
        RegistryHiveWriter hive = Hive();
        hive.Key(@"ControlSet001\Services\Old").Text("ImagePath", "old.exe").Number("Type", 0x10);
        hive.Key(@"ControlSet002\Services\Evil").Expandable("ImagePath", @"%COMSPEC% /c powershell -enc AAAA").Number("Type", 0x10).Number("Start", 2).Text("ObjectName", "LocalSystem")
            .Text("FailureCommand", @"C:\Windows\Temp\again.exe").Text("Description", "d");
        hive.Key(@"ControlSet002\Services\Shared").Expandable("ImagePath", @"%SystemRoot%\system32\svchost.exe -k netsvcs").Number("Type", 0x20).Number("Start", 4);
        hive.Key(@"ControlSet002\Services\Shared\Parameters").Expandable("ServiceDll", @"%SystemRoot%\System32\shared.dll");
        hive.Key(@"ControlSet002\Services\Shared\TriggerInfo\0");
        hive.Key(@"ControlSet002\Services\Driver").Number("Type", 1).Number("Start", 0);
        hive.Key(@"ControlSet002\Services\WinRing").Number("Type", 1).Text("ImagePath", @"\??\C:\Users\Public\WinRing0x64.sys");
        hive.Key(@"ControlSet002\Services\SettingsOnly\Parameters").Number("x", 1);

        var services = Read(hive).OfType<WindowsService>().ToDictionary(service => service.Name);

        Assert.Equal(["Driver", "Evil", "Shared", "WinRing"], services.Keys.Order());
        WindowsService evil = services["Evil"];
        Assert.Equal([@"%COMSPEC% /c powershell -enc AAAA", @"C:\Windows\Temp\again.exe"], evil.Commands.Select(command => command.Text));
        Assert.All(evil.Commands, command => Assert.Null(command.DormantBecause));
        Assert.Equal("LocalSystem", evil.Commands[0].User);
        Assert.Equal(@"ControlSet002\Services\Evil", evil.KeyPath);
        Assert.Equal("2026-11-20T10:00:00.000000000Z", evil.LastWritten.ToString());
        Assert.NotNull(evil.Location.ByteOffset);
        Assert.Equal(["/Windows/System32/shared.dll"], services["Shared"].NamedFiles);
        Assert.True(services["Shared"].HasTriggers);
        Assert.NotNull(services["Shared"].Commands[0].DormantBecause);
        Assert.Equal(["/Windows/system32/drivers/Driver.sys"], services["Driver"].NamedFiles);
        Assert.Empty(services["Driver"].Commands);
        Assert.Equal(["/Users/Public/WinRing0x64.sys"], services["WinRing"].NamedFiles);
    }

    [Fact]
    public void Packages_monitors_and_programs_of_the_system_are_entries()
    {
        RegistryHiveWriter hive = Hive();
        WrittenKey lsa = hive.Key(@"ControlSet002\Control\Lsa");
        lsa.Texts("Security Packages", "\"\"").Texts("Notification Packages", "scecli", "evilpw").Number("LimitBlankPasswordUse", 1);
        hive.Key(@"ControlSet002\Control\Session Manager").Texts("BootExecute", "autocheck autochk *", "evil");
        hive.Key(@"ControlSet002\Control\Session Manager\AppCertDlls").Text("x", @"C:\evil.dll");
        hive.Key(@"ControlSet002\Control\Print\Monitors\Local Port").Text("Driver", "localspl.dll");
        hive.Key(@"ControlSet002\Control\Print\Monitors\Evil").Text("Driver", @"C:\ProgramData\mon.dll");
        hive.Key(@"ControlSet002\Control\SafeBoot").Text("AlternateShell", "cmd.exe");
        hive.Key("Setup").Text("CmdLine", "");

        List<AutorunEntry> entries = [.. Read(hive).OfType<AutorunEntry>()];

        AutorunEntry notification = Assert.Single(entries, entry => entry.ValueName == "Notification Packages");
        Assert.Equal(["scecli", "evilpw"], notification.Libraries);
        Assert.Equal(["/Windows/System32/scecli.dll", "/Windows/System32/evilpw.dll"], notification.NamedFiles);
        Assert.Equal(@"HKLM\SYSTEM\ControlSet002\Control\Lsa", notification.KeyPath);
        Assert.Empty(Assert.Single(entries, entry => entry.ValueName == "Security Packages").Libraries);
        Assert.Equal("1", Assert.Single(entries, entry => entry.Mechanism == AutorunKind.LsaSetting).Data);
        Assert.Equal(["autocheck autochk *", "evil"], Assert.Single(entries, entry => entry.Mechanism == AutorunKind.SessionManager).CommandTexts);
        Assert.Equal(["/evil.dll"], Assert.Single(entries, entry => entry.Mechanism == AutorunKind.AppCert).NamedFiles);
        Assert.Equal(["/ProgramData/mon.dll", "/Windows/System32/localspl.dll"], entries.Where(entry => entry.Mechanism == AutorunKind.PrintMonitor).SelectMany(entry => entry.NamedFiles).Order());
        Assert.Equal("cmd.exe", Assert.Single(entries, entry => entry.Mechanism == AutorunKind.Boot).Data);
    }

    [Fact]
    public void Firewall_port_proxies_and_remote_desktop_are_read()
    {
        RegistryHiveWriter hive = Hive();
        string policy = @"ControlSet002\Services\SharedAccess\Parameters\FirewallPolicy\";
        hive.Key(policy + "PublicProfile").Number("EnableFirewall", 0);
        hive.Key(policy + "FirewallRules").Text("{1}", @"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=65529|LPort=80|App=C:\Windows\Temp\x.exe|Name=SDNSd|");
        hive.Key(@"ControlSet002\Services\PortProxy\v4tov4\tcp").Text("*/65529", "1.1.1.1/53");
        hive.Key(@"ControlSet002\Control\Terminal Server").Number("fDenyTSConnections", 0);
        hive.Key(@"ControlSet002\Control\Terminal Server\WinStations\RDP-Tcp").Number("PortNumber", 3390).Number("UserAuthentication", 0);

        List<Artifact> found = Read(hive);

        FirewallRule rule = Assert.Single(found.OfType<FirewallRule>());
        Assert.Equal(("Allow", "In", "6", "65529,80", @"C:\Windows\Temp\x.exe", "SDNSd", true), (rule.Action, rule.Direction, rule.Protocol, rule.LocalPorts, rule.Application, rule.Name, rule.IsActive));
        FirewallProfile profile = Assert.Single(found.OfType<FirewallProfile>());
        Assert.Equal(("PublicProfile", false), (profile.Profile, profile.IsEnabled));
        PortProxy proxy = Assert.Single(found.OfType<PortProxy>());
        Assert.Equal(("v4tov4", "*/65529", "1.1.1.1/53"), (proxy.Family, proxy.Listens, proxy.Connects));
        RemoteDesktopSetting remote = Assert.Single(found.OfType<RemoteDesktopSetting>());
        Assert.Equal((false, 3390, false), (remote.DeniesConnections, remote.Port, remote.NeedsNetworkAuthentication));
    }

    [Fact]
    public void The_machine_has_a_name_and_a_time_zone()
    {
        RegistryHiveWriter hive = Hive();
        hive.Key(@"ControlSet002\Control\ComputerName\ComputerName").Text("ComputerName", "WEB01");
        hive.Key(@"ControlSet002\Control\TimeZoneInformation").Text("TimeZoneKeyName", "UTC");
        hive.Key(@"ControlSet002\Control\Windows").Binary("ShutdownTime", BitConverter.GetBytes(WrittenKey.DefaultTime));

        WindowsIdentity identity = Assert.Single(Read(hive).OfType<WindowsIdentity>());

        Assert.Equal(("WEB01", "UTC", 2), (identity.ComputerName, identity.TimeZone, identity.ControlSet));
        Assert.Equal("2026-11-20T10:00:00.000000000Z", identity.LastShutdown.ToString());
    }

    [Fact]
    public void The_logs_beside_the_hive_are_applied()
    {
        RegistryHiveWriter hive = Hive();
        byte[] before = hive.ToBytes();
        hive.Key(@"ControlSet002\Services\Late").Text("ImagePath", "late.exe").Number("Type", 0x10);
        byte[] after = hive.ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(before.AsSpan(4), 2);
        RegistryHiveWriter.WriteChecksum(before);

        ArtifactList found = HiveInput.Parse(new SystemHiveParser(), Path, before, ("system.log1", RegistryLogWriter.NewFormat(1, before, after)));

        Assert.Equal("Late", Assert.Single(found.Artifacts.OfType<WindowsService>()).Name);
    }

    [Fact]
    public void A_hive_of_a_real_machine_gives_its_services()
    {
        ArtifactList found = HiveInput.Parse(
            new SystemHiveParser(),
            Path,
            new FileByteSource(SharedImages.Unpack("hives/SYSTEM_B.xz")),
            new Dictionary<string, IByteSource> { ["SYSTEM.LOG1"] = new FileByteSource(SharedImages.Unpack("hives/SYSTEM_B.LOG1.xz")), ["SYSTEM.LOG2"] = new FileByteSource(SharedImages.Unpack("hives/SYSTEM_B.LOG2.xz")) });

        WindowsService service = Assert.Single(found.Artifacts.OfType<WindowsService>(), service => service.Name.Equals("Dhcp", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("/Windows/system32/dhcpcore.dll", Assert.Single(service.NamedFiles), ignoreCase: true);
        Assert.InRange(found.Artifacts.OfType<WindowsService>().Count(), 300, 1000);
        // Every one of them starts or loads something.
        Assert.All(found.Artifacts.OfType<WindowsService>(), one => Assert.True(one.NamedFiles.Count + one.Commands.Count > 0, one.Name));
        Assert.NotEmpty(found.Artifacts.OfType<FirewallRule>());
        Assert.NotNull(Assert.Single(found.Artifacts.OfType<WindowsIdentity>()).ComputerName);
    }

    private static RegistryHiveWriter Hive()
    {
        var hive = new RegistryHiveWriter();
        hive.Key("Select").Number("Current", 2);
        hive.Key("ControlSet001");
        hive.Key("ControlSet002");
        return hive;
    }

    private static List<Artifact> Read(RegistryHiveWriter hive) => HiveInput.Parse(new SystemHiveParser(), Path, hive).Artifacts;
}
