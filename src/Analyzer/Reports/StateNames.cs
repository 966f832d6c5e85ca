using System.Globalization;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Reports;

/// <summary>The words of all outputs for the state of a file.</summary>
internal static class StateNames
{
    /// <summary><c>allocated</c>, <c>orphan</c>, <c>deleted</c>.</summary>
    public static string Of(Allocation allocation) => allocation switch
    {
        Allocation.Orphan => "orphan",
        Allocation.Deleted => "deleted",
        _ => "allocated",
    };

    /// <summary><c>intact</c>, <c>possibly overwritten</c>, <c>metadata only</c>.</summary>
    public static string Of(Certainty certainty) => certainty switch
    {
        Certainty.Intact => "intact",
        Certainty.PossiblyOverwritten => "possibly overwritten",
        _ => "metadata only",
    };

    /// <summary><c>unchanged</c>, <c>added</c>, <c>changed</c>, <c>removed</c>.</summary>
    public static string Of(JournalState state) => state switch
    {
        JournalState.Added => "added",
        JournalState.Changed => "changed",
        JournalState.Removed => "removed",
        _ => "unchanged",
    };

    /// <summary>What is not ordinary about a file, in one line; null when nothing is.</summary>
    public static string? InWords(EvidenceLocation place)
    {
        string? allocation = place.Allocation == Allocation.Allocated ? null
            : (place.Allocation == Allocation.Orphan ? "deleted but still in use (orphan)" : "deleted") + (place.Certainty is { } certainty ? ", content " + Of(certainty) : "")
                + (place.JournalCopy is int copy ? string.Create(CultureInfo.InvariantCulture, $", from the journal (copy {copy})") : "");
        string? journal = place.JournalState == JournalState.Unchanged ? null : "journal: " + Of(place.JournalState);
        string? shadow = place.ShadowedBy is null ? null : "hidden by what is mounted on " + place.ShadowedBy;
        string[] words = [.. new[] { allocation, journal, shadow }.OfType<string>()];
        return words.Length == 0 ? null : string.Join("; ", words);
    }
}
