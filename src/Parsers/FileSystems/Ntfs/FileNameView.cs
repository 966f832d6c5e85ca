using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>The value of a $FILE_NAME attribute, and the key of a directory entry (FILE_NAME).</summary>
/// <param name="value">The value.</param>
internal readonly ref struct FileNameView(ReadOnlySpan<byte> value)
{
    private const int HeaderSize = 0x42;
    private readonly ReadOnlySpan<byte> _value = value;

    /// <summary>A name that only MS-DOS programs see, beside another.</summary>
    public const byte DosNamespace = 2;

    /// <summary>The name lies inside the value and is not empty.</summary>
    public bool IsSound => _value.Length >= HeaderSize && _value[0x40] > 0 && _value.Length >= HeaderSize + (_value[0x40] * 2);

    /// <summary>Reference to the directory.</summary>
    public ulong ParentDirectory => BinaryPrimitives.ReadUInt64LittleEndian(_value);

    public ulong ParentNumber => ParentDirectory & FileRecordView.NumberMask;

    public ushort ParentSequence => (ushort)(ParentDirectory >> 48);

    public NtfsTimes Times => NtfsTimes.Read(_value[0x08..], 0, 0x08, 0x10, 0x18);

    public ulong FileSize => BinaryPrimitives.ReadUInt64LittleEndian(_value[0x30..]);

    public uint FileAttributes => BinaryPrimitives.ReadUInt32LittleEndian(_value[0x38..]);

    /// <summary>Namespace: 0 POSIX, 1 Win32, 2 DOS, 3 both.</summary>
    public byte Flags => _value[0x41];

    /// <summary>UTF-16LE.</summary>
    public ReadOnlySpan<byte> FileName => _value.Slice(HeaderSize, _value[0x40] * 2);
}
