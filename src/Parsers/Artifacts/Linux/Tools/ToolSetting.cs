namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A line of a tool's settings that makes the tool start a command or read a file.</summary>
public sealed record ToolSetting(EvidenceLocation Location) : Artifact(Location), IStartsCommands, INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "tool-setting";
    /// <summary><c>vim</c>, <c>tmux</c>, <c>ssh</c>, <c>php</c> ...</summary>
    public required string Tool { get; init; }
    /// <summary>Setting as the tool calls it: <c>ProxyCommand</c>, <c>run-shell</c>, <c>auto_prepend_file</c>.</summary>
    public required string Key { get; init; }
    /// <summary>Value as written.</summary>
    public required string Value { get; init; }
    /// <summary>Command that is started; null when the value is no command.</summary>
    public string? Command { get; init; }
    /// <summary>Account whose tool it is; null when not known.</summary>
    public string? User { get; init; }
    /// <summary>Home directory of that account.</summary>
    public string? Home { get; init; }
    /// <summary>Why the tool does not do it, as a clause; null when it does.</summary>
    public string? DormantBecause { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles { get; init; } = [];
    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => string.IsNullOrWhiteSpace(Command) ? [] : [new StartCommand(Command)
    {
        ThroughShell = true, Trigger = Tool + " " + Key, User = User, Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
        Environment = Home is null ? [] : ["HOME=" + Home],
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("tool", Tool);
        fields.Text("key", Key);
        fields.Text("value", Value);
        fields.Text("command", Command);
        fields.Text("user", User);
        fields.Text("dormantBecause", DormantBecause);
        fields.List("namedFiles", NamedFiles);
    }
}
