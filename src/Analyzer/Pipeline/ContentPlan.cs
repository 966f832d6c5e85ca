using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Examiners;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Pipeline;

/// <summary>What all workers of a scan share; immutable or thread-safe.</summary>
internal sealed class ContentPlan
{
    public required string ImageName { get; init; }
    /// <summary>Size of the image file.</summary>
    public required long ImageBytes { get; init; }
    public required ScanProfile Profile { get; init; }
    public required ScanLimits Limits { get; init; }
    public required CoverageLedger Coverage { get; init; }
    public required DiagnosticCollector Diagnostics { get; init; }
    public required ContentBuffers Buffers { get; init; }
    public required CancellationToken Cancellation { get; init; }

    /// <summary>What the packages say of the host that a volume belongs to, by the volume's identity; waits until that is read.</summary>
    public required Func<string, PackageIndex> PackagesOf { get; init; }

    /// <summary>Which digests are computed: what reports show and what the lists in use need.</summary>
    public required Func<HashKinds> Digests { get; init; }

    /// <summary>Files that a trusted manifest names; null when no manifest is in use.</summary>
    public TrustedFiles? Trusted { get; init; }

    /// <summary>Makes a worker's own examiners.</summary>
    public required Func<IReadOnlyList<Examiner>> CreateExaminers { get; init; }

    /// <summary>Known-bad look-up; adds a <see cref="HashMatch"/> when a digest is listed.</summary>
    public required Action<ContentDigests, EvidenceLocation, IArtifactSink> MatchHashes { get; init; }
}
