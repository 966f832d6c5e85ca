using System.Buffers.Binary;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>Flags of a <see cref="BlockDescriptor"/>; the meaning of the others is not known and does not change where the data lie.</summary>
[Flags]
internal enum BlockFlags : uint
{
    /// <summary>The data moved inside the volume: they are where the next newer state has them at the relative offset.</summary>
    Forwarder = 0x01,
    /// <summary>Some sectors of the block were written in the shadow copy itself; the bitmap says which.</summary>
    Overlay = 0x02,
    /// <summary>To be ignored.</summary>
    NotUsed = 0x04,
}

/// <summary>
/// Where a store keeps a block of 16 KiB of the volume. Offsets in bytes. Specification: libyal, Volume Shadow Snapshot (VSS) format, "Block descriptor".
/// </summary>
internal readonly ref struct BlockDescriptor(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of a descriptor.</summary>
    public const int Size = 32;

    private readonly ReadOnlySpan<byte> _bytes = bytes[..Size];

    /// <summary>Place of the block in the volume.</summary>
    public ulong OriginalOffset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes);
    /// <summary>Place in the store; of a forwarder, in the next newer state of the volume.</summary>
    public ulong RelativeOffset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[8..]);
    /// <summary>Place of the data in the volume as it is now.</summary>
    public ulong Offset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[16..]);
    /// <summary>What kind of descriptor it is.</summary>
    public BlockFlags Flags => (BlockFlags)BinaryPrimitives.ReadUInt32LittleEndian(_bytes[24..]);
    /// <summary>Of an overlay: bit N stands for sector N of 512 bytes.</summary>
    public uint AllocationBitmap => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[28..]);
    /// <summary>Nothing but zeros: an unused place of the list.</summary>
    public bool IsEmpty => !_bytes.ContainsAnyExcept((byte)0);
}
