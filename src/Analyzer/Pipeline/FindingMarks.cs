using System.Globalization;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Says in the message of a finding what an analyst must know about the file besides its content: that it is deleted, that only the journal knows it, or that another volume is mounted over it.</summary>
internal static class FindingMarks
{
    /// <summary>The finding with the sentences its place asks for.</summary>
    public static Finding Mark(Finding finding)
    {
        EvidenceLocation place = finding.Location;
        string deletion = place.Allocation == Allocation.Deleted ? Deletion(place) : "";
        string journal = Journal(place);
        string shadow = place.ShadowedBy is null ? "" : " The file lies under the mount point " + place.ShadowedBy + ", where a running system sees another volume instead of it.";
        return deletion.Length + journal.Length + shadow.Length == 0 ? finding : finding with { Message = finding.Message + deletion + journal + shadow };
    }

    private static string Deletion(EvidenceLocation place) =>
        " The file was deleted; recovered from " + (place.JournalCopy is int copy ? string.Create(CultureInfo.InvariantCulture, $"an older state of its inode in the journal (copy {copy})") : place.JournalState == JournalState.Removed ? "the volume before its journal is replayed" : "its inode")
        + (place.Certainty is { } certainty ? ", content " + StateNames.Of(certainty) : "") + "; one level lower than if it were there.";

    private static string Journal(EvidenceLocation place) => place.JournalState switch
    {
        JournalState.Added => " This entry exists only in the journal: the file system as it lies on the disk does not have it yet.",
        JournalState.Changed => " The journal changed this file: as it lies on the disk, it is still the older one.",
        JournalState.Removed => " The journal removed this entry: as it lies on the disk, it is still there.",
        _ => "",
    };
}
