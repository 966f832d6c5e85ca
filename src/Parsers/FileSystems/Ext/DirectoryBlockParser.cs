using System.Buffers.Binary;
using System.Globalization;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>One entry found in a directory block, before its name is copied out.</summary>
internal readonly record struct RawDirectoryEntry(uint Inode, int NameOffset, byte NameLength, FileType Type);

/// <summary>
/// Reads the linear chain of entries in one directory block (or one inline part). Index blocks of hashed directories look like a block
/// with one deleted entry and so yield nothing. A broken entry is left out; after a broken chain reading goes on where <see cref="DirectorySalvage"/> says.
/// </summary>
internal sealed class DirectoryBlockParser(ExtLayout layout, ExtDiagnostics diagnostics, ExtFileEntry directory)
{
    public const int SmallestRecord = 12;
    public const int HeaderSize = 8;

    private const int TailSize = 12;
    private const byte TailType = 0xDE;
    private const int BlockSizeThatNeedsEncoding = 65536;

    private readonly bool _hasTypes = layout.Features.HasIncompatible(ExtFeatures.FileTypes);
    private readonly uint _seed = layout.HasMetadataChecksums ? layout.InodeSeed((uint)directory.MetadataAddress, directory.Generation) : 0;
    private int _blocks;

    /// <summary>How many entries of <paramref name="block"/> were put into <paramref name="entries"/>, which has room for one every 12 bytes.</summary>
    public int Parse(ReadOnlySpan<byte> block, long offset, Span<RawDirectoryEntry> entries)
    {
        bool isFirst = _blocks++ == 0 && !directory.HasRawFlag(ExtInodeFlags.InlineData);
        int count = 0;
        int second = 0;
        for (int at = 0; at < block.Length;)
        {
            int length = block.Length - at >= HeaderSize ? RecordLength(BinaryPrimitives.ReadUInt16LittleEndian(block[(at + 4)..])) : 0;
            if (length < SmallestRecord || length % 4 != 0 || length > block.Length - at)
            {
                // Fewer than 12 bytes at the end of an inline part are just unused.
                if (block.Length - at < SmallestRecord)
                {
                    break;
                }
                int next = DirectorySalvage.Next(this, block, at, out length);
                Report("ext4.directory.record", next < block.Length
                    ? "a directory entry has an impossible length; reading goes on at the next entry from which a whole chain leads to the end of the block"
                    : "a directory entry has an impossible length; the rest of its block is skipped",
                    "12 or more, a multiple of 4, inside the block", Text(RecordLength(BinaryPrimitives.ReadUInt16LittleEndian(block[(at + 4)..]))), offset + at, losesContent: length == 0);
                if (length == 0)
                {
                    at = next;
                    continue;
                }
            }
            uint inode = BinaryPrimitives.ReadUInt32LittleEndian(block[at..]);
            byte nameLength = block[at + 6];
            if (inode != 0 && Accept(block, at, length, inode, nameLength, offset, mayBeDot: isFirst && (at == 0 || at == second)))
            {
                entries[count++] = new RawDirectoryEntry(inode, at + HeaderSize, nameLength, _hasTypes ? TypeOf(block[at + 7]) : FileType.Unknown);
            }
            second = at == 0 ? length : second;
            at += length;
        }
        return count;
    }

    /// <summary>Whether a record that names a file, or none, begins at <paramref name="at"/>: what no chain of remnants fulfils by chance. <paramref name="length"/> is its length.</summary>
    public bool IsRecord(ReadOnlySpan<byte> block, int at, out int length)
    {
        length = block.Length - at >= HeaderSize ? RecordLength(BinaryPrimitives.ReadUInt16LittleEndian(block[(at + 4)..])) : 0;
        if (length < SmallestRecord || length % 4 != 0 || length > block.Length - at)
        {
            return false;
        }
        return BinaryPrimitives.ReadUInt32LittleEndian(block[at..]) == 0 ? block[at + 6] <= length - HeaderSize : IsName(block, at, length);
    }

    /// <summary>Whether the inode and the name at <paramref name="at"/> can be those of a file, the name within <paramref name="length"/> bytes of record.</summary>
    public bool IsName(ReadOnlySpan<byte> block, int at, int length)
    {
        uint inode = BinaryPrimitives.ReadUInt32LittleEndian(block[at..]);
        int nameLength = block[at + 6];
        return inode >= 1 && inode <= layout.InodeCount && nameLength >= 1 && nameLength <= length - HeaderSize
            && (directory.HasRawFlag(ExtInodeFlags.Encrypted) || block.Slice(at + HeaderSize, nameLength).IndexOfAny((byte)0, (byte)'/') < 0);
    }

    /// <summary>Verifies the checksum of a leaf or index block when the volume has them.</summary>
    public void VerifyChecksum(ReadOnlySpan<byte> block, long offset)
    {
        if (!layout.HasMetadataChecksums)
        {
            return;
        }
        if (!TryChecksum(block, out uint stored, out uint computed))
        {
            Report("ext4.directory.checksum", "a directory block has no checksum", "a checksum tail", "none", offset, losesContent: false);
        }
        else if (stored != computed)
        {
            Report("ext4.directory.checksum", "a directory block has a wrong checksum", Hex(computed), Hex(stored), offset, losesContent: false);
        }
    }

    /// <summary>Whether a block carries a checksum and it is that of this directory. Only with metadata checksums; nothing is reported.</summary>
    public bool ChecksumMatches(ReadOnlySpan<byte> block) => TryChecksum(block, out uint stored, out uint computed) && stored == computed;

