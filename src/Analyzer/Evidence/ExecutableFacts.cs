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
    /// <summary>Program interpreter it names; null when none.</summary>
    public string? Interpreter { get; init; }
    /// <summary>Libraries it needs.</summary>
    public IReadOnlyList<string> Needed { get; init; } = [];
    /// <summary>Directories it searches for libraries first.</summary>
    public IReadOnlyList<string> SearchPaths { get; init; } = [];
    /// <summary>Imported functions of a remote shell (<c>socket</c>, <c>dup2</c>, <c>execve</c> ...), sorted; only of programs that no distribution seems to have built.</summary>
    public IReadOnlyList<string> NotableImports { get; init; } = [];
    /// <summary>Entropy in bits a byte, sampled; null when not computed.</summary>
    public double? Entropy { get; init; }
    /// <summary>Version of Go it was built with; null when it was not.</summary>
    public string? GoVersion { get; init; }
    /// <summary>Go module or main package; null when it does not say.</summary>
    public string? GoModule { get; init; }
    /// <summary>Version of the Rust compiler, or its commit; null when it was not built by one.</summary>
    public string? RustVersion { get; init; }
    /// <summary>Mining pools named with a port, at most 16.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];
    /// <summary>Addresses with the scheme of mining pools, at most 16.</summary>
    public IReadOnlyList<string> PoolAddresses { get; init; } = [];
    /// <summary>Other addresses whose host is a public number or a hidden service, at most 16.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];
    /// <summary>A Monero wallet stands in it.</summary>
    public bool HasWallet { get; init; }
    /// <summary>Words of miners in it: algorithms, options, messages.</summary>
    public IReadOnlyList<string> MinerWords { get; init; } = [];

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
        fields.Text("interpreter", Interpreter);
        fields.List("needed", Needed);
        fields.List("searchPaths", SearchPaths);
        fields.List("notableImports", NotableImports);
        fields.Text("entropy", Entropy?.ToString("F2", System.Globalization.CultureInfo.InvariantCulture));
        fields.Text("goVersion", GoVersion);
        fields.Text("goModule", GoModule);
        fields.Text("rustVersion", RustVersion);
        fields.List("pools", Pools);
        fields.List("poolAddresses", PoolAddresses);
        fields.List("urls", Urls);
        fields.Flag("hasWallet", HasWallet);
        fields.List("minerWords", MinerWords);
    }
}
