using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>View of a record of <c>$UsnJrnl:$J</c> (little-endian). Versions 2 and 3 differ in the width of the two references.</summary>
internal readonly ref struct UsnRecordView
{
    /// <summary>Length, major and minor version, with which every version begins.</summary>
    public const int CommonSize = 8;

    private const int SizeV2 = 0x3C;
    private const int SizeV3 = 0x4C;
    private const int SizeV4 = 0x38;
    private const ulong RecordMask = 0xFFFF_FFFF_FFFF;

    private readonly ReadOnlySpan<byte> _data;
    private readonly int _shift;

    /// <param name="data">The record, of its own length.</param>
    public UsnRecordView(ReadOnlySpan<byte> data)
    {
        _data = data;
        _shift = MajorVersion == 3 ? 16 : 0;
    }

    public static uint LengthOf(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32LittleEndian(data);

    public ushort MajorVersion => BinaryPrimitives.ReadUInt16LittleEndian(_data[0x04..]);
    public ulong FileReferenceNumber => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x08..]);
    public ulong ParentFileReferenceNumber => BinaryPrimitives.ReadUInt64LittleEndian(_data[(0x10 + (_shift / 2))..]);
    public long Usn => BinaryPrimitives.ReadInt64LittleEndian(_data[(0x18 + _shift)..]);
    public long TimeStamp => BinaryPrimitives.ReadInt64LittleEndian(_data[(0x20 + _shift)..]);
    public uint Reason => U32(0x28);
    public uint SourceInfo => U32(0x2C);
    public uint SecurityId => U32(0x30);
    public uint FileAttributes => U32(0x34);
    public ushort FileNameLength => BinaryPrimitives.ReadUInt16LittleEndian(_data[(0x38 + _shift)..]);
    public ushort FileNameOffset => BinaryPrimitives.ReadUInt16LittleEndian(_data[(0x3A + _shift)..]);

    public ReadOnlySpan<byte> FileName => _data.Slice(FileNameOffset, FileNameLength);

    /// <summary>Range tracking: which bytes of a file changed. It has no name and no time.</summary>
    public bool IsExtents => MajorVersion == 4 && _data.Length >= SizeV4;

    /// <summary>A version that is read, with the name inside.</summary>
    public bool IsUsable
    {
        get
        {
            int size = MajorVersion switch { 2 => SizeV2, 3 => SizeV3, _ => int.MaxValue };
            return _data.Length >= size && FileNameOffset >= size && FileNameOffset + FileNameLength <= _data.Length && (FileNameLength & 1) == 0;
        }
    }

    public static ulong RecordOf(ulong reference) => reference & RecordMask;

    public static ushort SequenceOf(ulong reference) => (ushort)(reference >> 48);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_data[(offset + _shift)..]);
}
