using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>The location that evidence from a file carries, with what must be known of the file beside its place.</summary>
internal static class EntryLocation
{
    /// <summary>The location of a file; <paramref name="deleted"/> is given when it has no name any more.</summary>
    public static EvidenceLocation Of(ContentPlan plan, OpenedVolume volume, string path, FileEntry entry, DeletedFile? deleted = null) =>
        new(plan.ImageName, volume.Volume.Identity, volume.Volume.Offset, path, entry.MetadataAddress)
        {
            Allocation = entry.Allocation,
            Certainty = deleted?.Certainty,
            JournalCopy = deleted?.JournalCopy,
        };
}
