using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>View of <c>LFS_RECORD_HEADER</c> (48 bytes, little-endian), with which every record of the log begins.</summary>
internal readonly ref struct LogRecordHeader
{
    public const int Size = 0x30;

    /// <summary>LfsClientRecord: a record of NTFS.</summary>
    public const uint ClientRecord = 1;
    /// <summary>LfsClientRestart: a checkpoint.</summary>
    public const uint ClientRestart = 2;

    private readonly ReadOnlySpan<byte> _data;

    public LogRecordHeader(ReadOnlySpan<byte> data) => _data = data[..Size];

    public ulong ThisLsn => BinaryPrimitives.ReadUInt64LittleEndian(_data);
    public ulong ClientPreviousLsn => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x08..]);
    public ulong ClientUndoNextLsn => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x10..]);
    public uint ClientDataLength => BinaryPrimitives.ReadUInt32LittleEndian(_data[0x18..]);
    public uint RecordType => BinaryPrimitives.ReadUInt32LittleEndian(_data[0x20..]);
    public uint TransactionId => BinaryPrimitives.ReadUInt32LittleEndian(_data[0x24..]);
    public ushort Flags => BinaryPrimitives.ReadUInt16LittleEndian(_data[0x28..]);
}

/// <summary>View of <c>NTFS_LOG_RECORD_HEADER</c>: what a record of NTFS does, and to which clusters.</summary>
internal readonly ref struct LogClientRecord
{
    private const int Size = 0x20;
    private static readonly byte[] s_zeros = new byte[ushort.MaxValue];

    private readonly ReadOnlySpan<byte> _data;

    /// <param name="data">The client data of a log record.</param>
    public LogClientRecord(ReadOnlySpan<byte> data) => _data = data;

    public LogOperation RedoOperation => (LogOperation)Word(0x00);
    public LogOperation UndoOperation => (LogOperation)Word(0x02);
    public ushort RedoOffset => Word(0x04);
    public ushort RedoLength => Word(0x06);
    public ushort UndoOffset => Word(0x08);
    public ushort UndoLength => Word(0x0A);
    /// <summary>Byte offset of the attribute's entry in the open attribute table.</summary>
    public ushort TargetAttribute => Word(0x0C);
    public ushort LcnsToFollow => Word(0x0E);
    public ushort RecordOffset => Word(0x10);
    public ushort AttributeOffset => Word(0x12);
    /// <summary>In units of 512 bytes, whatever the sector size.</summary>
    public ushort ClusterBlockOffset => Word(0x14);
    public long TargetVcn => BinaryPrimitives.ReadInt64LittleEndian(_data[0x18..]);

    public long LcnForPage(int index) => BinaryPrimitives.ReadInt64LittleEndian(_data[(Size + (index * 8))..]);

    public ReadOnlySpan<byte> RedoData => Data(RedoOffset, RedoLength);
    public ReadOnlySpan<byte> UndoData => Data(UndoOffset, UndoLength);

    /// <summary>A dumped table may be longer than 16 bits can say: it goes to the end of the record.</summary>
    public ReadOnlySpan<byte> DumpedTable => _data[Math.Min(RedoOffset, _data.Length)..];

    /// <summary>Everything the header names lies inside the record, and its target is a place that a volume can have.</summary>
    public bool IsUsable => _data.Length >= Size && Size + (LcnsToFollow * 8) <= _data.Length && TargetVcn is >= 0 and < 1L << 48
        && IsWhole(RedoOffset, RedoLength) && IsWhole(UndoOffset, UndoLength);

    private bool IsWhole(int offset, int length) => offset + length <= _data.Length || offset >= _data.Length;

    /// <summary>Zeros are not stored: their data would begin where the record ends.</summary>
    private ReadOnlySpan<byte> Data(int offset, int length) => length == 0 ? default : offset >= _data.Length ? s_zeros.AsSpan(0, length) : _data.Slice(offset, length);

    private ushort Word(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_data[offset..]);
}

/// <summary>View of the restart record that NTFS writes at a checkpoint (<c>NTFS_RESTART</c>): where the dumped tables are.</summary>
internal readonly ref struct LogCheckpoint
{
    public const int Size = 0x40;

    private readonly ReadOnlySpan<byte> _data;

    public LogCheckpoint(ReadOnlySpan<byte> data) => _data = data[..Size];

    /// <summary>0: tables as 32-bit systems wrote them; 1: as 64-bit systems do.</summary>
    public uint MajorVersion => BinaryPrimitives.ReadUInt32LittleEndian(_data);
    public ulong StartOfCheckpoint => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x08..]);
    public ulong OpenAttributeTableLsn => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x10..]);
    public ulong DirtyPageTableLsn => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x20..]);
    public ulong TransactionTableLsn => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x28..]);
    public uint OpenAttributeTableLength => BinaryPrimitives.ReadUInt32LittleEndian(_data[0x30..]);
    public uint DirtyPageTableLength => BinaryPrimitives.ReadUInt32LittleEndian(_data[0x38..]);
    public uint TransactionTableLength => BinaryPrimitives.ReadUInt32LittleEndian(_data[0x3C..]);
}
