using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.Registry;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What Windows remembers of programs that are gone.</summary>
internal static class WindowsTracePlants
{
    private const string Sid = "S-1-5-21-1-2-3-1001";
    private const string Inventory = "/Windows/appcompat/Programs/Amcache.hve";

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-EXECLOC", "loud-miner-ran-and-gone", PlantKind.Loud, tree => Hives(tree, hive => Ran(hive, @"Users\alice\AppData\Roaming\x\xmrig.exe"))) { Rule = "miner-gone", AtLeast = Severity.High },
            new("W-EXECLOC", "quiet-ran-in-fonts-and-gone", PlantKind.Quiet, tree => Hives(tree, hive => Ran(hive, @"Windows\Fonts\upd.exe"))) { Rule = "ran-and-gone", AtLeast = Severity.Medium, Entries = [SystemFile] },
            new("W-EXECLOC", "quiet-driver-of-inventory-gone", PlantKind.Quiet, tree => Noted(Hives(tree), hive => hive.Key(@"Root\InventoryDriverBinary\c:/windows/debug/winring0x64.sys").Text("DriverName", "WinRing0x64.sys"))) { Rule = "miner-gone", AtLeast = Severity.Medium, Entries = [Inventory] },
            new("W-EXECLOC", "benign-installers-gone", PlantKind.Benign, tree => Noted(
                Hives(tree, hive => Ran(Ran(Ran(hive, @"Users\alice\AppData\Local\Temp\is-A1B2C.tmp\setup.tmp"), @"Windows\Temp\{1A2B}\.cr\vc_redist.x64.exe"), @"Users\alice\Downloads\setup.exe")),
                hive => hive.Key(@"Root\InventoryApplicationFile\vc_redist|1").Text("LowerCaseLongPath", @"c:\programdata\package cache\{1a2b}\vc_redist.x64.exe"))),
            new("W-EXECLOC", "benign-only-seen-in-bin", PlantKind.Benign, tree => Noted(Hives(tree), hive => hive.Key(@"Root\InventoryApplicationFile\r|1").Text("LowerCaseLongPath", @"c:\$recycle.bin\s-1-5-21-1-2-3-1001\$rabcdef.exe"))),
            new("W-EXECLOC", "benign-driver-of-measuring-tool-gone", PlantKind.Benign, tree => Noted(Hives(tree), hive => hive.Key(@"Root\InventoryDriverBinary\c:/program files/openrgb/winring0x64.sys").Text("DriverName", "WinRing0x64.sys"))),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    /// <summary>The activity moderator notes a run of alice's.</summary>
    private static RegistryHiveWriter Ran(RegistryHiveWriter hive, string path)
    {
        byte[] data = new byte[24];
        BitConverter.GetBytes(WrittenKey.DefaultTime).CopyTo(data, 0);
        hive.Key(Set + @"Services\bam\State\UserSettings\" + Sid).Binary(@"\Device\HarddiskVolume3\" + path, data);
        return hive;
    }

    private static PlantTree Noted(PlantTree tree, Action<RegistryHiveWriter> change)
    {
        var hive = new RegistryHiveWriter();
        change(hive);
        return tree.File(Inventory, hive.ToBytes());
    }
}
