using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.ExecutionTraces;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads which programs were new to Windows 7. <see cref="RecentFileCache"/> names the specification.</summary>
/// <remarks><b>Limitations:</b> the file has no times; a nightly task empties it.</remarks>
public sealed class RecentFileCacheParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/recent-file-cache";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{Windows,WINNT}/AppCompat/Programs/RecentFileCache.bcf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (input.Content.IsEmpty)
        {
            return;
        }
        RecentFileCache cache = RecentFileCache.Parse(input.Content.Span);
        if (cache.IsDamaged)
        {
            sink.Report(new Diagnostic("windows.recent-file-cache.cut", "the cache of recent files ends within an entry or has too many") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress });
        }
        foreach ((string path, long offset) in cache.Entries)
        {
            sink.Add(new ProgramTrace(input.Location with { ByteOffset = offset }) { Source = ProgramTraceSource.RecentFileCache, Path = path, ImagePath = TracePaths.ToImage(path), HasRun = true });
        }
    }
}
