using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>
/// Where each group keeps its inodes. Descriptor blocks are read when first needed, verified, and repaired from the backup copies;
/// what is kept is 8 bytes a group, bounded, so that a superblock that claims billions of groups costs nothing. Thread-safe.
/// </summary>
internal sealed class GroupDescriptors(IByteSource volume, ExtLayout layout, ExtDiagnostics diagnostics)
{
    private const int ChecksumOffset = 0x1E;
    private const int Unusable = 0;
    private const long MostCachedBytes = 16 << 20;
    private const int MostBackups = 8;

    private readonly ConcurrentDictionary<long, long[]> _tables = new();
    private readonly int _mostCachedBlocks = (int)Math.Max(16, MostCachedBytes / (layout.DescriptorsPerBlock * sizeof(long)));

    /// <summary>First block of the inode table of a group. Throws <c>CorruptDataException</c> when no copy of the descriptor makes sense.</summary>
    public long InodeTable(long group) => TryInodeTable(group, out long table) ? table
        : throw new CorruptDataException("ext4.group_descriptor", -1, "an inode table inside the volume for group " + Text(group), "none in any copy");

    /// <summary>First block of the inode table of a group; false when no copy of the descriptor makes sense.</summary>
    public bool TryInodeTable(long group, out long table)
    {
        long number = group / layout.DescriptorsPerBlock;
        if (!_tables.TryGetValue(number, out long[]? tables))
        {
            tables = Load(number);
            if (_tables.Count >= _mostCachedBlocks)
            {
                _tables.Clear();
            }
            _tables[number] = tables;
        }
        table = tables[group % layout.DescriptorsPerBlock];
        return table != Unusable;
    }

    /// <summary>The primary descriptor of a group; null when it cannot be read or its checksum is wrong.</summary>
    public byte[]? ReadSound(long group)
    {
        int index = (int)(group % layout.DescriptorsPerBlock);
        byte[]? block = ReadBlock(PrimaryBlock(group / layout.DescriptorsPerBlock));
        return Examine(block, group, index, out _) == Quality.Good ? block.AsSpan(index * layout.DescriptorSize, layout.DescriptorSize).ToArray() : null;
    }

    private long[] Load(long number)
    {
        long firstGroup = number * layout.DescriptorsPerBlock;
        int count = (int)Math.Min(layout.DescriptorsPerBlock, layout.GroupCount - firstGroup);
        var tables = new long[count];
        byte[]? primary = ReadBlock(PrimaryBlock(number));
        List<Copy>? backups = null;
        for (int i = 0; i < count; i++)
        {
            long group = firstGroup + i;
            Quality quality = Examine(primary, group, i, out tables[i]);
            if (quality == Quality.Good)
            {
                continue;
            }
            backups ??= ReadBackups(number);
            long best = Unusable;
            Quality bestQuality = quality;
            long source = -1;
            foreach (Copy backup in backups)
            {
                Quality found = Examine(backup.Data, group, i, out long table);
                if (found > bestQuality)
                {
                    best = table;
                    bestQuality = found;
                    source = backup.Block;
                }
            }
            Report(group, quality, bestQuality, source);
            tables[i] = bestQuality > quality ? best : tables[i];
        }
        return tables;
    }

    private void Report(long group, Quality primary, Quality best, long source)
    {
        string remedy = best > primary ? $"its backup in block {Text(source)} is used" + (best == Quality.Good ? "" : ", although its checksum is wrong too")
            : best == Quality.Unusable ? "no backup is better: its inodes are lost" : "no backup is better: it is used";
        string what = primary == Quality.Unusable ? "names no usable inode table" : "has a wrong checksum";
        string code = primary == Quality.Unusable ? "ext4.group_descriptor.table" : "ext4.group_descriptor.checksum";
        diagnostics.Report(code, $"the descriptor of group {Text(group)} {what}; {remedy}", "a sound descriptor", what,
            PrimaryBlock(group / layout.DescriptorsPerBlock) * layout.BlockSize + group % layout.DescriptorsPerBlock * layout.DescriptorSize,
            losesContent: best == Quality.Unusable);
    }

    private readonly record struct Copy(long Block, byte[] Data);

    private enum Quality
    {
        Unusable,
        WrongChecksum,
        Good,
    }

