using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>A path inside the image after following symbolic links.</summary>
/// <param name="Volume">Volume identity of the file.</param>
/// <param name="Path">Final path in display form.</param>
/// <param name="MetadataAddress">Inode of the file.</param>
public sealed record ResolvedPath(string Volume, string Path, ulong MetadataAddress);

/// <summary>Looks paths up inside the image, never outside: symbolic links are followed at most 40 hops below the host's root.</summary>
public interface IPathLookup
{
    /// <summary>The file an absolute path in display form leads to; null when it does not exist.</summary>
    ResolvedPath? Resolve(string absolutePath);

    /// <summary>The tree is one of Windows: names are found in any case, and commands are Windows command lines.</summary>
    bool IsWindows => false;
}

/// <summary>A file a command starts or reads as its program.</summary>
/// <param name="Requested">Absolute path as the command states it, display form.</param>
/// <param name="Resolved">Where it leads; null when it is missing from the image.</param>
/// <param name="Relation"><c>starts</c> (program), <c>interprets</c> (script given to an interpreter), <c>loads</c> (library), <c>uses</c> (argument that is a file).</param>
public sealed record StartedFile(string Requested, ResolvedPath? Resolved, string Relation)
{
    /// <summary>Name of the program that reads it, when the command says so (<c>sh</c>, <c>python3</c>); null when the file's own first line decides.</summary>
    public string? Interpreter { get; init; }
    /// <summary>The named stream of the file that is meant, as the command states it; null for the file's own content. <see cref="Requested"/> then ends with it.</summary>
    public string? Stream { get; init; }
}

/// <summary>One command of an artefact with the files it starts.</summary>
/// <param name="Source">The artefact that states it.</param>
/// <param name="Command">The command; null when the artefact names files outright.</param>
/// <param name="Unwrapped">The inner commands after taking off <c>sh -c</c>, <c>nohup</c>, <c>env</c> ..., and decoded layers; what heuristics look at.</param>
/// <param name="Files">The files.</param>
public sealed record CommandLink(Artifact Source, StartCommand? Command, IReadOnlyList<string> Unwrapped, IReadOnlyList<StartedFile> Files)
{
    /// <summary>A bound ended the work before the command was taken apart.</summary>
    public bool IsCut { get; init; }
    /// <summary>Files that state the same command of the same thing, and of which no link of their own was made.</summary>
    public IReadOnlyList<string> AlsoStatedIn { get; init; } = [];
}
