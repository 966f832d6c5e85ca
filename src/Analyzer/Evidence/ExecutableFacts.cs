using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>Facts from an ELF file's headers and dynamic symbol table.</summary>
public sealed record ExecutableFacts(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "executable";
    /// <summary><c>x86-64</c>, <c>aarch64</c> ...</summary>
    public required string Machine { get; init; }
    /// <summary>Shared object without program interpreter: a library.</summary>
    public required bool IsLibrary { get; init; }
    /// <summary>Statically linked.</summary>
    public required bool IsStatic { get; init; }
    /// <summary>No section headers.</summary>
    public required bool HasNoSections { get; init; }
    /// <summary>Names it defines in .dynsym that belong to libc's hiding set (readdir, fopen ...), sorted.</summary>
    public IReadOnlyList<string> InterposedNames { get; init; } = [];
    /// <summary>It imports <c>dlsym</c>.</summary>
    public bool ImportsDlsym { get; init; }
    /// <summary>A UPX header or magic was found.</summary>
    public bool IsPacked { get; init; }
    /// <summary>It has no symbol table (<c>.symtab</c>), as after strip(1).</summary>
    public bool IsStripped { get; init; }
    /// <summary>It names a file with its debugging symbols, as what distributions build does.</summary>
    public bool HasDebugLink { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("machine", Machine);
        fields.Flag("isLibrary", IsLibrary);
        fields.Flag("isStatic", IsStatic);
        fields.Flag("hasNoSections", HasNoSections);
        fields.List("interposedNames", InterposedNames);
        fields.Flag("importsDlsym", ImportsDlsym);
        fields.Flag("isPacked", IsPacked);
        fields.Flag("isStripped", IsStripped);
        fields.Flag("hasDebugLink", HasDebugLink);
    }
}
