namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One line of a PAM service file: which module is asked, and what its answer means.</summary>
public sealed record PamRule(EvidenceLocation Location) : Artifact(Location), IStartsCommands, INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "pam-rule";
    /// <summary>Service: name of the file in <c>pam.d</c>, first word in <c>pam.conf</c>.</summary>
    public required string Service { get; init; }
    /// <summary><c>auth</c>, <c>account</c>, <c>password</c>, <c>session</c>; empty for <c>@include</c>.</summary>
    public required string Type { get; init; }
    /// <summary><c>required</c>, <c>sufficient</c>, <c>[success=1 default=ignore]</c>, <c>include</c>, <c>substack</c>, <c>@include</c>.</summary>
    public required string Control { get; init; }
    /// <summary>Module as written, or the file that is included.</summary>
    public required string Module { get; init; }
    /// <summary>Arguments, brackets taken off.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
    /// <summary>The line stands for another file.</summary>
    public bool IsInclude { get; init; }
    /// <summary>With a dash: a missing module is no error.</summary>
    public bool IsOptional { get; init; }
    /// <summary>What the module starts (pam_exec); null for others.</summary>
    public string? Program { get; init; }
    /// <summary>The module hands the password to what it starts.</summary>
    public bool ExposesPassword { get; init; }
    /// <summary>Why nothing reads the line, as a clause; null when something does.</summary>
    public string? DormantBecause { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles { get; init; } = [];
    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Program is null ? [] : [new StartCommand(Program)
    {
        Trigger = $"{Service} {Type}", User = "root", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("service", Service);
        fields.Text("type", Type);
        fields.Text("control", Control);
        fields.Text("module", Module);
        fields.List("arguments", Arguments);
        fields.Flag("isInclude", IsInclude);
        fields.Flag("isOptional", IsOptional);
        fields.Text("program", Program);
        fields.Flag("exposesPassword", ExposesPassword);
        fields.Text("dormantBecause", DormantBecause);
        fields.List("namedFiles", NamedFiles);
    }
}
