using System.Collections.Frozen;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// The named streams that the walk of one volume meets, as content jobs. Each counts as one entry in the coverage ledger. Streams are few, and one that no well-known program makes is looked into
/// whole in the standard profile; triage looks at its first bytes. Those with well-known names are looked into as files are: by their first bytes.
/// </summary>
internal sealed class StreamJobs(ContentPlan plan, OpenedVolume volume, int volumeIndex, List<ContentJob> jobs)
{
    private const ulong FirstOrdinaryRecord = 24;
    private const int MaximumNotableStreams = 10_000;

    private static readonly FrozenDictionary<string, ArtifactParser[]> s_claims = Parsers.Catalog.ArtifactParsers
        .SelectMany(parser => parser.ClaimedStreams.Select(name => (name, parser)))
        .GroupBy(claim => claim.name, claim => claim.parser, StringComparer.OrdinalIgnoreCase)
        .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.OrdinalIgnoreCase);

    private readonly IAlternateStreams? _streams = volume.FileSystem as IAlternateStreams;
    private readonly HashSet<ulong> _seen = [];
    private int _notable;

    /// <summary>Adds the jobs for the streams of an entry of any type; those of a file with several names once.</summary>
    public void Visit(in WalkedEntry entry)
    {
        if (_streams is null)
        {
            return;
        }
        IReadOnlyList<AlternateStream> streams;
        try
        {
            streams = _streams.ListStreams(entry.File);
        }
        catch (ForensicException exception)
        {
            plan.Diagnostics.Report(new Diagnostic(exception.Code, exception.Message)
            {
                Volume = volume.Volume.Identity, Path = entry.Path, MetadataAddress = entry.File.MetadataAddress, LosesContent = true,
            });
            plan.Coverage.Incomplete("the named streams of a file could not be listed");
            return;
        }
        if (streams.Count == 0 || !_seen.Add(entry.File.MetadataAddress))
        {
            return;
        }
        foreach (AlternateStream stream in streams)
        {
            Add(entry, stream);
        }
    }

    /// <summary>A file in which NTFS keeps its own books: the first records, and what lies in $Extend.</summary>
    public static bool IsOfFileSystem(OpenedVolume volume, in WalkedEntry entry) =>
        volume.FileSystem is NtfsFileSystem && (entry.File.MetadataAddress < FirstOrdinaryRecord || entry.Path.Contains("/$Extend/", StringComparison.Ordinal));

    private void Add(in WalkedEntry entry, AlternateStream stream)
    {
        plan.Coverage.See();
        ArtifactParser[]? parsers = s_claims.GetValueOrDefault(stream.Name);
        bool isOrdinary = StreamNames.IsOrdinary(stream.Name);
        // The journal of changes, the bad clusters (as long as the volume, all hole) and the like.
        bool isOwn = StreamNames.IsOfFileSystem(stream.Name) && IsOfFileSystem(volume, entry);
        if (isOwn || (plan.Profile == ScanProfile.Triage && isOrdinary && parsers is null))
        {
            plan.Coverage.Skip(isOwn ? CoverageLedger.OfFileSystem : CoverageLedger.NotInProfile, isLoss: false);
            return;
        }
        jobs.Add(new ContentJob(volume, volumeIndex, entry.File, entry.Path)
        {
            Stream = stream,
            Claims = parsers is null ? null : [new PathClaim(entry.Path, parsers)],
            IsWanted = plan.Profile == ScanProfile.Full || (plan.Profile == ScanProfile.Standard && !isOrdinary),
            IsPeeked = plan.Profile == ScanProfile.Triage,
            IsNotable = !isOrdinary && _notable++ < MaximumNotableStreams,
            PhysicalOffset = PhysicalOffset(entry, stream),
        });
    }

    private long PhysicalOffset(in WalkedEntry entry, AlternateStream stream)
    {
        try
        {
            return volume.FileSystem!.OpenContent(entry.File, stream.Name) is IPhysicallyOrdered content ? content.FirstPhysicalOffset : -1;
        }
        catch (ForensicException)
        {
            // The worker meets the same damage, reports it and books the stream.
            return -1;
        }
    }
}
