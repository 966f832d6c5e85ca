namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A permanent event subscription of WMI: what is done (consumer) when something happens (filter). The service does it as the system, without anybody logged on.</summary>
public sealed record WmiSubscription(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "wmi-subscription";
    /// <summary>Namespace (<c>root\subscription</c>), or its hash when it is none of those known; null when it was carved.</summary>
    public string? Namespace { get; init; }
    /// <summary>Class of the consumer: <c>CommandLineEventConsumer</c>, <c>ActiveScriptEventConsumer</c>, <c>NTEventLogEventConsumer</c> ...</summary>
    public required string ConsumerKind { get; init; }
    /// <summary>Name of the consumer.</summary>
    public string? ConsumerName { get; init; }
    /// <summary>Name of the filter; null when nothing is bound to the consumer.</summary>
    public string? FilterName { get; init; }
    /// <summary>Query of the filter (WQL).</summary>
    public string? FilterQuery { get; init; }
    /// <summary>Namespace the query is run in.</summary>
    public string? EventNamespace { get; init; }
    /// <summary>Command line of a command consumer, the program first.</summary>
    public string? Command { get; init; }
    /// <summary>Working directory of the command.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>Language of a script consumer: <c>VBScript</c>, <c>JScript</c>.</summary>
    public string? ScriptingEngine { get; init; }
    /// <summary>Text of a script consumer.</summary>
    public string? ScriptText { get; init; }
    /// <summary>File of a script consumer.</summary>
    public string? ScriptFile { get; init; }
    /// <summary>When the consumer was written.</summary>
    public Timestamp? Written { get; init; }
    /// <summary>Filter and consumer are bound to each other.</summary>
    public bool IsBound { get; init; }
    /// <summary>A part of it was found by its form only, not through the index.</summary>
    public bool IsCarved { get; init; }
    /// <summary>Why the service would not act on it, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <summary>Something is run: a command or a script.</summary>
    public bool RunsSomething => Command is not null || ScriptText is not null || ScriptFile is not null;

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands
    {
        get
        {
            // Scripts in files are run by a host of WMI; to whoever follows them they are read by an engine of the script host.
            string? text = Command ?? (ScriptFile is { } file ? "wscript.exe \"" + file + "\"" : null);
            return text is null ? [] : [new StartCommand(text) { Trigger = "WMI " + ConsumerKind, User = "SYSTEM", WorkingDirectory = WorkingDirectory, DormantBecause = DormantBecause, ByteOffset = Location.ByteOffset }];
        }
    }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("namespace", Namespace);
        fields.Text("consumerKind", ConsumerKind);
        fields.Text("consumerName", ConsumerName);
        fields.Text("filterName", FilterName);
        fields.Text("filterQuery", FilterQuery);
        fields.Text("eventNamespace", EventNamespace);
        fields.Text("command", Command);
        fields.Text("scriptingEngine", ScriptingEngine);
        fields.Text("scriptText", ScriptText);
        fields.Text("scriptFile", ScriptFile);
        fields.Time("written", Written);
        fields.Flag("isBound", IsBound);
        fields.Flag("isCarved", IsCarved);
        fields.Text("dormantBecause", DormantBecause);
    }
}
