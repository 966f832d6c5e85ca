using System.Buffers.Binary;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>What a block of the shadow copy storage holds: its record type.</summary>
internal enum StoreRecordType : uint
{
    /// <summary>The header in the boot area of the volume.</summary>
    VolumeHeader = 1,
    /// <summary>A block of the catalog.</summary>
    Catalog = 2,
    /// <summary>A list of block descriptors.</summary>
    BlockList = 3,
    /// <summary>The header of a store with the store information behind it.</summary>
    StoreHeader = 4,
    /// <summary>A bitmap of blocks that the volume did not use.</summary>
    Bitmap = 6,
}

/// <summary>
/// The header that every block of the catalog and of a store begins with; the volume header has the same first fields. Offsets in bytes from the start of the volume.
/// Specification: libyal, Volume Shadow Snapshot (VSS) format, "Store block header".
/// </summary>
internal readonly ref struct StoreBlock
{
    /// <summary>Size of all blocks, and of the stretches of the volume that a store keeps.</summary>
    public const int Size = 0x4000;
    /// <summary>Bytes of the header.</summary>
    public const int HeaderSize = 128;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">At least <see cref="HeaderSize"/> bytes.</param>
    public StoreBlock(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, HeaderSize);
        _bytes = bytes;
    }

    /// <summary>What all these structures begin with: 3808876b-c176-4e48-b7ae-04046e6cc752.</summary>
    public static ReadOnlySpan<byte> VssIdentifier => [0x6B, 0x87, 0x08, 0x38, 0x76, 0xC1, 0x48, 0x4E, 0xB7, 0xAE, 0x04, 0x04, 0x6E, 0x6C, 0xC7, 0x52];

    /// <summary>The identifier is there.</summary>
    public bool HasIdentifier => _bytes.StartsWith(VssIdentifier);
    /// <summary>1 everywhere; of the volume header 2 since Windows 8.</summary>
    public uint Version => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[16..]);
    /// <summary>What the block holds.</summary>
    public StoreRecordType RecordType => (StoreRecordType)BinaryPrimitives.ReadUInt32LittleEndian(_bytes[20..]);
    /// <summary>Where the next block of the chain lies; 0 at its end.</summary>
    public ulong NextOffset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[40..]);
}
