namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One command of a sudoers rule with what is in force for it.</summary>
/// <param name="Text">Path with arguments, <c>ALL</c>, <c>sudoedit ...</c>, or the name of an alias.</param>
/// <param name="RunAs">Accounts it runs as, as written; null when not stated.</param>
public sealed record SudoCommand(string Text, string? RunAs)
{
    /// <summary><c>NOPASSWD:</c>, or doas' <c>nopass</c>.</summary>
    public bool NeedsNoPassword { get; init; }
    /// <summary><c>SETENV:</c>, or doas' <c>keepenv</c>.</summary>
    public bool KeepsEnvironment { get; init; }
    /// <summary>With <c>!</c>: taken out again.</summary>
    public bool IsNegated { get; init; }

    /// <inheritdoc/>
    public override string ToString() => (NeedsNoPassword ? "NOPASSWD: " : "") + (IsNegated ? "!" : "") + Text;
}

/// <summary>A rule of sudoers or doas.conf: who may run what as whom.</summary>
public sealed record SudoRule(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "sudo-rule";
    /// <summary>Users, <c>%groups</c>, <c>#uids</c>, aliases, <c>ALL</c>.</summary>
    public required IReadOnlyList<string> Users { get; init; }
    /// <summary>Hosts.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }
    /// <summary>Commands.</summary>
    public required IReadOnlyList<SudoCommand> Commands { get; init; }
    /// <summary>A rule of doas.</summary>
    public bool IsDoas { get; init; }
    /// <summary>Why it is not in force, as a clause; null when it is.</summary>
    public string? DormantBecause { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => [.. Commands.Where(command => !command.IsNegated && command.Text.StartsWith('/')).Select(command => command.Text.Split(' ', 2)[0]).Where(path => path.AsSpan().IndexOfAny('*', '?', '[') < 0).Distinct(StringComparer.Ordinal).Take(32)];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.List("users", Users);
        fields.List("hosts", Hosts);
        fields.List("commands", [.. Commands.Select(command => command.ToString())]);
        fields.Flag("isDoas", IsDoas);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>One setting of a <c>Defaults</c> line.</summary>
public sealed record SudoDefault(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "sudo-default";
    /// <summary>For whom: <c>:user</c>, <c>@host</c>, <c>!command</c>, <c>&gt;runas</c> as written; empty for everybody.</summary>
    public required string Scope { get; init; }
    /// <summary>Parameter.</summary>
    public required string Name { get; init; }
    /// <summary>Value; null for a switch.</summary>
    public string? Value { get; init; }
    /// <summary>With <c>!</c>.</summary>
    public bool IsNegated { get; init; }
    /// <summary>Why it is not in force, as a clause; null when it is.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("scope", Scope);
        fields.Text("name", Name);
        fields.Text("value", Value);
        fields.Flag("isNegated", IsNegated);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>An alias of sudoers.</summary>
public sealed record SudoAlias(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "sudo-alias";
    /// <summary><c>User_Alias</c>, <c>Runas_Alias</c>, <c>Host_Alias</c>, <c>Cmnd_Alias</c>.</summary>
    public required string AliasKind { get; init; }
    /// <summary>Name.</summary>
    public required string Name { get; init; }
    /// <summary>What it stands for.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("aliasKind", AliasKind);
        fields.Text("name", Name);
        fields.List("members", Members);
    }
}

/// <summary>A library or program that <c>sudo.conf</c> names.</summary>
public sealed record SudoPlugin(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "sudo-plugin";
    /// <summary><c>Plugin</c> or <c>Path</c>.</summary>
    public required string Directive { get; init; }
    /// <summary>Symbol of the plugin, or name of the path.</summary>
    public required string Symbol { get; init; }
    /// <summary>File as written.</summary>
    public required string Path { get; init; }
    /// <inheritdoc/>
    public required IReadOnlyList<string> NamedFiles { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("directive", Directive);
        fields.Text("symbol", Symbol);
        fields.Text("path", Path);
        fields.List("namedFiles", NamedFiles);
    }
}
