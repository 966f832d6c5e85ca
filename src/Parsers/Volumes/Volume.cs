using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes;

/// <summary>One volume: a partition, a whole disk, a logical volume, a RAID array.</summary>
/// <param name="Name">Stable name: <c>gpt1</c> (entry number, from 1), <c>mbr5</c>, <c>disk</c> when there is no table, <c>lvm:VG/LV</c>, <c>md:NAME</c>.</param>
/// <param name="Offset">Byte offset in the logical disk; -1 when the volume is put together from members and so lies nowhere in one piece.</param>
/// <param name="Content">The bytes of the volume; shorter than <paramref name="Length"/> when the image is truncated.</param>
/// <param name="Length">Length in bytes as the table says.</param>
public sealed record Volume(string Name, long Offset, long Length, IByteSource Content)
{
    /// <summary>Type as the table gives it: GUID or <c>0x83</c>.</summary>
    public string? TypeId { get; init; }

    /// <summary>Readable type: <c>Linux filesystem</c>, <c>EFI System</c>, <c>thin volume</c>.</summary>
    public string? TypeName { get; init; }

    /// <summary>GPT partition name, escaped.</summary>
    public string? Label { get; init; }

    /// <summary>Unique identifier: GPT partition GUID, LV or array UUID.</summary>
    public string? Uuid { get; init; }

    /// <summary>What this volume is a part of (<c>LVM volume group vg0</c>, <c>RAID array md:srv:0</c>): its bytes are read through that. Null when it stands alone.</summary>
    public string? MemberOf { get; init; }

    /// <summary>Why a volume that is known to exist cannot be read (a missing physical volume, an encrypted or unsupported layout); null when its content is there.</summary>
    public string? UnreadableBecause { get; init; }

    /// <summary>The device names by which a running system may mount it, besides labels and UUIDs: <c>/dev/vg0/root</c>, <c>/dev/mapper/vg0-root</c>, <c>/dev/md0</c>.</summary>
    public IReadOnlyList<string> DeviceNames { get; init; } = [];

    /// <summary><c>NAME@OFFSET</c>, or the name alone when the volume has no one offset: the identity used in every report.</summary>
    public string Identity => Offset < 0 ? Name : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name}@{Offset}");
}
