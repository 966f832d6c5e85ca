using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>Reads extended attributes: those after the inode, those in its attribute block, and values kept in inodes of their own.</summary>
internal sealed class AttributeReader(IByteSource volume, ExtLayout layout, ExtDiagnostics diagnostics, InodeTable inodes, Func<ulong, uint, byte[]> readValueInode)
{
    private const uint Magic = 0xEA020000;
    private const int BlockHeaderSize = 32;
    private const int EntrySize = 16;
    private const int LargestValue = 65536;
    private const int MostValueBytes = 16 << 20;
    private const byte IndexAccessAcl = 2;
    private const byte IndexDefaultAcl = 3;
    private const byte IndexSystem = 7;

    /// <summary>All attributes in storage order, inline data left out.</summary>
    public List<ExtendedAttribute> Read(ExtFileEntry entry)
    {
        var attributes = new List<ExtendedAttribute>();
        long total = 0;
        if (entry.HasInodeAttributes)
        {
            ReadOnlyMemory<byte> area = InodeArea(entry, out long offset);
            Parse(entry, area, 0, offset, attributes, ref total);
        }
        if (entry.AttributeBlock != 0 && ReadBlock(entry, out long blockOffset) is { } block)
        {
            Parse(entry, block, BlockHeaderSize, blockOffset, attributes, ref total);
        }
        return attributes;
    }

    /// <summary>The part of inline content that does not fit <c>i_block</c>; null when the inode has no such attribute.</summary>
    public ReadOnlyMemory<byte>? ReadInlineData(ExtFileEntry entry)
    {
        if (!entry.HasInodeAttributes)
        {
            return null;
        }
        ReadOnlyMemory<byte> area = InodeArea(entry, out long offset);
        int at = 0;
        while (TryNext(entry, area.Span, at, offset, out int next))
        {
            ReadOnlySpan<byte> record = area.Span[at..];
            if (IsInlineData(record))
            {
                return TryValue(entry, area, record, offset + at, out ReadOnlyMemory<byte> value) ? value : null;
            }
            at = next;
        }
        return null;
    }

    private static bool IsInlineData(ReadOnlySpan<byte> record) => record[1] == IndexSystem && record.Slice(EntrySize, record[0]).SequenceEqual("data"u8);

    /// <summary>The area behind the magic of the in-inode attributes; offsets of values count from its beginning.</summary>
    private ReadOnlyMemory<byte> InodeArea(ExtFileEntry entry, out long offset)
    {
        offset = -1;
        ReadOnlyMemory<byte> inode = entry.OwnInode ?? inodes.Read(entry.MetadataAddress, out offset);
        int tail = new InodeView(inode.Span).Tail.Length;
        int start = inode.Length - tail + sizeof(uint);
        offset = offset < 0 ? -1 : offset + start;
        // A copy: values that are handed out must not keep a whole piece of the inode table alive.
        return inode[start..].ToArray();
    }

    private byte[]? ReadBlock(ExtFileEntry entry, out long offset)
    {
        offset = -1;
        if (entry.AttributeBlock > long.MaxValue || !layout.ContainsBlocks((long)entry.AttributeBlock, 1))
        {
            Report(entry, "ext4.xattr.block", "the attribute block lies outside the volume", "a block below " + Text(layout.BlockCount), entry.AttributeBlock.ToString(CultureInfo.InvariantCulture), -1);
            return null;
        }
        offset = (long)entry.AttributeBlock * layout.BlockSize;
        var block = new byte[layout.BlockSize];
        if (volume.ReadUpTo(offset, block) != block.Length)
        {
            Report(entry, "ext4.xattr.block", "the attribute block lies past the end of the image", "a block inside the image", Text((long)entry.AttributeBlock), offset);
            return null;
        }
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(block);
        if (magic != Magic)
        {
            Report(entry, "ext4.xattr.magic", "the attribute block has a wrong magic", Hex(Magic), Hex(magic), offset);
            return null;
        }
        VerifyChecksum(entry, block, offset);
        return block;
    }

