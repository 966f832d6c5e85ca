using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>
/// The inodes that the file system has put aside to finish after a crash: those unlinked while open, and truncations under way. Read from the list that
/// begins in the superblock and goes on through <c>i_dtime</c>, and from the orphan file. Loops, lies and numbers out of range end the list with a diagnostic.
/// </summary>
/// <remarks>Specification: <c>Documentation/filesystems/ext4/orphan.rst</c> of the kernel.</remarks>
internal sealed class OrphanReader(ExtVolume volume, uint lastOrphan, uint orphanFile, Func<ExtFileEntry, ContentRun[]> map)
{
    private const uint TailMagic = 0x0B10CA04;
    private const int TailSize = 8;

    private readonly ExtLayout _layout = volume.Layout;
    private readonly ExtDiagnostics _diagnostics = volume.Diagnostics;
    private readonly int _most = volume.Context.Limits.DeletedFiles;

    /// <summary>Each number once, in the order they are listed.</summary>
    public IReadOnlyList<uint> Numbers()
    {
        var numbers = new List<uint>();
        var seen = new HashSet<uint>();
        ReadList(numbers, seen);
        if (_layout.Features.HasCompatible(ExtFeatures.OrphanFile))
        {
            ReadFile(numbers, seen);
        }
        return numbers;
    }

    private void ReadList(List<uint> numbers, HashSet<uint> seen)
    {
        for (uint next = lastOrphan; next != 0;)
        {
            if (!volume.IsOrdinaryInode(next))
            {
                Report("ext4.orphan.range", "the list of orphans leads to an inode that cannot be one; it ends there", RangeText, Text(next), 0);
                return;
            }
            if (!seen.Add(next))
            {
                Report("ext4.orphan.loop", "the list of orphans comes back to an inode it has; it ends there", "each inode once", Text(next), next);
                return;
            }
            if (numbers.Count >= _most)
            {
                ReportLimit();
                return;
            }
            ReadOnlyMemory<byte> raw = volume.CurrentInode(next);
            if (raw.IsEmpty)
            {
                Report("ext4.orphan.unreadable", "an inode of the list of orphans cannot be read; it ends there", "a readable inode", Text(next), next);
                return;
            }
            numbers.Add(next);
            next = new InodeView(raw.Span).DeletionTime;
        }
    }

    private void ReadFile(List<uint> numbers, HashSet<uint> seen)
    {
        ExtFileEntry? file = volume.IsOrdinaryInode(orphanFile) ? volume.Reader.Recover(volume.CurrentInode(orphanFile).Span, orphanFile, default) : null;
        if (file is null || file.Type != FileType.Regular)
        {
            Report("ext4.orphan.file", "the orphan file cannot be used", "a regular file in an inode of " + RangeText, Text(orphanFile), 0);
            return;
        }
        var block = new byte[_layout.BlockSize];
        uint seed = _layout.HasMetadataChecksums ? _layout.InodeSeed(orphanFile, file.Generation) : 0;
        // A hostile map may name the same block again and again; a sound orphan file has a few hundred blocks.
        long blocksLeft = Math.Min(_layout.BlockCount, _most);
        foreach (ContentRun run in map(file))
        {
            for (long at = 0; at + block.Length <= run.Length && blocksLeft > 0; at += block.Length, blocksLeft--)
            {
                volume.Context.Cancellation.ThrowIfCancellationRequested();
                if (numbers.Count >= _most)
                {
                    ReportLimit();
                    return;
                }
                if (ReadBlock(run.Physical + at, block, seed))
                {
                    AddSlots(block, run.Physical + at, numbers, seen);
                }
            }
        }
    }

    private bool ReadBlock(long offset, byte[] block, uint seed)
    {
        try
        {
            if (volume.Source.ReadUpTo(offset, block) != block.Length)
            {
                Report("ext4.orphan.file", "a block of the orphan file cannot be read", "a block inside the image", "its end", orphanFile, offset);
                return false;
            }
        }
        catch (ImageReadException failure)
        {
            Report("ext4.orphan.file", "a block of the orphan file cannot be read", "a readable block", failure.Message, orphanFile, offset);
            return false;
        }
        ReadOnlySpan<byte> tail = block.AsSpan(^TailSize);
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (magic != TailMagic)
        {
            Report("ext4.orphan.magic", "a block of the orphan file has a wrong magic and is left out", Hex(TailMagic), Hex(magic), orphanFile, offset);
            return false;
        }
        if (_layout.HasMetadataChecksums)
        {
            Span<byte> number = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(number, offset / block.Length);
            uint computed = Checksums.Crc32C(Checksums.Crc32C(seed, number), block.AsSpan(0, block.Length - TailSize));
            uint stored = BinaryPrimitives.ReadUInt32LittleEndian(tail[4..]);
            if (computed != stored)
            {
                // Read on: a number that is no orphan is found out by its inode.
                Report("ext4.orphan.checksum", "a block of the orphan file has a wrong checksum", Hex(computed), Hex(stored), orphanFile, offset, losesContent: false);
            }
        }
        return true;
    }

    private void AddSlots(byte[] block, long offset, List<uint> numbers, HashSet<uint> seen)
    {
        for (int at = 0; at + 4 <= block.Length - TailSize && numbers.Count < _most; at += 4)
        {
            uint inode = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(at));
            if (inode == 0)
            {
                continue;
            }
            if (!volume.IsOrdinaryInode(inode))
            {
                Report("ext4.orphan.range", "the orphan file names an inode that cannot be one", RangeText, Text(inode), orphanFile, offset + at);
            }
            else if (seen.Add(inode))
            {
                numbers.Add(inode);
            }
        }
    }

    private string RangeText => Text(volume.FirstInode) + " to " + Text(_layout.InodeCount);

    private void ReportLimit() => Report("ext4.orphan.limit", "there are more orphans than are read", "at most " + Text(_most), "more", 0);

    private void Report(string code, string message, string expected, string actual, uint inode, long offset = -1, bool losesContent = true) =>
        _diagnostics.Report(code, message, expected, actual, offset, inode, losesContent);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X8", CultureInfo.InvariantCulture);
}
