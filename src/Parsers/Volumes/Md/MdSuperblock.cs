namespace Forensics.Parsers.Volumes.Md;

/// <summary>What a member of a Linux RAID array says about itself and its array, whatever the version of its superblock. Sizes and offsets in bytes.</summary>
/// <param name="Version"><c>0.90</c>, <c>1.0</c>, <c>1.1</c>, <c>1.2</c>.</param>
/// <param name="Offset">Where the superblock lies in the member.</param>
/// <param name="ArrayUuid">Identifier of the array, as mdadm prints it.</param>
/// <param name="Level">RAID level: -1 linear, 0, 1, 4, 5, 6, 10; others are not read.</param>
/// <param name="Layout">Layout number of the level.</param>
/// <param name="ChunkSize">Bytes in a chunk; 0 where the level has none.</param>
/// <param name="RaidDisks">Members that the array wants.</param>
/// <param name="Slot">Place of this member in the array; negative for one that has none.</param>
/// <param name="DataOffset">Where the data begin in the member.</param>
/// <param name="DataSize">Bytes that the member has for data.</param>
/// <param name="UsedSize">Bytes of them that the array uses; 0 where each member uses all that it has.</param>
/// <param name="Events">Counts the changes of the array's state; lower than those of the others: the member is stale.</param>
/// <param name="IsIntact">The checksum is right.</param>
internal sealed record MdSuperblock(string Version, long Offset, string ArrayUuid, int Level, int Layout, long ChunkSize, int RaidDisks, int Slot, long DataOffset, long DataSize, long UsedSize,
    ulong Events, bool IsIntact)
{
    public const uint Magic = 0xA92B4EFC;
    /// <summary>This member waits to be used.</summary>
    public const int Spare = -1;
    /// <summary>This member failed.</summary>
    public const int Faulty = -2;
    /// <summary>This member is a write journal.</summary>
    public const int Journal = -3;

    /// <summary>Name of the array, raw, with the host that made it before a colon; empty when it has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>Preferred minor number; -1 when there is none.</summary>
    public int Minor { get; init; } = -1;

    /// <summary>The array is being given another shape.</summary>
    public bool IsReshaping { get; init; }

    /// <summary>Until where the member is rebuilt; null when it is whole.</summary>
    public long? RecoveredTo { get; init; }

    /// <summary>A copy of a member that it will replace.</summary>
    public bool IsReplacement { get; init; }

    /// <summary>The array has a write journal, of which the newest writes may be the only copy.</summary>
    public bool HasJournal { get; init; }

    /// <summary>The array was not in sync: copies and parity may differ from the data.</summary>
    public bool IsResyncing { get; init; }

    /// <summary>The places of the array that this member knows as working; null when it does not say.</summary>
    public IReadOnlyList<int>? ActiveSlots { get; init; }

    /// <summary>What the superblock has in bits that no version known here defines.</summary>
    public uint UnknownFeatures { get; init; }
}
