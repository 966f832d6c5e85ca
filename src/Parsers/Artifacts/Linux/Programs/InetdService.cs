namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A server that inetd or xinetd starts when somebody connects.</summary>
public sealed record InetdService(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "inetd-service";
    /// <summary>Service name or port.</summary>
    public required string Service { get; init; }
    /// <summary><c>tcp</c>, <c>udp</c>, <c>unix</c> ...; null when not stated.</summary>
    public string? Protocol { get; init; }
    /// <summary>Account it runs as; null when not stated.</summary>
    public string? User { get; init; }
    /// <summary>Server program and its arguments (argument 0 removed).</summary>
    public required string Command { get; init; }
    /// <summary><c>inetd</c> or <c>xinetd</c>.</summary>
    public string Daemon { get; init; } = "inetd";
    /// <summary>Why it is not started, as a clause; null when it would be.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Command.Length == 0 ? [] : [new StartCommand(Command)
    {
        Trigger = Daemon, User = User, Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("service", Service);
        fields.Text("protocol", Protocol);
        fields.Text("user", User);
        fields.Text("command", Command);
        fields.Text("daemon", Daemon);
        fields.Text("dormantBecause", DormantBecause);
    }
}
