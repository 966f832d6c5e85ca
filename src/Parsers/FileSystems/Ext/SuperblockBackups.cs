using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>A superblock and the byte offset in the volume it was read from.</summary>
internal sealed record LocatedSuperblock(byte[] Data, long Offset)
{
    public Superblock View => new(Data);

    public bool IsPrimary => Offset == Superblock.PrimaryOffset;
}

/// <summary>Finds the backup copies of the superblock. All searches are bounded and yield a copy once.</summary>
internal static class SuperblockBackups
{
    // Where mke2fs puts backups: groups 1, 3, 5 ... of 8 * block size blocks (65,528 at most), times the cluster ratio of bigalloc.
    private static readonly int[] UsualGroups = [1, 3, 5, 7, 9];
    private const int LargestGroup = 65528;
    private const int MostClusterBits = 8;
    private const int MostExpected = 4;

    // Groups of another size: a linear look at the beginning of the volume.
    private const long ScanLength = 64L << 20;
    private const int ScanStep = 1024;

    /// <summary>The first few copies at the places where a superblock that makes sense says they are.</summary>
    public static IEnumerable<LocatedSuperblock> Expected(IByteSource volume, ExtLayout layout)
    {
        int tried = 0;
        foreach (long group in layout.BackupGroups())
        {
            if (tried++ == MostExpected)
            {
                yield break;
            }
            if (ReadAt(volume, layout.GroupStart(group) * layout.BlockSize, mayLackGroup: true) is { } copy)
            {
                yield return copy;
            }
        }
    }

    /// <summary>Copies wherever they are: at the usual places for every block size, then anywhere in the first 64 MiB.</summary>
    public static IEnumerable<LocatedSuperblock> Search(IByteSource volume)
    {
        var found = new HashSet<long>();
        foreach (long offset in UsualOffsets())
        {
            if (offset < volume.Length && !found.Contains(offset) && ReadAt(volume, offset, mayLackGroup: true) is { } copy)
            {
                found.Add(offset);
                yield return copy;
            }
        }
        var buffer = new byte[256 << 10];
        long end = Math.Min(ScanLength, volume.Length);
        for (long start = 0; start < end; start += buffer.Length)
        {
            int count = volume.ReadUpTo(start, buffer);
            for (int at = 0; at + Superblock.Size <= count; at += ScanStep)
            {
                if (buffer[at + Superblock.MagicOffset] == 0x53 && buffer[at + Superblock.MagicOffset + 1] == 0xEF
                    && IsBackupAt(buffer.AsSpan(at, Superblock.Size), start + at, mayLackGroup: false) && found.Add(start + at))
                {
                    yield return new LocatedSuperblock(buffer.AsSpan(at, Superblock.Size).ToArray(), start + at);
                }
            }
        }
    }

    private static IEnumerable<long> UsualOffsets()
    {
        for (int blockSize = 1024; blockSize <= 65536; blockSize *= 2)
        {
            long groupBlocks = Math.Min(8L * blockSize, blockSize > 4096 ? LargestGroup : 8L * blockSize);
            for (int clusterBits = 0; clusterBits <= MostClusterBits; clusterBits++)
            {
                foreach (int group in UsualGroups)
                {
                    for (int firstDataBlock = 0; firstDataBlock <= (blockSize == 1024 ? 1 : 0); firstDataBlock++)
                    {
                        yield return ((groupBlocks << clusterBits) * group + firstDataBlock) * blockSize;
                    }
                }
            }
        }
    }

    private static LocatedSuperblock? ReadAt(IByteSource volume, long offset, bool mayLackGroup)
    {
        var data = new byte[Superblock.Size];
        return volume.ReadUpTo(offset, data) == data.Length && IsBackupAt(data, offset, mayLackGroup) ? new LocatedSuperblock(data, offset) : null;
    }

    /// <summary>
    /// A backup must know the group it stands in: an image file stored inside another volume does not pass. Old tools left the number 0,
    /// which is accepted at the usual places only.
    /// </summary>
    private static bool IsBackupAt(ReadOnlySpan<byte> data, long offset, bool mayLackGroup)
    {
        var view = new Superblock(data);
        if (ExtLayout.Problem(view) is not null || !view.ChecksumMatches)
        {
            return false;
        }
        var layout = new ExtLayout(view);
        long group = view.BlockGroupNumber;
        if (group == 0 && mayLackGroup)
        {
            group = (offset / layout.BlockSize - layout.FirstDataBlock) / layout.BlocksPerGroup;
        }
        return group > 0 && group < layout.GroupCount && layout.GroupStart(group) * layout.BlockSize == offset;
    }
}
