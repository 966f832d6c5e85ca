namespace Forensics.Parsers.Formats.Defender;

/// <summary>What Microsoft Defender notes of one thing it found.</summary>
/// <param name="ThreatName">Name of the threat: <c>Trojan:Win32/Name.A</c>.</param>
/// <param name="Resources">What it was found in.</param>
public sealed record DefenderRecord(string ThreatName, IReadOnlyList<DefenderResource> Resources)
{
    /// <summary>When; null when not stated.</summary>
    public Timestamp? Time { get; init; }
    /// <summary>Program that was stopped or that touched the file.</summary>
    public string? Process { get; init; }
    /// <summary>Account, <c>DOMAIN\name</c>.</summary>
    public string? User { get; init; }
}

/// <summary>A file, registry key, process or address in which a threat was found.</summary>
/// <param name="Type"><c>file</c>, <c>containerfile</c>, <c>webfile</c>, <c>regkey</c>, <c>process</c>, <c>behavior</c> ...</param>
/// <param name="Name">Its path as Windows writes it, or its name.</param>
public sealed record DefenderResource(string Type, string Name);
