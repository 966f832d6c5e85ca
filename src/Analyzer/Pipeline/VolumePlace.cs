namespace Forensics.Analyzer.Pipeline;

/// <summary>Where a volume is seen in the tree of its host.</summary>
/// <param name="Path">The path of its root directory: <c>/</c> for a root volume and for one that nobody mounts.</param>
public sealed record VolumePlace(string Path)
{
    /// <summary>A volume that stands for itself.</summary>
    public static VolumePlace Alone { get; } = new("/");

    /// <summary>Directories of this volume that a running system does not see into, because another volume is mounted on them.</summary>
    public IReadOnlyList<string> MountPoints { get; init; } = [];

    /// <summary>The path in the host's tree of a path from the volume's own root.</summary>
    public string Of(string pathInVolume) => Path == "/" ? pathInVolume : pathInVolume == "/" ? Path : Path + pathInVolume;

    /// <summary>The mount point below which a path of this volume lies hidden; null when it is seen.</summary>
    public string? ShadowOf(string path)
    {
        foreach (string mountPoint in MountPoints)
        {
            if (path.Length > mountPoint.Length && path[mountPoint.Length] == '/' && path.StartsWith(mountPoint, StringComparison.Ordinal))
            {
                return mountPoint;
            }
        }
        return null;
    }
}
