using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What a plant shows.</summary>
public enum PlantKind
{
    /// <summary>Bad, and the entry itself gives it away.</summary>
    Loud,
    /// <summary>Bad, and nothing in the persistence entry is suspicious: only what it starts, loads or opens is.</summary>
    Quiet,
    /// <summary>As bad, but the host would not run it: found one level lower than its twin.</summary>
    Dormant,
    /// <summary>Ordinary, though it looks similar: nothing above low in the whole host.</summary>
    Benign,
}

/// <summary>Which system is planted in.</summary>
public enum PlantHost
{
    /// <summary>Debian 12 with dpkg; everything of <see cref="PlantTree"/>'s base is owned and intact.</summary>
    Debian,
    /// <summary>A Red Hat system without a package database: where files come from is not known.</summary>
    RedHat,
    /// <summary>Alpine with apk and OpenRC.</summary>
    Alpine,
    /// <summary>Windows Server 2019 on NTFS.</summary>
    Windows,
}

/// <summary>A change of a small host, and what the program must say about it.</summary>
/// <param name="Id">Catalogue id: <c>L-CRON-USER</c>.</param>
/// <param name="Name">Unique within its id, kebab-case.</param>
/// <param name="Kind">What it shows.</param>
/// <param name="Make">Plants it.</param>
internal sealed record Plant(string Id, string Name, PlantKind Kind, Action<PlantTree> Make)
{
    /// <summary>The system.</summary>
    public PlantHost Host { get; init; } = PlantHost.Debian;

    /// <summary>Live plants: the finding of the id has at least this severity.</summary>
    public Severity AtLeast { get; init; } = Severity.High;

    /// <summary>Reason part of the rule id that must be among the findings; null when any rule of the id will do.</summary>
    public string? Rule { get; init; }

    /// <summary>Dormant plants: the name, under the same id, of the live plant that is the same but for what keeps this one from running.</summary>
    public string? TwinOf { get; init; }

    /// <summary>Quiet plants: paths of the persistence entries, in whose text no data rule may find anything worth 20 points or more.</summary>
    public IReadOnlyList<string> Entries { get; init; } = [];

    public override string ToString() => $"{Id}/{Name}";
}
