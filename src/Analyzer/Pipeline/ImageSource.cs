using Forensics.Parsers;
using Forensics.Parsers.Images;

namespace Forensics.Analyzer.Pipeline;

/// <summary>What is opened and how: the choices every verb offers.</summary>
/// <param name="Paths">The image files; the disks of one machine when there are several.</param>
public sealed record ImageSource(IReadOnlyList<string> Paths)
{
    /// <summary>One image.</summary>
    public ImageSource(string path)
        : this([path])
    {
    }

    /// <summary>Which state of a journaled file system is shown.</summary>
    public JournalView Journal { get; init; } = JournalView.Replay;

    /// <summary>Image files of external journals; a volume takes the one it asks for.</summary>
    public IReadOnlyList<string> ExternalJournals { get; init; } = [];

    /// <summary>Name or identifier of the internal snapshot, or else of the shadow copy of the volumes, to open; null for the active state.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Folders in which files that an image names may lie, besides its own.</summary>
    public IReadOnlyList<string> AllowedParents { get; init; } = [];

    /// <summary>Folder for decompressed data; null for the system's own.</summary>
    public string? TemporaryFolder { get; init; }

    /// <summary>Told while an image is read through at opening.</summary>
    public IProgress<OpeningProgress>? Progress { get; init; }
}
