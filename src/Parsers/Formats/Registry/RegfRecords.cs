using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Formats.Registry;

/// <summary>The base block of a hive or of its transaction log; of a log only the first sector is stored. Field names as in the specification.</summary>
internal readonly ref struct BaseBlock
{
    /// <summary>How many bytes carry fields that are used.</summary>
    public const int Size = 512;
    /// <summary>Where the hive bins begin in a primary file.</summary>
    public const int Stored = 4096;
    private const int ChecksumOffset = 508;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public BaseBlock(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public static ReadOnlySpan<byte> Magic => "regf"u8;

    public bool HasSignature => _bytes.StartsWith(Magic);
    public uint PrimarySequenceNumber => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);
    public uint SecondarySequenceNumber => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[8..]);
    public ulong LastWritten => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[12..]);
    public uint MajorVersion => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[20..]);
    public uint MinorVersion => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[24..]);
    /// <summary>0 primary file, 1 and 2 transaction log of the old format, 6 of the new format.</summary>
    public uint FileType => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[28..]);
    public uint RootCellOffset => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[36..]);
    public uint HiveBinsDataSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[40..]);
    /// <summary>Bytes of a sector, by the clustering factor; 512 when that makes no sense.</summary>
    public int SectorSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[44..]) is > 0 and <= 8 and var factor ? (int)factor * 512 : 512;
    public string FileName => Encoding.Unicode.GetString(_bytes.Slice(48, 64)).Split('\0')[0];
    public bool IsDirty => PrimarySequenceNumber != SecondarySequenceNumber;

    /// <summary>XOR of the first 127 words; 0 and -1 are never stored.</summary>
    public bool HasRightChecksum
    {
        get
        {
            uint sum = 0;
            for (int i = 0; i < ChecksumOffset; i += 4)
            {
                sum ^= BinaryPrimitives.ReadUInt32LittleEndian(_bytes[i..]);
            }
            sum = sum is uint.MaxValue ? uint.MaxValue - 1 : sum is 0 ? 1 : sum;
            return sum == BinaryPrimitives.ReadUInt32LittleEndian(_bytes[ChecksumOffset..]);
        }
    }
}

/// <summary>A key node (<c>nk</c>); its name follows the fixed part.</summary>
internal readonly ref struct KeyNode
{
    public const int Size = 76;
    public const ushort Volatile = 0x1;
    public const ushort HiveEntry = 0x4;
    public const ushort SymbolicLink = 0x10;
    public const ushort CompressedName = 0x20;
    public const ushort PredefinedHandle = 0x40;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes of a cell's content.</summary>
    public KeyNode(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public static ReadOnlySpan<byte> Magic => "nk"u8;

    public ushort Flags => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[2..]);
    public ulong LastWritten => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[4..]);
    public uint Parent => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[16..]);
    public uint NumberOfSubkeys => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[20..]);
    public uint SubkeysListOffset => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[28..]);
    public uint NumberOfKeyValues => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[36..]);
    public uint KeyValuesListOffset => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[40..]);
    public uint KeySecurityOffset => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[44..]);
    public uint ClassNameOffset => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[48..]);
    public ushort KeyNameLength => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[72..]);
    public ushort ClassNameLength => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[74..]);
    /// <summary>What the cell holds of the name.</summary>
    public ReadOnlySpan<byte> Name => _bytes.Slice(Size, Math.Min(KeyNameLength, _bytes.Length - Size));
}

/// <summary>A key value (<c>vk</c>); its name follows the fixed part.</summary>
internal readonly ref struct KeyValue
{
    public const int Size = 20;
    public const uint InlineData = 0x80000000;
    public const ushort CompressedName = 0x1;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes of a cell's content.</summary>
    public KeyValue(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public static ReadOnlySpan<byte> Magic => "vk"u8;

    public ushort NameLength => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[2..]);
    public uint DataSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);
    public uint DataOffset => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[8..]);
    public uint DataType => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[12..]);
    public ushort Flags => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[16..]);
    /// <summary>What the cell holds of the name.</summary>
    public ReadOnlySpan<byte> Name => _bytes.Slice(Size, Math.Min(NameLength, _bytes.Length - Size));
}

/// <summary>Names of keys and values: counted, in one byte or two a character.</summary>
internal static class RegistryNames
{
    /// <summary>The name; one-byte names are Latin-1, as Windows widens them.</summary>
    public static string Decode(ReadOnlySpan<byte> name, bool isCompressed)
    {
        if (isCompressed)
        {
            return Encoding.Latin1.GetString(name);
        }
        return string.Create(name.Length / 2, name, static (text, bytes) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
            }
        });
    }

    /// <summary>The hash that <c>lh</c> lists keep of a name.</summary>
    public static uint Hash(string name)
    {
        uint hash = 0;
        foreach (char c in name)
        {
            hash = unchecked(hash * 37 + char.ToUpperInvariant(c));
        }
        return hash;
    }
}
