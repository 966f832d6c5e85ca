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
