using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>The location that evidence from a file carries, with what must be known of the file beside its place.</summary>
internal static class EntryLocation
{
    /// <summary>The location of a file that has a name.</summary>
    /// <param name="plan">The scan.</param>
    /// <param name="volume">Its volume.</param>
    /// <param name="path">The path to show.</param>
    /// <param name="ownPath">A path of the file itself; another than <paramref name="path"/> when that is a link to it.</param>
    /// <param name="entry">Its metadata.</param>
    public static EvidenceLocation Of(ContentPlan plan, OpenedVolume volume, string path, string ownPath, FileEntry entry) => Place(plan, volume, path, entry) with
    {
        JournalState = volume.Difference?.StateOf(ownPath, entry) ?? JournalState.Unchanged,
    };

    /// <summary>The location of a file that has none any more.</summary>
    public static EvidenceLocation Of(ContentPlan plan, OpenedVolume volume, DeletedFile file, bool isRemovedByJournal) => Place(plan, volume, file.DisplayPath, file.File) with
    {
        // In the view before replay it still has its name.
        Allocation = file.File.Allocation == Allocation.Orphan ? Allocation.Orphan : Allocation.Deleted,
        Certainty = file.Certainty,
        JournalCopy = file.JournalCopy,
        JournalState = isRemovedByJournal ? JournalState.Removed : JournalState.Unchanged,
    };

    private static EvidenceLocation Place(ContentPlan plan, OpenedVolume volume, string path, FileEntry entry) =>
        new(plan.ImageName, volume.Volume.Identity, volume.Volume.Offset, path, entry.MetadataAddress) 
        {
            ShadowedBy = volume.Place.ShadowOf(path), OuterPath = volume.Container?.OuterPathOf(path, entry.MetadataAddress),
        };
}
