using System.Buffers.Binary;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>An entry of the log (little endian), its bytes in one piece. Fields named as in [MS-VHDX] 2.3.1.</summary>
internal readonly ref struct VhdxLogEntry
{
    /// <summary>Bytes of a sector of the log.</summary>
    public const int SectorSize = 4096;
    private const int HeaderSize = 64;
    private const int DescriptorSize = 32;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over a sector or more.</summary>
    public VhdxLogEntry(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, SectorSize);
        _bytes = bytes;
    }

    public bool HasSignature => _bytes.StartsWith("loge"u8);
    public uint Checksum => UInt32(4);
    public uint EntryLength => UInt32(8);
    public uint Tail => UInt32(12);
    public ulong SequenceNumber => UInt64(16);
    public uint DescriptorCount => UInt32(24);
    public Guid LogGuid => new(_bytes.Slice(32, 16));
    public ulong FlushedFileOffset => UInt64(48);
    public ulong LastFileOffset => UInt64(56);

    /// <summary>Sectors of the header and the descriptors; the data sectors follow.</summary>
    public int DescriptorSectors => (int)((HeaderSize + (long)DescriptorCount * DescriptorSize + SectorSize - 1) / SectorSize);

    /// <summary>Whether the header alone may be that of an entry in this log.</summary>
    public bool IsPlausible(Guid log, int logLength) =>
        HasSignature && LogGuid == log && SequenceNumber > 0 && EntryLength >= SectorSize && EntryLength <= logLength && EntryLength % SectorSize == 0
        && Tail < logLength && Tail % SectorSize == 0 && HeaderSize + (long)DescriptorCount * DescriptorSize <= EntryLength;

    /// <summary>Whether checksum, descriptors and data sectors are right. The view must have all of the entry.</summary>
    public bool IsSound()
    {
        if (Crc32C.ComputeWithout(_bytes, 4) != Checksum)
        {
            return false;
        }
        int data = DescriptorSectors;
        for (int i = 0; i < DescriptorCount; i++)
        {
            VhdxLogDescriptor descriptor = Descriptor(i);
            bool isData = descriptor.IsData;
            if ((!isData && !descriptor.IsZero) || descriptor.SequenceNumber != SequenceNumber || descriptor.FileOffset % SectorSize != 0
                || descriptor.FileOffset > long.MaxValue || descriptor.Length > (ulong)long.MaxValue - descriptor.FileOffset || descriptor.Length % SectorSize != 0)
            {
                return false;
            }
            if (isData && !IsDataSector(data++))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>A descriptor by its number.</summary>
    public VhdxLogDescriptor Descriptor(int index) => new(_bytes.Slice(HeaderSize + index * DescriptorSize, DescriptorSize));

    /// <summary>The sequence number of a data sector is split over its two ends.</summary>
    private bool IsDataSector(int sector)
    {
        if ((sector + 1) * SectorSize > _bytes.Length)
        {
            return false;
        }
        ReadOnlySpan<byte> bytes = _bytes.Slice(sector * SectorSize, SectorSize);
        return bytes.StartsWith("data"u8)
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == SequenceNumber >> 32
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[(SectorSize - 4)..]) == (SequenceNumber & uint.MaxValue);
    }

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);

    private ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[offset..]);
}

/// <summary>A zero or data descriptor of a log entry. Fields named as in [MS-VHDX] 2.3.1.2 and 2.3.1.3.</summary>
internal readonly ref struct VhdxLogDescriptor
{
    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over 32 bytes.</summary>
    public VhdxLogDescriptor(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public bool IsZero => _bytes.StartsWith("zero"u8);
    public bool IsData => _bytes.StartsWith("desc"u8);
    public ReadOnlySpan<byte> TrailingBytes => _bytes.Slice(4, 4);
    public ReadOnlySpan<byte> LeadingBytes => _bytes.Slice(8, 8);
    public ulong FileOffset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[16..]);
    public ulong SequenceNumber => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[24..]);
    /// <summary>Bytes of the file that are written.</summary>
    public ulong Length => IsZero ? BinaryPrimitives.ReadUInt64LittleEndian(_bytes[8..]) : VhdxLogEntry.SectorSize;
}
