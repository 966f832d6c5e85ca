namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// One library named in <c>/etc/ld.so.preload</c> (or an odd sibling of it). An empty file yields no artefact of this kind but a <see cref="PreloadFile"/>.
/// </summary>
public sealed record PreloadedLibrary(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "preloaded-library";
    /// <summary>The word as written.</summary>
    public required string Library { get; init; }
    /// <summary>Candidate paths after <c>$LIB</c> and <c>$PLATFORM</c> expansion; a name without slash is searched in the default directories.</summary>
    public required IReadOnlyList<string> NamedFiles { get; init; }
    /// <summary>The loader reads this file; false for siblings such as <c>ld.so.preload.bak</c>.</summary>
    public required bool IsActive { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("library", Library);
        fields.List("namedFiles", NamedFiles);
        fields.Flag("isActive", IsActive);
    }
}

/// <summary>That <c>/etc/ld.so.preload</c> exists, with how many libraries it names.</summary>
public sealed record PreloadFile(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "preload-file";
    /// <summary>Number of libraries named.</summary>
    public required int LibraryCount { get; init; }
    /// <summary>The loader reads this file.</summary>
    public required bool IsActive { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Number("libraryCount", LibraryCount);
        fields.Flag("isActive", IsActive);
    }
}
