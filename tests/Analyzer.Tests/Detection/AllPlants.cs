namespace Forensics.Analyzer.Tests.Detection;

/// <summary>All plants, by family.</summary>
internal static class AllPlants
{
    public static IReadOnlyList<Plant> All { get; } =
    [
        .. SchedulingPlants.All,
        .. ResolverPlants.All,
    ];
}
