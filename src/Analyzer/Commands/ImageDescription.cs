using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Commands;

/// <summary>What <c>info</c> shows. Sizes in bytes.</summary>
internal sealed record ImageDescription
{
    public required string Name { get; init; }
    public required long FileBytes { get; init; }
    public required IReadOnlyList<DiskInfo> Disks { get; init; }
    public required IReadOnlyList<EvidenceFileInfo> Files { get; init; }
    public IReadOnlyList<string> ExternalJournals { get; init; } = [];
    public required IReadOnlyList<VolumeDescription> Volumes { get; init; }
    public required IReadOnlyList<HostInfo> Hosts { get; init; }
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }
    public IReadOnlyList<NamedHashes> DiskHashes { get; init; } = [];
    public IReadOnlyList<NamedHashes> FileHashes { get; init; } = [];
    public IReadOnlyList<DigestCheck>? Verification { get; init; }

    /// <summary>Takes what is known from an opened image.</summary>
    public static ImageDescription Of(OpenedImage image, IReadOnlyList<HostProfile> hosts, IReadOnlyList<Diagnostic> diagnostics) => new()
    {
        Name = image.Name,
        FileBytes = image.FileBytes,
        Disks = ImageSummary.Disks(image),
        Files = ImageSummary.Files(image),
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
            MemberOf = volume.Volume.MemberOf,
            DeviceNames = volume.Volume.DeviceNames,
            MountPoint = hosts.FirstOrDefault(host => host.Places.ContainsKey(volume.Volume.Identity))?.Places[volume.Volume.Identity].Path,
            Facts = volume.FileSystem?.Facts,
            ShadowCopies = [.. volume.ShadowCopies.Select(copy => ImageSummary.Describe(copy)!)],
            OpenedShadowCopy = volume.ShadowCopy?.Name,
        })],
        Hosts = [.. hosts.Select(host => host.Info)],
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
    public string? MemberOf { get; init; }
    public IReadOnlyList<string> DeviceNames { get; init; } = [];
    public string? MountPoint { get; init; }
    public FileSystemFacts? Facts { get; init; }
    public IReadOnlyList<ShadowCopyInfo> ShadowCopies { get; init; } = [];
    /// <summary>Name of the one that is shown; null for the volume of today.</summary>
    public string? OpenedShadowCopy { get; init; }
}

/// <summary>Digests of a disk or file.</summary>
/// <param name="Name">Its file, and for one of several disks of a file the member.</param>
/// <param name="Hashes">Lower-case hex.</param>
internal sealed record NamedHashes(string Name, FileHashes Hashes);
