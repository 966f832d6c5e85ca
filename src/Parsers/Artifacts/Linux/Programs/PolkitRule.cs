namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>How a grant of polkit is written down.</summary>
public enum PolkitForm
{
    /// <summary><c>polkit.addRule(function(action, subject) { ... })</c>.</summary>
    Rule,
    /// <summary><c>polkit.addAdminRule(...)</c>: who may authenticate as administrator.</summary>
    AdminRule,
    /// <summary>A group of a <c>.pkla</c> file of polkit before 0.106.</summary>
    LocalAuthority,
    /// <summary><c>defaults</c> of an action, or an implicit authorisation.</summary>
    Action,
}

/// <summary>Something that lets accounts do what only administrators may: a rule of polkit that grants, or names administrators, or starts a program.</summary>
public sealed record PolkitRule(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "polkit-rule";
    /// <summary>How it is written.</summary>
    public required PolkitForm Form { get; init; }
    /// <summary>It answers yes, without asking for a password, in at least one case.</summary>
    public bool Grants { get; init; }
    /// <summary>Conditions under which it grants, as text; empty when there are none.</summary>
    public string Condition { get; init; } = "";
    /// <summary>A condition looks at which action is asked for.</summary>
    public bool TestsAction { get; init; }
    /// <summary>A condition looks at who asks.</summary>
    public bool TestsSubject { get; init; }
    /// <summary>Actions it names; <c>*</c> for any.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];
    /// <summary>Whom it names: <c>unix-user:name</c>, <c>unix-group:name</c>, <c>unix-user:*</c>.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];
    /// <summary>Programs it starts (<c>polkit.spawn</c>), or that an action is for (pkexec).</summary>
    public IReadOnlyList<string> Spawned { get; init; } = [];
    /// <summary>Why it would not take effect, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => [.. Spawned.Select(text => new StartCommand(text) { ThroughShell = true, Trigger = Form == PolkitForm.Action ? "pkexec" : "polkit.spawn", User = Form == PolkitForm.Action ? "root" : "polkitd", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause })];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("form", Form.ToString());
        fields.Flag("grants", Grants);
        fields.Text("condition", Condition);
        fields.Flag("testsAction", TestsAction);
        fields.Flag("testsSubject", TestsSubject);
        fields.List("actions", Actions);
        fields.List("identities", Identities);
        fields.List("spawned", Spawned);
        fields.Text("dormantBecause", DormantBecause);
    }
}
