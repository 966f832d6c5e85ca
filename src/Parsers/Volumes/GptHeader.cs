using System.Buffers.Binary;

namespace Forensics.Parsers.Volumes;

/// <summary>The GPT header (little endian), fields named as in the UEFI specification, 5.3.2.</summary>
internal readonly ref struct GptHeader
{
    /// <summary>Bytes of the fields that are defined.</summary>
    public const int Size = 92;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public GptHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public bool HasSignature => _bytes.StartsWith("EFI PART"u8);
    public uint HeaderSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[12..]);
    public uint HeaderCrc32 => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[16..]);
    public ulong MyLba => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[24..]);
    public ulong AlternateLba => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[32..]);
    public Guid DiskGuid => new(_bytes.Slice(56, 16));
    public ulong PartitionEntryLba => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[72..]);
    public uint NumberOfPartitionEntries => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[80..]);
    public uint SizeOfPartitionEntry => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[84..]);
    public uint PartitionEntryArrayCrc32 => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[88..]);
}

/// <summary>A GPT partition entry (little endian), fields named as in the UEFI specification, 5.3.3.</summary>
internal readonly ref struct GptEntry
{
    /// <summary>Bytes of the fields that are defined, and the smallest entry.</summary>
    public const int Size = 128;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public GptEntry(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public Guid PartitionTypeGuid => new(_bytes[..16]);
    public Guid UniquePartitionGuid => new(_bytes.Slice(16, 16));
    public ulong StartingLba => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[32..]);
    public ulong EndingLba => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[40..]);
    /// <summary>UTF-16LE, ended by a NUL unless it fills the field.</summary>
    public ReadOnlySpan<byte> PartitionName => _bytes.Slice(56, 72);
}
