namespace Forensics.Parsers.Packages;

/// <summary>
/// A pattern of absolute paths: <c>*</c> stands for any characters but a slash, <c>**</c> for any characters, <c>?</c> for one but a slash, <c>#</c> for one digit.
/// Matching takes time proportional to pattern times path at worst.
/// </summary>
internal sealed class PathPattern
{
    private readonly string _pattern;
    private readonly int _prefix;

    public PathPattern(string pattern)
    {
        _pattern = pattern;
        int special = pattern.AsSpan().IndexOfAny("*?#");
        _prefix = special < 0 ? pattern.Length : special;
    }

    /// <summary>Whether the whole path fits.</summary>
    public bool Matches(string path)
    {
        if (!path.AsSpan().StartsWith(_pattern.AsSpan(0, _prefix), StringComparison.Ordinal))
        {
            return false;
        }
        if (_prefix == _pattern.Length)
        {
            return path.Length == _prefix;
        }
        // The set of pattern positions that may be reached after each character: no backtracking.
        ReadOnlySpan<char> rest = _pattern.AsSpan(_prefix);
        Span<bool> now = stackalloc bool[256];
        Span<bool> next = stackalloc bool[256];
        now = now[..(rest.Length + 1)];
        next = next[..(rest.Length + 1)];
        now.Clear();
        Enter(rest, now, 0);
        foreach (char letter in path.AsSpan(_prefix))
        {
            next.Clear();
            bool any = false;
            for (int i = 0; i < rest.Length; i++)
            {
                if (!now[i])
                {
                    continue;
                }
                bool isDouble = rest[i] == '*' && i + 1 < rest.Length && rest[i + 1] == '*';
                if (isDouble || (rest[i] == '*' && letter != '/'))
                {
                    Enter(rest, next, i);
                    any = true;
                }
                else if (rest[i] != '*' && (rest[i] == letter || (rest[i] == '?' && letter != '/') || (rest[i] == '#' && char.IsAsciiDigit(letter))))
                {
                    Enter(rest, next, i + 1);
                    any = true;
                }
            }
            if (!any)
            {
                return false;
            }
            Span<bool> swap = now;
            now = next;
            next = swap;
        }
        return now[rest.Length];
    }

    /// <summary>Marks a position, and what a star there may skip at once.</summary>
    private static void Enter(ReadOnlySpan<char> pattern, Span<bool> positions, int position)
    {
        positions[position] = true;
        while (position < pattern.Length && pattern[position] == '*')
        {
            position += position + 1 < pattern.Length && pattern[position + 1] == '*' ? 2 : 1;
            positions[position] = true;
        }
    }
}
