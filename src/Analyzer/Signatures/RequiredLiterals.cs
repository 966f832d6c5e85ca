using System.Text;

namespace Forensics.Analyzer.Signatures;

/// <summary>
/// Finds words one of which must stand in every text that an expression can match, so that the expression itself need not be built and run for nearly every text.
/// Conservative: what it does not understand yields nothing.
/// </summary>
/// <remarks><b>Limitations:</b> only literal runs and plain lists of alternatives at the outermost level are seen.</remarks>
public static class RequiredLiterals
{
    /// <summary>The words, any one of which is required (case aside); null when none can be told.</summary>
    public static string[]? Of(string expression)
    {
        var best = (Words: (string[]?)null, Shortest: 1);
        var run = new StringBuilder();
        void Offer(string[] words)
        {
            int shortest = words.Length == 0 ? 0 : words.Min(word => word.Length);
            if (shortest > best.Shortest || (shortest == best.Shortest && best.Words is not null && words.Length < best.Words.Length))
            {
                best = (words, shortest);
            }
        }
        void EndRun()
        {
            Offer([run.ToString()]);
            run.Clear();
        }
        for (int i = 0; i < expression.Length;)
        {
            char value = expression[i];
            if (value == '|')
            {
                return null;
            }
            int end = i + 1;
            string[]? words = null;
            if (value == '(')
            {
                end = GroupEnd(expression, i);
                words = end < 0 ? null : Alternatives(expression[i..end]);
                if (end < 0)
                {
                    return null;
                }
            }
            else if (value == '[')
            {
                end = ClassEnd(expression, i);
                if (end < 0)
                {
                    return null;
                }
            }
            else if (value == '\\')
            {
                if (i + 1 >= expression.Length || (char.IsAsciiLetterOrDigit(expression[i + 1]) && !"bBsSdDwWnrt".Contains(expression[i + 1])))
                {
                    return null;
                }
                end = i + 2;
                words = char.IsAsciiLetterOrDigit(expression[i + 1]) ? null : [expression[(i + 1)..end]];
            }
            else if (value is not ('.' or '^' or '$' or '*' or '+' or '?' or '{' or '}'))
            {
                words = [expression[i..end]];
            }
            bool optional = end < expression.Length && expression[end] is '?' or '*' or '{';
            bool repeated = end < expression.Length && expression[end] == '+';
            bool isLiteral = words is [_] && value != '(';
            bool isPosition = value is '^' or '$' || (value == '\\' && expression[i + 1] is 'b' or 'B');
            if (isLiteral && !optional)
            {
                run.Append(words![0]);
                if (repeated)
                {
                    EndRun();
                }
            }
            else if (!isPosition)
            {
                EndRun();
                if (words is not null && !optional)
                {
                    Offer(words);
                }
            }
            i = SkipQuantifier(expression, end);
        }
        EndRun();
        return best.Words;
    }

    /// <summary>The alternatives of a group when each is plain text: <c>(?:curl|wget)</c>; null otherwise.</summary>
    private static string[]? Alternatives(string group)
    {
        string inner = group.StartsWith("(?-i:", StringComparison.Ordinal) ? group[5..^1] : group.StartsWith("(?:", StringComparison.Ordinal) ? group[3..^1] : group.StartsWith("(?", StringComparison.Ordinal) ? "" : group[1..^1];
        var words = new List<string>();
        var word = new StringBuilder();
        for (int i = 0; i < inner.Length; i++)
        {
            char value = inner[i];
            if (value == '|')
            {
                words.Add(word.ToString());
                word.Clear();
            }
            else if (value == '\\' && i + 1 < inner.Length && !char.IsAsciiLetterOrDigit(inner[i + 1]))
            {
                word.Append(inner[++i]);
            }
            else if (char.IsLetterOrDigit(value) || value is '-' or '_' or '/' or ' ' or ',' or ':' or ';' or '=' or '@' or '!' or '&' or '#' or '~' or '<' or '>' or '%' or '\'' or '"' or '`')
            {
                word.Append(value);
            }
            else
            {
                return null;
            }
        }
        words.Add(word.ToString());
        return words.Any(text => text.Length == 0) ? null : [.. words];
    }

    private static int GroupEnd(string expression, int start)
    {
        int depth = 0;
        for (int i = start; i < expression.Length; i++)
        {
            switch (expression[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    int end = ClassEnd(expression, i);
                    if (end < 0)
                    {
                        return -1;
                    }
                    i = end - 1;
                    break;
                case '(':
                    depth++;
                    break;
                case ')' when --depth == 0:
                    return i + 1;
            }
        }
        return -1;
    }

    private static int ClassEnd(string expression, int start)
    {
        int i = start + 1;
        if (i < expression.Length && expression[i] == '^')
        {
            i++;
        }
        if (i < expression.Length && expression[i] == ']')
        {
            i++;
        }
        for (; i < expression.Length; i++)
        {
            if (expression[i] == '\\')
            {
                i++;
            }
            else if (expression[i] == '[')
            {
                return -1;
            }
            else if (expression[i] == ']')
            {
                return i + 1;
            }
        }
        return -1;
    }

    private static int SkipQuantifier(string expression, int at)
    {
        if (at < expression.Length && expression[at] is '?' or '*' or '+')
        {
            at++;
        }
        else if (at < expression.Length && expression[at] == '{')
        {
            int close = expression.IndexOf('}', at);
            at = close < 0 ? expression.Length : close + 1;
        }
        else
        {
            return at;
        }
        return at < expression.Length && expression[at] == '?' ? at + 1 : at;
    }
}
