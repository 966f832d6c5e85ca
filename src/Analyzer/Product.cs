using System.Reflection;

namespace Forensics.Analyzer;

/// <summary>What the program calls itself, in help, reports and messages.</summary>
public static class Product
{
    /// <summary>Name of the executable.</summary>
    public const string Name = "deadbox";

    /// <summary>Version, semantic versioning.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
