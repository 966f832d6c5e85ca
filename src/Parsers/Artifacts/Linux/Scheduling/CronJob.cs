namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Which kind of table a cron job stands in; it decides the columns and the daemon's acceptance rules.</summary>
public enum CronTable
{
    /// <summary>Per-user table in a spool directory: no user column, the file name is the user.</summary>
    User,
    /// <summary><c>/etc/crontab</c>: with user column.</summary>
    System,
    /// <summary>File in <c>/etc/cron.d</c>: with user column.</summary>
    SystemDirectory,
    /// <summary><c>/etc/anacrontab</c>: period, delay, identifier, command.</summary>
    Anacron,
    /// <summary>incron or fcron table and other schedulers.</summary>
    Other,
}

/// <summary>One scheduled line of a cron or anacron table.</summary>
public sealed record CronJob(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "cron-job";
    /// <summary>Which table.</summary>
    public required CronTable Table { get; init; }
    /// <summary>The time fields as written, single blanks between (<c>*/5 * * * *</c>, <c>@reboot</c>, anacron: <c>7 25</c>).</summary>
    public required string Schedule { get; init; }
    /// <summary>Account: user column, file name of a user table, <c>root</c> for anacron.</summary>
    public string? User { get; init; }
    /// <summary>The command up to the first unescaped <c>%</c>, with <c>\%</c> unescaped.</summary>
    public required string Command { get; init; }
    /// <summary>What follows the first unescaped <c>%</c>, further ones as newlines.</summary>
    public string? StandardInput { get; init; }
    /// <summary><c>NAME=value</c> lines above the job, in order.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];
    /// <summary>cronie's leading <c>-</c>: the run is not logged.</summary>
    public bool SuppressesLogging { get; init; }
    /// <summary>Anacron's job identifier.</summary>
    public string? Identifier { get; init; }
    /// <summary>The scheduler of a table of <see cref="CronTable.Other"/>: <c>incron</c>, <c>fcron</c>; null for cron and anacron.</summary>
    public string? Scheduler { get; init; }
    /// <summary>Owner of the table file.</summary>
    public uint OwnerId { get; init; }
    /// <summary>Facts about the table file that real daemons look at; <see cref="CronAcceptance"/> says what each distribution does with them.</summary>
    public required CronAcceptance Acceptance { get; init; }
    /// <summary>The table holds binary data or bad lines around the job (a Redis dump, for instance).</summary>
    public string? Noise { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => [new StartCommand(Command)
    {
        ThroughShell = true,
        Trigger = Scheduler ?? (Table == CronTable.Anacron ? "anacron" : Schedule.StartsWith('@') ? "cron " + Schedule : "cron"),
        User = User,
        StandardInput = StandardInput,
        Environment = Environment,
        Line = Location.Line,
        ByteOffset = Location.ByteOffset,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("table", Table.ToString());
        fields.Text("schedule", Schedule);
        fields.Text("user", User);
        fields.Text("command", Command);
        fields.Text("standardInput", StandardInput);
        fields.List("environment", Environment);
        fields.Flag("suppressesLogging", SuppressesLogging);
        fields.Text("identifier", Identifier);
        fields.Text("scheduler", Scheduler);
        fields.Number("ownerId", OwnerId);
        fields.Text("dormantOnDebian", Acceptance.DebianRefusal);
        fields.Text("dormantOnCronie", Acceptance.CronieRefusal);
        fields.Text("noise", Noise);
    }
}

/// <summary>Why each cron implementation would ignore a table or line, as a clause for the report; null when it would run it.</summary>
/// <param name="DebianRefusal">Debian and Ubuntu cron.</param>
/// <param name="CronieRefusal">cronie: RHEL family, SUSE, Amazon, Fedora, Arch.</param>
public sealed record CronAcceptance(string? DebianRefusal, string? CronieRefusal);
