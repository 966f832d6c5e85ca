using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>A file under judgement, with all that is known of it.</summary>
/// <param name="Path">Where it lies, display form.</param>
/// <param name="Facts">Its metadata, content kind, digests and origin.</param>
internal sealed record TargetFile(string Path, FileFacts Facts)
{
    /// <summary>The path by which it is asked for; differs from <see cref="Path"/> when links lead to it.</summary>
    public string Requested { get; init; } = Path;
    /// <summary>What its headers say; null when it is no ELF file or was not looked into.</summary>
    public ExecutableFacts? Elf { get; init; }
    /// <summary>Its directory; null when nothing about it is worth keeping.</summary>
    public FileFacts? Directory { get; init; }
    /// <summary>Its owner's account; null when the host knows none of that number.</summary>
    public UserAccount? Owner { get; init; }
    /// <summary>Account it runs as; null when nothing is known to start it.</summary>
    public string? RunsAs { get; init; }
    /// <summary>When the youngest file that a package brought into its directory was created, in Unix seconds; null when there is none.</summary>
    public long? YoungestNeighbour { get; init; }

    /// <summary>Kind of its directory.</summary>
    public TargetZone Zone { get; } = TargetZones.Of(Path);
    /// <summary>A program or library.</summary>
    public bool IsElf => Facts.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject;
    /// <summary>A script.</summary>
    public bool IsScript => Facts.Content == ContentKind.Script;
    /// <summary>Known to belong to nobody; false also when there is no package database to ask.</summary>
    public bool IsAlien => Facts.Origin?.IsAlien == true;
    /// <summary>A package brought it as it is.</summary>
    public bool IsVendor => Facts.Origin?.IsVendor == true;
}
