using Forensics.Parsers;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Finds the file that took the place of a deleted one: package managers give the old file a name of their own and rename the new one over its path, or bring a
/// library with another version in its name.
/// </summary>
internal static class Successors
{
    // dpkg unpacks to .dpkg-new and keeps the old file as .dpkg-tmp; rpm unpacks to NAME;HEX.
    private static readonly string[] s_suffixes = [".dpkg-tmp", ".dpkg-new", ".dpkg-old", ".dpkg-dist"];
    private const int RpmDigits = 8;

    /// <summary>Path of the successor in display form; null when there is none.</summary>
    public static string? Of(ImageTree tree, string path)
    {
        string plain = WithoutSuffix(path);
        if (tree.Resolve(plain) is not null)
        {
            return plain;
        }
        int slash = plain.LastIndexOf('/');
        if (LibraryStem(plain[(slash + 1)..]) is not { } stem)
        {
            return null;
        }
        string directory = slash <= 0 ? "/" : plain[..slash];
        foreach (string name in tree.List(directory))
        {
            if (LibraryStem(name) == stem && tree.Resolve(PathText.Join(directory, name)) is not null)
            {
                return PathText.Join(directory, name);
            }
        }
        return null;
    }

    private static string WithoutSuffix(string path)
    {
        foreach (string suffix in s_suffixes)
        {
            if (path.EndsWith(suffix, StringComparison.Ordinal))
            {
                return path[..^suffix.Length];
            }
        }
        int at = path.Length - RpmDigits - 1;
        return at > 0 && path[at] == ';' && path.AsSpan(at + 1).IndexOfAnyExcept("0123456789abcdef") < 0 ? path[..at] : path;
    }

    /// <summary>The name of a shared library without its versions: <c>libc</c> of <c>libc-2.36.so</c>, <c>libssl</c> of <c>libssl.so.3.0.2</c>; null for other names.</summary>
    private static string? LibraryStem(string name)
    {
        int end = name.IndexOf(".so", StringComparison.Ordinal);
        if (!name.StartsWith("lib", StringComparison.Ordinal) || end < 0 || (end + 3 < name.Length && name[end + 3] != '.'))
        {
            return null;
        }
        string stem = name[..end];
        int dash = stem.LastIndexOf('-');
        return dash > 0 && dash + 1 < stem.Length && stem.AsSpan(dash + 1).IndexOfAnyExcept("0123456789.") < 0 ? stem[..dash] : stem;
    }
}
