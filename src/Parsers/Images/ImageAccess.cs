namespace Forensics.Parsers.Images;

/// <summary>What a container format may use besides the bytes it was given: the user's choices, the files beside the image and room for temporary data.</summary>
public sealed record ImageAccess
{
    /// <summary>Deepest nesting of archives and compressed streams: a disk in a tar in a gzip is two.</summary>
    public const int MaximumNesting = 3;

    /// <summary>The files that belong to the image; none unless the image is a file of its own.</summary>
    public ICompanionFiles Companions { get; init; } = NoCompanionFiles.Instance;

    /// <summary>Name or identifier of the internal snapshot that is asked for; null for the active state. A format that opens one says so in <see cref="DiskImage.Snapshot"/>; one that has no such snapshot opens the active state.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Where decompressed data may be spooled; refuses unless the program provides one.</summary>
    public ITemporarySpace Temporary { get; init; } = NoTemporarySpace.Instance;

    /// <summary>Told while a container is read through at opening (decompression, verification). Called from the thread that opens.</summary>
    public IProgress<OpeningProgress>? Progress { get; init; }

    /// <summary>All container formats in probe order, for a format whose content is an image again (<see cref="ImageProbe.OpenInner"/>). Set by the probe.</summary>
    public IReadOnlyList<IFormat<DiskImage>> Formats { get; init; } = [];

    /// <summary>How many archives or compressed streams were opened on the way here.</summary>
    public int Nesting { get; init; }
}

/// <summary>How far the opening of an image has come.</summary>
/// <param name="Activity">What is done: <c>decompress</c>, <c>index</c>.</param>
/// <param name="Done">Bytes of the image file that are done.</param>
/// <param name="Total">Bytes of the image file in all.</param>
public readonly record struct OpeningProgress(string Activity, long Done, long Total);
