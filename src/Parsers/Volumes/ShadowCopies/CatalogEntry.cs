using System.Buffers.Binary;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>
/// An entry of the catalog: type 2 says that there is a shadow copy, type 3 where its store lies. Offsets in bytes from the start of the volume.
/// Specification: libyal, Volume Shadow Snapshot (VSS) format, "Catalog entry".
/// </summary>
internal readonly ref struct CatalogEntry(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of an entry.</summary>
    public const int Size = 128;
    /// <summary>Type of an entry that is not used.</summary>
    public const ulong Unused = 1;
    /// <summary>Type of an entry that describes a shadow copy.</summary>
    public const ulong Copy = 2;
    /// <summary>Type of an entry that places its store.</summary>
    public const ulong Store = 3;

    private readonly ReadOnlySpan<byte> _bytes = bytes[..Size];

    /// <summary>0 and 1 are not used.</summary>
    public ulong EntryType => At(0);
    /// <summary>Joins the two entries of a copy; also a part of the name of the file of the store.</summary>
    public Guid StoreIdentifier => new(_bytes[16..32]);

    /// <summary>Type 2: size of the volume in bytes.</summary>
    public ulong VolumeSize => At(8);
    /// <summary>Type 2: grows with each copy.</summary>
    public ulong SequenceNumber => At(32);
    /// <summary>Type 2: FILETIME.</summary>
    public ulong CreationTime => At(48);

    /// <summary>Type 3: first block of the list of block descriptors.</summary>
    public ulong StoreBlockListOffset => At(8);
    /// <summary>Type 3: header of the store.</summary>
    public ulong StoreHeaderOffset => At(32);
    /// <summary>Type 3: first block of the bitmap of what the volume did not use.</summary>
    public ulong StoreBitmapOffset => At(48);
    /// <summary>Type 3: the same of the copy before it; 0 without one.</summary>
    public ulong StorePreviousBitmapOffset => At(72);

    private ulong At(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[offset..]);
}

/// <summary>Where the parts of a store lie, as the catalog says: any values, in bytes from the start of the volume.</summary>
/// <param name="BlockList">List of block descriptors.</param>
/// <param name="Header">Header of the store.</param>
/// <param name="Bitmap">Bitmap of blocks that were not used.</param>
/// <param name="PreviousBitmap">The same of the copy before; 0 without one.</param>
internal readonly record struct StorePlaces(ulong BlockList, ulong Header, ulong Bitmap, ulong PreviousBitmap);
