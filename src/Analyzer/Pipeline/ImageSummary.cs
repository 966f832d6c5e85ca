using Forensics.Analyzer.Reports;
using Forensics.Parsers.Images;
using Forensics.Parsers.Volumes.ShadowCopies;

namespace Forensics.Analyzer.Pipeline;

/// <summary>What reports and <c>info</c> say about disks and files.</summary>
internal static class ImageSummary
{
    /// <summary>The disks in order.</summary>
    public static IReadOnlyList<DiskInfo> Disks(OpenedImage image) => [.. image.Disks.Select(disk => new DiskInfo(disk.FileName, disk.Image.Format, disk.Image.Content.Length, disk.Table.Kind)
    {
        VolumePrefix = disk.Prefix,
        MemberName = disk.Image.MemberName,
        SectorSize = disk.Table.SectorSize,
        Identifier = disk.Table.DiskIdentifier,
        Facts = disk.Image.Facts,
        Snapshots = [.. disk.Image.Snapshots.Select(Describe)],
        OpenedSnapshot = disk.Image.Snapshot is { } snapshot ? Describe(snapshot) : null,
        StoredDigests = [.. disk.Image.StoredDigests.Select(digest => KeyValuePair.Create(digest.Algorithm, digest.Hex))],
    })];

    /// <summary>The files that the disks are read from.</summary>
    public static IReadOnlyList<EvidenceFileInfo> Files(OpenedImage image) =>
        [.. image.Files.Where(file => file.Role != EvidenceFile.JournalRole).Select(file => new EvidenceFileInfo(file.Name, file.Role, file.File.Length, file.NamedBy))];

    /// <summary>A shadow copy of a volume; null for null.</summary>
    public static ShadowCopyInfo? Describe(ShadowCopy? copy) => copy is null ? null
        : new ShadowCopyInfo(copy.Name, (copy.Id ?? copy.StoreId).ToString("B"), copy.SetId?.ToString("B"), copy.Created, copy.VolumeSize) { Machine = copy.OriginatingMachine, Problem = copy.Problem };

    private static SnapshotInfo Describe(ImageSnapshot snapshot) => new(snapshot.Id, snapshot.Name, snapshot.Taken, snapshot.VirtualSize);
}
