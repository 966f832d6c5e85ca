using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Tests.Artifacts.Windows.Registry;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>Boot configuration data.</summary>
public sealed class BootConfigurationTests
{
    private const string Path = "/Boot/BCD";

    [Fact]
    public void Elements_of_a_loader_are_read()
    {
        const string id = "{11111111-2222-3333-4444-555555555555}";
        var hive = new RegistryHiveWriter();
        hive.Key(@"Objects\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\Description").Number("Type", 0x10100002);
        hive.Key(@"Objects\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\Elements\23000003").Text("Element", id.ToUpperInvariant());
        hive.Key($@"Objects\{id}\Description").Number("Type", 0x10200003);
        WrittenKey elements = hive.Key($@"Objects\{id}\Elements");
        elements.Key("12000002").Text("Element", @"\Windows\system32\winload.exe");
        elements.Key("16000049").Binary("Element", [1]);
        elements.Key("16000009").Binary("Element", [0]);
        elements.Key("25000080").Binary("Element", [1, 0, 0, 0, 0, 0, 0, 0]);
        elements.Key("250000e0").Binary("Element", [1, 0]);

        BootConfiguration entry = Assert.IsType<BootConfiguration>(Assert.Single(HiveInput.Parse(new BootConfigurationParser(), Path, hive).Artifacts));

        Assert.Equal((id, true, true, @"\Windows\system32\winload.exe"), (entry.Id, entry.IsLoader, entry.IsDefault, entry.Path));
        Assert.Equal((true, null, false, 1L, null), (entry.AllowsTestSigning, entry.SkipsIntegrityChecks, entry.IsRecoveryEnabled, entry.SafeBoot, entry.BootStatusPolicy));
    }

    [Fact]
    public void The_entries_of_a_real_machine()
    {
        BootConfiguration[] entries = [.. HiveInput.Parse(new BootConfigurationParser(), Path, new FileByteSource(SharedImages.Unpack("hives/BCD.xz"))).Artifacts.OfType<BootConfiguration>()];

        BootConfiguration windows = Assert.Single(entries, entry => entry.IsDefault);
        Assert.Equal(("Windows 10", @"\Windows\system32\winload.efi", true), (windows.Description, windows.Path, windows.IsRecoveryEnabled));
        Assert.Equal(2, entries.Count(entry => entry.IsLoader));
        Assert.All(entries, entry => Assert.Equal((null, null, null), (entry.AllowsTestSigning, entry.SkipsIntegrityChecks, entry.SafeBoot)));
    }
}
