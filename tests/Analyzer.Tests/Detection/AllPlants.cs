namespace Forensics.Analyzer.Tests.Detection;

/// <summary>All plants, by family.</summary>
internal static class AllPlants
{
    public static IReadOnlyList<Plant> All { get; } =
    [
        .. SchedulingPlants.All,
        .. ContainerPlants.All,
        .. WebPlants.All,
        .. DatabasePlants.All,
        .. NoiseTrees.All,
        .. KernelPlants.All,
        .. EarlyBootPlants.All,
        .. TargetPlants.All,
        .. RightsPlants.All,
        .. PlacePlants.All,
        .. OtherSchedulerPlants.All,
        .. UnitPlants.All,
        .. UnitKindPlants.All,
        .. BootPlants.All,
        .. NetworkHookPlants.All,
        .. PackageHookPlants.All,
        .. ProgramHookPlants.All,
        .. SessionAndMailPlants.All,
        .. SshPlants.All,
        .. PrivilegePlants.All,
        .. LoginShellPlants.All,
        .. ToolPlants.All,
        .. IntegrityPlants.All,
        .. PackagePlants.All,
        .. AccountPlants.All,
        .. LogPlants.All,
        .. HistoryPlants.All,
        .. NamePlants.All,
        .. ResolverPlants.All,
        .. WindowsTaskPlants.All,
        .. WindowsPlacePlants.All,
        .. WindowsLogPlants.All,
        .. WindowsSubscriptionPlants.All,
        .. WindowsSignaturePlants.All,
        .. WindowsRegistryPlants.All,
        .. WindowsTracePlants.All,
        .. WindowsBootPlants.All,
    ];
}
