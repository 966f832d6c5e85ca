using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Pipeline;

/// <summary>A path of a file together with the parsers that claim it.</summary>
/// <param name="Path">Display form.</param>
/// <param name="Parsers">Who claims it.</param>
public readonly record struct PathClaim(string Path, IReadOnlyList<ArtifactParser> Parsers);

/// <summary>One content to read once, whatever wants it: parsers, hashes, YARA. One job a metadata address and stream.</summary>
public sealed class ContentJob(OpenedVolume volume, int volumeIndex, FileEntry entry, string path)
{
    /// <summary>Its volume.</summary>
    public OpenedVolume Volume { get; } = volume;
    /// <summary>Index of the volume in the image.</summary>
    public int VolumeIndex { get; } = volumeIndex;
    /// <summary>Its metadata.</summary>
    public FileEntry Entry { get; } = entry;
    /// <summary>The named stream whose content it is; null for the content of the file itself. A stream counts as one entry, however many names its file has.</summary>
    public AlternateStream? Stream { get; init; }
    /// <summary>Length of the content in bytes.</summary>
    public long Length => Stream?.Size ?? Entry.Size;
    /// <summary>What it is called in messages.</summary>
    public string DisplayPath => Stream is null ? Path : StreamPath.Of(Path, Stream.Name);
    /// <summary>The first path met.</summary>
    public string Path { get; } = path;
    /// <summary>Further paths of the same inode, in walking order; null when there are none.</summary>
    public List<string>? OtherPaths { get; set; }
    /// <summary>Parsers by path; null when nobody claims it.</summary>
    public List<PathClaim>? Claims { get; set; }
    /// <summary>All who claim it read its content from the source, forward and whatever its length.</summary>
    public bool IsReadForwardOnly => Claims is { Count: > 0 } && Claims.TrueForAll(claim => claim.Parsers.All(parser => parser.ReadsSource));
    /// <summary>All who claim it are content with the newest of their kind in a quick scan.</summary>
    public bool IsOneOfMany => IsReadForwardOnly && Claims!.TrueForAll(claim => claim.Parsers.All(parser => parser.NewestIsEnough));
    /// <summary>The profile wants the content whatever it is.</summary>
    public bool IsWanted { get; set; }
    /// <summary>Reached through a link: the artefact or script that starts it. Its text is then followed.</summary>
    public string? StartedBy { get; set; }
    /// <summary>Capabilities the program grants; null when it has none.</summary>
    public FileCapabilities? Capabilities { get; set; }
    /// <summary>Its metadata alone make it worth keeping: setuid, capabilities, protection against change.</summary>
    public bool IsNotable { get; set; }
    /// <summary>Triage looks at its first bytes, and at the rest when they are those of a program.</summary>
    public bool IsPeeked { get; set; }
    /// <summary>Name of the program that the link gives the content to; null when the content's own first line decides.</summary>
    public string? RunsWith { get; set; }
    /// <summary>Position on the medium; jobs run in this order.</summary>
    public long PhysicalOffset { get; set; } = -1;
    /// <summary>What came of it; null until done and when nothing is worth keeping.</summary>
    public List<Artifact>? Results { get; set; }
    /// <summary>Content length in bytes, known once it was found to be too large for a worker's own buffer.</summary>
    public int LargeLength { get; set; }
    /// <summary>Booked as not in the profile; examined later when a link leads to it.</summary>
    public bool WasOutsideProfile { get; set; }
    /// <summary>Where evidence from a file lies that has no name any more; null for one that has.</summary>
    public EvidenceLocation? Deleted { get; init; }
    /// <summary>It has been handed to the workers while the walk goes on: from then on it is theirs, and what else is learnt about it waits until they are done.</summary>
    public bool IsOffered { get; set; }
    /// <summary>Its names are in the coverage ledger; doing it again does not count them again.</summary>
    public bool IsBooked { get; set; }
    /// <summary>Why its names were booked as not looked at; null when they were.</summary>
    public string? SkippedBecause { get; set; }
    /// <summary>The volume claims more content than it may make the program read, and this file is among the largest.</summary>
    public bool IsBeyondAllowance { get; set; }
    /// <summary>It counts in the note on files that YARA did not search because a manifest confirms them.</summary>
    public bool IsNotedAsConfirmed { get; set; }
    /// <summary>Names that are counted but not kept.</summary>
    public int UnkeptNames { get; set; }
    /// <summary>Number of names.</summary>
    public int NameCount => 1 + (OtherPaths?.Count ?? 0) + UnkeptNames;
}
