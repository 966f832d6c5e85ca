namespace Forensics.Analyzer.Evidence;

/// <summary>One place of a host's tree that its own files say something is mounted on.</summary>
/// <param name="MountPoint">Absolute path in display form, symbolic links of the image followed where it exists; <c>none</c> for swap.</param>
/// <param name="Source">What is mounted, as the file says, escaped.</param>
/// <param name="FileSystemType">As the file says, escaped.</param>
public sealed record HostMount(string MountPoint, string Source, string FileSystemType)
{
    /// <summary>Identity of the volume of the image; null when there is none.</summary>
    public string? Volume { get; init; }

    /// <summary>The files of <see cref="Volume"/> are seen at <see cref="MountPoint"/> in this report.</summary>
    public bool IsFollowed { get; init; }

    /// <summary>Why it is not followed, or what else is to be known; null when there is nothing to say.</summary>
    public string? Note { get; init; }

    /// <summary>The file that says it: <c>/etc/fstab</c>, a mount unit.</summary>
    public string? From { get; init; }
}
