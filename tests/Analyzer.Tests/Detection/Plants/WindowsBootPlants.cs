using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.Registry;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Boot configuration data that weaken a start of Windows.</summary>
internal static class WindowsBootPlants
{
    private const string Store = "/Boot/BCD";
    private const string Own = "{11111111-2222-3333-4444-555555555555}";
    private const string Other = "{11111111-2222-3333-4444-666666666666}";

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-SESSMGR", "quiet-test-signing", PlantKind.Quiet, tree => Boot(tree, Own, loader => Flag(loader, "16000049"))) { Rule = "boot-signing", AtLeast = Severity.Medium, Entries = [Store] },
            new("W-SESSMGR", "loud-no-integrity-checks", PlantKind.Loud, tree => Boot(tree, Own, loader => Flag(loader, "16000048"))) { Rule = "boot-signing", AtLeast = Severity.Medium },
            new("W-SESSMGR", "loud-safe-mode-with-shell", PlantKind.Loud, tree => Boot(tree, Own, loader => Flag(Number(loader, "25000080", 1), "26000081"))) { Rule = "boot-safe-mode", AtLeast = Severity.Medium },
            new("W-SESSMGR", "dormant-test-signing", PlantKind.Dormant, tree => Boot(tree, Other, loader => Flag(loader, "16000049"))) { TwinOf = "quiet-test-signing" },
            new("W-SESSMGR", "benign-boot-entry", PlantKind.Benign, tree => Boot(tree, Own, loader => Flag(loader, "16000009"))),
            new("W-SESSMGR", "benign-driver-developer", PlantKind.Benign, tree => Boot(tree, Own, loader => Flag(Flag(loader, "16000049"), "260000a0"))),
            new("W-SESSMGR", "benign-safe-mode-once", PlantKind.Benign, tree => Boot(tree, Own, loader => Number(loader, "25000080", 0))),
            new("W-SESSMGR", "benign-no-recovery", PlantKind.Benign, tree => Boot(tree, Own, loader => Number(Flag(loader, "16000009", 0), "250000e0", 1))),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    private static PlantTree Boot(PlantTree tree, string id, Action<WrittenKey> change)
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"Objects\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\Elements\23000003").Text("Element", Own);
        foreach (string loader in (string[])[Own, Other])
        {
            hive.Key($@"Objects\{loader}\Description").Number("Type", 0x10200003);
            hive.Key($@"Objects\{loader}\Elements\12000002").Text("Element", @"\Windows\system32\winload.exe");
        }
        change(hive.Key($@"Objects\{id}\Elements"));
        return tree.File(Store, hive.ToBytes());
    }

    private static WrittenKey Flag(WrittenKey elements, string element, byte value = 1)
    {
        elements.Key(element).Binary("Element", [value]);
        return elements;
    }

    private static WrittenKey Number(WrittenKey elements, string element, long value)
    {
        elements.Key(element).Binary("Element", BitConverter.GetBytes(value));
        return elements;
    }
}
