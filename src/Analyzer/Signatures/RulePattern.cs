using System.Buffers;
using System.Text.RegularExpressions;

namespace Forensics.Analyzer.Signatures;

/// <summary>A regular expression that never backtracks, with case ignored: hostile text costs linear time.</summary>
/// <remarks><b>Limitations:</b> no look-around and no back-references, which the non-backtracking engine does not know.</remarks>
public sealed class RulePattern
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Multiline;
    private readonly Lazy<Regex> _regex;
    private readonly RequiredWords[] _required;

    /// <summary>
    /// Compiles the expression, which takes milliseconds; throws <see cref="ArgumentException"/> or <see cref="NotSupportedException"/> when it is not one.
    /// </summary>
    /// <param name="expression">.NET regular expression.</param>
    /// <param name="isTrusted">Known to be good: compile it only when it is first needed.</param>
    public RulePattern(string expression, bool isTrusted = false)
    {
        Expression = expression;
        _required = [.. RequiredLiterals.Of(expression).Select(words => new RequiredWords(words))];
        _regex = new Lazy<Regex>(() => new Regex(expression, Options));
        if (!isTrusted)
        {
            _ = _regex.Value;
        }
    }

    /// <summary>The expression as written.</summary>
    public string Expression { get; }

    /// <summary>Builds the expression now when no words keep it from being asked about most texts.</summary>
    public void Prepare()
    {
        const int RareLength = 3;
        if (_required.All(words => words.Shortest < RareLength))
        {
            _ = _regex.Value;
        }
    }

    /// <summary>Whether all the words that a match must hold are there. Cheap; false means that <see cref="TryMatch"/> is false as well.</summary>
    public bool MayMatch(string text)
    {
        foreach (RequiredWords words in _required)
        {
            if (!words.AreIn(text))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The first match.</summary>
    public bool TryMatch(string text, out string found)
    {
        // Building the automaton takes milliseconds, and IsMatch is much cheaper than Match: nearly every text ends at one of the first two tests.
        if (!MayMatch(text) || !_regex.Value.IsMatch(text))
        {
            found = "";
            return false;
        }
        found = _regex.Value.Match(text).Value;
        return true;
    }

    /// <summary>Number of matches, counted up to a bound.</summary>
    public int Count(string text, int enough)
    {
        int count = 0;
        if (!MayMatch(text))
        {
            return count;
        }
        foreach (ValueMatch unused in _regex.Value.EnumerateMatches(text))
        {
            if (++count >= enough)
            {
                break;
            }
        }
        return count;
    }

    /// <summary>Words one of which is required, case aside.</summary>
    private sealed class RequiredWords(string[] words)
    {
        private readonly Lazy<SearchValues<string>> _search = new(() => SearchValues.Create(words, StringComparison.OrdinalIgnoreCase));

        public int Shortest => words.Min(word => word.Length);

        public bool AreIn(string text) => words.Length == 1 ? text.Contains(words[0], StringComparison.OrdinalIgnoreCase) : text.AsSpan().ContainsAny(_search.Value);
    }
}
