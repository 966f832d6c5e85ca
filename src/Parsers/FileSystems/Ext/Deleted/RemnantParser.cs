using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>A name found in a directory block: one of its chain of entries, or what is left of one in the unused end of another.</summary>
internal readonly record struct FoundName(int NameOffset, byte NameLength, uint Inode, FileType Type, bool IsRemnant);

/// <summary>
/// Finds names in one directory block, one inline part or an older copy of either: the entries of its chain, and remnants in the slack, the space between what
/// an entry needs and its record length. A remnant must be believable in every field: length, inode, type and characters. Where the chain breaks, the rest
/// of the block counts as slack. What an index block of a hashed directory uses is passed over.
/// </summary>
/// <remarks>Limitations: Linux 5.13 and later wipe an entry when it is removed, so that newer systems leave no remnants in slack.</remarks>
internal sealed class RemnantParser(ExtVolume volume, ExtFileEntry directory)
{
    private const int HeaderSize = 8;
    private const int RecordLengthOffset = 4;
    private const int NameLengthOffset = 6;
    private const int TypeOffset = 7;
    private const int IndexEntrySize = 8;
    private const int NodeCountOffset = 8;
    private const int RootCountOffset = 32;
    private const byte LastType = 7;

    private readonly ExtLayout _layout = volume.Layout;
    private readonly bool _hasTypes = volume.Layout.Features.HasIncompatible(ExtFeatures.FileTypes);
    private readonly bool _isEncrypted = directory.HasRawFlag(ExtInodeFlags.Encrypted);
    private readonly bool _isIndexed = directory.HasRawFlag(ExtInodeFlags.Indexed);

    /// <summary>Adds every name to <paramref name="found"/>, in the order they lie.</summary>
    public void Parse(ReadOnlySpan<byte> block, List<FoundName> found)
    {
        for (int at = 0; block.Length - at >= HeaderSize;)
        {
            int length = RecordLength(block, at);
            if (!IsRecord(block, at, length))
            {
                ScanGap(block, at, block.Length, found);
                return;
            }
            int used = Entry(block, at, length, found);
            ScanGap(block, at + used, at + length, found);
            at += length;
        }
    }

    /// <summary>Whether the chain of records ends exactly with the block and holds at least one name: without checksums the only sign of a directory block.</summary>
    public bool IsWholeChain(ReadOnlySpan<byte> block)
    {
        int at = 0;
        bool hasName = false;
        while (block.Length - at >= HeaderSize)
        {
            int length = RecordLength(block, at);
            byte nameLength = block[at + NameLengthOffset];
            uint inode = BinaryPrimitives.ReadUInt32LittleEndian(block[at..]);
            if (!IsRecord(block, at, length) || nameLength > length - HeaderSize || inode > _layout.InodeCount)
            {
                return false;
            }
            hasName |= inode != 0 && nameLength != 0;
            at += length;
        }
        return at == block.Length && hasName;
    }

    /// <summary>The inode a block names <c>.</c> at its beginning, and that of <c>..</c> after it; false when it is not the first block of a directory.</summary>
    public static bool IsFirstBlock(ReadOnlySpan<byte> block, out uint self, out uint parent)
    {
        const int Second = DirectoryBlockParser.SmallestRecord;
        self = parent = 0;
        if (block.Length < 2 * Second || BinaryPrimitives.ReadUInt16LittleEndian(block[RecordLengthOffset..]) != Second
            || block[NameLengthOffset] != 1 || block[HeaderSize] != '.'
            || block[Second + NameLengthOffset] != 2 || block[Second + HeaderSize] != '.' || block[Second + HeaderSize + 1] != '.')
        {
            return false;
        }
        self = BinaryPrimitives.ReadUInt32LittleEndian(block);
        parent = BinaryPrimitives.ReadUInt32LittleEndian(block[Second..]);
        return self != 0 && parent != 0;
    }

    /// <summary>Adds the name of one record of the chain, if it has one; how many bytes the record uses.</summary>
    private int Entry(ReadOnlySpan<byte> block, int at, int length, List<FoundName> found)
    {
        uint inode = BinaryPrimitives.ReadUInt32LittleEndian(block[at..]);
        byte nameLength = block[at + NameLengthOffset];
        if (inode == 0 && nameLength == 0)
        {
            return IndexEnd(block, at, length) is int node && node > 0 ? node : DirectoryBlockParser.SmallestRecord;
        }
        if (nameLength == 0 || nameLength > length - HeaderSize)
        {
            return DirectoryBlockParser.SmallestRecord;
        }
        bool isRemnant = inode == 0;
        if (inode <= _layout.InodeCount && IsName(block.Slice(at + HeaderSize, nameLength), strict: isRemnant) && TryType(block[at + TypeOffset], out FileType type))
        {
            found.Add(new FoundName(at + HeaderSize, nameLength, inode, type, isRemnant));
        }
        int used = Needed(nameLength);
        return IndexEnd(block, at, length) is int root && root > 0 ? root : Math.Min(used, length);
    }

