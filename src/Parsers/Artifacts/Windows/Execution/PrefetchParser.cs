using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Prefetch;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A program that Windows saw running, as a prefetch file notes it.</summary>
public sealed record PrefetchedProgram(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "prefetched-program";
    /// <summary>What the file holds.</summary>
    public required PrefetchFile File { get; init; }

    /// <summary>The program's path in the image, in display form and in upper case; null when the file does not say, or it lay on another volume.</summary>
    public string? ImagePath => File.ExecutablePath is { } path ? TracePaths.ToImage(path) : null;

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("executable", File.Executable);
        fields.Text("path", File.ExecutablePath);
        fields.Text("hash", File.Hash.ToString("X8", CultureInfo.InvariantCulture));
        fields.Number("runCount", File.RunCount);
        fields.Time("lastRun", File.LastRuns.Count > 0 ? File.LastRuns[0] : null);
        fields.List("lastRuns", [.. File.LastRuns.Select(time => time.ToString())]);
        fields.List("volumes", [.. File.Volumes.Select(volume => string.Create(CultureInfo.InvariantCulture, $"{volume.DevicePath} {volume.SerialNumber:X8}"))]);
        fields.List("files", [.. File.Files.Select(file => file.Path)]);
        fields.Flag("isDamaged", File.IsDamaged);
    }
}

/// <summary>Reads prefetch files. <see cref="PrefetchFile"/> names the specification.</summary>
public sealed class PrefetchParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/prefetch";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{Windows,WINNT}/Prefetch/*.pf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (input.Content.IsEmpty)
        {
            return;
        }
        PrefetchFile file = PrefetchFile.Parse(input.Content.Span);
        if (file.IsDamaged)
        {
            sink.Report(new Diagnostic("windows.prefetch.cut", "a prefetch file ends before what it states") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress });
        }
        sink.Add(new PrefetchedProgram(input.Location) { File = file });
    }
}
