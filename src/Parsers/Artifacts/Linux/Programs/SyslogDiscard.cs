namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A rule of the system log that throws messages away.</summary>
public sealed record SyslogDiscard(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "syslog-discard";
    /// <summary>Conditions of the rule, from the outermost to the innermost, joined by <c> / </c>.</summary>
    public required string Filter { get; init; }
    /// <summary>The same rule, or the chain of rules it ends, does something else with the messages before: writes or forwards them.</summary>
    public bool IsAfterOtherActions { get; init; }
    /// <summary>Why it would not take effect, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("filter", Filter);
        fields.Flag("isAfterOtherActions", IsAfterOtherActions);
        fields.Text("dormantBecause", DormantBecause);
    }
}
