namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A source of packages that a package manager is told to use.</summary>
public sealed record PackageRepository(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "package-repository";
    /// <summary><c>apt</c>, <c>yum</c>, <c>zypper</c>, <c>apk</c>.</summary>
    public required string Manager { get; init; }
    /// <summary>Section name, suite or tag; empty when it has none.</summary>
    public string Name { get; init; } = "";
    /// <summary>Where packages come from, as written.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];
    /// <summary>It is in use.</summary>
    public bool IsEnabled { get; init; } = true;
    /// <summary>Signatures are checked: false when the entry says no, true when it says yes, null when it says nothing.</summary>
    public bool? ChecksSignatures { get; init; }
    /// <summary>What says that signatures are not checked, as written: <c>trusted=yes</c>, <c>gpgcheck=0</c>.</summary>
    public string? UncheckedBecause { get; init; }
    /// <summary>Keys it names.</summary>
    public string? SignedBy { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("manager", Manager);
        fields.Text("name", Name);
        fields.List("urls", Urls);
        fields.Flag("isEnabled", IsEnabled);
        fields.Flag("checksSignatures", ChecksSignatures);
        fields.Text("uncheckedBecause", UncheckedBecause);
        fields.Text("signedBy", SignedBy);
    }
}
