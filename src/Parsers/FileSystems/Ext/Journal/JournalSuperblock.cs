using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>View of <c>journal_superblock_t</c> (1024 bytes, big-endian), versions 1 and 2. Fields carry the names of the format without <c>s_</c>.</summary>
/// <remarks>Specification: the kernel's <c>include/linux/jbd2.h</c> and <c>Documentation/filesystems/ext4/journal.rst</c>.</remarks>
internal readonly ref struct JournalSuperblock
{
    public const int Size = 1024;
    public const int ChecksumOffset = 0xFC;

    private readonly ReadOnlySpan<byte> _data;

    public JournalSuperblock(ReadOnlySpan<byte> data) => _data = data[..Size];

    public JournalBlockHeader Header => new(_data);
    public uint BlockSize => U32(0x0C);
    public uint MaxLength => U32(0x10);
    public uint First => U32(0x14);
    public uint Sequence => U32(0x18);
    public uint Start => U32(0x1C);
    public int ErrorNumber => BinaryPrimitives.ReadInt32BigEndian(_data[0x20..]);
    public ReadOnlySpan<byte> Uuid => _data.Slice(0x30, 16);
    public uint UserCount => U32(0x40);
    public byte ChecksumType => _data[0x50];
    public uint FastCommitBlocks => U32(0x54);
    public uint Head => U32(0x58);
    public uint Checksum => U32(ChecksumOffset);

    /// <summary>The feature words; version 1 has none.</summary>
    public JournalFeatures Features => Header.BlockType == JournalBlockType.SuperblockV2 ? new JournalFeatures(U32(0x24), U32(0x28), U32(0x2C)) : default;

    /// <summary>CRC-32C over the superblock with its checksum field as zero.</summary>
    public uint ComputeChecksum()
    {
        uint crc = Checksums.Crc32C(Checksums.Crc32CSeed, _data[..ChecksumOffset]);
        crc = Checksums.Crc32C(crc, 0u);
        return Checksums.Crc32C(crc, _data[(ChecksumOffset + 4)..]);
    }

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32BigEndian(_data[offset..]);
}
