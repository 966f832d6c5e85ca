using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>An attribute record (ATTRIBUTE_RECORD_HEADER with its form). What it points to lies inside it when <see cref="IsSound"/>.</summary>
/// <param name="data">The whole attribute record, at least 24 bytes.</param>
/// <param name="position">Byte offset in the file record.</param>
internal readonly ref struct AttributeView(ReadOnlySpan<byte> data, int position)
{
    private const int NonresidentSize = 0x40;
    private const int SparseSize = 0x48;
    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>Byte offset in the file record.</summary>
    public int Position { get; } = position;

    public uint TypeCode => BinaryPrimitives.ReadUInt32LittleEndian(_data);

    /// <summary>The value is stored in the record itself.</summary>
    public bool IsResident => _data[0x08] == 0;

    public byte NameLength => _data[0x09];

    public ushort NameOffset => BinaryPrimitives.ReadUInt16LittleEndian(_data[0x0A..]);

    public ushort Flags => BinaryPrimitives.ReadUInt16LittleEndian(_data[0x0C..]);

    public ushort Instance => BinaryPrimitives.ReadUInt16LittleEndian(_data[0x0E..]);

    /// <summary>UTF-16LE, empty when it has none.</summary>
    public ReadOnlySpan<byte> Name => NameLength == 0 ? default : _data.Slice(NameOffset, NameLength * 2);

    public uint ValueLength => BinaryPrimitives.ReadUInt32LittleEndian(_data[0x10..]);

    public ushort ValueOffset => BinaryPrimitives.ReadUInt16LittleEndian(_data[0x14..]);

    /// <summary>The value of a resident attribute, empty for another.</summary>
    public ReadOnlySpan<byte> Value => IsResident ? _data.Slice(ValueOffset, (int)ValueLength) : default;

    public long LowestVcn => BinaryPrimitives.ReadInt64LittleEndian(_data[0x10..]);

    public long HighestVcn => BinaryPrimitives.ReadInt64LittleEndian(_data[0x18..]);

    public ushort MappingPairsOffset => BinaryPrimitives.ReadUInt16LittleEndian(_data[0x20..]);

    /// <summary>Clusters of a compression unit as a power of two; 0 when there are none.</summary>
    public byte CompressionUnit => _data[0x22];

    public long AllocatedLength => BinaryPrimitives.ReadInt64LittleEndian(_data[0x28..]);

    public long FileSize => BinaryPrimitives.ReadInt64LittleEndian(_data[0x30..]);

    public long ValidDataLength => BinaryPrimitives.ReadInt64LittleEndian(_data[0x38..]);

    /// <summary>The mapping pairs of a nonresident attribute to the end of the attribute.</summary>
    public ReadOnlySpan<byte> Pairs => _data[MappingPairsOffset..];

    /// <summary>Content length: of the value, or as stored; only the first part of a nonresident attribute has it.</summary>
    public long Length => IsResident ? ValueLength : FileSize;

    /// <summary>Bytes of clusters that are really there: less than what is allocated where parts are sparse or compressed.</summary>
    public long StoredLength => IsResident ? ValueLength
        : (Flags & (AttributeFlags.Sparse | AttributeFlags.CompressionMask)) != 0 && MappingPairsOffset >= SparseSize && _data.Length >= SparseSize ? BinaryPrimitives.ReadInt64LittleEndian(_data[0x40..])
        : AllocatedLength;

    /// <summary>It is the first or only part of its attribute.</summary>
    public bool IsFirstPart => IsResident || LowestVcn == 0;

    /// <summary>Name, value and mapping pairs lie inside the attribute.</summary>
    public bool IsSound
    {
        get
        {
            if (NameLength > 0 && NameOffset + (NameLength * 2) > _data.Length)
            {
                return false;
            }
            return IsResident ? ValueOffset <= _data.Length && ValueLength <= (uint)(_data.Length - ValueOffset)
                : _data[0x08] == 1 && _data.Length >= NonresidentSize && MappingPairsOffset >= NonresidentSize && MappingPairsOffset <= _data.Length;
        }
    }

    /// <summary>Whether it is of a type and has a name in ASCII.</summary>
    public bool Is(uint type, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> own = Name;
        if (TypeCode != type || own.Length != name.Length * 2)
        {
            return false;
        }
        for (int i = 0; i < name.Length; i++)
        {
            if (own[2 * i] != name[i] || own[(2 * i) + 1] != 0)
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>Type codes of attributes.</summary>
internal static class AttributeType
{
    public const uint StandardInformation = 0x10;
    public const uint AttributeList = 0x20;
    public const uint FileName = 0x30;
    public const uint SecurityDescriptor = 0x50;
    public const uint VolumeName = 0x60;
    public const uint VolumeInformation = 0x70;
    public const uint Data = 0x80;
    public const uint IndexRoot = 0x90;
    public const uint IndexAllocation = 0xA0;
    public const uint ReparsePoint = 0xC0;
    public const uint ExtendedAttributes = 0xE0;
}

/// <summary>Flags of an attribute record.</summary>
internal static class AttributeFlags
{
    public const ushort CompressionMask = 0x00FF;
    public const ushort Lznt1 = 0x0001;
    public const ushort Encrypted = 0x4000;
    public const ushort Sparse = 0x8000;
}
