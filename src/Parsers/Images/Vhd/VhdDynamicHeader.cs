using System.Buffers.Binary;

namespace Forensics.Parsers.Images.Vhd;

/// <summary>The dynamic disk header (big endian) of dynamic and differencing disks. Fields named as in Microsoft's specification.</summary>
internal readonly ref struct VhdDynamicHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 1024;
    /// <summary>Entries for names of the parent.</summary>
    public const int ParentLocators = 8;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over <see cref="Size"/> bytes.</summary>
    public VhdDynamicHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        _bytes = bytes;
    }

    public bool HasCookie => _bytes.StartsWith("cxsparse"u8);
    public ulong TableOffset => BinaryPrimitives.ReadUInt64BigEndian(_bytes[16..]);
    public uint HeaderVersion => UInt32(24);
    public uint MaxTableEntries => UInt32(28);
    public uint BlockSize => UInt32(32);
    public uint Checksum => UInt32(36);
    public Guid ParentUniqueId => new(_bytes.Slice(40, 16), bigEndian: true);
    /// <summary>Seconds since 2000-01-01 UTC.</summary>
    public uint ParentTimeStamp => UInt32(56);
    /// <summary>UTF-16, big endian, ended by a zero.</summary>
    public ReadOnlySpan<byte> ParentUnicodeName => _bytes.Slice(64, 512);

    public bool IsChecksumRight => Checksum == VhdFooter.ChecksumOf(_bytes, 36);

    /// <summary>One of the <see cref="ParentLocators"/> entries.</summary>
    public VhdParentLocator ParentLocator(int index) => new(_bytes.Slice(576 + index * VhdParentLocator.Size, VhdParentLocator.Size));

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32BigEndian(_bytes[offset..]);
}

/// <summary>An entry that says where in the file a name of the parent is, and in which platform's form.</summary>
internal readonly ref struct VhdParentLocator
{
    /// <summary>Bytes of an entry.</summary>
    public const int Size = 24;
    /// <summary>"W2ru": relative path, UTF-16 little endian.</summary>
    public const uint WindowsRelative = 0x57327275;
    /// <summary>"W2ku": absolute path, UTF-16 little endian.</summary>
    public const uint WindowsAbsolute = 0x57326B75;
    /// <summary>"Wi2r": relative path in a Windows code page, deprecated.</summary>
    public const uint OldWindowsRelative = 0x57693272;
    /// <summary>"Wi2k": absolute path in a Windows code page, deprecated.</summary>
    public const uint OldWindowsAbsolute = 0x5769326B;
    /// <summary>"MacX": a file URL, UTF-8.</summary>
    public const uint MacUrl = 0x4D616358;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over <see cref="Size"/> bytes.</summary>
    public VhdParentLocator(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        _bytes = bytes;
    }

    public uint PlatformCode => BinaryPrimitives.ReadUInt32BigEndian(_bytes);
    public uint PlatformDataLength => BinaryPrimitives.ReadUInt32BigEndian(_bytes[8..]);
    public ulong PlatformDataOffset => BinaryPrimitives.ReadUInt64BigEndian(_bytes[16..]);
}
