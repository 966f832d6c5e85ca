namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One <c>KEY{attribute} operator "value"</c> of a udev rule.</summary>
/// <param name="Key">Upper case, as written.</param>
/// <param name="Attribute">What stands in braces; empty without.</param>
/// <param name="Operator"><c>== != = += -= :=</c>.</param>
/// <param name="Value">Without quotes, escapes resolved.</param>
public sealed record UdevToken(string Key, string Attribute, string Operator, string Value)
{
    /// <summary>A condition rather than an assignment.</summary>
    public bool IsMatch => Operator is "==" or "!=";

    /// <inheritdoc/>
    public override string ToString() => Key + (Attribute.Length > 0 ? "{" + Attribute + "}" : "") + Operator + "\"" + Value + "\"";
}

/// <summary>A udev rule that starts programs or asks systemd to start units when a device appears. Rules that only name or tag devices are left out.</summary>
public sealed record UdevRule(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "udev-rule";
    /// <summary>All of it, in order.</summary>
    public required IReadOnlyList<UdevToken> Tokens { get; init; }
    /// <summary>Units named by <c>ENV{SYSTEMD_WANTS}</c> and <c>ENV{SYSTEMD_USER_WANTS}</c>.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];
    /// <summary>Why udev does not read the file, as a clause; null when its name does not keep it from that.</summary>
    public string? DormantBecause { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.List("matches", [.. Tokens.Where(token => token.IsMatch).Select(token => token.ToString())]);
        fields.List("assignments", [.. Tokens.Where(token => !token.IsMatch).Select(token => token.ToString())]);
        fields.List("units", Units);
        fields.List("commands", [.. Commands.Select(command => command.Text)]);
        fields.Text("dormantBecause", DormantBecause);
    }
}
