using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A rule of acpid: what root runs at an event of power button, lid or battery.</summary>
public sealed record AcpiEvent(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "acpi-event";
    /// <summary>Expression of the events.</summary>
    public required string Event { get; init; }
    /// <summary>Command as written; <c>%e</c> stands for the event.</summary>
    public required string Action { get; init; }
    /// <summary>Why acpid would not read it, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => [new StartCommand(Action)
    {
        ThroughShell = true, Trigger = "acpid", User = "root", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("event", Event);
        fields.Text("action", Action);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>Reads <c>/etc/acpi/events</c>: <c>event=expression</c> and <c>action=command</c>. See acpid(8).</summary>
/// <remarks><b>Limitations</b>: of several actions in one file, which acpid refuses, all are listed.</remarks>
public sealed class AcpiEventParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/acpi-event";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/acpi/events/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "acpi-event");
        string expression = "";
        string? dormant = CronTableRules.NameProblem(input.Location.Name) is { } problem ? "acpid skips files with " + problem + " in their name" : null;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || text[0] == '#')
            {
                continue;
            }
            string key = text[..equals].TrimEnd();
            string value = text[(equals + 1)..].TrimStart();
            if (key == "event")
            {
                expression = value;
            }
            else if (key == "action" && value.Length > 0
                && !file.Add(new AcpiEvent(input.Location.At(line.Number, line.ByteOffset)) { Event = expression, Action = value, DormantBecause = dormant }))
            {
                return;
            }
        }
    }
}
