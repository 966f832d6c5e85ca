namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What quiet entries start: an ordinary name that leads to something that is none.</summary>
internal static class PlantedTargets
{
    /// <summary>The name that stands in the entry.</summary>
    public const string Netmond = "/usr/sbin/netmond";

    /// <summary>A link in a program directory to a program in a hidden one.</summary>
    public static PlantTree LinkedNetmond(this PlantTree tree) => tree.Link(Netmond, "/usr/lib/.cache-d/agent").Program("/usr/lib/.cache-d/agent");
}
