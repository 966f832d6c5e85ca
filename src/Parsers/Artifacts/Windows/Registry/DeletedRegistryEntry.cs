namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>What a deleted value of the registry was for.</summary>
public enum DeletedEntryShape
{
    /// <summary>Entry of a Run key or its kin.</summary>
    Run,
    /// <summary>Program, library or failure command of a service.</summary>
    Service,
    /// <summary>Action of a task in the scheduler's cache.</summary>
    Task,
    /// <summary>A command line whose key is not known any more; whether Windows ran it by itself is not known either.</summary>
    Command,
}

/// <summary>A value that was found in the free space of a hive and has the place or the form of one that starts something: it was there, and was deleted.</summary>
/// <remarks>
/// <b>Limitations:</b> the data may be those of another value by now; when it was deleted is not stored. A value that was deleted out of a key that is still there has lost its key: only its name and data speak.
/// </remarks>
public sealed record DeletedRegistryEntry(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "deleted-registry-entry";
    /// <summary>What it was for.</summary>
    public required DeletedEntryShape Shape { get; init; }
    /// <summary>Mechanism of a Run key; null for others.</summary>
    public AutorunKind? Mechanism { get; init; }
    /// <summary>Root and path of the key as far as it is known; <c>?</c> stands for what is not.</summary>
    public required string KeyPath { get; init; }
    /// <summary>The path leads up to the root of the hive.</summary>
    public required bool IsPlaceKnown { get; init; }
    /// <summary>Name of the value.</summary>
    public required string ValueName { get; init; }
    /// <summary>Its text, or the command line of an action; at most 4,096 characters.</summary>
    public required string Data { get; init; }
    /// <summary>The text names a library, not a command.</summary>
    public bool IsLibrary { get; init; }
    /// <summary>Profile that it belongs to; null for the machine.</summary>
    public string? User { get; init; }
    /// <summary>Last change of its key, which the deletion came after; null when the key is not known.</summary>
    public Timestamp? LastWritten { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("shape", Shape.ToString());
        fields.Text("mechanism", Mechanism?.ToString());
        fields.Text("key", KeyPath);
        fields.Flag("isPlaceKnown", IsPlaceKnown);
        fields.Text("value", ValueName);
        fields.Text("data", Data);
        fields.Flag("isLibrary", IsLibrary);
        fields.Text("user", User);
        fields.Time("lastWritten", LastWritten);
    }
}
