namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>A job that cron ran, by the logs, and that no table holds any more. The location is the line of the log that tells of the first run.</summary>
/// <remarks>Limitations: the log keeps the command, not the variables that the table set for it, and cuts long commands.</remarks>
public sealed record LoggedCronJob(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "logged-cron-job";
    /// <summary>Account it ran as.</summary>
    public string? User { get; init; }
    /// <summary>The command as logged.</summary>
    public required string Command { get; init; }
    /// <summary>How often it ran.</summary>
    public required long Runs { get; init; }
    /// <summary>First run.</summary>
    public LogTime? First { get; init; }
    /// <summary>Last run.</summary>
    public LogTime? Last { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => [new StartCommand(Command)
    {
        ThroughShell = true,
        Trigger = "cron, by the logs",
        User = User,
        Line = Location.Line,
        ByteOffset = Location.ByteOffset,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text("user", User);
        fields.Text("command", Command);
        fields.Number("runs", Runs);
        fields.Time("firstRun", First?.Instant);
        fields.Time("lastRun", Last?.Instant);
        fields.Text("timeBasis", First?.BasisText);
    }
}
