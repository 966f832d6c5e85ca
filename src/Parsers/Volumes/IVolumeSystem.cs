using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes;

/// <summary>A partition table or volume manager.</summary>
public interface IVolumeSystem
{
    /// <summary><c>gpt</c>, <c>mbr</c>, <c>none</c>.</summary>
    string Kind { get; }

    /// <summary>Sector size in bytes the table was read with (512 or 4096).</summary>
    int SectorSize { get; }

    /// <summary>Identifier of the disk (GPT GUID, MBR signature), null when there is none.</summary>
    string? DiskIdentifier { get; }

    /// <summary>The volumes in table order.</summary>
    IReadOnlyList<Volume> Volumes { get; }
}

/// <summary>One volume of a volume system.</summary>
/// <param name="Name">Stable name: <c>gpt1</c> (entry number, from 1), <c>mbr5</c>, <c>disk</c> when there is no table.</param>
/// <param name="Offset">Byte offset in the logical disk.</param>
/// <param name="Content">The bytes of the volume; shorter than <paramref name="Length"/> when the image is truncated.</param>
/// <param name="Length">Length in bytes as the table says.</param>
public sealed record Volume(string Name, long Offset, long Length, IByteSource Content)
{
    /// <summary>Type as the table gives it: GUID or <c>0x83</c>.</summary>
    public string? TypeId { get; init; }
    /// <summary>Readable type: <c>Linux filesystem</c>, <c>EFI System</c>.</summary>
    public string? TypeName { get; init; }
    /// <summary>GPT partition name, escaped.</summary>
    public string? Label { get; init; }
    /// <summary>GPT unique partition GUID.</summary>
    public string? Uuid { get; init; }
    /// <summary><c>NAME@OFFSET</c>, the identity used in every report.</summary>
    public string Identity => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name}@{Offset}");
}
