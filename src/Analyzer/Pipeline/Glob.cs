namespace Forensics.Analyzer.Pipeline;

/// <summary>Shell-like patterns over one path component (<c>*</c>, <c>?</c>) or a whole path (<c>**</c> crosses slashes). Linear memory, never backtracks exponentially.</summary>
public static class Glob
{
    /// <summary>Whether a name without slashes matches a pattern of <c>*</c> and <c>?</c>.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0;
        int n = 0;
        int starPattern = -1;
        int starName = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                starPattern = ++p;
                starName = n;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (starPattern >= 0)
            {
                p = starPattern;
                n = ++starName;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }
        return p == pattern.Length;
    }

    /// <summary>
    /// Whether an absolute path matches a glob: <c>*</c> and <c>?</c> stay within a component, <c>**</c> stands for any number of components.
    /// </summary>
    public static bool MatchesPath(string glob, string path)
    {
        string[] pattern = glob.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int p = 0;
        int n = 0;
        int starPattern = -1;
        int starName = 0;
        while (n < components.Length)
        {
            if (p < pattern.Length && pattern[p] == "**")
            {
                starPattern = ++p;
                starName = n;
            }
            else if (p < pattern.Length && Matches(pattern[p], components[n]))
            {
                p++;
                n++;
            }
            else if (starPattern >= 0)
            {
                p = starPattern;
                n = ++starName;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == "**")
        {
            p++;
        }
        return p == pattern.Length;
    }
}
