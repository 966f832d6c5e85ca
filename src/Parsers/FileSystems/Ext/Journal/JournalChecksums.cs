using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>The CRC-32C checksums of versions 2 and 3 of a journal, all chained from the CRC of its UUID. Without them everything matches.</summary>
internal readonly struct JournalChecksums(JournalFeatures features, uint seed)
{
    /// <summary><c>struct jbd2_journal_block_tail</c> at the end of descriptor and revoke blocks.</summary>
    public const int TailSize = 4;

    /// <summary>Whether the tail of a descriptor or revoke block is right.</summary>
    public bool TailMatches(ReadOnlySpan<byte> block) => !features.HasBlockChecksums || FieldMatches(block, block.Length - TailSize);

    /// <summary>Whether a commit block's own checksum is right.</summary>
    public bool CommitMatches(ReadOnlySpan<byte> block) => !features.HasBlockChecksums || FieldMatches(block, CommitBlock.ChecksumOffset);

    /// <summary>Whether a block as stored in the journal is the one its tag describes.</summary>
    public bool DataMatches(ReadOnlySpan<byte> block, uint sequence, uint stored)
    {
        if (!features.HasBlockChecksums)
        {
            return true;
        }
        uint crc = Checksums.Crc32C(seed, BinaryPrimitives.ReverseEndianness(sequence));
        crc = Checksums.Crc32C(crc, block);
        return stored == (features.HasChecksumV3 ? crc : crc & 0xFFFF);
    }

    private bool FieldMatches(ReadOnlySpan<byte> block, int offset)
    {
        uint crc = Checksums.Crc32C(seed, block[..offset]);
        crc = Checksums.Crc32C(crc, 0u);
        crc = Checksums.Crc32C(crc, block[(offset + 4)..]);
        return crc == BinaryPrimitives.ReadUInt32BigEndian(block[offset..]);
    }
}
