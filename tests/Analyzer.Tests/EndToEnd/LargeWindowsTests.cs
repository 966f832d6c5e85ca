using System.Diagnostics;
using System.Globalization;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Tests.Detection;
using Forensics.Parsers.Tests.Formats.EventLog;
using Forensics.Parsers.Tests.Formats.Registry;
using Forensics.Parsers.Tests.Formats.Windows;
using Xunit;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>
/// How long triage takes on a server of Windows of full size: 300,000 files, hives of 12 and 80 MiB, 600 services, 200 tasks, catalogs, event logs, prefetch. Run by name, since it needs a quiet
/// machine and minutes to make the volume; <c>DEADBOX_LARGE_WINDOWS</c> names a file in which the volume is kept.
/// </summary>
public sealed class LargeWindowsTests
{
    private const int Files = 300_000;
    private const int Services = 600;
    private const int Tasks = 200;
    private const int Catalogs = 2_500;
    private const int CatalogMembers = 60;

    [Fact(Explicit = true)]
    public void Triage_of_300_000_files_takes_six_seconds()
    {
        using var machine = new Machine();
        string volume = Environment.GetEnvironmentVariable("DEADBOX_LARGE_WINDOWS") ?? machine.At("windows.img");
        if (!File.Exists(volume))
        {
            Make(machine, volume);
        }
        var times = new List<TimeSpan>();
        for (int round = 0; round < 3; round++)
        {
            var clock = Stopwatch.StartNew();
            ScanResult result = ImageScan.Run(new ScanOptions(new ImageSource(volume)) { Profile = ScanProfile.Triage, TrustedRoots = [volume + ".pem"] }, NullProgress.Instance, TestContext.Current.CancellationToken);
            times.Add(clock.Elapsed);
            TestContext.Current.TestOutputHelper?.WriteLine($"{clock.Elapsed.TotalSeconds:f2} s, {result.Report.Findings.Count} findings");
        }
        Assert.True(times.Min() < TimeSpan.FromSeconds(6), string.Join(", ", times));
    }

    private static void Make(Machine machine, string volume)
    {
        var tree = new PlantTree(PlantHost.Windows);
        WindowsBaseHost.Fill(tree);
        Hives(tree, System, Software);
        var random = new Random(7);
        var programs = new List<byte[]>();
        byte[] Program(string path, int size)
        {
            byte[] program = [.. new PlantedPe { Seed = path, Version = (10, 0, 17763, 1) }.Build(), .. new byte[size]];
            random.NextBytes(program.AsSpan(^size..));
            tree.File(path, program);
            return program;
        }
        for (int i = 0; i < Services; i++)
        {
            programs.Add(Program(i % 2 == 0 ? $"/Windows/System32/drivers/drv{i}.sys" : $"/Windows/System32/svc{i}.dll", random.Next(50_000, 500_000)));
        }
        for (int i = 0; i < 4_000; i++)
        {
            Program($"/Windows/System32/lib{i}.dll", random.Next(20_000, 300_000));
        }
        for (int i = 0; i < Tasks; i++)
        {
            WindowsBaseHost.Task(tree, $@"Microsoft\Windows\Group{i % 40}\Task{i}", WindowsBaseHost.Exec(@"%windir%\system32\rundll32.exe", $"svc{1 + (i * 2 % Services)}.dll,Run"), principal: "S-1-5-18");
        }
        for (int i = 0; i < Catalogs; i++)
        {
            byte[][] members = [.. Enumerable.Range(0, CatalogMembers).Select(n => new PlantedPe { Seed = $"{i}.{n}" }.Build())];
            if (i < Services)
            {
                members[0] = programs[i];
            }
            tree.File($"/Windows/System32/CatRoot/{{F750E6C3-38EE-11D1-85E5-00C04FC295EE}}/Package_{i}.cat", PlantSigner.Catalog(members));
        }
        for (int i = 0; i < 250; i++)
        {
            tree.File($"/Windows/Prefetch/TOOL{i}.EXE-{i:X8}.pf", PrefetchWriter.Make(26));
        }
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddYears(56);
        foreach ((string log, string channel, int count) in new[] { ("Security", "Security", 30_000), ("System", "System", 30_000), ("Application", "Application", 30_000), ("Microsoft-Windows-PowerShell%4Operational", "Microsoft-Windows-PowerShell/Operational", 5_000) })
        {
            tree.File($"/Windows/System32/winevt/Logs/{log}.evtx", EvtxWriter.Write(Enumerable.Range(0, count).Select(i =>
                new WrittenEvent("Microsoft-Windows-Security-Auditing", 4624 + (i % 3 * 10), time.AddSeconds(i), ("TargetUserName", "alice"), ("TargetDomainName", "WS01"), ("LogonType", 5u), ("IpAddress", "-")) { Channel = channel })));
        }
        for (int i = 0; i < 300; i++)
        {
            tree.File($"/Windows/System32/winevt/Logs/Microsoft-Windows-Part{i}%4Operational.evtx", EvtxWriter.Write(new WrittenEvent("Part", 1, time, ("a", "b"))));
        }
        for (int i = tree.Files.Count; i < Files; i++)
        {
            string folder = (i % 10) switch { 0 => $"/Program Files/Vendor{i % 60}/part{i % 1000}", 1 => $"/Users/alice/AppData/Local/App{i % 40}/cache{i % 500}", _ => $"/Windows/WinSxS/amd64_part{i / 12}_31bf3856ad364e35_10.0.17763.1_none" };
            tree.File($"{folder}/f{i}.{(i % 3) switch { 0 => "manifest", 1 => "mui", _ => "dat" }}", new byte[random.Next(100, 2_000)]);
        }
        NtfsPlanting.Write(machine, volume, NtfsPlanting.SizeOf(tree) + 600, tree);
        File.Copy(PlantSigner.RootFile, volume + ".pem");
    }

    private static void System(RegistryHiveWriter hive)
    {
        for (int i = 0; i < Services; i++)
        {
            if (i % 2 == 0)
            {
                Service(hive, $"Drv{i}", $@"\SystemRoot\System32\drivers\drv{i}.sys", type: 1);
            }
            else
            {
                Service(hive, $"Svc{i}", @"%SystemRoot%\system32\svchost.exe -k netsvcs -p", type: 0x20).Key("Parameters").Expandable("ServiceDll", $@"%SystemRoot%\System32\svc{i}.dll");
            }
        }
        for (int i = 0; i < 20_000; i++)
        {
            hive.Key($@"{Set}Enum\PCI\DEV_{i % 200:X4}\{i:x8}").Text("DeviceDesc", "A device of the machine").Text("Driver", "{4d36e97d}").Binary("Data", new byte[200]);
        }
    }

    private static void Software(RegistryHiveWriter hive)
    {
        for (int i = 0; i < 12_000; i++)
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"{{{i:x8}-0000-4000-8000-000000000000}}");
            hive.Key($@"Classes\CLSID\{id}").Text("", "A class of Windows").Key("InprocServer32").Expandable("", $@"%SystemRoot%\System32\lib{i % 4000}.dll").Text("ThreadingModel", "Both");
            hive.Key($@"Classes\Wow6432Node\CLSID\{id}\InprocServer32").Expandable("", $@"%SystemRoot%\SysWOW64\lib{i % 4000}.dll");
        }
        for (int i = 0; i < 100_000; i++)
        {
            hive.Key(string.Create(CultureInfo.InvariantCulture, $@"Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages{i % 100}\Package_{i}")).Text("InstallLocation", @"\\?\C:\Windows\SoftwareDistribution\Download").Number("CurrentState", 112).Binary("Data", new byte[300]);
        }
    }
}
