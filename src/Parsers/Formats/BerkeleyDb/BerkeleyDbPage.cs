using System.Buffers.Binary;

namespace Forensics.Parsers.Formats.BerkeleyDb;

/// <summary>Reads numbers in the byte order of a Berkeley DB file, which is that of the machine that made it.</summary>
internal readonly record struct ByteOrder(bool IsBig)
{
    public ushort UInt16(ReadOnlySpan<byte> bytes) => IsBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    public uint UInt32(ReadOnlySpan<byte> bytes) => IsBig ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}

/// <summary>The generic metadata page (DBMETA of <c>db_page.h</c>), the first page of a database.</summary>
internal readonly ref struct BerkeleyDbMeta
{
    public const int Size = 72;
    public const uint HashMagic = 0x00061561;
    public const uint BtreeMagic = 0x00053162;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ByteOrder _order;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public BerkeleyDbMeta(ReadOnlySpan<byte> bytes, ByteOrder order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
        _order = order;
    }

    public uint Magic => _order.UInt32(_bytes[12..]);
    public uint Version => _order.UInt32(_bytes[16..]);
    public uint PageSize => _order.UInt32(_bytes[20..]);
    public byte EncryptAlg => _bytes[24];
    public byte MetaFlags => _bytes[26];
    public uint LastPgno => _order.UInt32(_bytes[32..]);
    /// <summary>Pages carry a checksum after their header (DBMETA_CHKSUM).</summary>
    public bool HasChecksums => (MetaFlags & 1) != 0;
}

/// <summary>The header of every other page (PAGE of <c>db_page.h</c>).</summary>
internal readonly ref struct BerkeleyDbPage
{
    public const int HeaderSize = 26;
    public const byte HashUnsorted = 2;
    public const byte BtreeLeaf = 5;
    public const byte Overflow = 7;
    public const byte Hash = 13;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ByteOrder _order;
    private readonly int _overhead;

    /// <summary>A view over a whole page; <paramref name="overhead"/> is where entries begin.</summary>
    public BerkeleyDbPage(ReadOnlySpan<byte> bytes, ByteOrder order, int overhead)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, HeaderSize + 6);
        _bytes = bytes;
        _order = order;
        _overhead = overhead;
    }

    public uint Pgno => _order.UInt32(_bytes[8..]);
    public uint NextPgno => _order.UInt32(_bytes[16..]);
    /// <summary>Clamped to what the page has room for.</summary>
    public int Entries => Math.Min(_order.UInt16(_bytes[20..]), (_bytes.Length - _overhead) / 2);
    /// <summary>On an overflow page the bytes of content.</summary>
    public int OverflowLength => _order.UInt16(_bytes[22..]);
    public byte Type => _bytes[25];

    /// <summary>Offset of an entry in the page; may lie outside of it.</summary>
    public int Offset(int entry) => _order.UInt16(_bytes[(_overhead + entry * 2)..]);
}
