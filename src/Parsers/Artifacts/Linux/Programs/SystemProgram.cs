namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What the bytes of the dynamic loader or of a program of OpenSSH say about the files it uses.</summary>
public sealed record SystemProgram(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "system-program";
    /// <summary>It is the dynamic loader of glibc.</summary>
    public required bool IsLoader { get; init; }
    /// <summary>The name <c>/etc/ld.so.preload</c> is in it: every loader of glibc has it.</summary>
    public required bool NamesPreloadFile { get; init; }
    /// <summary>Absolute paths in it, each once, in order of appearance; at most <see cref="SystemProgramParser.MaximumPaths"/>.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Flag("isLoader", IsLoader);
        fields.Flag("namesPreloadFile", NamesPreloadFile);
        fields.List("paths", Paths);
    }
}