    /// <summary>How far index records reach from the beginning of the record they hide in; 0 when there are none.</summary>
    private int IndexEnd(ReadOnlySpan<byte> block, int at, int length)
    {
        if (!_isIndexed)
        {
            return 0;
        }
        int countOffset = at == 0 && length == block.Length ? NodeCountOffset
            : at == DirectoryBlockParser.SmallestRecord && length == block.Length - at ? RootCountOffset
            : 0;
        if (countOffset == 0 || countOffset + IndexEntrySize > block.Length)
        {
            return 0;
        }
        int limit = BinaryPrimitives.ReadUInt16LittleEndian(block[countOffset..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(block[(countOffset + 2)..]);
        int end = countOffset + count * IndexEntrySize;
        return count > 0 && count <= limit && countOffset + limit * IndexEntrySize <= block.Length ? end - at : 0;
    }

    private void ScanGap(ReadOnlySpan<byte> block, int at, int end, List<FoundName> found)
    {
        at = (at + 3) & ~3;
        while (end - at >= DirectoryBlockParser.SmallestRecord)
        {
            int next = block[at..end].IndexOfAnyExcept((byte)0);
            if (next < 0)
            {
                return;
            }
            // The zeros in front may be an inode number that was wiped.
            int first = at + Math.Max(0, (next & ~3) - sizeof(uint));
            int second = at + (next & ~3);
            if (TryRemnant(block, first, end, out FoundName name))
            {
                found.Add(name);
                at = first + Needed(name.NameLength);
            }
            else if (second != first && TryRemnant(block, second, end, out name))
            {
                found.Add(name);
                at = second + Needed(name.NameLength);
            }
            else
            {
                at = second + sizeof(uint);
            }
        }
    }

    private bool TryRemnant(ReadOnlySpan<byte> block, int at, int end, out FoundName name)
    {
        name = default;
        if (end - at < DirectoryBlockParser.SmallestRecord)
        {
            return false;
        }
        uint inode = BinaryPrimitives.ReadUInt32LittleEndian(block[at..]);
        byte nameLength = block[at + NameLengthOffset];
        int length = RecordLength(block, at);
        // A wiped inode number is believed only beside a type: otherwise too little is left that could be wrong.
        bool isBelievable = inode == 0 ? _hasTypes : volume.IsOrdinaryInode(inode);
        if (!isBelievable || nameLength == 0 || length % 4 != 0 || length < Needed(nameLength) || length > block.Length - at
            || nameLength > end - at - HeaderSize || !TryType(block[at + TypeOffset], out FileType type) || !IsName(block.Slice(at + HeaderSize, nameLength), strict: true))
        {
            return false;
        }
        name = new FoundName(at + HeaderSize, nameLength, inode, type, IsRemnant: true);
        return true;
    }

    private bool TryType(byte stored, out FileType type)
    {
        type = _hasTypes ? DirectoryBlockParser.TypeOf(stored) : FileType.Unknown;
        // Without the feature the byte is the upper half of the name's length, which is at most 255.
        return _hasTypes ? stored is > 0 and <= LastType : stored == 0;
    }

    private bool IsName(ReadOnlySpan<byte> name, bool strict)
    {
        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            return false;
        }
        return _isEncrypted || (name.IndexOfAny((byte)0, (byte)'/') < 0 && (!strict || (name.IndexOfAnyInRange((byte)1, (byte)0x1F) < 0 && !name.Contains((byte)0x7F))));
    }

    private int RecordLength(ReadOnlySpan<byte> block, int at) =>
        DirectoryBlockParser.RecordLength(BinaryPrimitives.ReadUInt16LittleEndian(block[(at + RecordLengthOffset)..]), _layout.BlockSize);

    private static bool IsRecord(ReadOnlySpan<byte> block, int at, int length) =>
        length >= DirectoryBlockParser.SmallestRecord && length % 4 == 0 && length <= block.Length - at;

    private static int Needed(byte nameLength) => (HeaderSize + nameLength + 3) & ~3;
}
