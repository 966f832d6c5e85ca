namespace Forensics.Analyzer.Pipeline;

/// <summary>Shell-like patterns over one path component (<c>*</c>, <c>?</c>) or a whole path (<c>**</c> crosses slashes). Linear memory, never backtracks exponentially.</summary>
public static class Glob
{
    /// <summary>Whether a name without slashes matches a pattern of <c>*</c> and <c>?</c>.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name) =>
        Matches(pattern, name, '*', static (wanted, actual) => wanted == '?' || wanted == actual);

    /// <summary>
    /// Whether an absolute path matches a glob: <c>*</c> and <c>?</c> stay within a component, <c>**</c> stands for any number of components.
    /// </summary>
    public static bool MatchesPath(string glob, string path) => Matches<string>(
        glob.Split('/', StringSplitOptions.RemoveEmptyEntries), path.Split('/', StringSplitOptions.RemoveEmptyEntries), "**", static (wanted, actual) => Matches(wanted, actual));

    /// <summary>The last star met takes one more item whenever the rest does not fit: quadratic at worst.</summary>
    private static bool Matches<T>(ReadOnlySpan<T> pattern, ReadOnlySpan<T> items, T star, Func<T, T, bool> fits) where T : IEquatable<T>
    {
        int p = 0;
        int n = 0;
        int starPattern = -1;
        int starItem = 0;
        while (n < items.Length)
        {
            if (p < pattern.Length && pattern[p].Equals(star))
            {
                starPattern = ++p;
                starItem = n;
            }
            else if (p < pattern.Length && fits(pattern[p], items[n]))
            {
                p++;
                n++;
            }
            else if (starPattern >= 0)
            {
                p = starPattern;
                n = ++starItem;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p].Equals(star))
        {
            p++;
        }
        return p == pattern.Length;
    }
}
