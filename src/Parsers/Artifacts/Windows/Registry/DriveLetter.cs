using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// What a drive letter stood for last, by <c>SYSTEM\MountedDevices</c>: a partition of a disk with an MBR, one of a disk with a GPT, or another device by its name. Specification:
/// <see href="https://learn.microsoft.com/windows-hardware/drivers/storage/supporting-mount-manager-requests-in-a-storage-class-driver"/>; the layout of the identities is that of the partition manager, as seen on disks.
/// </summary>
/// <remarks><b>Limitations:</b> paths with other letters than <c>C:</c> are not looked for on the volume of the image that they stand for; letters of volumes that are gone stay in the list.</remarks>
public sealed record DriveLetter(EvidenceLocation Location) : Artifact(Location)
{
    private const string Prefix = @"\DosDevices\";
    private const int LongestDevice = 2048;

    /// <inheritdoc/>
    public override string Kind => "drive-letter";
    /// <summary>The letter with its colon.</summary>
    public required string Letter { get; init; }
    /// <summary>Signature in the MBR of the disk, eight hexadecimal digits; null for other devices.</summary>
    public string? DiskSignature { get; init; }
    /// <summary>Where the partition begins on that disk, in bytes; null for other devices.</summary>
    public long? PartitionOffset { get; init; }
    /// <summary>Unique GUID of the partition in the GPT; null for other devices.</summary>
    public Guid? Partition { get; init; }
    /// <summary>Name of another device, as of a CD drive or a USB stick; of an identity of unknown form its bytes in hexadecimal digits. Null for partitions.</summary>
    public string? Device { get; init; }
    /// <summary>Last write of the list.</summary>
    public Timestamp? LastWritten { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text("letter", Letter);
        fields.Text("diskSignature", DiskSignature);
        fields.Number("partitionOffset", PartitionOffset);
        fields.Text("partition", Partition?.ToString());
        fields.Text("device", Device);
        fields.Time("lastWritten", LastWritten);
    }

    internal static void ReadAll(HiveFacts facts)
    {
        if (facts.Hive.Find("MountedDevices") is not { } list)
        {
            return;
        }
        foreach (RegistryValue value in list.Values())
        {
            if (value.Name.Length == Prefix.Length + 2 && value.Name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && value.Name[^1] == ':')
            {
                facts.Add(Of(facts.At(value), value.Name[Prefix.Length..], value.Data().Span) with { LastWritten = list.LastWritten });
            }
        }
    }

    private static DriveLetter Of(EvidenceLocation place, string letter, ReadOnlySpan<byte> identity)
    {
        var found = new DriveLetter(place) { Letter = letter };
        // Disk signature and offset; an offset beyond every disk is none.
        if (identity.Length == 12 && BinaryPrimitives.ReadInt64LittleEndian(identity[4..]) is >= 0 and var offset)
        {
            return found with { DiskSignature = BinaryPrimitives.ReadUInt32LittleEndian(identity).ToString("X8", CultureInfo.InvariantCulture), PartitionOffset = offset };
        }
        if (identity.Length == 24 && identity.StartsWith("DMIO:ID:"u8))
        {
            return found with { Partition = new Guid(identity[8..]) };
        }
        identity = identity[..Math.Min(identity.Length, LongestDevice)];
        bool isText = identity.Length > 8 && identity.Length % 2 == 0 && identity[1] == 0 && identity[3] == 0;
        return found with { Device = isText ? Encoding.Unicode.GetString(identity).TrimEnd('\0') : Convert.ToHexString(identity) };
    }
}
