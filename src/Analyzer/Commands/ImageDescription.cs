using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Commands;

/// <summary>What <c>info</c> shows. Sizes in bytes.</summary>
internal sealed record ImageDescription
{
    public required string Name { get; init; }
    public required string Format { get; init; }
    public required long FileBytes { get; init; }
    public required long DiskBytes { get; init; }
    public required IReadOnlyList<KeyValuePair<string, string>> ContainerFacts { get; init; }
    public required string Table { get; init; }
    public required int SectorSize { get; init; }
    public string? DiskIdentifier { get; init; }
    public IReadOnlyList<string> ExternalJournals { get; init; } = [];
    public required IReadOnlyList<VolumeDescription> Volumes { get; init; }
    public required IReadOnlyList<HostInfo> Hosts { get; init; }
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }

    /// <summary>Takes what is known from an opened image.</summary>
    public static ImageDescription Of(OpenedImage image, IReadOnlyList<HostInfo> hosts, IReadOnlyList<Diagnostic> diagnostics) => new()
    {
        Name = image.Name,
        Format = image.Disk.Format,
        FileBytes = image.FileBytes,
        DiskBytes = image.Disk.Content.Length,
        ContainerFacts = image.Disk.Facts,
        Table = image.Table.Kind,
        SectorSize = image.Table.SectorSize,
        DiskIdentifier = image.Table.DiskIdentifier,
        ExternalJournals = image.ExternalJournals,
        Volumes = [.. image.Volumes.Select(volume => new VolumeDescription
        {
            Identity = volume.Volume.Identity,
            Offset = volume.Volume.Offset,
            Length = volume.Volume.Length,
            TypeId = volume.Volume.TypeId,
            TypeName = volume.Volume.TypeName,
            Label = volume.Volume.Label,
            Uuid = volume.Volume.Uuid,
            FileSystem = volume.FileSystem?.Kind,
            NotReadBecause = volume.NotReadBecause,
            Facts = volume.FileSystem?.Facts,
        })],
        Hosts = hosts,
        Diagnostics = diagnostics,
    };
}

/// <summary>One volume of <see cref="ImageDescription"/>: what the table says, and what its file system says.</summary>
internal sealed record VolumeDescription
{
    public required string Identity { get; init; }
    public required long Offset { get; init; }
    public required long Length { get; init; }
    public string? TypeId { get; init; }
    public string? TypeName { get; init; }
    public string? Label { get; init; }
    public string? Uuid { get; init; }
    public string? FileSystem { get; init; }
    public string? NotReadBecause { get; init; }
    public FileSystemFacts? Facts { get; init; }
}
