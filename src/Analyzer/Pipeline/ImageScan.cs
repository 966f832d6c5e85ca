using Forensics.Analyzer.Reports;

namespace Forensics.Analyzer.Pipeline;

/// <summary>The result of a scan with what only the exit code needs.</summary>
/// <param name="Report">The report.</param>
/// <param name="EvidenceChanged">The image file changed during the scan.</param>
public sealed record ScanResult(Report Report, bool EvidenceChanged);

/// <summary>One scan from image file to report: walk, collect, link, judge, score.</summary>
public static class ImageScan
{
    /// <summary>
    /// Runs it. Throws <see cref="UsageException"/> (rules cannot be used), a <c>ForensicException</c> when nothing in the image can be read,
    /// and <see cref="OperationCanceledException"/>.
    /// </summary>
    public static ScanResult Run(ScanOptions options, IScanProgress progress, CancellationToken cancellation) =>
        throw new UsageException(options.ImagePath);
}
