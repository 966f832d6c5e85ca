using System.Buffers.Binary;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>An object of the boot configuration data that starts Windows, or that such objects take settings from.</summary>
/// <remarks>Source: https://learn.microsoft.com/windows-hardware/drivers/devtest/bcdedit--set and https://www.geoffchappell.com/notes/windows/boot/bcd/elements.htm.</remarks>
public sealed record BootConfiguration(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "boot-configuration";
    /// <summary>Identifier of the object, with braces.</summary>
    public required string Id { get; init; }
    /// <summary>Description that the menu shows.</summary>
    public string? Description { get; init; }
    /// <summary>Loader on its volume.</summary>
    public string? Path { get; init; }
    /// <summary>It loads Windows; others hold settings that loaders inherit.</summary>
    public required bool IsLoader { get; init; }
    /// <summary>The boot manager starts it when nobody chooses.</summary>
    public bool IsDefault { get; init; }
    /// <summary><c>testsigning</c>: drivers with test signatures may be loaded.</summary>
    public bool? AllowsTestSigning { get; init; }
    /// <summary><c>nointegritychecks</c>: signatures are not checked.</summary>
    public bool? SkipsIntegrityChecks { get; init; }
    /// <summary><c>bootdebug</c>: the loader waits for a debugger.</summary>
    public bool? DebugsLoader { get; init; }
    /// <summary><c>debug</c>: the kernel can be debugged.</summary>
    public bool? DebugsKernel { get; init; }
    /// <summary><c>safeboot</c>: 0 minimal, 1 with network, 2 directory repair; null for an ordinary start.</summary>
    public long? SafeBoot { get; init; }
    /// <summary><c>safebootalternateshell</c>: safe mode starts the shell of <c>SafeBoot\AlternateShell</c>.</summary>
    public bool? UsesAlternateShell { get; init; }
    /// <summary><c>recoveryenabled</c>.</summary>
    public bool? IsRecoveryEnabled { get; init; }
    /// <summary><c>bootstatuspolicy</c>: 0 shows all failures, 1 ignores all, 2 those of the shutdown, 3 those of the boot.</summary>
    public long? BootStatusPolicy { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("id", Id);
        fields.Text("description", Description);
        fields.Text("path", Path);
        fields.Flag("isLoader", IsLoader);
        fields.Flag("isDefault", IsDefault);
        fields.Flag("testSigning", AllowsTestSigning);
        fields.Flag("noIntegrityChecks", SkipsIntegrityChecks);
        fields.Flag("bootDebug", DebugsLoader);
        fields.Flag("debug", DebugsKernel);
        fields.Number("safeBoot", SafeBoot);
        fields.Flag("safeBootAlternateShell", UsesAlternateShell);
        fields.Flag("recoveryEnabled", IsRecoveryEnabled);
        fields.Number("bootStatusPolicy", BootStatusPolicy);
    }
}

/// <summary>Reads the boot configuration data (BCD), which is a hive.</summary>
/// <remarks><b>Limitations:</b> the BCD of hosts with UEFI lies on a FAT volume, which is not read; which loader is the default is said by the boot manager's own object only.</remarks>
public sealed class BootConfigurationParser : RegistryHiveParser
{
    private const string BootManager = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";
    private const long Loader = 0x10200003;
    private const long LoaderSettings = 0x20200003;
    private const long GlobalSettings = 0x20100000;

    /// <inheritdoc/>
    public override string Name => "windows/boot-configuration";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/Boot/BCD", "/EFI/Microsoft/Boot/BCD"];

    private protected override void Read(HiveFacts facts)
    {
        string? first = Text(facts.Hive.Find($@"Objects\{BootManager}\Elements"), "23000003");
        foreach (RegistryKey entry in HiveFacts.Expand(facts.Hive.Root, @"Objects\*"))
        {
            long? type = RegistryText.Number(entry.FindSubkey("Description"), "Type");
            if (type is not (Loader or LoaderSettings or GlobalSettings) || entry.FindSubkey("Elements") is not { } elements)
            {
                continue;
            }
            facts.Add(new BootConfiguration(facts.At(entry))
            {
                Id = entry.Name,
                Description = Text(elements, "12000004"),
                Path = Text(elements, "12000002"),
                IsLoader = type == Loader,
                IsDefault = entry.Name.Equals(first, StringComparison.OrdinalIgnoreCase),
                AllowsTestSigning = Flag(elements, "16000049"),
                SkipsIntegrityChecks = Flag(elements, "16000048"),
                DebugsLoader = Flag(elements, "16000010"),
                DebugsKernel = Flag(elements, "260000a0"),
                SafeBoot = Number(elements, "25000080"),
                UsesAlternateShell = Flag(elements, "26000081"),
                IsRecoveryEnabled = Flag(elements, "16000009"),
                BootStatusPolicy = Number(elements, "250000e0"),
            });
        }
    }

    private static string? Text(RegistryKey? elements, string element) => RegistryText.Text(elements?.FindSubkey(element), "Element");

    private static bool? Flag(RegistryKey elements, string element) => elements.FindSubkey(element)?.FindValue("Element") is { } value && value.Data().Span is { Length: >= 1 } data ? data[0] != 0 : null;

    private static long? Number(RegistryKey elements, string element) => elements.FindSubkey(element)?.FindValue("Element") is { } value && value.Data().Span is { Length: >= 8 } data ? BinaryPrimitives.ReadInt64LittleEndian(data) : null;
}
