using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.Images;
using Forensics.Parsers.Volumes;

namespace Forensics.Analyzer.Pipeline;

/// <summary>A volume of the image with the file system on it, or why it was not read.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="FileSystem">Null when not read.</param>
/// <param name="NotReadBecause">Reason when not read; null when read.</param>
/// <param name="IsLoss">Not reading it loses content that a real system would see (false for swap or an empty volume).</param>
public sealed record OpenedVolume(Volume Volume, IFileSystem? FileSystem, string? NotReadBecause, bool IsLoss);

/// <summary>An image opened read-only with all its layers. The only way from a path to file systems.</summary>
public sealed class OpenedImage : IDisposable
{
    private OpenedImage(DiskImage disk, IVolumeSystem table, IReadOnlyList<OpenedVolume> volumes)
    {
        Disk = disk;
        Table = table;
        Volumes = volumes;
    }

    /// <summary>The container.</summary>
    public DiskImage Disk { get; }

    /// <summary>The partition table.</summary>
    public IVolumeSystem Table { get; }

    /// <summary>The volumes in table order.</summary>
    public IReadOnlyList<OpenedVolume> Volumes { get; }

    /// <summary>Size of the image file in bytes.</summary>
    public long FileBytes { get; private init; }

    /// <summary>File name without directories, in display form.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Opens. Throws a <see cref="ForensicException"/> with one clear sentence when nothing of it can be read.</summary>
    public static OpenedImage Open(string path, ScanLimits limits, IDiagnosticSink diagnostics, CancellationToken cancellation) =>
        throw new UnknownFormatException(path);

    /// <summary>Whether the image file's size or modification time differ from when it was opened.</summary>
    public bool HasChanged() => false;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
