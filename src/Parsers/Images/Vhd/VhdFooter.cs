using System.Buffers.Binary;

namespace Forensics.Parsers.Images.Vhd;

/// <summary>The hard disk footer (big endian), 512 bytes, of which Virtual PC before 2004 left the last away. Fields named as in Microsoft's specification.</summary>
internal readonly ref struct VhdFooter
{
    /// <summary>Bytes of a footer.</summary>
    public const int Size = 512;
    /// <summary>Bytes of the footer of old versions.</summary>
    public const int OldSize = 511;
    /// <summary>Disk type of an image that is the disk followed by the footer.</summary>
    public const uint Fixed = 2;
    /// <summary>Disk type of an image with a block allocation table.</summary>
    public const uint Dynamic = 3;
    /// <summary>Disk type of an image that holds what differs from its parent.</summary>
    public const uint Differencing = 4;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over <see cref="OldSize"/> bytes or more.</summary>
    public VhdFooter(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, OldSize);
        _bytes = bytes;
    }

    public bool HasCookie => IsCookie(_bytes);
    public ulong DataOffset => BinaryPrimitives.ReadUInt64BigEndian(_bytes[16..]);
    /// <summary>Seconds since 2000-01-01 UTC.</summary>
    public uint TimeStamp => UInt32(24);
    public ReadOnlySpan<byte> CreatorApplication => _bytes.Slice(28, 4);
    public ushort CreatorVersionMajor => BinaryPrimitives.ReadUInt16BigEndian(_bytes[32..]);
    public ushort CreatorVersionMinor => BinaryPrimitives.ReadUInt16BigEndian(_bytes[34..]);
    public ReadOnlySpan<byte> CreatorHostOs => _bytes.Slice(36, 4);
    public ulong CurrentSize => BinaryPrimitives.ReadUInt64BigEndian(_bytes[48..]);
    public ushort Cylinders => BinaryPrimitives.ReadUInt16BigEndian(_bytes[56..]);
    public byte Heads => _bytes[58];
    public byte SectorsPerTrack => _bytes[59];
    public uint DiskType => UInt32(60);
    public uint Checksum => UInt32(64);
    public Guid UniqueId => new(_bytes.Slice(68, 16), bigEndian: true);
    public bool SavedState => _bytes[84] != 0;

    public bool IsChecksumRight => Checksum == ChecksumOf(_bytes, 64);
    public bool HasTable => DiskType is Dynamic or Differencing;

    /// <summary>"conectix".</summary>
    public static bool IsCookie(ReadOnlySpan<byte> bytes) => bytes.StartsWith("conectix"u8);

    /// <summary>The one's complement of the sum of all bytes but the four of the checksum itself.</summary>
    public static uint ChecksumOf(ReadOnlySpan<byte> bytes, int checksumOffset)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += i >= checksumOffset && i < checksumOffset + 4 ? 0u : bytes[i];
        }
        return ~sum;
    }

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32BigEndian(_bytes[offset..]);
}
