namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>An alias or function that a start-up file of a shell puts in the place of a command.</summary>
public sealed record ShellAlias(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "shell-alias";
    /// <summary>What is typed.</summary>
    public required string Name { get; init; }
    /// <summary>What runs instead: the value of the alias, the body of the function.</summary>
    public required string Body { get; init; }
    /// <summary>A function; its lines are also commands of the file.</summary>
    public bool IsFunction { get; init; }
    /// <summary>Account whose shell reads it; null when not known.</summary>
    public string? User { get; init; }
    /// <summary>Home directory of that account.</summary>
    public string? Home { get; init; }
    /// <summary>Why no shell reads it, as a clause; null when one does.</summary>
    public string? DormantBecause { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => IsFunction || Body.Length == 0 ? [] : [new StartCommand(Body)
    {
        ThroughShell = true, Trigger = "alias " + Name, User = User, Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
        Environment = Home is null ? [] : ["HOME=" + Home],
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("body", Body);
        fields.Flag("isFunction", IsFunction);
        fields.Text("user", User);
        fields.Text("dormantBecause", DormantBecause);
    }
}
