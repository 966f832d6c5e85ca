namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A plugin that a package manager loads into itself each time it runs.</summary>
public sealed record PackageManagerPlugin(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "package-manager-plugin";
    /// <summary><c>yum</c>, <c>dnf</c> or <c>needrestart</c>.</summary>
    public required string Manager { get; init; }
    /// <summary>Name under which it is switched on and off.</summary>
    public required string Plugin { get; init; }
    /// <summary>Interfaces to processes, network and hidden code that its text names: <c>os.system</c>, <c>subprocess</c>, <c>socket</c> ...; sorted.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];
    /// <summary>It lies among the plugins but is none: the manager's helper at most.</summary>
    public bool IsHelper { get; init; }
    /// <summary>The file itself, and commands that stand in its text.</summary>
    public IReadOnlyList<StartCommand> Commands { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("manager", Manager);
        fields.Text("plugin", Plugin);
        fields.List("interfaces", Interfaces);
        fields.Flag("isHelper", IsHelper);
    }
}

/// <summary>The settings file of a plugin: whether the package manager loads it.</summary>
public sealed record PluginSetting(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "plugin-setting";
    /// <summary><c>yum</c> or <c>dnf</c>.</summary>
    public required string Manager { get; init; }
    /// <summary>Name of the plugin; empty when the setting is for all of them.</summary>
    public required string Plugin { get; init; }
    /// <summary>What the file says; null when it says nothing.</summary>
    public bool? IsEnabled { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("manager", Manager);
        fields.Text("plugin", Plugin);
        fields.Flag("isEnabled", IsEnabled);
    }
}
