namespace Forensics.Parsers.Packages;

/// <summary>A file moved aside so that another can take its name (dpkg-divert).</summary>
/// <param name="From">Path the packages name.</param>
/// <param name="To">Path their file has on this host.</param>
/// <param name="By">Package whose own file stays at <paramref name="From"/>; null for a diversion made by the administrator, which concerns all packages.</param>
public sealed record Diversion(string From, string To, string? By);

/// <summary>Owner, group and mode the administrator gave a path (dpkg-statoverride).</summary>
/// <param name="Path">The path.</param>
/// <param name="User">Owner by name, or <c>#</c> and a number.</param>
/// <param name="Group">Group in the same form.</param>
/// <param name="Permissions">Permission bits (0..07777).</param>
public sealed record StatOverride(string Path, string User, string Group, int Permissions);

/// <summary>One name for a program of several, managed by update-alternatives: <c>/usr/bin/awk</c> and <c>/etc/alternatives/awk</c> are links nobody owns.</summary>
/// <param name="Name">Name of the group, also of the link in <c>/etc/alternatives</c>.</param>
public sealed record Alternative(string Name)
{
    /// <summary>Whether an administrator chose, so that priorities do not count.</summary>
    public bool IsManual { get; init; }
    /// <summary>Names and public links, the group's own first, then those that follow it (manual pages and the like).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Links { get; init; } = [];
    /// <summary>What can be chosen: for each a priority and the targets of <see cref="Links"/> in the same order (empty when it has none for that link).</summary>
    public IReadOnlyList<AlternativeChoice> Choices { get; init; } = [];
}

/// <summary>One choice of an <see cref="Alternative"/>.</summary>
/// <param name="Priority">The highest is taken automatically.</param>
/// <param name="Targets">Targets, in the order of <see cref="Alternative.Links"/>; empty where it has none.</param>
public sealed record AlternativeChoice(int Priority, IReadOnlyList<string> Targets);

/// <summary>A maintainer script in the database's folder that belongs to no package the database knows.</summary>
/// <param name="Package">Package its name claims.</param>
/// <param name="Script">The script.</param>
public sealed record OrphanScript(string Package, MaintainerScript Script);
