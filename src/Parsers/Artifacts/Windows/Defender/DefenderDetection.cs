using Forensics.Parsers.Formats.Defender;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Which of Defender's books a detection stands in.</summary>
public enum DefenderBook
{
    /// <summary>The history of detections.</summary>
    History,
    /// <summary>The quarantine: what was found was taken away.</summary>
    Quarantine,
    /// <summary>The log of the engine.</summary>
    EngineLog,
}

/// <summary>A thing that Microsoft Defender found, by its own books.</summary>
/// <remarks><b>Limitations:</b> whether it was removed, allowed or ignored is not told by the history in a way that can be relied on.</remarks>
public sealed record DefenderDetection(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "defender-detection";
    /// <summary>The book.</summary>
    public required DefenderBook Book { get; init; }
    /// <summary>What was noted.</summary>
    public required DefenderRecord Record { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("book", Book.ToString());
        fields.Text("threat", Record.ThreatName);
        fields.List("resources", [.. Record.Resources.Select(resource => resource.Type + ":" + resource.Name)]);
        fields.Time("time", Record.Time);
        fields.Text("process", Record.Process);
        fields.Text("user", Record.User);
    }
}

/// <summary>Reads the history of detections. <see cref="DetectionHistoryFile"/> names the specification.</summary>
/// <remarks><b>Limitations:</b> Defender deletes entries after some weeks.</remarks>
public sealed class DefenderHistoryParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/defender-history";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/ProgramData/Microsoft/{Windows Defender,Microsoft Antimalware}/Scans/History/Service/DetectionHistory/*/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (!input.Content.IsEmpty)
        {
            sink.Add(new DefenderDetection(input.Location) { Book = DefenderBook.History, Record = DetectionHistoryFile.Parse(input.Content.Span, sink) });
        }
    }
}

/// <summary>Reads entries of the quarantine. <see cref="QuarantineEntryFile"/> names the specification.</summary>
/// <remarks><b>Limitations:</b> what was quarantined is not deciphered and looked into.</remarks>
public sealed class DefenderQuarantineParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/defender-quarantine";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/ProgramData/Microsoft/{Windows Defender,Microsoft Antimalware}/Quarantine/Entries/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (!input.Content.IsEmpty)
        {
            sink.Add(new DefenderDetection(input.Location) { Book = DefenderBook.Quarantine, Record = QuarantineEntryFile.Parse(input.Content.Span, sink) });
        }
    }
}
