using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>Collects what a volume says about itself: $Boot, $Volume, $Bitmap.</summary>
internal sealed class NtfsFacts(NtfsFileSystem fileSystem, long bootOffset, long size)
{
    private const ulong VolumeRecord = 3;
    private const int LongestLabel = 256;

    // VOLUME_INFORMATION flags.
    private const ushort Dirty = 0x0001;
    private static readonly (ushort Bit, string Name)[] s_flags =
    [
        (Dirty, "dirty"), (0x0002, "resize-log-file"), (0x0004, "upgrade-on-mount"), (0x0008, "mounted-on-nt4"), (0x0010, "delete-usn-underway"), (0x0020, "repair-object-id"),
        (0x4000, "chkdsk-underway"), (0x8000, "modified-by-chkdsk"),
    ];

    /// <summary>The facts; what cannot be read is left out.</summary>
    public FileSystemFacts Read()
    {
        NtfsGeometry geometry = fileSystem.Geometry;
        byte[]? information = Try(VolumeRecord, AttributeType.VolumeInformation, 12);
        byte[]? label = Try(VolumeRecord, AttributeType.VolumeName, LongestLabel);
        ushort flags = information is { Length: >= 12 } ? BinaryPrimitives.ReadUInt16LittleEndian(information.AsSpan(10)) : (ushort)0;
        string? version = information is { Length: >= 12 } ? string.Create(CultureInfo.InvariantCulture, $"{information[8]}.{information[9]}") : null;
        return new FileSystemFacts
        {
            Label = label is { Length: > 1 } ? PathText.FromBytes(Wtf8.FromUtf16(label)) : null,
            Uuid = geometry.SerialNumber.ToString("X16", CultureInfo.InvariantCulture),
            BlockSize = geometry.ClusterSize,
            SizeBytes = size,
            FreeBytes = FreeBytes(geometry),
            InodeCount = fileSystem.Table.RecordCount,
            Features = [.. s_flags.Where(flag => (flags & flag.Bit) != 0 && flag.Bit != Dirty).Select(flag => flag.Name)],
            Created = Created(),
            StoredAt = bootOffset,
            State = information is null ? "" : (flags & Dirty) != 0 ? "dirty" : "clean",
            More =
            [
                .. version is null ? Array.Empty<KeyValuePair<string, string>>() : [new("Version", version)],
                new("Sector size", Text(geometry.SectorSize)),
                new("Cluster count", Text(geometry.ClusterCount)),
                new("File record size", Text(geometry.RecordSize)),
                new("Index record size", Text(geometry.IndexRecordSize)),
                new("First cluster of $MFT", Text(geometry.MftOffset / geometry.ClusterSize)),
                .. geometry.MftMirrorOffset < 0 ? Array.Empty<KeyValuePair<string, string>>() : [new("First cluster of $MFTMirr", Text(geometry.MftMirrorOffset / geometry.ClusterSize))],
            ],
        };
    }

    private byte[]? Try(ulong number, uint type, int most)
    {
        try
        {
            return fileSystem.ReadAttribute(number, type, default, most);
        }
        catch (CorruptDataException)
        {
            // The walk meets the same record and reports it.
            return null;
        }
    }

    private Timestamp? Created()
    {
        try
        {
            return fileSystem.Open(VolumeRecord).Created;
        }
        catch (CorruptDataException)
        {
            // As above.
            return null;
        }
    }

    private long? FreeBytes(NtfsGeometry geometry)
    {
        try
        {
            return fileSystem.Bitmap().CountUsed() is { } used ? (geometry.ClusterCount - used) * geometry.ClusterSize : null;
        }
        catch (CorruptDataException)
        {
            // As above.
            return null;
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
