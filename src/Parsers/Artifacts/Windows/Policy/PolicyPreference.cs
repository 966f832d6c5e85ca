namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>An item of the preferences of group policy: a task, service, file, registry value, account, shortcut or drive that a policy makes.</summary>
/// <remarks><b>Limitations:</b> filters that keep an item from some machines are not evaluated: that they are there is stated.</remarks>
public sealed record PolicyPreference(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "policy-preference";
    /// <summary>Name of its element: <c>ImmediateTaskV2</c>, <c>TaskV2</c>, <c>Task</c>, <c>NTService</c>, <c>File</c>, <c>Registry</c>, <c>User</c>, <c>Group</c>, <c>Shortcut</c>, <c>Drive</c> ...</summary>
    public required string Item { get; init; }
    /// <summary>Name it is shown by.</summary>
    public string? Name { get; init; }
    /// <summary><c>C</c> create, <c>R</c> replace, <c>U</c> update, <c>D</c> delete; null when it is not stated.</summary>
    public string? Action { get; init; }
    /// <summary>Account that it runs as or is about.</summary>
    public string? Account { get; init; }
    /// <summary>What it does, as the attributes of the item say, <c>name=value</c>; passwords are left out.</summary>
    public IReadOnlyList<string> Properties { get; init; } = [];
    /// <summary>Commands that it makes the machine run.</summary>
    public IReadOnlyList<TaskAction> Actions { get; init; } = [];
    /// <summary>A password is kept in it, encrypted with a key that Microsoft published.</summary>
    public bool HasPassword { get; init; }
    /// <summary>It has filters.</summary>
    public bool IsFiltered { get; init; }
    /// <summary>Where the policy comes from.</summary>
    public PolicyOrigin Origin { get; init; }
    /// <summary>Why nothing is done, as a clause; null when it is.</summary>
    public string? DormantBecause { get; init; }

    /// <summary>A task that is run at once, when the policy is taken over.</summary>
    public bool IsImmediate => Item.StartsWith("ImmediateTask", StringComparison.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands =>
    [
        .. Actions.Where(action => !string.IsNullOrWhiteSpace(action.Command)).Select(action => new StartCommand(action.CommandLine)
        {
            Trigger = "group policy " + Item, User = Account, WorkingDirectory = action.WorkingDirectory, Line = action.Line > 0 ? action.Line : Location.Line, DormantBecause = DormantBecause,
        }),
    ];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("item", Item);
        fields.Text("name", Name);
        fields.Text("action", Action);
        fields.Text("account", Account);
        fields.List("properties", Properties);
        fields.Flag("hasPassword", HasPassword);
        fields.Flag("isFiltered", IsFiltered);
        fields.Text("origin", Origin.ToString());
        fields.Text("dormantBecause", DormantBecause);
    }
}
