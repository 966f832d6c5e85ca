namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A job of <c>at</c> or <c>batch</c>: runs once, at the time in its name.</summary>
public sealed record AtJob(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "at-job";
    /// <summary>Queue letter: <c>a</c> for at, <c>b</c> for batch; <c>=</c> while it runs; null when the name is none of at's.</summary>
    public string? Queue { get; init; }
    /// <summary>Job number, as atq(1) shows it; null when the name is none of at's.</summary>
    public int? Number { get; init; }
    /// <summary>When it is due, from the name; null when the name is none of at's.</summary>
    public Timestamp? Due { get; init; }
    /// <summary>User id of the header, null when the header is missing.</summary>
    public uint? UserId { get; init; }
    /// <summary>Owner of the file.</summary>
    public uint OwnerId { get; init; }
    /// <summary>Account that gets the output.</summary>
    public string? MailTo { get; init; }
    /// <summary>The environment of whoever planted the job, in order: <c>SSH_CLIENT</c>, <c>SUDO_USER</c> and the like tell who.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];
    /// <summary>Directory the job changes to.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>What runs, all lines behind the header.</summary>
    public required string Payload { get; init; }
    /// <summary>Line of the payload in the file.</summary>
    public int PayloadLine { get; init; }
    /// <summary>Byte offset of the payload in the file.</summary>
    public long PayloadOffset { get; init; }
    /// <summary>Why atd would not run it, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Payload.Length == 0 ? [] : [new StartCommand(Payload)
    {
        ThroughShell = true,
        Trigger = Queue is "b" ? "batch" : "at",
        User = UserId is 0 ? "root" : null,
        Environment = Environment,
        WorkingDirectory = WorkingDirectory,
        Line = PayloadLine,
        ByteOffset = PayloadOffset,
        DormantBecause = DormantBecause,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("queue", Queue);
        fields.Number("number", Number);
        fields.Time("due", Due);
        fields.Number("userId", UserId);
        fields.Number("ownerId", OwnerId);
        fields.Text("mailTo", MailTo);
        fields.List("environment", Environment);
        fields.Text("workingDirectory", WorkingDirectory);
        fields.Text("payload", Payload);
        fields.Text("dormantBecause", DormantBecause);
    }
}
