namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A desktop entry that a graphical session starts by itself.</summary>
public sealed record AutostartEntry(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "autostart-entry";
    /// <summary>Name shown to the user; null when none is stated.</summary>
    public string? Title { get; init; }
    /// <summary>Program and arguments without field codes.</summary>
    public required string Exec { get; init; }
    /// <summary>Program that must be there; null when none is stated.</summary>
    public string? TryExec { get; init; }
    /// <summary>Desktops it is for; empty for all.</summary>
    public string OnlyShowIn { get; init; } = "";
    /// <summary>It is for every account, not for the one in whose home it lies.</summary>
    public bool IsSystemWide { get; init; }
    /// <summary>Why no session would start it, as a clause; null when one would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Exec.Length == 0 ? [] : [new StartCommand(Exec) { Trigger = "autostart", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("title", Title);
        fields.Text("exec", Exec);
        fields.Text("tryExec", TryExec);
        fields.Text("onlyShowIn", OnlyShowIn);
        fields.Flag("isSystemWide", IsSystemWide);
        fields.Text("dormantBecause", DormantBecause);
    }
}
