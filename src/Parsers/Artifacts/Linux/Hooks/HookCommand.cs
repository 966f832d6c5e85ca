namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One command that a configuration file makes another program run: <c>post-up</c>, <c>DPkg::Post-Invoke</c>, <c>postrotate</c>, an alias with a pipe.</summary>
public sealed record HookCommand(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "hook-command";
    /// <summary>What kind of place it is.</summary>
    public required StartupPlace Place { get; init; }
    /// <summary>What runs it, and under which key: <c>apt DPkg::Post-Invoke</c>.</summary>
    public required string Trigger { get; init; }
    /// <summary>The command; of a block all its lines.</summary>
    public required string Command { get; init; }
    /// <summary>What it is for: interface, log file, mail address, connection; null when nothing is stated.</summary>
    public string? Subject { get; init; }
    /// <summary>Account it runs as; null when not stated.</summary>
    public string? User { get; init; }
    /// <summary>A shell interprets it.</summary>
    public bool ThroughShell { get; init; } = true;
    /// <summary>It stands on more than one line, so that no single one can be deleted.</summary>
    public bool IsBlock { get; init; }
    /// <summary>Why it would not be run, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Command.Length == 0 ? [] : [new StartCommand(Command)
    {
        ThroughShell = ThroughShell, Trigger = Trigger, User = User, Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("place", Place.ToString());
        fields.Text("trigger", Trigger);
        fields.Text("command", Command);
        fields.Text("subject", Subject);
        fields.Text("user", User);
        fields.Text("dormantBecause", DormantBecause);
    }
}
