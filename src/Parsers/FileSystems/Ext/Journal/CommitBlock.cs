using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>View of <c>struct commit_header</c> (big-endian), the end of a transaction. Fields carry the names of the format without <c>h_</c>.</summary>
internal readonly ref struct CommitBlock
{
    public const int ChecksumOffset = 0x10;

    private const int Size = 0x3C;
    private const byte Crc32Type = 1;
    private const byte Crc32Size = 4;

    private readonly ReadOnlySpan<byte> _data;

    public CommitBlock(ReadOnlySpan<byte> block) => _data = block[..Size];

    public byte ChecksumType => _data[0x0C];
    public byte ChecksumSize => _data[0x0D];
    public uint Checksum => BinaryPrimitives.ReadUInt32BigEndian(_data[ChecksumOffset..]);
    public ulong CommitSeconds => BinaryPrimitives.ReadUInt64BigEndian(_data[0x30..]);
    public uint CommitNanoseconds => BinaryPrimitives.ReadUInt32BigEndian(_data[0x38..]);

    /// <summary>When the transaction was committed; null when no time is stored, or one after the year 9999 (debugfs writes the words in the wrong order).</summary>
    public Timestamp? CommitTime
    {
        get
        {
            const ulong LastSecond = 253_402_300_799;
            const uint LastNanosecond = 999_999_999;
            return CommitSeconds is 0 or > LastSecond ? null : new Timestamp((long)CommitSeconds, (int)Math.Min(CommitNanoseconds, LastNanosecond));
        }
    }

    /// <summary>
    /// Version 1: whether the checksum over the transaction's blocks is right, or absent because an older kernel wrote the block.
    /// Other kinds (MD5, SHA-1) are named by the format, but no kernel ever wrote or accepted them.
    /// </summary>
    public bool TransactionChecksumMatches(uint computed) =>
        (Checksum == computed && ChecksumType == Crc32Type && ChecksumSize == Crc32Size)
        || (Checksum == 0 && ChecksumType == 0 && ChecksumSize == 0);
}
