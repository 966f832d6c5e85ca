using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Registry;

/// <summary>Deleted services, Run entries and tasks as facts of their own, beside those that are in force.</summary>
public sealed class DeletedEntryTests
{
    private const string Services = @"ControlSet001\Services\";
    private const string Run = @"Microsoft\Windows\CurrentVersion\Run";
    private const string Tasks = @"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks\";
    private const string Id = "{11111111-2222-3333-4444-555555555555}";

    [Fact]
    public void A_deleted_service_is_a_fact_and_no_service()
    {
        RegistryHiveWriter hive = System();
        WrittenKey gone = hive.Key(Services + "Evil").Expandable("ImagePath", @"C:\Users\Public\evil.exe -s").Number("Type", 0x10).Number("Start", 2);
        gone.Key("Parameters").Expandable("ServiceDll", @"C:\ProgramData\evil.dll");
        hive.Delete(gone);

        ArtifactList found = HiveInput.Parse(new SystemHiveParser(), "/Windows/System32/config/SYSTEM", hive);

        DeletedRegistryEntry[] entries = [.. found.Artifacts.OfType<DeletedRegistryEntry>()];
        Assert.Equal([("ImagePath", @"C:\Users\Public\evil.exe -s", false), ("ServiceDll", @"C:\ProgramData\evil.dll", true)], entries.Select(entry => (entry.ValueName, entry.Data, entry.IsLibrary)));
        Assert.Equal([@"HKLM\SYSTEM\ControlSet001\Services\Evil", @"HKLM\SYSTEM\ControlSet001\Services\Evil\Parameters"], entries.Select(entry => entry.KeyPath));
        Assert.All(entries, entry => Assert.True(entry.IsPlaceKnown && entry.Shape == DeletedEntryShape.Service));
        Assert.Equal("2026-11-20T10:00:00.000000000Z", entries[0].LastWritten.ToString());
        Assert.Equal(["Spooler"], found.Artifacts.OfType<WindowsService>().Select(service => service.Name));
    }

    [Fact]
    public void A_service_whose_parents_are_gone_is_known_by_its_values()
    {
        RegistryHiveWriter hive = System();
        WrittenKey set = hive.Key("ControlSet002");
        set.Key(@"Services\Evil").Expandable("ImagePath", @"C:\evil.exe").Number("Start", 2);
        set.Key(@"Other\Thing").Expandable("ImagePath", @"C:\thing.exe");
        hive.Delete(set);
        byte[] bytes = hive.ToBytes();
        foreach (WrittenKey key in set.Sorted().Append(set))
        {
            bytes.AsSpan(4096 + (int)key.CellOffset + 4, 2).Clear();
        }

        DeletedRegistryEntry entry = Assert.Single(HiveInput.Parse(new SystemHiveParser(), "/Windows/System32/config/SYSTEM", bytes).Artifacts.OfType<DeletedRegistryEntry>());

        Assert.Equal(@"HKLM\SYSTEM\?\Evil", entry.KeyPath);
        Assert.False(entry.IsPlaceKnown);
    }

    [Fact]
    public void Keys_beside_services_and_older_copies_are_none()
    {
        RegistryHiveWriter hive = System();
        WrittenKey beside = hive.Key(@"ControlSet001\Control\Thing").Expandable("ImagePath", @"C:\thing.exe").Number("Type", 1);
        hive.Delete(beside);
        hive.Delete(hive.Key(Services + @"Kept\Deeper\Parameters").Text("ServiceDll", "x.dll"));
        hive.Key(Services + "Kept").Text("ImagePath", @"C:\same.exe").Text("ImagePath", @"C:\same.exe");
        hive.DeleteLastValue(hive.Key(Services + "Kept"));

        Assert.Empty(HiveInput.Parse(new SystemHiveParser(), "/Windows/System32/config/SYSTEM", hive).Artifacts.OfType<DeletedRegistryEntry>());
    }

    [Theory]
    [InlineData("", @"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run", AutorunKind.Run)]
    [InlineData(@"Wow6432Node\", @"HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\Run", AutorunKind.Run)]
    [InlineData("Once", @"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce", AutorunKind.RunOnce)]
    public void A_deleted_run_key_of_the_machine(string variant, string path, AutorunKind kind)
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"Microsoft\Windows\CurrentVersion\Policies").Text("x", "y");
        WrittenKey gone = hive.Key(variant == "Once" ? Run + variant : variant + Run).Text("Updater", "powershell -enc QQA=").Number("n", 1);
        hive.Delete(gone);

        DeletedRegistryEntry entry = Assert.Single(Software(hive), entry => entry.ValueName == "Updater");

        Assert.Equal((DeletedEntryShape.Run, kind, path, "powershell -enc QQA="), (entry.Shape, entry.Mechanism!.Value, entry.KeyPath, entry.Data));
    }

