using System.Buffers.Binary;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Hives in an image, from the partition table to the fact: each is read, with the logs that lie beside it.</summary>
public sealed class RegistryScanTests
{
    private const string Config = "/Windows/System32/config/";

    [Theory]
    [InlineData(ScanProfile.Triage)]
    [InlineData(ScanProfile.Standard)]
    public void Every_hive_is_read_with_its_logs(ScanProfile profile)
    {
        Assert.SkipWhen(NtfsPlanting.UnavailableBecause is not null, NtfsPlanting.UnavailableBecause ?? "");
        var system = new RegistryHiveWriter();
        system.Key("Select").Number("Current", 1);
        system.Key(@"ControlSet001\Services\Early").Text("ImagePath", "early.exe").Number("Type", 0x10);
        byte[] before = system.ToBytes();
        system.Key(@"ControlSet001\Services\Late").Text("ImagePath", "late.exe").Number("Type", 0x10);
        byte[] after = system.ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(before.AsSpan(4), 2);
        RegistryHiveWriter.WriteChecksum(before);
        var software = new RegistryHiveWriter();
        software.Key(@"Microsoft\Windows\CurrentVersion\Run").Text("x", "run.exe");
        var tree = new PlantTree(PlantHost.Windows);
        tree.Add(new PlantedFile(Config + "SYSTEM", FileType.Regular) { Content = before });
        tree.Add(new PlantedFile(Config + "SYSTEM.LOG1", FileType.Regular) { Content = RegistryLogWriter.NewFormat(1, before, after) });
        tree.Add(new PlantedFile(Config + "SYSTEM.LOG2", FileType.Regular) { Content = [] });
        tree.Add(new PlantedFile(Config + "SOFTWARE", FileType.Regular) { Content = software.ToBytes() });
        using var disk = new PlantDisk();
        (string image, _) = disk.Build([tree]);

        Report report = ImageScan.Run(new ScanOptions(new ImageSource(image)) { Profile = profile, Threads = 2 }, NullProgress.Instance, CancellationToken.None).Report;

        Assert.Equal(["Early", "Late"], report.Artifacts.OfType<WindowsService>().Select(service => service.Name).Order());
        AutorunEntry entry = Assert.Single(report.Artifacts.OfType<AutorunEntry>(), entry => entry.Mechanism == AutorunKind.Run);
        Assert.Equal(Config + "SOFTWARE", entry.Location.Path);
        Assert.DoesNotContain(report.Diagnostics, diagnostic => diagnostic.Code.StartsWith("registry.", StringComparison.Ordinal));
    }
}