    private bool TryChecksum(ReadOnlySpan<byte> block, out uint stored, out uint computed)
    {
        // The index first: its tail may read like that of a leaf, since a block that becomes an index keeps what its unused end held.
        if (directory.HasRawFlag(ExtInodeFlags.Indexed) && TryIndexChecksum(block, out stored, out computed))
        {
            return true;
        }
        ReadOnlySpan<byte> tail = block[^TailSize..];
        stored = BinaryPrimitives.ReadUInt32LittleEndian(tail[8..]);
        computed = Checksums.Crc32C(_seed, block[..^TailSize]);
        return BinaryPrimitives.ReadUInt32LittleEndian(tail) == 0 && BinaryPrimitives.ReadUInt16LittleEndian(tail[4..]) == TailSize && tail[7] == TailType;
    }

    /// <summary>The checksum of an index block: one record that spans the block, or the two of a root followed by its 8 bytes of information.</summary>
    private bool TryIndexChecksum(ReadOnlySpan<byte> block, out uint stored, out uint computed)
    {
        const int NodeCountOffset = 8;
        const int RootCountOffset = 32;
        const int IndexEntrySize = 8;
        stored = computed = 0;
        int countOffset;
        if (RecordLength(BinaryPrimitives.ReadUInt16LittleEndian(block[4..])) == block.Length)
        {
            countOffset = NodeCountOffset;
        }
        else if (BinaryPrimitives.ReadUInt16LittleEndian(block[4..]) == SmallestRecord
            && RecordLength(BinaryPrimitives.ReadUInt16LittleEndian(block[(SmallestRecord + 4)..])) == block.Length - SmallestRecord)
        {
            countOffset = RootCountOffset;
        }
        else
        {
            return false;
        }
        int limit = BinaryPrimitives.ReadUInt16LittleEndian(block[countOffset..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(block[(countOffset + 2)..]);
        int tail = countOffset + limit * IndexEntrySize;
        if (count > limit || tail + 8 > block.Length)
        {
            return false;
        }
        stored = BinaryPrimitives.ReadUInt32LittleEndian(block[(tail + 4)..]);
        computed = Checksums.Crc32C(_seed, block[..(countOffset + count * IndexEntrySize)]);
        computed = Checksums.Crc32C(computed, block.Slice(tail, 4));
        computed = Checksums.Crc32C(computed, 0u);
        return true;
    }

    private bool Accept(ReadOnlySpan<byte> block, int at, int length, uint inode, byte nameLength, long offset, bool mayBeDot)
    {
        if (nameLength == 0 || nameLength > length - HeaderSize)
        {
            Report("ext4.directory.name", "a directory entry has an impossible name length", "1 to " + Text(length - HeaderSize), Text(nameLength), offset + at, losesContent: true);
            return false;
        }
        if (inode > layout.InodeCount)
        {
            Report("ext4.directory.inode", "a directory entry names an inode that does not exist", "1 to " + Text(layout.InodeCount), Text(inode), offset + at, losesContent: true);
            return false;
        }
        ReadOnlySpan<byte> name = block.Slice(at + HeaderSize, nameLength);
        if (name[0] == '.' && (nameLength == 1 || (nameLength == 2 && name[1] == '.')))
        {
            // No path leads through these entries, so what one names that stands elsewhere, or a "." that is not the directory, can only be hidden there.
            if (!mayBeDot || (nameLength == 1 && inode != directory.MetadataAddress))
            {
                Report("ext4.directory.dot", nameLength == 1 ? "an entry \".\" is not the directory itself, or is not the first" : "an entry \"..\" is not the second of its directory",
                    "one entry each, \".\" first and naming inode " + Text((long)directory.MetadataAddress), "inode " + Text(inode), offset + at, losesContent: inode != directory.MetadataAddress);
            }
            return false;
        }
        // Encrypted names are arbitrary bytes; elsewhere no system makes these two.
        if (name.IndexOfAny((byte)0, (byte)'/') >= 0 && !directory.HasRawFlag(ExtInodeFlags.Encrypted))
        {
            Report("ext4.directory.name", "a name holds a slash or a zero byte", "neither", "one of them", offset + at, losesContent: false);
        }
        return true;
    }

    private int RecordLength(ushort stored) => RecordLength(stored, layout.BlockSize);

    /// <summary>64 KiB does not fit 16 bits: there the field keeps bits 16 and 17 in its lowest two, and 0 or 65535 stand for the whole block.</summary>
    public static int RecordLength(ushort stored, int blockSize)
    {
        if (blockSize < BlockSizeThatNeedsEncoding)
        {
            return stored;
        }
        return stored is 0 or ushort.MaxValue ? BlockSizeThatNeedsEncoding : (stored & 0xFFFC) | (stored & 3) << 16;
    }

    /// <summary>The type stored beside a name.</summary>
    public static FileType TypeOf(byte stored) => stored switch
    {
        1 => FileType.Regular,
        2 => FileType.Directory,
        3 => FileType.CharacterDevice,
        4 => FileType.BlockDevice,
        5 => FileType.Fifo,
        6 => FileType.Socket,
        7 => FileType.SymbolicLink,
        _ => FileType.Unknown,
    };

    private void Report(string code, string message, string expected, string actual, long offset, bool losesContent) =>
        diagnostics.Report(code, message, expected, actual, offset, directory.MetadataAddress, losesContent);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X8", CultureInfo.InvariantCulture);
}
