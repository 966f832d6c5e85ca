using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>One tag of a descriptor block: where a block that follows in the journal belongs.</summary>
/// <param name="Block">Number of the file system block; above <see cref="long.MaxValue"/> it is given as -1.</param>
/// <param name="Checksum">32 bits with checksums of version 3, 16 with version 2, else 0.</param>
/// <param name="IsEscaped">The first four bytes were the journal's magic number and are stored as zero.</param>
internal readonly record struct JournalTag(long Block, uint Checksum, bool IsEscaped);

/// <summary>
/// The tags of a descriptor block, one after the other: <c>journal_block_tag3_t</c> with checksums of version 3, else <c>journal_block_tag_t</c> of 8 to 14
/// bytes, each followed by a UUID of 16 bytes unless the flag SAME_UUID is set. A tag that does not fit whole ends the list.
/// </summary>
internal ref struct DescriptorBlock
{
    private const int UuidSize = 16;
    private const int FlagEscape = 1;
    private const int FlagSameUuid = 2;
    private const int FlagLastTag = 8;

    private readonly ReadOnlySpan<byte> _tags;
    private readonly JournalFeatures _features;
    private readonly int _tagSize;
    private int _position;
    private bool _ended;

    /// <param name="block">A whole block of the journal.</param>
    /// <param name="features">What the journal uses.</param>
    public DescriptorBlock(ReadOnlySpan<byte> block, JournalFeatures features)
    {
        _features = features;
        _tagSize = features.TagSize;
        _tags = block[JournalBlockHeader.Size..^(features.HasBlockChecksums ? JournalChecksums.TailSize : 0)];
    }

    /// <summary>Takes the next tag; false after the last.</summary>
    public bool Next(out JournalTag tag)
    {
        tag = default;
        if (_ended || _position + _tagSize > _tags.Length)
        {
            return false;
        }
        ReadOnlySpan<byte> data = _tags[_position..];
        // Both kinds have the flags that matter in bytes 6 and 7.
        int flags = BinaryPrimitives.ReadUInt16BigEndian(data[6..]);
        ulong block = BinaryPrimitives.ReadUInt32BigEndian(data);
        if (_features.Has64Bits)
        {
            block |= (ulong)BinaryPrimitives.ReadUInt32BigEndian(data[8..]) << 32;
        }
        uint checksum = _features.HasChecksumV3 ? BinaryPrimitives.ReadUInt32BigEndian(data[12..])
            : _features.HasChecksumV2 ? BinaryPrimitives.ReadUInt16BigEndian(data[4..])
            : 0u;
        tag = new JournalTag(block > long.MaxValue ? -1 : (long)block, checksum, (flags & FlagEscape) != 0);
        _position += _tagSize + ((flags & FlagSameUuid) != 0 ? 0 : UuidSize);
        _ended = (flags & FlagLastTag) != 0;
        return true;
    }

    /// <summary>How many tags are left.</summary>
    public readonly int Count()
    {
        DescriptorBlock rest = this;
        int count = 0;
        while (rest.Next(out _))
        {
            count++;
        }
        return count;
    }
}
