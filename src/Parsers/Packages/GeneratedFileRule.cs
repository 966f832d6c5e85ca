namespace Forensics.Parsers.Packages;

/// <summary>One rule about files that no package owns because the system makes them for itself.</summary>
/// <param name="Name">Short name: <c>loader-cache</c>.</param>
/// <param name="Reason">What makes them and why, as a sentence part.</param>
/// <param name="Condition">What must hold besides the path.</param>
/// <param name="Patterns">Paths, see <see cref="PathPattern"/>.</param>
public sealed record GeneratedFileRule(string Name, string Reason, GeneratedFileCondition Condition, IReadOnlyList<string> Patterns)
{
    /// <summary>
    /// The content runs, or decides who gets in: that the system makes such a file says nothing about what is in it, and it is to be examined like an unowned one.
    /// </summary>
    public bool NeedsExamination { get; init; }

    internal IReadOnlyList<PathPattern> Compiled { get; } = [.. Patterns.Select(pattern => new PathPattern(pattern))];
}

/// <summary>What must hold for a <see cref="GeneratedFileRule"/> besides the path.</summary>
public enum GeneratedFileCondition
{
    /// <summary>Nothing.</summary>
    Path,
    /// <summary>It is a symbolic link.</summary>
    Link,
    /// <summary>It is a symbolic link to a path that a package owns, or to a managed alternative.</summary>
    LinkToOwned,
    /// <summary>It is a symbolic link to an owned busybox.</summary>
    LinkToBusybox,
    /// <summary>It is Python byte-code (<c>X.pyc</c>, <c>__pycache__/X.cpython-311.opt-1.pyc</c>), or the directory of it, beside an owned source <c>X.py</c>.</summary>
    ByteCode,
    /// <summary>It is not a directory, link or device and has no permission to execute.</summary>
    PlainData,
}