    private Quality Examine(byte[]? block, long group, int index, out long table)
    {
        table = Unusable;
        if (block is null)
        {
            return Quality.Unusable;
        }
        ReadOnlySpan<byte> descriptor = block.AsSpan(index * layout.DescriptorSize, layout.DescriptorSize);
        long low = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[0x08..]);
        long high = layout.DescriptorSize >= 64 ? BinaryPrimitives.ReadUInt32LittleEndian(descriptor[0x28..]) : 0;
        long candidate = low | high << 32;
        if (!layout.ContainsBlocks(candidate, layout.InodeTableBlocks))
        {
            return Quality.Unusable;
        }
        // Without flex_bg (and metadata placed elsewhere by it) a group keeps its own table.
        long start = layout.GroupStart(group);
        if (!layout.Features.HasIncompatible(ExtFeatures.FlexibleGroups) && (candidate < start || candidate >= start + layout.BlocksPerGroup))
        {
            return Quality.Unusable;
        }
        table = candidate;
        return ChecksumMatches(descriptor, (uint)group) ? Quality.Good : Quality.WrongChecksum;
    }

    private bool ChecksumMatches(ReadOnlySpan<byte> descriptor, uint group)
    {
        ushort stored = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[ChecksumOffset..]);
        ReadOnlySpan<byte> rest = descriptor[(ChecksumOffset + 2)..];
        if (layout.HasMetadataChecksums)
        {
            uint crc = Checksums.Crc32C(layout.ChecksumSeed, group);
            crc = Checksums.Crc32C(crc, descriptor[..ChecksumOffset]);
            crc = Checksums.Crc32C(crc, [0, 0]);
            return stored == (ushort)(Checksums.Crc32C(crc, rest) & 0xFFFF);
        }
        if (layout.Features.HasReadOnly(ExtFeatures.GroupChecksums) && !layout.Features.HasReadOnly(ExtFeatures.MetadataChecksums))
        {
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(number, group);
            ushort crc = Checksums.Crc16(0xFFFF, layout.Uuid);
            crc = Checksums.Crc16(crc, number);
            crc = Checksums.Crc16(crc, descriptor[..ChecksumOffset]);
            return stored == (layout.Features.HasIncompatible(ExtFeatures.Bits64) ? Checksums.Crc16(crc, rest) : crc);
        }
        return true;
    }

    private byte[]? ReadBlock(long block)
    {
        if (block < 0 || block >= layout.BlockCount)
        {
            return null;
        }
        var data = new byte[layout.BlockSize];
        try
        {
            return volume.ReadUpTo(block * layout.BlockSize, data) == data.Length ? data : null;
        }
        catch (ImageReadException failure)
        {
            diagnostics.Report("ext4.group_descriptor.unreadable", failure.Message, "a readable block", "an I/O error", block * layout.BlockSize);
            return null;
        }
    }

    private List<Copy> ReadBackups(long number)
    {
        var blocks = new List<Copy>(MostBackups);
        if (UsesMetaBg(number))
        {
            long firstGroup = number * layout.DescriptorsPerBlock;
            AddBackup(blocks, MetaBlock(firstGroup + 1));
            AddBackup(blocks, MetaBlock(firstGroup + layout.DescriptorsPerBlock - 1));
            return blocks;
        }
        foreach (long group in layout.BackupGroups().Take(MostBackups))
        {
            AddBackup(blocks, layout.GroupStart(group) + 1 + number);
        }
        return blocks;
    }

    private void AddBackup(List<Copy> blocks, long block)
    {
        if (ReadBlock(block) is { } data)
        {
            blocks.Add(new Copy(block, data));
        }
    }

    private bool UsesMetaBg(long number) => layout.Features.HasIncompatible(ExtFeatures.MetaBlockGroups) && number >= layout.FirstMetaBg;

    private long PrimaryBlock(long number)
    {
        if (UsesMetaBg(number))
        {
            return MetaBlock(number * layout.DescriptorsPerBlock);
        }
        // The superblock itself is in block 1 of 1 KiB blocks and in block 0 of larger ones, whatever s_first_data_block says.
        return (layout.BlockSize == 1024 ? 1 : 0) + 1 + number;
    }

    private long MetaBlock(long group)
    {
        if (group >= layout.GroupCount)
        {
            return -1;
        }
        int superblocks = layout.HasSuperblock(group) ? 1 : 0;
        if (layout.BlockSize == 1024 && group == 0 && layout.FirstDataBlock == 0)
        {
            superblocks++;
        }
        return layout.GroupStart(group) + superblocks;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
