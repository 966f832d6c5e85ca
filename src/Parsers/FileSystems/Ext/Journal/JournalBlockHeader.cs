using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary><c>h_blocktype</c>.</summary>
internal enum JournalBlockType : uint
{
    Descriptor = 1,
    Commit = 2,
    SuperblockV1 = 3,
    SuperblockV2 = 4,
    Revoke = 5,
}

/// <summary>View of <c>journal_header_t</c> (12 bytes, big-endian), with which every block of the journal's own begins.</summary>
internal readonly ref struct JournalBlockHeader
{
    public const int Size = 12;
    public const uint ExpectedMagic = 0xC03B3998;

    private readonly ReadOnlySpan<byte> _data;

    public JournalBlockHeader(ReadOnlySpan<byte> data) => _data = data[..Size];

    public bool HasMagic => BinaryPrimitives.ReadUInt32BigEndian(_data) == ExpectedMagic;
    public JournalBlockType BlockType => (JournalBlockType)BinaryPrimitives.ReadUInt32BigEndian(_data[4..]);
    public uint Sequence => BinaryPrimitives.ReadUInt32BigEndian(_data[8..]);

    /// <summary>Undoes the escape of a block of the file system that begins like one of the journal.</summary>
    public static void RestoreMagic(Span<byte> block) => BinaryPrimitives.WriteUInt32BigEndian(block, ExpectedMagic);
}
