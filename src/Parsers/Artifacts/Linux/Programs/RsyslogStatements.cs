using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One statement of rsyslog's configuration, with the conditions around it.</summary>
/// <param name="Text">The statement without the filter in front of it.</param>
/// <param name="Outer">Conditions of the blocks around it, joined; empty when there are none.</param>
/// <param name="Own">Its own condition; empty when there is none.</param>
/// <param name="IsFirst">No other action comes before it under the same conditions.</param>
/// <param name="Line">Where it begins.</param>
internal readonly record struct RsyslogStatement(string Text, string Outer, string Own, bool IsFirst, TextLine Line)
{
    /// <summary>All conditions, from the outermost.</summary>
    public string Filter => Outer.Length == 0 ? Own : Own.Length == 0 ? Outer : Outer + " / " + Own;
}

/// <summary>
/// Takes rsyslog's configuration apart: RainerScript (<c>if ... then { ... }</c>, <c>action(...)</c>), property filters (<c>:msg, contains, "x"</c>), classic selectors and <c>&amp;</c> chains.
/// </summary>
internal static class RsyslogStatements
{
    private const int MaximumNesting = 64;
    private const int Longest = 64 << 10;
    private const int LongestFilter = 2048;

    public static IEnumerable<RsyslogStatement> Read(ArtifactFile file)
    {
        var scopes = new Stack<(string Filter, int Actions)>();
        string pending = "";
        string last = "";
        var text = new StringBuilder();
        TextLine first = default;
        int depth = 0;
        char quote = '\0';
        foreach (TextLine line in file.Lines())
        {
            string stripped = StripComment(line.Text);
            if (stripped.Length == 0)
            {
                continue;
            }
            if (text.Length == 0)
            {
                first = line;
            }
            bool continues = stripped.EndsWith('\\');
            text.Append(text.Length > 0 ? " " : "").Append(continues ? stripped.AsSpan(0, stripped.Length - 1) : stripped);
            Count(stripped, ref depth, ref quote);
            if ((continues || depth > 0) && text.Length < Longest)
            {
                continue;
            }
            if (text.Length >= Longest)
            {
                file.Report("statement-cut", "a statement is longer than the limit, it was read in pieces", first, losesContent: true);
            }
            (depth, quote) = (0, '\0');
            string whole = text.ToString().Trim();
            text.Clear();
            foreach (string part in Parts(whole))
            {
                if (part == "{")
                {
                    if (scopes.Count < MaximumNesting)
                    {
                        string outer = scopes.TryPeek(out (string Filter, int Actions) around) ? around.Filter : "";
                        scopes.Push((Clipped(Join(outer, pending)), 0));
                    }
                    pending = "";
                    continue;
                }
                if (part == "}")
                {
                    scopes.TryPop(out _);
                    pending = "";
                    continue;
                }
                (string filter, string action) = SplitFilter(part);
                if (action.Length == 0)
                {
                    pending = Join(pending, filter);
                    continue;
                }
                bool isChain = filter == "&";
                string own = isChain ? last : Join(pending, filter);
                last = isChain ? last : own;
                int before = isChain || own.Length > 0 ? (isChain ? 1 : 0) : scopes.TryPeek(out (string Filter, int Actions) scope) ? scope.Actions : 0;
                pending = "";
                if (own.Length == 0 && scopes.TryPop(out (string Filter, int Actions) top))
                {
                    scopes.Push(top with { Actions = top.Actions + 1 });
                }
                yield return new RsyslogStatement(action, scopes.TryPeek(out (string Filter, int Actions) now) ? now.Filter : "", own, before == 0, first);
            }
        }
    }

    private static string Clipped(string text) => text.Length > LongestFilter ? text[..LongestFilter] : text;

    private static string Join(string left, string right) => left.Length == 0 ? right : right.Length == 0 ? left : left + " / " + right;

