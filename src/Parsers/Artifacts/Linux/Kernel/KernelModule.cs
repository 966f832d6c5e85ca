namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A loadable kernel module, by what its file says about itself.</summary>
public sealed record KernelModule(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "kernel-module";
    /// <summary>Name that it states, else that of its file; with underscores.</summary>
    public required string Module { get; init; }
    /// <summary><c>author</c>, several joined.</summary>
    public string? Author { get; init; }
    /// <summary><c>description</c>.</summary>
    public string? Description { get; init; }
    /// <summary><c>license</c>.</summary>
    public string? License { get; init; }
    /// <summary><c>vermagic</c>: the kernel it was built for.</summary>
    public string? VersionMagic { get; init; }
    /// <summary>Built as a part of the kernel (<c>intree</c>).</summary>
    public bool IsInTree { get; init; }
    /// <summary>A signature is appended; whether it is good is not known.</summary>
    public bool HasSignature { get; init; }
    /// <summary>The file is compressed.</summary>
    public bool IsCompressed { get; init; }
    /// <summary>Names in it of functions and texts by which modules take over system calls and hide things, sorted.</summary>
    public IReadOnlyList<string> NotableNames { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("module", Module);
        fields.Text("author", Author);
        fields.Text("description", Description);
        fields.Text("license", License);
        fields.Text("versionMagic", VersionMagic);
        fields.Flag("isInTree", IsInTree);
        fields.Flag("hasSignature", HasSignature);
        fields.Flag("isCompressed", IsCompressed);
        fields.List("notableNames", NotableNames);
    }
}
