using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>View of a revoke block: <c>jbd2_journal_revoke_header_t</c> and block numbers of 32 or 64 bits, big-endian.</summary>
internal readonly ref struct RevokeBlock
{
    private const int HeaderSize = 16;

    private readonly ReadOnlySpan<byte> _records;
    private readonly int _recordSize;

    /// <param name="block">A whole block of the journal.</param>
    /// <param name="features">What the journal uses.</param>
    public RevokeBlock(ReadOnlySpan<byte> block, JournalFeatures features)
    {
        // r_count is the number of bytes in use, header included.
        uint used = BinaryPrimitives.ReadUInt32BigEndian(block[JournalBlockHeader.Size..]);
        int most = block.Length - (features.HasBlockChecksums ? JournalChecksums.TailSize : 0);
        IsSound = used <= (uint)most;
        _recordSize = features.Has64Bits ? 8 : 4;
        _records = IsSound && used > HeaderSize ? block[HeaderSize..(int)used] : [];
    }

    /// <summary>The count of bytes fits in the block.</summary>
    public bool IsSound { get; }

    public int Count => _records.Length / _recordSize;

    /// <summary>A revoked block; -1 when the number is past <see cref="long.MaxValue"/>.</summary>
    public long this[int index]
    {
        get
        {
            ReadOnlySpan<byte> record = _records.Slice(index * _recordSize, _recordSize);
            return _recordSize == 4 ? BinaryPrimitives.ReadUInt32BigEndian(record) : Math.Max(-1, BinaryPrimitives.ReadInt64BigEndian(record));
        }
    }
}
