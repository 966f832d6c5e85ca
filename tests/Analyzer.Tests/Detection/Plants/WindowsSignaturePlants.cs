using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Programs of Windows that are not what was signed, shells in the place of programs of the logon screen, and what is signed by catalogs.</summary>
internal static class WindowsSignaturePlants
{
    private const string System32 = "/Windows/System32/";
    private const string Catalogs = "/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}/";

    private static readonly PlantedPe s_vendor = new() { Seed = "vendor", IsSigned = true };

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-SIGN", "quiet-changed-library-of-the-system", PlantKind.Quiet, tree => tree.Pe(System32 + "termsrv.dll", s_vendor with { IsTampered = true })) { Rule = "tampered", AtLeast = Severity.High },
            new("W-SIGN", "quiet-changed-program", PlantKind.Quiet, tree => tree.Pe("/Program Files/Vendor/agent.exe", s_vendor with { IsTampered = true })) { Rule = "tampered", AtLeast = Severity.Medium },
            new("W-SIGN", "benign-signed-and-unsigned", PlantKind.Benign, tree => tree.Pe("/Program Files/Vendor/agent.exe", s_vendor).Pe("/Program Files/Vendor/plugin.dll", new PlantedPe { Seed = "plugin" }).Pe(System32 + "vendor.dll", new PlantedPe { Seed = "driver-helper" })),
            new("W-SIGN", "benign-installer-with-data-in-its-table", PlantKind.Benign, tree => tree.File("/Users/alice/Downloads/setup.exe", Appended(s_vendor.Build()))),
            new("W-SIGN", "benign-changed-but-in-a-catalog", PlantKind.Benign, tree =>
            {
                byte[] program = (s_vendor with { IsTampered = true }).Build();
                tree.File(System32 + "serviced.dll", program).File(Catalogs + "Package_for_KB1.cat", PlantSigner.Catalog(program));
            }),
            new("W-STICKY", "quiet-copy-of-the-shell", PlantKind.Quiet, tree => tree.Pe(System32 + "utilman.exe", new PlantedPe { Seed = "cmd.exe" })) { Rule = "replaced", AtLeast = Severity.Critical },
            new("W-STICKY", "quiet-another-shell-by-its-version", PlantKind.Quiet, tree => tree.Pe(System32 + "osk.exe", new PlantedPe { Seed = "other", OriginalName = "PowerShell.EXE" })) { Rule = "replaced", AtLeast = Severity.Critical },
            new("W-STICKY", "quiet-batch-file", PlantKind.Quiet, tree => tree.File(System32 + "magnify.exe", "@echo off\r\nstart cmd\r\n")) { Rule = "replaced", AtLeast = Severity.High },
            new("W-STICKY", "benign-own-names", PlantKind.Benign, tree => tree.Pe(System32 + "utilman.exe", new PlantedPe { Seed = "u", OriginalName = "utilman2.exe" }).Pe(System32 + "Narrator.exe", new PlantedPe { Seed = "n", OriginalName = "SR.exe" })),
            new("W-STICKY", "benign-in-a-catalog", PlantKind.Benign, tree =>
            {
                byte[] program = new PlantedPe { Seed = "sethc-of-catalog" }.Build();
                tree.File(System32 + "sethc.exe", program).File(Catalogs + "Windows.cat", PlantSigner.Catalog(program));
            }),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    /// <summary>Sixteen bytes of data of an installer in the certificate table, which no digest covers.</summary>
    private static byte[] Appended(byte[] signed)
    {
        byte[] file = [.. signed, .. "installer data 1"u8];
        int entry = BitConverter.ToInt32(file, 60) + 24 + 112 + 32;
        int table = BitConverter.ToInt32(file, entry);
        BitConverter.TryWriteBytes(file.AsSpan(entry + 4), file.Length - table);
        BitConverter.TryWriteBytes(file.AsSpan(table), file.Length - table);
        return file;
    }
}
