using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>
/// The operators of <c>${name...}</c> that cut or replace by a pattern: <c># ## % %% / // ^ ^^ , ,,</c>. Patterns know <c>*</c> and <c>?</c>; work is bounded by a budget.
/// See the Bash Reference Manual, https://www.gnu.org/software/bash/manual/html_node/Shell-Parameter-Expansion.html.
/// </summary>
/// <remarks><b>Limitations</b>: bracket expressions are not understood; a quoted star counts as one that matches anything.</remarks>
internal static class ShellPatterns
{
    private const int MaximumLength = 4096;
    private const int MaximumPattern = 256;

    /// <summary>The value after the operator; null when the operator or its pattern is not understood.</summary>
    /// <param name="value">The variable's value.</param>
    /// <param name="expression">What stands behind the name: <c>##*/</c>, <c>%.sh</c>, <c>//x/u</c>.</param>
    /// <param name="budget">Steps that all expansions of a text may still take; taken from.</param>
    public static string? Apply(string value, string expression, ref int budget)
    {
        if (budget <= 0 || expression.Length == 0 || value.Length > MaximumLength || expression.Length > MaximumPattern || expression.Contains('['))
        {
            return null;
        }
        bool isDouble = expression.Length > 1 && expression[1] == expression[0];
        string pattern = expression[(isDouble ? 2 : 1)..];
        switch (expression[0])
        {
            case '#':
                int head = Prefix(value, pattern, isDouble, ref budget);
                return budget <= 0 ? null : head >= 0 ? value[head..] : value;
            case '%':
                int tail = Suffix(value, pattern, isDouble, ref budget);
                return budget <= 0 ? null : tail >= 0 ? value[..tail] : value;
            case '/':
                return Replace(value, pattern, isDouble, ref budget);
            case '^' when pattern.Length == 0:
                return isDouble ? value.ToUpperInvariant() : value.Length == 0 ? value : char.ToUpperInvariant(value[0]) + value[1..];
            case ',' when pattern.Length == 0:
                return isDouble ? value.ToLowerInvariant() : value.Length == 0 ? value : char.ToLowerInvariant(value[0]) + value[1..];
            default:
                return null;
        }
    }

    private static int Prefix(string value, string pattern, bool longest, ref int budget)
    {
        int found = -1;
        for (int end = 0; end <= value.Length && budget > 0; end++)
        {
            if (IsMatch(value.AsSpan(0, end), pattern, ref budget))
            {
                found = end;
                if (!longest)
                {
                    break;
                }
            }
        }
        return found;
    }

    private static int Suffix(string value, string pattern, bool longest, ref int budget)
    {
        int found = -1;
        for (int start = value.Length; start >= 0 && budget > 0; start--)
        {
            if (IsMatch(value.AsSpan(start), pattern, ref budget))
            {
                found = start;
                if (!longest)
                {
                    break;
                }
            }
        }
        return found;
    }

    private static string? Replace(string value, string expression, bool all, ref int budget)
    {
        int slash = expression.IndexOf('/');
        string pattern = slash < 0 ? expression : expression[..slash];
        string replacement = slash < 0 ? "" : expression[(slash + 1)..];
        if (pattern.Length == 0 || pattern.AsSpan().ContainsAny("*?#%"))
        {
            return null;
        }
        var result = new StringBuilder();
        int at = 0;
        while (value.IndexOf(pattern, at, StringComparison.Ordinal) is >= 0 and int next && (budget -= replacement.Length + 1) > 0)
        {
            result.Append(value, at, next - at).Append(replacement);
            at = next + pattern.Length;
            if (!all)
            {
                break;
            }
        }
        return budget > 0 ? result.Append(value, at, value.Length - at).ToString() : null;
    }

    /// <summary>The usual two-pointer match: one star is remembered, so the work is at most the product of both lengths.</summary>
    private static bool IsMatch(ReadOnlySpan<char> text, string pattern, ref int budget)
    {
        int t = 0, p = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (--budget <= 0)
            {
                return false;
            }
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t]))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
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
}