    [Fact]
    public void A_value_deleted_out_of_a_key_that_stays_is_a_command_without_a_place()
    {
        var hive = new RegistryHiveWriter();
        WrittenKey run = hive.Key(@"Software\" + Run).Text("OneDrive", "\"C:\\Users\\alice\\OneDrive.exe\" /background").Text("Updater", @"C:\Users\Public\u.exe -x");
        hive.DeleteLastValue(run);
        WrittenKey words = hive.Key(@"Software\Vendor").Text("Kept", "x").Text("Note", "A description of a class");
        hive.DeleteLastValue(words);

        ArtifactList found = HiveInput.Parse(new UserHiveParser(), "/Users/alice/NTUSER.DAT", hive);

        DeletedRegistryEntry entry = Assert.Single(found.Artifacts.OfType<DeletedRegistryEntry>());
        Assert.Equal((DeletedEntryShape.Command, @"HKU\alice\?", "Updater", @"C:\Users\Public\u.exe -x", "alice"), (entry.Shape, entry.KeyPath, entry.ValueName, entry.Data, entry.User));
        Assert.Null(entry.LastWritten);
        Assert.Equal(["OneDrive"], found.Artifacts.OfType<AutorunEntry>().Select(autorun => autorun.ValueName));
    }

    [Fact]
    public void A_deleted_task_tells_what_it_ran()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(Tasks + "{99999999-2222-3333-4444-555555555555}").Text("Path", @"\Kept");
        WrittenKey gone = hive.Key(Tasks + Id).Text("Path", @"\Evil").Binary("Actions", [1, 0, 0x66, 0x66, .. Text(""), .. Text("cmd.exe"), .. Text(@"/c C:\Users\Public\a.bat"), .. Text("")]);
        hive.Delete(gone);

        DeletedRegistryEntry entry = Assert.Single(Software(hive));

        Assert.Equal((DeletedEntryShape.Task, @"HKLM\SOFTWARE\" + Tasks + Id, @"cmd.exe /c C:\Users\Public\a.bat"), (entry.Shape, entry.KeyPath, entry.Data));
    }

    [Fact]
    public void There_are_no_more_than_the_limit_and_it_is_told()
    {
        RegistryHiveWriter hive = System();
        for (int i = 0; i < 450; i++)
        {
            hive.Delete(hive.Key(Services + "Gone" + i).Text("ImagePath", "a" + i).Text("FailureCommand", "b" + i).Text("ServiceDll", "c" + i).Number("Start", 2));
        }

        ArtifactList found = HiveInput.Parse(new SystemHiveParser(), "/Windows/System32/config/SYSTEM", hive);

        Assert.Equal(1000, found.Artifacts.OfType<DeletedRegistryEntry>().Count());
        Assert.Single(found.Diagnostics, diagnostic => diagnostic.Code == "registry.deleted.limit");
    }

    [Theory]
    [InlineData("hives/NTUSER.DAT.xz")]
    [InlineData("hives/SYSTEM_B.xz")]
    [InlineData("hives/transactions_NTUSER.DAT.xz")]
    [InlineData("hives/corrupted_system_hive.xz")]
    public void Hives_of_windows_yield_few_and_none_that_is_in_force(string image)
    {
        string file = SharedImages.Unpack(image);
        bool isSystem = image.Contains("SYSTEM", StringComparison.OrdinalIgnoreCase);
        ArtifactList found = HiveInput.Parse(isSystem ? new SystemHiveParser() : new UserHiveParser(), isSystem ? "/Windows/System32/config/SYSTEM" : "/Users/alice/NTUSER.DAT", new MemorySource(File.ReadAllBytes(file)));

        DeletedRegistryEntry[] entries = [.. found.Artifacts.OfType<DeletedRegistryEntry>()];
        foreach (DeletedRegistryEntry entry in entries)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{entry.Shape} {entry.KeyPath} | {entry.ValueName} | {entry.Data}");
        }
        var living = found.Artifacts.OfType<WindowsService>().SelectMany(service => new[] { service.ImagePath, service.ServiceDll, service.FailureCommand }).Concat(found.Artifacts.OfType<AutorunEntry>().Where(entry => entry.Mechanism == AutorunKind.Run).Select(entry => entry.Data)).OfType<string>().ToHashSet();
        Assert.DoesNotContain(entries, entry => !entry.IsPlaceKnown && entry.LastWritten is null && living.Contains(entry.Data));
        Assert.InRange(entries.Length, 0, 200);
    }

    private static byte[] Text(string text) => [.. BitConverter.GetBytes(text.Length * 2), .. Encoding.Unicode.GetBytes(text)];

    private static RegistryHiveWriter System()
    {
        var hive = new RegistryHiveWriter();
        hive.Key("Select").Number("Current", 1);
        hive.Key(Services + "Spooler").Expandable("ImagePath", @"%SystemRoot%\System32\spoolsv.exe").Number("Type", 0x110).Number("Start", 2);
        return hive;
    }

    private static DeletedRegistryEntry[] Software(RegistryHiveWriter hive) => [.. HiveInput.Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", hive).Artifacts.OfType<DeletedRegistryEntry>()];
}
