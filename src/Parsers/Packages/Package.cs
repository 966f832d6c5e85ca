namespace Forensics.Parsers.Packages;

/// <summary>One package as its database describes it.</summary>
/// <remarks>Limitations: nothing here is verified; the database lies on the disk under examination.</remarks>
public sealed record Package
{
    /// <summary>Package manager: <c>dpkg</c>, <c>rpm</c>, <c>apk</c>, <c>pacman</c>.</summary>
    public required string Manager { get; init; }
    /// <summary>Name without version and architecture.</summary>
    public required string Name { get; init; }
    /// <summary>Full version: <c>[epoch:]version[-release]</c>.</summary>
    public string Version { get; init; } = "";
    /// <summary>Architecture as the manager names it (<c>amd64</c>, <c>x86_64</c>, <c>all</c>, <c>noarch</c>); empty when not said.</summary>
    public string Architecture { get; init; } = "";
    /// <summary>Who answers for it: rpm's vendor, the maintainer of dpkg and apk, pacman's packager.</summary>
    public string Vendor { get; init; } = "";
    /// <summary>Where it comes from when the database says so: dpkg's <c>Origin</c>, rpm's distribution, apk's commit, pacman's URL.</summary>
    public string Origin { get; init; } = "";
    /// <summary>Source package; the name itself when not said.</summary>
    public string Source { get; init; } = "";
    /// <summary>How far it is installed.</summary>
    public PackageState State { get; init; } = PackageState.Installed;
    /// <summary>When it was installed or last upgraded. For dpkg the modification time of its file list, which is rewritten then.</summary>
    public Timestamp? InstalledAt { get; init; }
    /// <summary>When it was built.</summary>
    public Timestamp? BuiltAt { get; init; }
    /// <summary>Whether a person asked for it (not as a dependency); null when the database does not say.</summary>
    public bool? IsExplicit { get; init; }
    /// <summary>Kinds of signature stored with it, such as <c>rsa</c>; present, not verified. Empty when none or when the manager keeps none.</summary>
    public IReadOnlyList<string> Signatures { get; init; } = [];
    /// <summary>What it runs when it is installed, upgraded or removed.</summary>
    public IReadOnlyList<MaintainerScript> Scripts { get; init; } = [];
    /// <summary>Whether its files come with digests at all, so that one without is an exception.</summary>
    public bool HasDigests { get; init; }
    /// <summary>File of the database that describes it.</summary>
    public string Database { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Architecture.Length == 0 ? Name + " " + Version : Name + ":" + Architecture + " " + Version;
}

/// <summary>How far a package is installed.</summary>
public enum PackageState
{
    /// <summary>Completely.</summary>
    Installed,
    /// <summary>Unpacked but not configured, or half done.</summary>
    Partly,
    /// <summary>Removed; its configuration files remain.</summary>
    ConfigFiles,
    /// <summary>Not installed; the database only knows the name.</summary>
    NotInstalled,
}

/// <summary>A script a package brings for its own installation, upgrade, removal or verification, or for what other packages do.</summary>
/// <param name="Kind">The manager's name of it: <c>postinst</c>, <c>postin</c>, <c>triggerin</c>, <c>post-install</c> ...</param>
public sealed record MaintainerScript(string Kind)
{
    /// <summary>File of the host that holds it, when it is a file of its own.</summary>
    public string? Path { get; init; }
    /// <summary>Its text, when it is kept inside the database; cut at 1 MiB.</summary>
    public string? Text { get; init; }
    /// <summary>Program that runs it with arguments (<c>/bin/sh</c>, <c>&lt;lua&gt;</c>); null when its first line says so itself.</summary>
    public string? Interpreter { get; init; }
    /// <summary>What it waits for: names of packages or paths, for triggers.</summary>
    public string? Condition { get; init; }
}
