using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary><c>fc_tag</c>: what a record of the fast-commit area says.</summary>
internal enum FastCommitTagType : ushort
{
    /// <summary>Blocks were added to a file.</summary>
    AddRange = 1,
    /// <summary>Blocks were taken from a file.</summary>
    DelRange = 2,
    /// <summary>An inode was made and named.</summary>
    Creat = 3,
    /// <summary>An inode got a further name.</summary>
    Link = 4,
    /// <summary>A name was removed.</summary>
    Unlink = 5,
    /// <summary>The state of an inode.</summary>
    Inode = 6,
    /// <summary>Fills the rest of a block.</summary>
    Pad = 7,
    /// <summary>Ends one fast commit, and its block.</summary>
    Tail = 8,
    /// <summary>Begins the first fast commit after a transaction.</summary>
    Head = 9,
}

/// <summary>
/// View of one record: <c>struct ext4_fc_tl</c> (little-endian) and its value. Fields carry the names of fs/ext4/fast_commit.h without <c>fc_</c>.
/// </summary>
internal readonly ref struct FastCommitTag
{
    /// <summary>EXT4_FC_TAG_BASE_LEN: bytes of the tag and the length.</summary>
    public const int BaseSize = 4;

    private const int NameSize = 255;

    private readonly ReadOnlySpan<byte> _data;

    private FastCommitTag(ReadOnlySpan<byte> data) => _data = data;

    public FastCommitTagType Type => (FastCommitTagType)BinaryPrimitives.ReadUInt16LittleEndian(_data);

    public ReadOnlySpan<byte> Value => _data[BaseSize..];

    /// <summary>Tag, length and value.</summary>
    public ReadOnlySpan<byte> Bytes => _data;

    /// <summary>Bytes of the whole record.</summary>
    public int Size => _data.Length;

    /// <summary>
    /// The record at the beginning of <paramref name="rest"/>, what is left of a block: records never cross a block. False when its length
    /// leads out of the block or is impossible for its type, and when the type is unknown.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> rest, int inodeSize, out FastCommitTag tag)
    {
        tag = default;
        if (rest.Length < BaseSize)
        {
            return false;
        }
        var type = (FastCommitTagType)BinaryPrimitives.ReadUInt16LittleEndian(rest);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
        if (length > rest.Length - BaseSize || !IsPossible(type, length, inodeSize))
        {
            return false;
        }
        tag = new FastCommitTag(rest[..(BaseSize + length)]);
        return true;
    }

    private static bool IsPossible(FastCommitTagType type, int length, int inodeSize) => type switch
    {
        FastCommitTagType.AddRange => length == AddRangeRecord.Size,
        FastCommitTagType.DelRange => length == DelRangeRecord.Size,
        FastCommitTagType.Creat or FastCommitTagType.Link or FastCommitTagType.Unlink => length is > NameRecord.HeaderSize and <= NameRecord.HeaderSize + NameSize,
        FastCommitTagType.Inode => length >= InodeRecord.HeaderSize + InodeView.GoodOldSize && length <= InodeRecord.HeaderSize + inodeSize,
        FastCommitTagType.Pad => true,
        FastCommitTagType.Tail => length >= TailRecord.Size,
        FastCommitTagType.Head => length == HeadRecord.Size,
        _ => false,
    };
}
