using Forensics.Parsers.Formats.JumpLists;
using Forensics.Parsers.Formats.ShellLink;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Something that a user opened or started through the shell, as a shortcut among the recent ones or a jump list notes it.</summary>
public sealed record OpenedItem(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "opened-item";
    /// <summary>The shortcut; null when only the index of a jump list knows the item.</summary>
    public ShellLinkFile? Link { get; init; }
    /// <summary>What the index of a jump list says.</summary>
    public DestListEntry? Listed { get; init; }
    /// <summary>Hash by which the jump list names its application; null for shortcuts.</summary>
    public string? ApplicationId { get; init; }
    /// <summary>Profile directory it lies in.</summary>
    public string? User { get; init; }
    /// <summary>What was opened.</summary>
    public string? Target => Link?.TargetPath ?? Listed?.Path;

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("target", Target);
        fields.Text("arguments", Link?.Arguments);
        fields.Text("listedPath", Listed?.Path);
        fields.Text("applicationId", ApplicationId);
        fields.Text("user", User);
        fields.Time("lastAccessed", Listed?.LastAccessed);
        fields.Number("accessCount", Listed?.AccessCount);
        fields.Flag("isPinned", Listed?.IsPinned);
        fields.Time("targetCreated", Link?.CreationTime);
        fields.Time("targetWritten", Link?.WriteTime);
        fields.Number("targetSize", Link?.FileSize);
        fields.Number("volumeSerial", Link?.Info?.DriveSerialNumber);
        fields.Text("machine", (Link?.Extra.Tracker ?? Listed?.Tracker)?.MachineId);
        fields.Text("macAddress", (Link?.Extra.Tracker ?? Listed?.Tracker)?.MacAddress);
        fields.Flag("isDamaged", Link?.IsDamaged);
    }
}
