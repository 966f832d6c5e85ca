using System.Text;
using Forensics.Parsers;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>One name in a planted tree.</summary>
internal sealed record PlantedFile(string Path, FileType Type)
{
    public byte[] Content { get; init; } = [];
    public int Mode { get; init; } = 0b110_100_100;
    public int User { get; init; }
    public int Group { get; init; }
    /// <summary><see cref="InodeFlags"/> beyond what mke2fs sets.</summary>
    public uint Flags { get; init; }
    /// <summary>Unix time, in seconds, of modification.</summary>
    public long Modified { get; init; } = PlantTree.Installed;
    /// <summary>Unix time, in seconds, of creation and last change.</summary>
    public long Created { get; init; } = PlantTree.Installed;
    /// <summary>Package that owns it; null when none does.</summary>
    public string? Package { get; init; }
    /// <summary>Content as the package shipped it; null when it still has that content.</summary>
    public byte[]? Shipped { get; init; }
    /// <summary>Its package owns it, and it is not there.</summary>
    public bool IsAbsent { get; init; }
    /// <summary>A configuration file of its package.</summary>
    public bool IsConfig { get; init; }
    /// <summary>Value of <c>security.capability</c>.</summary>
    public byte[]? Capability { get; init; }

    public string LinkTarget => Encoding.UTF8.GetString(Content);
}
