using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Evidence;

/// <summary>
/// Where a file comes from, as far as the package databases of its host and a trusted manifest tell. The databases lie on the disk under examination: whoever changed a program may
/// have changed them too, so being owned is a reason to stay calm about a file and never a proof.
/// </summary>
/// <param name="State">What the package databases say.</param>
public sealed record FileOrigin(ProvenanceState State)
{
    /// <summary>Package that owns it, <c>name version</c>; null when none does.</summary>
    public string? Package { get; init; }
    /// <summary>Package manager; null when nobody owns it.</summary>
    public string? Manager { get; init; }
    /// <summary>In what it differs from what its package says.</summary>
    public FileDifferences Differences { get; init; }
    /// <summary>Name of the rule that explains a generated file.</summary>
    public string? GeneratedBy { get; init; }
    /// <summary>What a generated file holds still runs or decides who gets in: it counts as unowned for what it says.</summary>
    public bool NeedsExamination { get; init; }
    /// <summary>Its digest stands for its path in a manifest that the user trusts; null when no manifest was given or it does not name the path.</summary>
    public bool? IsConfirmed { get; init; }

    /// <summary>Package that brought the file when the trusted manifest was made, <c>name version</c>; null when no manifest says.</summary>
    public string? TrustedPackage { get; init; }

    /// <summary>
    /// The manifest knows another content of another version of its package, and the package database calls the present one intact: what an update leaves behind.
    /// </summary>
    public bool IsUpdated => IsConfirmed == false && State == ProvenanceState.VendorIntact && TrustedPackage is not null && Package is not null && TrustedPackage != Package;

    /// <summary>Nothing explains it: no package owns it and the system does not make it.</summary>
    public bool IsAlien => IsConfirmed != true && (State == ProvenanceState.Alien || (State == ProvenanceState.Generated && NeedsExamination));

    /// <summary>A package or the trusted manifest says that it has another content.</summary>
    public bool IsModified => (IsConfirmed == false && !IsUpdated) || (IsConfirmed is null && State == ProvenanceState.VendorModified);

    /// <summary>A package brought it, and nothing speaks against its content.</summary>
    public bool IsVendor => IsConfirmed == true || IsUpdated || (IsConfirmed is null && (State is ProvenanceState.VendorIntact or ProvenanceState.Unverified || (State == ProvenanceState.Generated && !NeedsExamination)));

    /// <summary>The field's word for <see cref="State"/>.</summary>
    public string Word => new FileProvenance(State).Word;

    /// <summary>Hands its fields on as those of the file.</summary>
    public void Visit(IFieldVisitor fields)
    {
        fields.Text("origin", Word);
        fields.Text("package", Package);
        fields.Text("packageManager", Manager);
        fields.Text("packageDifferences", Differences == FileDifferences.None ? null : Differences.ToString());
        fields.Text("generatedBy", GeneratedBy);
        fields.Flag("confirmedByManifest", IsConfirmed);
        fields.Text("manifestPackage", TrustedPackage);
    }
}
