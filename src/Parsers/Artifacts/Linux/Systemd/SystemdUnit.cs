namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One assignment in a unit file.</summary>
/// <param name="Section">Without brackets.</param>
/// <param name="Key">As written.</param>
/// <param name="Value">Continuations joined, trimmed; empty resets a list.</param>
/// <param name="Line">Line number from 1.</param>
/// <param name="ByteOffset">Byte offset of the line.</param>
public sealed record UnitSetting(string Section, string Key, string Value, int Line, long ByteOffset);

/// <summary>A systemd unit file or a drop-in of one, as it stands; merging by search path is the analyser's work.</summary>
public sealed record SystemdUnit(EvidenceLocation Location) : Artifact(Location), IStartsCommands, INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "systemd-unit";
    /// <summary>Unit name with suffix: <c>ssh.service</c>; of a drop-in the unit (or type, or prefix) it applies to.</summary>
    public required string Name { get; init; }
    /// <summary>Suffix without the dot: <c>service</c>, <c>timer</c>, <c>socket</c>, <c>path</c> ...</summary>
    public required string UnitType { get; init; }
    /// <summary>True for per-user units.</summary>
    public required bool IsUserUnit { get; init; }
    /// <summary>True for <c>NAME.d/*.conf</c>.</summary>
    public required bool IsDropIn { get; init; }
    /// <summary>Place in the search path, 0 wins over 1; -1 when systemd does not read this directory.</summary>
    public required int SearchRank { get; init; }
    /// <summary>Empty file: the unit is masked.</summary>
    public bool IsMasked { get; init; }
    /// <summary>All assignments in order.</summary>
    public IReadOnlyList<UnitSetting> Settings { get; init; } = [];
    /// <summary>What the Exec lines of this file start, prefixes stripped, the list resets applied.</summary>
    public IReadOnlyList<StartCommand> Commands { get; init; } = [];

    /// <summary>Libraries that <c>LD_PRELOAD</c> or <c>LD_AUDIT</c> in the environment of the service names.</summary>
    public IReadOnlyList<string> NamedFiles { get; init; } = [];

    /// <summary>The last value of a key in a section; null when absent.</summary>
    public string? Value(string section, string key)
    {
        for (int i = Settings.Count - 1; i >= 0; i--)
        {
            if (Settings[i].Key.Equals(key, StringComparison.Ordinal) && Settings[i].Section.Equals(section, StringComparison.Ordinal))
            {
                return Settings[i].Value;
            }
        }
        return null;
    }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("unitType", UnitType);
        fields.Flag("isUserUnit", IsUserUnit);
        fields.Flag("isDropIn", IsDropIn);
        fields.Number("searchRank", SearchRank);
        fields.Flag("isMasked", IsMasked);
        fields.List("settings", [.. Settings.Select(setting => $"[{setting.Section}] {setting.Key}={setting.Value}")]);
    }
}

/// <summary>What a symbolic link in a unit directory does.</summary>
public enum UnitLinkEffect
{
    /// <summary>In <c>.wants</c>, <c>.requires</c> or <c>.upholds</c>: enables.</summary>
    Enables,
    /// <summary>Another name for a unit.</summary>
    Alias,
    /// <summary>To <c>/dev/null</c>.</summary>
    Masks,
}

/// <summary>A symbolic link in the unit search path: enablement, alias or mask.</summary>
public sealed record SystemdLink(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "systemd-link";
    /// <summary>Name of the link: the unit that is enabled, aliased or masked.</summary>
    public required string Name { get; init; }
    /// <summary>Effect.</summary>
    public required UnitLinkEffect Effect { get; init; }
    /// <summary>The unit that pulls it in (<c>multi-user.target</c>) and how (<c>wants</c>), null for alias and mask.</summary>
    public string? WantedBy { get; init; }
    /// <summary>Target, absolute and normalised.</summary>
    public required string Target { get; init; }
    /// <summary>True for per-user units.</summary>
    public bool IsUserUnit { get; init; }
    /// <summary>Place in the search path, as <see cref="SystemdUnit.SearchRank"/>.</summary>
    public int SearchRank { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => Effect == UnitLinkEffect.Masks ? [] : [Target];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("effect", Effect.ToString());
        fields.Text("wantedBy", WantedBy);
        fields.Text("target", Target);
        fields.Flag("isUserUnit", IsUserUnit);
        fields.Number("searchRank", SearchRank);
    }
}