    private void VerifyChecksum(ExtFileEntry entry, byte[] block, long offset)
    {
        const int ChecksumOffset = 0x10;
        if (!layout.HasMetadataChecksums)
        {
            return;
        }
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, entry.AttributeBlock);
        uint crc = Checksums.Crc32C(layout.ChecksumSeed, number);
        crc = Checksums.Crc32C(crc, block.AsSpan(0, ChecksumOffset));
        crc = Checksums.Crc32C(crc, 0u);
        crc = Checksums.Crc32C(crc, block.AsSpan(ChecksumOffset + 4));
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(ChecksumOffset));
        if (crc != stored)
        {
            diagnostics.Report("ext4.xattr.checksum", "the attribute block has a wrong checksum", Hex(crc), Hex(stored), offset, entry.MetadataAddress);
        }
    }

    private void Parse(ExtFileEntry entry, ReadOnlyMemory<byte> area, int first, long offset, List<ExtendedAttribute> attributes, ref long total)
    {
        int at = first;
        while (TryNext(entry, area.Span, at, offset, out int next))
        {
            ReadOnlySpan<byte> record = area.Span[at..];
            long position = offset + at;
            at = next;
            if (entry.HasRawFlag(ExtInodeFlags.InlineData) && IsInlineData(record))
            {
                continue;
            }
            total += Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(record[8..]), LargestValue);
            if (total > MostValueBytes)
            {
                Report(entry, "ext4.xattr.limit", "an inode has more attributes than are read", "at most " + Text(MostValueBytes) + " bytes", "more", position);
                return;
            }
            if (!TryValue(entry, area, record, position, out ReadOnlyMemory<byte> value))
            {
                continue;
            }
            byte index = record[1];
            if (index is IndexAccessAcl or IndexDefaultAcl)
            {
                if (!PosixAcl.TryConvert(value.Span, out byte[] converted))
                {
                    Report(entry, "ext4.xattr.acl", "an access control list is broken", "version 1 and whole entries", Convert.ToHexString(value.Span[..Math.Min(16, value.Length)]), position);
                    continue;
                }
                value = converted;
            }
            attributes.Add(new ExtendedAttribute(Name(index, record.Slice(EntrySize, record[0])), value));
        }
    }

    /// <summary>Whether a whole entry begins at <paramref name="at"/>; four zero bytes, or no room, end the list.</summary>
    private bool TryNext(ExtFileEntry entry, ReadOnlySpan<byte> area, int at, long offset, out int next)
    {
        next = at;
        if (area.Length - at < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(area[at..]) == 0)
        {
            return false;
        }
        next = at + EntrySize + ((area[at] + 3) & ~3);
        if (next <= area.Length)
        {
            return true;
        }
        Report(entry, "ext4.xattr.entry", "an attribute entry reaches past its area", "an end at or before " + Text(area.Length), Text(next), offset + at);
        return false;
    }

    private bool TryValue(ExtFileEntry entry, ReadOnlyMemory<byte> area, ReadOnlySpan<byte> record, long position, out ReadOnlyMemory<byte> value)
    {
        int valueOffset = BinaryPrimitives.ReadUInt16LittleEndian(record[2..]);
        uint valueInode = BinaryPrimitives.ReadUInt32LittleEndian(record[4..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(record[8..]);
        value = default;
        if (valueInode != 0 && layout.Features.HasIncompatible(ExtFeatures.AttributeInodes))
        {
            if (size > LargestValue)
            {
                Report(entry, "ext4.xattr.value", "an attribute value is larger than the kernel allows", "at most " + Text(LargestValue), Text(size), position);
                return false;
            }
            try
            {
                value = readValueInode(valueInode, size);
                return true;
            }
            catch (CorruptDataException failure)
            {
                Report(entry, "ext4.xattr.value_inode", failure.Message, "a value inode", Text(valueInode), position);
                return false;
            }
        }
        if (size > area.Length || valueOffset > area.Length - size)
        {
            Report(entry, "ext4.xattr.value", "an attribute value reaches past its area", "an end at or before " + Text(area.Length), Text((long)valueOffset + size), position);
            return false;
        }
        value = area.Slice(valueOffset, (int)size);
        return true;
    }

    /// <summary>The name as the kernel lists it. What the kernel does not list (the encryption context is index 9) is named <c>ext4.INDEX.NAME</c>.</summary>
    private static string Name(byte index, ReadOnlySpan<byte> suffix)
    {
        string text = PathText.FromBytes(suffix);
        return index switch
        {
            0 when text.Length > 0 => text,
            1 => "user." + text,
            IndexAccessAcl => "system.posix_acl_access",
            IndexDefaultAcl => "system.posix_acl_default",
            4 => "trusted." + text,
            6 => "security." + text,
            IndexSystem => "system." + text,
            8 => "system.richacl",
            10 => "gnu." + text,
            _ => string.Create(CultureInfo.InvariantCulture, $"ext4.{index}.{text}"),
        };
    }

    private void Report(ExtFileEntry entry, string code, string message, string expected, string actual, long offset) =>
        diagnostics.Report(code, message, expected, actual, offset, entry.MetadataAddress, losesContent: true);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X8", CultureInfo.InvariantCulture);
}
