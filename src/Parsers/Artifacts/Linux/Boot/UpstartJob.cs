namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A job of Upstart, the init of Ubuntu up to 14.10 and RHEL 6.</summary>
public sealed record UpstartJob(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "upstart-job";
    /// <summary>Job name: the path below the directory without <c>.conf</c> or <c>.override</c>.</summary>
    public required string Name { get; init; }
    /// <summary>What starts it, as written; null when nothing does.</summary>
    public string? StartOn { get; init; }
    /// <summary>It is started again when it ends.</summary>
    public bool Respawns { get; init; }
    /// <summary>A file of changes to the job of the same name.</summary>
    public bool IsOverride { get; init; }
    /// <summary>The stanza <c>manual</c>: only started by hand.</summary>
    public bool IsManual { get; init; }
    /// <summary>A job of a user's session.</summary>
    public bool IsSession { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("startOn", StartOn);
        fields.Flag("respawns", Respawns);
        fields.Flag("isOverride", IsOverride);
        fields.Flag("isManual", IsManual);
        fields.Flag("isSession", IsSession);
        fields.List("commands", [.. Commands.Select(command => command.Text)]);
    }
}
