using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Detectors;

/// <summary>A place of the catalogue where a host is told to start something: the first part of a rule id.</summary>
/// <param name="Id"><c>L-CRON-USER</c>; <c>W-</c> on Windows.</param>
/// <param name="Label">How a message names it: <c>user crontab</c>.</param>
/// <param name="Technique">ATT&amp;CK id of the place itself.</param>
public sealed record Place(string Id, string Label, string Technique)
{
    private static readonly PlaceFamily[] s_families =
    [
        // Before those of Linux: keys of OpenSSH are the same fact in both.
        new WindowsPlaceFamily(),
        new SchedulingPlaces(),
        new SystemdPlaces(),
        new BootPlaces(),
        new KernelPlaces(),
        new AccessPlaces(),
        new LoginPlaces(),
        new LoaderPlaces(),
        new ContainerPlaces(),
        new DatabasePlaces(),
        new NetworkPlaces(),
        new PackageHookPlaces(),
        new ProgramPlaces(),
        new PackagePlaces(),
        new ScriptPlaces(),
        new LogPlaces(),
        new WindowsApplicationPlaces(),
        new RegistryPlaceFamily(),
    ];

    /// <summary>All places.</summary>
    public static IReadOnlyList<Place> All { get; } = [.. s_families.SelectMany(family => family.Places)];

    /// <summary>The place of an artefact; null when it starts nothing.</summary>
    public static Place? Of(Artifact artifact) => Find(artifact)?.Place;

    /// <summary>Cleans the place that starts something: commands and sentences for the restored host.</summary>
    /// <param name="source">The artefact.</param>
    /// <param name="line">Line of the command, when it stands in a table.</param>
    public static IReadOnlyList<string> CleanUp(Artifact source, int? line) =>
        Find(source)?.Family.CleanUp(source, line) ?? Remediation.RemoveLine(source.Location.Path, line);

    /// <summary>The rule at this place.</summary>
    public RuleInfo Rule(string suffix, string title, string category, params IReadOnlyList<string> techniques) =>
        new(Id + "." + suffix, title, category, techniques.Contains(Technique) ? techniques : [Technique, .. techniques]);

    private static (PlaceFamily Family, Place Place)? Find(Artifact artifact)
    {
        foreach (PlaceFamily family in s_families)
        {
            if (family.PlaceOf(artifact) is { } place)
            {
                return (family, place);
            }
        }
        return null;
    }
}
