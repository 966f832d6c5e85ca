namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A program that the message bus starts when somebody asks for a name.</summary>
public sealed record DbusService(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "dbus-service";
    /// <summary>Name on the bus.</summary>
    public required string BusName { get; init; }
    /// <summary>The system bus, not that of a session.</summary>
    public bool IsSystemBus { get; init; }
    /// <summary>Program and arguments, as written.</summary>
    public required string Exec { get; init; }
    /// <summary>Account it runs as; null when not stated, which a session's service never does.</summary>
    public string? User { get; init; }
    /// <summary>Unit that systemd starts instead of <see cref="Exec"/>; null when none is named.</summary>
    public string? SystemdService { get; init; }
    /// <summary>Why the bus would not start it, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Exec.Length == 0 ? [] : [new StartCommand(Exec)
    {
        Trigger = IsSystemBus ? "D-Bus system service" : "D-Bus session service", User = User, Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("busName", BusName);
        fields.Flag("isSystemBus", IsSystemBus);
        fields.Text("exec", Exec);
        fields.Text("user", User);
        fields.Text("systemdService", SystemdService);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>A rule of the message bus that lets everybody own a name or talk to a destination.</summary>
public sealed record DbusPolicy(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "dbus-policy";
    /// <summary>Whom it concerns: <c>default</c>, <c>mandatory</c>, or <c>user NAME</c>, <c>group NAME</c>.</summary>
    public required string Context { get; init; }
    /// <summary>Name that may be owned, <c>*</c> for any; null when the rule is about something else.</summary>
    public string? Own { get; init; }
    /// <summary>Destination that may be sent to, <c>*</c> for any; null when the rule is about something else.</summary>
    public string? SendDestination { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("context", Context);
        fields.Text("own", Own);
        fields.Text("sendDestination", SendDestination);
    }
}
