using System.Text.RegularExpressions;

namespace Forensics.Analyzer.Signatures;

/// <summary>A regular expression that never backtracks, with case ignored: hostile text costs linear time.</summary>
/// <remarks><b>Limitations:</b> no look-around and no back-references, which the non-backtracking engine does not know.</remarks>
public sealed class RulePattern
{
    private readonly Regex _regex;

    /// <summary>Compiles the expression; throws <see cref="ArgumentException"/> or <see cref="NotSupportedException"/> when it is not one.</summary>
    public RulePattern(string expression)
    {
        Expression = expression;
        _regex = new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Multiline);
    }

    /// <summary>The expression as written.</summary>
    public string Expression { get; }

    /// <summary>The first match.</summary>
    public bool TryMatch(string text, out string found)
    {
        // IsMatch is much cheaper than Match in this engine, and nearly every text does not match.
        if (!_regex.IsMatch(text))
        {
            found = "";
            return false;
        }
        found = _regex.Match(text).Value;
        return true;
    }

    /// <summary>Number of matches, counted up to a bound.</summary>
    public int Count(string text, int enough)
    {
        int count = 0;
        foreach (ValueMatch unused in _regex.EnumerateMatches(text))
        {
            if (++count >= enough)
            {
                break;
            }
        }
        return count;
    }
}
