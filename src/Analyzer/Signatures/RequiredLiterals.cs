namespace Forensics.Analyzer.Signatures;

/// <summary>
/// Finds words that must stand in every text that an expression can match, so that the expression itself need not be built and run for nearly every text: a list of
/// sets, of each of which one word is required. Conservative: what it does not understand requires nothing.
/// </summary>
/// <remarks><b>Limitations:</b> the order of the words is not used; character classes require nothing.</remarks>
public static class RequiredLiterals
{
    private const int MostWords = 40;
    private const int MostSets = 8;

    /// <summary>The sets, the most selective first (its shortest word is the longest); words are to be compared case aside. Empty when nothing can be told.</summary>
    public static IReadOnlyList<string[]> Of(string expression)
    {
        var reader = new Reader(expression);
        List<string[]>? sets = reader.Alternation(depth: 0);
        if (sets is null || !reader.IsAtEnd)
        {
            return [];
        }
        return [.. sets.DistinctBy(words => string.Join('\0', words)).OrderByDescending(Shortest).ThenBy(words => words.Length).Take(MostSets)];
    }

    private static int Shortest(string[] words) => words.Min(word => word.Length);

    /// <summary>Reads an expression once, left to right; null results mean that something is not understood.</summary>
    private sealed class Reader(string expression)
    {
        private const int MostDepth = 32;
        private int _at;

        public bool IsAtEnd => _at >= expression.Length;

        /// <summary>Branches up to the end of the group: with several, the best set of each together form one.</summary>
        public List<string[]>? Alternation(int depth)
        {
            if (depth > MostDepth)
            {
                return null;
            }
            List<string[]>? first = Sequence(depth);
            if (first is null || IsAtEnd || expression[_at] != '|')
            {
                return first;
            }
            var together = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            bool isRequired = Take(first, together);
            while (!IsAtEnd && expression[_at] == '|')
            {
                _at++;
                if (Sequence(depth) is not { } branch)
                {
                    return null;
                }
                isRequired &= Take(branch, together);
            }
            return isRequired && together.Count <= MostWords ? [[.. together]] : [];
        }

        private static bool Take(List<string[]> branch, HashSet<string> together)
        {
            if (branch.MaxBy(Shortest) is not { } best)
            {
                return false;
            }
            together.UnionWith(best);
            return true;
        }

        private List<string[]>? Sequence(int depth)
        {
            var sets = new List<string[]>();
            string run = "";
            void EndRun()
            {
                if (run.Length > 0)
                {
                    sets.Add([run]);
                }
                run = "";
            }
            while (!IsAtEnd && expression[_at] is not ('|' or ')'))
            {
                char value = expression[_at];
                if (value is '^' or '$' || (value == '\\' && Next is 'b' or 'B'))
                {
                    // Positions stand between characters and take none.
                    _at += value == '\\' ? 2 : 1;
                    continue;
                }
                List<string[]> inside = [];
                char? literal = null;
                switch (value)
                {
                    case '(':
                        if (Group(depth) is not { } group)
                        {
                            return null;
                        }
                        inside = group;
                        break;
                    case '[':
                        if (!SkipClass())
                        {
                            return null;
                        }
                        break;
                    case '\\':
                        if (Next is not char escaped || (char.IsAsciiLetterOrDigit(escaped) && !"sSdDwWnrt".Contains(escaped)))
                        {
                            return null;
                        }
                        literal = char.IsAsciiLetterOrDigit(escaped) ? null : escaped;
                        _at += 2;
                        break;
                    case '*' or '+' or '?' or '{' or '}':
                        return null;
                    default:
                        literal = value == '.' ? null : value;
                        _at++;
                        break;
                }
                if (!Quantifier(out bool isOptional, out bool isRepeated))
                {
                    return null;
                }
                if (literal is char one && !isOptional)
                {
                    run += one;
                    if (isRepeated)
                    {
                        EndRun();
                    }
                    continue;
                }
                EndRun();
                if (!isOptional)
                {
                    sets.AddRange(inside);
                }
            }
            EndRun();
            return sets;
        }

        private char? Next => _at + 1 < expression.Length ? expression[_at + 1] : null;

        private List<string[]>? Group(int depth)
        {
            _at++;
            if (!IsAtEnd && expression[_at] == '?')
            {
                int length = Starts("?:") ? 2 : Starts("?-i:") ? 4 : Starts("?i:") ? 3 : 0;
                if (length == 0)
                {
                    return null;
                }
                _at += length;
            }
            List<string[]>? inside = Alternation(depth + 1);
            if (inside is null || IsAtEnd || expression[_at] != ')')
            {
                return null;
            }
            _at++;
            return inside;
        }

        private bool Starts(string text) => string.CompareOrdinal(expression, _at, text, 0, text.Length) == 0;

        private bool SkipClass()
        {
            _at++;
            if (!IsAtEnd && expression[_at] == '^')
            {
                _at++;
            }
            if (!IsAtEnd && expression[_at] == ']')
            {
                _at++;
            }
            while (!IsAtEnd)
            {
                switch (expression[_at])
                {
                    case '\\':
                        _at += 2;
                        break;
                    case '[':
                        // A subtraction or a POSIX class.
                        return false;
                    case ']':
                        _at++;
                        return true;
                    default:
                        _at++;
                        break;
                }
            }
            return false;
        }

        private bool Quantifier(out bool isOptional, out bool isRepeated)
        {
            isOptional = isRepeated = false;
            if (IsAtEnd)
            {
                return true;
            }
            switch (expression[_at])
            {
                case '?' or '*':
                    isOptional = true;
                    _at++;
                    break;
                case '+':
                    isRepeated = true;
                    _at++;
                    break;
                case '{':
                    int close = expression.IndexOf('}', _at);
                    if (close < 0 || !char.IsAsciiDigit(expression[_at + 1]))
                    {
                        return false;
                    }
                    isOptional = expression[_at + 1] == '0';
                    isRepeated = true;
                    _at = close + 1;
                    break;
                default:
                    return true;
            }
            if (!IsAtEnd && expression[_at] == '?')
            {
                _at++;
            }
            return true;
        }
    }
}
