namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What a planted package database says of a package beyond its files.</summary>
internal sealed record PlantedPackage(string Name)
{
    public string Version { get; init; } = "1.0";
    /// <summary>dpkg's maintainer, rpm's vendor.</summary>
    public string Maker { get; init; } = "Debian Maintainers <packages@lists.debian.org>";
    /// <summary>It came with digests of its files.</summary>
    public bool HasDigests { get; init; } = true;
    /// <summary>Maintainer scripts: kind (<c>postinst</c>, rpm's <c>postin</c>) and text.</summary>
    public IReadOnlyDictionary<string, string> Scripts { get; init; } = new Dictionary<string, string>();
}
