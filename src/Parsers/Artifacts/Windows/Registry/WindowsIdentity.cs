using System.Buffers.Binary;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Which Windows this is and what it is called; each hive knows a part, the others are null.</summary>
public sealed record WindowsIdentity(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "windows-identity";
    /// <summary>Product; Windows 11 still says "Windows 10", the build tells.</summary>
    public string? ProductName { get; init; }
    /// <summary>Edition.</summary>
    public string? EditionId { get; init; }
    /// <summary>Release, <c>22H2</c>.</summary>
    public string? DisplayVersion { get; init; }
    /// <summary>Build with revision, <c>20348.2113</c>.</summary>
    public string? Build { get; init; }
    /// <summary>When it was installed or last upgraded.</summary>
    public Timestamp? Installed { get; init; }
    /// <summary>Owner as entered.</summary>
    public string? RegisteredOwner { get; init; }
    /// <summary>Name of the computer.</summary>
    public string? ComputerName { get; init; }
    /// <summary>DNS domain.</summary>
    public string? Domain { get; init; }
    /// <summary>Time zone.</summary>
    public string? TimeZone { get; init; }
    /// <summary>Number of the control set in use.</summary>
    public long? ControlSet { get; init; }
    /// <summary>When it was last shut down in order.</summary>
    public Timestamp? LastShutdown { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("productName", ProductName);
        fields.Text("editionId", EditionId);
        fields.Text("displayVersion", DisplayVersion);
        fields.Text("build", Build);
        fields.Time("installed", Installed);
        fields.Text("registeredOwner", RegisteredOwner);
        fields.Text("computerName", ComputerName);
        fields.Text("domain", Domain);
        fields.Text("timeZone", TimeZone);
        fields.Number("controlSet", ControlSet);
        fields.Time("lastShutdown", LastShutdown);
    }

    /// <summary>What SOFTWARE knows; null when it is not a system's.</summary>
    /// <param name="hive">The hive.</param>
    /// <param name="file">Where it lies.</param>
    public static WindowsIdentity? OfSoftware(RegistryHive hive, EvidenceLocation file)
    {
        ArgumentNullException.ThrowIfNull(hive);
        ArgumentNullException.ThrowIfNull(file);
        if (hive.Find(@"Microsoft\Windows NT\CurrentVersion") is not { } key)
        {
            return null;
        }
        string? build = RegistryText.Text(key, "CurrentBuildNumber") ?? RegistryText.Text(key, "CurrentBuild");
        return new WindowsIdentity(file with { ByteOffset = key.FileOffset })
        {
            ProductName = RegistryText.Text(key, "ProductName"),
            EditionId = RegistryText.Text(key, "EditionID"),
            DisplayVersion = RegistryText.Text(key, "DisplayVersion") ?? RegistryText.Text(key, "ReleaseId") ?? RegistryText.Text(key, "CSDVersion"),
            Build = RegistryText.Number(key, "UBR") is { } revision && build is not null ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{build}.{revision}") : build,
            Installed = RegistryText.Number(key, "InstallDate") is > 0 and var seconds ? new Timestamp(seconds, 0) : null,
            RegisteredOwner = RegistryText.Text(key, "RegisteredOwner"),
        };
    }

    /// <summary>What SYSTEM knows; null when it has no control set.</summary>
    /// <param name="hive">The hive.</param>
    /// <param name="file">Where it lies.</param>
    public static WindowsIdentity? OfSystem(RegistryHive hive, EvidenceLocation file)
    {
        ArgumentNullException.ThrowIfNull(hive);
        ArgumentNullException.ThrowIfNull(file);
        if (ControlSetInUse(hive, out long number) is not { } controlSet)
        {
            return null;
        }
        RegistryKey? control = controlSet.FindSubkey("Control");
        RegistryKey? zone = control?.FindSubkey("TimeZoneInformation");
        ReadOnlySpan<byte> shutdown = control?.FindSubkey("Windows")?.FindValue("ShutdownTime") is { } value ? value.Data().Span : default;
        return new WindowsIdentity(file with { ByteOffset = controlSet.FileOffset })
        {
            ComputerName = RegistryText.Text(control?.Find(@"ComputerName\ComputerName"), "ComputerName"),
            Domain = RegistryText.Text(controlSet.Find(@"Services\Tcpip\Parameters"), "Domain") is { Length: > 0 } domain ? domain : null,
            TimeZone = RegistryText.Text(zone, "TimeZoneKeyName") ?? RegistryText.Text(zone, "StandardName"),
            ControlSet = number,
            LastShutdown = shutdown.Length >= 8 ? Timestamp.FromFileTime(BinaryPrimitives.ReadUInt64LittleEndian(shutdown)) : null,
        };
    }

    /// <summary>The control set that <c>Select\Current</c> names, or the first one there is.</summary>
    internal static RegistryKey? ControlSetInUse(RegistryHive hive, out long number)
    {
        number = RegistryText.Number(hive.Find("Select"), "Current") ?? 1;
        return hive.Find("ControlSet" + number.ToString("000", System.Globalization.CultureInfo.InvariantCulture))
            ?? hive.Root.Subkeys().FirstOrDefault(key => key.Name.StartsWith("ControlSet", StringComparison.OrdinalIgnoreCase));
    }
}
