namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// A setting of a database server that makes it load code, run a command, write files where it is told, or let anybody in. <see cref="Commands"/> and <see cref="NamedFiles"/> say what of it the host follows.
/// </summary>
public sealed record DatabaseSetting(EvidenceLocation Location) : Artifact(Location), IStartsCommands, INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "database-setting";
    /// <summary><c>postgresql</c>, <c>mysql</c>, <c>redis</c>, <c>mongodb</c>, <c>couchdb</c>.</summary>
    public required string Server { get; init; }
    /// <summary>Name of the setting, lower case.</summary>
    public required string Name { get; init; }
    /// <summary>Value without quotes, decoded.</summary>
    public required string Value { get; init; }
    /// <summary>Account the server runs as by default.</summary>
    public string? User { get; init; }
    /// <summary>The value is a command that the server gives to a shell.</summary>
    public bool IsCommand { get; init; }
    /// <summary>Libraries and scripts that the setting makes the server load, absolute paths in display form.</summary>
    public IReadOnlyList<string> NamedFiles { get; init; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => IsCommand ? [new StartCommand(Value) { ThroughShell = true, Trigger = Server + " " + Name, User = User, Line = Location.Line, ByteOffset = Location.ByteOffset }] : [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text("server", Server);
        fields.Text("name", Name);
        fields.Text("value", Value);
        fields.Flag("isCommand", IsCommand);
        fields.List("namedFiles", NamedFiles);
    }
}
