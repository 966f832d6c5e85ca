namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A file that an entry brings in by name: a symbolic link in a directory of hooks, an included configuration, a plugin, a directory of helpers.</summary>
public sealed record HookFile(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "hook-file";
    /// <summary>What kind of place it is.</summary>
    public required StartupPlace Place { get; init; }
    /// <summary>What reads or runs it: <c>apt #include</c>.</summary>
    public required string Trigger { get; init; }
    /// <summary>Absolute path, normalised, display form.</summary>
    public required string Target { get; init; }
    /// <summary>It is read as configuration, not run.</summary>
    public bool IsInclude { get; init; }
    /// <summary>Why it would not be used, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => [Target];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("place", Place.ToString());
        fields.Text("trigger", Trigger);
        fields.Text("target", Target);
        fields.Flag("isInclude", IsInclude);
        fields.Text("dormantBecause", DormantBecause);
    }
}