    private static string StripComment(string line)
    {
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote != '\0')
            {
                i += c == '\\' ? 1 : 0;
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else if (c == '#' && (i == 0 || line[i - 1] is ' ' or '\t'))
            {
                return line[..i].Trim();
            }
        }
        return line.Trim();
    }

    /// <summary>Keeps count of open parentheses and quotes over the lines of a statement.</summary>
    private static void Count(string line, ref int depth, ref char quote)
    {
        foreach (char c in line)
        {
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else
            {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            }
        }
    }

    /// <summary>Cuts at braces and semicolons-free statement ends outside quotes and parentheses; braces are parts of their own.</summary>
    private static List<string> Parts(string text)
    {
        var parts = new List<string>();
        int start = 0;
        int depth = 0;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote != '\0')
            {
                i += c == '\\' ? 1 : 0;
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else if (c is '(' or ')')
            {
                depth += c == '(' ? 1 : -1;
                // One call after the other on a line: action(...) stop
                if (depth == 0 && c == ')' && IsCall(text, start))
                {
                    Take(i + 1);
                    start = i + 1;
                }
            }
            else if (depth <= 0 && c is '{' or '}')
            {
                Take(i);
                parts.Add(c.ToString());
                start = i + 1;
            }
        }
        Take(text.Length);
        return parts;

        void Take(int end)
        {
            if (end > start && text[start..end].Trim() is { Length: > 0 } part)
            {
                parts.Add(part);
            }
        }
    }

    private static bool IsCall(string text, int start)
    {
        ReadOnlySpan<char> rest = text.AsSpan(start).TrimStart();
        return rest.StartsWith("action", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("input", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("module", StringComparison.OrdinalIgnoreCase)
            || rest.StartsWith("& action", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Takes the condition off a statement: <c>if X then</c>, <c>:prop, op, "value"</c>, <c>facility.level</c>, <c>&amp;</c>.</summary>
    private static (string Filter, string Action) SplitFilter(string part)
    {
        if (part[0] == '&')
        {
            return ("&", part[1..].Trim());
        }
        if (part.StartsWith("else", StringComparison.OrdinalIgnoreCase) && part.Length > 4 && part[4] is ' ' or '\t')
        {
            part = part[5..].TrimStart();
        }
        if (part.StartsWith("if", StringComparison.OrdinalIgnoreCase) && part.Length > 2 && part[2] is ' ' or '\t' or '(')
        {
            int then = part.IndexOf(" then", StringComparison.OrdinalIgnoreCase);
            then = then < 0 ? part.IndexOf(")then", StringComparison.OrdinalIgnoreCase) : then;
            return then < 0 ? (part, "") : (part[..(then + 1)].Trim(), part[(then + 5)..].Trim());
        }
        if (part[0] == ':')
        {
            int quote = part.IndexOf('"', StringComparison.Ordinal);
            int end = quote;
            do
            {
                end = end < 0 ? -1 : part.IndexOf('"', end + 1);
            }
            while (end > 0 && part[end - 1] == '\\');
            if (end > 0)
            {
                return (part[..(end + 1)], part[(end + 1)..].Trim());
            }
            // :programname, isempty  stop
            int blank = part.LastIndexOf(' ');
            return blank < 0 ? (part, "") : (part[..blank].Trim(), part[blank..].Trim());
        }
        int dot = part.IndexOf('.', StringComparison.Ordinal);
        int gap = part.AsSpan().IndexOfAny(" \t");
        return dot > 0 && gap > dot && !part.AsSpan(0, gap).ContainsAny("(\"'/$") && part[0] is not ('$' or '/') && part[0] != '"' && !part.StartsWith("action", StringComparison.OrdinalIgnoreCase) && !part.StartsWith("input", StringComparison.OrdinalIgnoreCase)
            && !part.StartsWith("module", StringComparison.OrdinalIgnoreCase) && !part.StartsWith("set ", StringComparison.OrdinalIgnoreCase) && !part.StartsWith("call ", StringComparison.OrdinalIgnoreCase)
            ? (part[..gap], part[gap..].Trim()) : ("", part);
    }
}
