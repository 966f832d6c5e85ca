using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>Finds the superblock to use: the primary one, or a backup when the primary is unusable.</summary>
internal static class SuperblockLocator
{
    // Where mke2fs puts backups: groups 1, 3, 5 ... of 8 * block size blocks (65,528 at most), times the cluster ratio of bigalloc.
    private static readonly int[] BackupGroups = [1, 3, 5, 7, 9];
    private const int LargestGroup = 65528;
    private const int MostClusterBits = 8;

    // Groups of another size: a linear look at the beginning of the volume.
    private const long ScanLength = 64L << 20;
    private const int ScanStep = 1024;

    /// <summary>The bytes of the superblock to use. Throws <c>UnknownFormatException</c> when there is none, <c>CorruptDataException</c> when all are unusable.</summary>
    public static byte[] Find(IByteSource volume, ExtDiagnostics diagnostics)
    {
        var primary = new byte[Superblock.Size];
        bool complete = volume.ReadUpTo(Superblock.PrimaryOffset, primary) == primary.Length;
        var view = new Superblock(primary);
        RefuseJournalDevice(view);
        (string Field, string Expected, string Actual)? problem = complete ? ExtLayout.Problem(view) : ("size", "2048 bytes", Text(volume.Length));
        if (problem is null)
        {
            return view.ChecksumMatches ? primary : ChooseByChecksum(volume, primary, diagnostics);
        }
        byte[]? backup = FindBackup(volume, out long offset);
        if (backup is null)
        {
            if (view.Magic != Superblock.ExpectedMagic)
            {
                throw new UnknownFormatException("no ext2, ext3 or ext4 superblock and no backup of one");
            }
            throw new CorruptDataException("ext4.superblock", Superblock.PrimaryOffset, problem.Value.Field + " " + problem.Value.Expected, problem.Value.Actual);
        }
        RefuseJournalDevice(new Superblock(backup));
        diagnostics.Report("ext4.superblock.backup", $"the superblock is damaged ({problem.Value.Field}); its backup at byte {Text(offset)} is used",
            problem.Value.Expected, problem.Value.Actual, Superblock.PrimaryOffset);
        return backup;
    }

    private static void RefuseJournalDevice(Superblock superblock)
    {
        if (superblock.Magic == Superblock.ExpectedMagic && superblock.Features.Incompatible == ExtFeatures.JournalDevice)
        {
            throw new UnsupportedFeatureException("external ext4 journal (journal_dev): it holds no files");
        }
    }

    /// <summary>
    /// A primary whose checksum is wrong but whose fields make sense is used, unless a sound backup shows that the geometry itself is damaged:
    /// the primary has the later times and state.
    /// </summary>
    private static byte[] ChooseByChecksum(IByteSource volume, byte[] primary, ExtDiagnostics diagnostics)
    {
        var view = new Superblock(primary);
        diagnostics.Report("ext4.superblock.checksum", "the superblock's checksum is wrong", Hex(view.ComputeChecksum()), Hex(view.Checksum), Superblock.PrimaryOffset);
        byte[]? backup = FindBackup(volume, out long offset);
        if (backup is null || new Superblock(backup).Features.UnreadableNames().Count > 0 || new ExtLayout(view).SameGeometry(new ExtLayout(new Superblock(backup))))
        {
            return primary;
        }
        diagnostics.Report("ext4.superblock.backup", $"the superblock's geometry differs from its backup at byte {Text(offset)}, which is used",
            "equal geometry", "another geometry", Superblock.PrimaryOffset);
        return backup;
    }

    private static byte[]? FindBackup(IByteSource volume, out long offset)
    {
        var candidate = new byte[Superblock.Size];
        for (int blockSize = 1024; blockSize <= 65536; blockSize *= 2)
        {
            long groupBlocks = Math.Min(8L * blockSize, blockSize > 4096 ? LargestGroup : 8L * blockSize);
            for (int clusterBits = 0; clusterBits <= MostClusterBits; clusterBits++)
            {
                foreach (int group in BackupGroups)
                {
                    for (int firstDataBlock = 0; firstDataBlock <= (blockSize == 1024 ? 1 : 0); firstDataBlock++)
                    {
                        offset = ((groupBlocks << clusterBits) * group + firstDataBlock) * blockSize;
                        if (offset < volume.Length && volume.ReadUpTo(offset, candidate) == candidate.Length && IsBackupAt(candidate, offset, mayLackGroup: true))
                        {
                            return candidate;
                        }
                    }
                }
            }
        }
        return ScanForBackup(volume, out offset);
    }

    private static byte[]? ScanForBackup(IByteSource volume, out long offset)
    {
        var buffer = new byte[256 << 10];
        long end = Math.Min(ScanLength, volume.Length);
        for (long start = 0; start < end; start += buffer.Length)
        {
            int count = volume.ReadUpTo(start, buffer);
            for (int at = 0; at + Superblock.Size <= count; at += ScanStep)
            {
                ReadOnlySpan<byte> candidate = buffer.AsSpan(at, Superblock.Size);
                offset = start + at;
                if (candidate[Superblock.MagicOffset] == 0x53 && candidate[Superblock.MagicOffset + 1] == 0xEF && IsBackupAt(candidate, offset, mayLackGroup: false))
                {
                    return candidate.ToArray();
                }
            }
        }
        offset = -1;
        return null;
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

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X8", CultureInfo.InvariantCulture);
}
