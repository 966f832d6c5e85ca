using System.Buffers.Binary;

namespace Forensics.Parsers.Formats.SystemdJournal;

/// <summary>The header of a journal file. Little-endian; fields beyond <see cref="HeaderSize"/> are not there in older files.</summary>
internal readonly ref struct JournalHeader
{
    /// <summary>Bytes of the oldest header.</summary>
    public const int SmallestSize = 208;

    private readonly ReadOnlySpan<byte> _bytes;

    public JournalHeader(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SmallestSize)
        {
            throw new ArgumentException("too short", nameof(bytes));
        }
        _bytes = bytes;
    }

    public static ReadOnlySpan<byte> Signature => "LPKSHHRH"u8;

    public bool HasSignature => _bytes.StartsWith(Signature);
    public uint CompatibleFlags => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[8..]);
    public JournalFeatures IncompatibleFlags => (JournalFeatures)BinaryPrimitives.ReadUInt32LittleEndian(_bytes[12..]);
    public byte State => _bytes[16];
    public UInt128 FileId => BinaryPrimitives.ReadUInt128BigEndian(_bytes[24..]);
    public UInt128 MachineId => BinaryPrimitives.ReadUInt128BigEndian(_bytes[40..]);
    public UInt128 TailEntryBootId => BinaryPrimitives.ReadUInt128BigEndian(_bytes[56..]);
    public UInt128 SequenceNumberId => BinaryPrimitives.ReadUInt128BigEndian(_bytes[72..]);
    public ulong HeaderSize => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[88..]);
    public ulong ArenaSize => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[96..]);
    public ulong TailObjectOffset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[136..]);
    public ulong ObjectCount => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[144..]);
    public ulong EntryCount => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[152..]);
    public ulong EntryArrayOffset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[176..]);
    public ulong HeadEntryRealtime => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[184..]);
    public ulong TailEntryRealtime => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[192..]);
}

/// <summary>Features a reader has to know.</summary>
[Flags]
internal enum JournalFeatures : uint
{
    None = 0,
    CompressedXz = 1,
    CompressedLz4 = 2,
    KeyedHash = 4,
    CompressedZstd = 8,
    Compact = 16,
    Known = CompressedXz | CompressedLz4 | KeyedHash | CompressedZstd | Compact,
}

/// <summary>The state a journal file was left in.</summary>
public enum JournalFileState
{
    /// <summary>Closed.</summary>
    Offline = 0,
    /// <summary>Open for writing: the host crashed, or the image was taken while it ran.</summary>
    Online = 1,
    /// <summary>Closed for good after rotation.</summary>
    Archived = 2,
    /// <summary>None of these.</summary>
    Unknown = 255,
}

/// <summary>Kinds of objects.</summary>
internal enum JournalObjectType : byte
{
    Unused = 0,
    Data = 1,
    Field = 2,
    Entry = 3,
    DataHashTable = 4,
    FieldHashTable = 5,
    EntryArray = 6,
    Tag = 7,
}

/// <summary>The header that every object begins with.</summary>
internal readonly ref struct JournalObjectHeader(ReadOnlySpan<byte> bytes)
{
    public const int Size = 16;

    private readonly ReadOnlySpan<byte> _bytes = bytes[..Size];

    public JournalObjectType Type => (JournalObjectType)_bytes[0];
    public byte Flags => _bytes[1];
    public bool ReservedIsZero => !_bytes[2..8].ContainsAnyExcept((byte)0);
    public ulong ObjectSize => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[8..]);

    /// <summary>Bytes an object of the type has at least; 0 for a type that does not exist.</summary>
    public static int SmallestSize(JournalObjectType type, bool isCompact) => type switch
    {
        JournalObjectType.Data => isCompact ? 72 : 64,
        JournalObjectType.Field => 40,
        JournalObjectType.Entry => 64,
        JournalObjectType.DataHashTable or JournalObjectType.FieldHashTable => Size,
        JournalObjectType.EntryArray => 24,
        JournalObjectType.Tag => 64,
        _ => 0,
    };
}

/// <summary>An entry object: when, and which data belong to it.</summary>
internal readonly ref struct JournalEntryView(ReadOnlySpan<byte> bytes)
{
    public const int ItemsOffset = 64;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public ulong SequenceNumber => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[16..]);
    public ulong Realtime => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[24..]);
    public ulong Monotonic => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[32..]);
    public UInt128 BootId => BinaryPrimitives.ReadUInt128BigEndian(_bytes[40..]);

    /// <summary>Offset of the data object of an item.</summary>
    public long DataOffset(int index, bool isCompact)
    {
        ulong offset = isCompact ? BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(ItemsOffset + 4 * index)..]) : BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(ItemsOffset + 16 * index)..]);
        return offset > long.MaxValue ? -1 : (long)offset;
    }
}
