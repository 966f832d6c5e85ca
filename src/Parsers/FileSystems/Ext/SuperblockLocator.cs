using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>
/// Chooses the superblock to use. The primary one is used when its checksum proves it, or when it makes sense and no copy contradicts it. Otherwise every copy is
/// followed to see what it leads to, and the best one is used; the diagnostic says which and why.
/// </summary>
internal static class SuperblockLocator
{
    private const int MostCopies = 3;

    /// <summary>The superblock to use. Throws <c>UnknownFormatException</c> when there is none, <c>CorruptDataException</c> when all are unusable.</summary>
    public static LocatedSuperblock Find(IByteSource volume, ExtDiagnostics diagnostics)
    {
        var primary = new LocatedSuperblock(new byte[Superblock.Size], Superblock.PrimaryOffset);
        bool complete = volume.ReadUpTo(primary.Offset, primary.Data) == primary.Data.Length;
        RefuseJournalDevice(primary.View);
        (string Field, string Expected, string Actual)? problem = complete ? ExtLayout.Problem(primary.View) : ("size", "2048 bytes", Text(volume.Length));
        if (problem is null)
        {
            return Prefer(volume, primary, diagnostics);
        }
        LocatedSuperblock? backup = Best(volume, null, SuperblockBackups.Search(volume), out _);
        if (backup is null)
        {
            if (primary.View.Magic != Superblock.ExpectedMagic)
            {
                throw new UnknownFormatException("no ext2, ext3 or ext4 superblock and no backup of one");
            }
            throw new CorruptDataException("ext4.superblock", primary.Offset, problem.Value.Field + " " + problem.Value.Expected, problem.Value.Actual);
        }
        RefuseJournalDevice(backup.View);
        diagnostics.Report("ext4.superblock.backup", $"the superblock is damaged ({problem.Value.Field}); its backup at byte {Text(backup.Offset)} is used",
            problem.Value.Expected, problem.Value.Actual, primary.Offset);
        return backup;
    }

    private static void RefuseJournalDevice(Superblock superblock)
    {
        if (superblock.Magic == Superblock.ExpectedMagic && superblock.Features.Incompatible == ExtFeatures.JournalDevice)
        {
            throw new UnsupportedFeatureException("external ext4 journal (journal_dev): it holds no files");
        }
    }

    /// <summary>A primary that makes sense: used unless a copy is shown to be better. Of equal geometry it is always preferred, having the later times and state.</summary>
    private static LocatedSuperblock Prefer(IByteSource volume, LocatedSuperblock primary, ExtDiagnostics diagnostics)
    {
        Superblock view = primary.View;
        var layout = new ExtLayout(view);
        if (!view.ChecksumMatches)
        {
            diagnostics.Report("ext4.superblock.checksum", "the superblock's checksum is wrong", Hex(view.ComputeChecksum()), Hex(view.Checksum), primary.Offset);
        }
        else if (view.Features.HasReadOnly(ExtFeatures.MetadataChecksums))
        {
            return primary;
        }
        bool sound = view.ChecksumMatches && view.Features.UnreadableNames().Count == 0 && (SuperblockTrial.Weigh(volume, view) & SuperblockTrial.Sound) == SuperblockTrial.Sound;
        IEnumerable<LocatedSuperblock> copies = SuperblockBackups.Expected(volume, layout);
        LocatedSuperblock best = Best(volume, primary, sound ? copies : copies.Concat(SuperblockBackups.Search(volume)), out SuperblockEvidence advantage)!;
        if (best.IsPrimary)
        {
            return primary;
        }
        (string field, string ofBackup, string ofPrimary) = new ExtLayout(best.View).Difference(layout) ?? throw new InvalidOperationException("a copy of equal geometry was preferred");
        diagnostics.Report("ext4.superblock.backup", $"the superblock differs from its backup at byte {Text(best.Offset)} ({field}); the backup is used, {Reason(advantage)}",
            ofBackup, ofPrimary, primary.Offset);
        return best;
    }

    /// <summary>The best of the primary and the first few copies: that with most evidence, of equals the first. Copies that need unknown features are left out.</summary>
    private static LocatedSuperblock? Best(IByteSource volume, LocatedSuperblock? primary, IEnumerable<LocatedSuperblock> copies, out SuperblockEvidence advantage)
    {
        var candidates = new List<LocatedSuperblock>();
        if (primary is not null)
        {
            candidates.Add(primary);
        }
        foreach (LocatedSuperblock copy in copies)
        {
            if (candidates.Count > MostCopies)
            {
                break;
            }
            if (candidates.TrueForAll(known => known.Offset != copy.Offset) && (primary is null || copy.View.Features.UnreadableNames().Count == 0))
            {
                candidates.Add(copy);
            }
        }
        advantage = SuperblockEvidence.None;
        ExtLayout[] layouts = [.. candidates.Select(candidate => new ExtLayout(candidate.View))];
        if (Array.TrueForAll(layouts, layout => layout.Difference(layouts[0]) is null))
        {
            return candidates.FirstOrDefault();
        }
        int best = 0;
        var weights = new SuperblockEvidence[candidates.Count];
        for (int i = 0; i < candidates.Count; i++)
        {
            // What cannot be read at all is worth nothing.
            weights[i] = candidates[i].View.Features.UnreadableNames().Count > 0 ? SuperblockEvidence.None : SuperblockTrial.Weigh(volume, candidates[i].View);
            if (weights[i] != SuperblockEvidence.None && layouts.Where((other, at) => at != i && other.Difference(layouts[i]) is null).Any())
            {
                weights[i] |= SuperblockEvidence.Agreed;
            }
            best = weights[i] > weights[best] ? i : best;
        }
        advantage = weights[best] & ~weights[0];
        return best > 0 && layouts[best].Difference(layouts[0]) is null ? candidates[0] : candidates[best];
    }

    private static string Reason(SuperblockEvidence advantage) => advantage switch
    {
        >= SuperblockEvidence.Root => "since only it leads to a root directory",
        >= SuperblockEvidence.RootChecksum => "since with it the checksum of the root directory is right",
        >= SuperblockEvidence.Descriptors => "since with it every group has an inode table of its own",
        >= SuperblockEvidence.Checksum => "since its checksum is right",
        >= SuperblockEvidence.CountsAgree => "since its counts of inodes and groups agree",
        _ => "since another copy agrees with it",
    };

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X8", CultureInfo.InvariantCulture);
}
