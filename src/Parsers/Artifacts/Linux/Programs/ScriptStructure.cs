namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Tokens of a script with the brackets that belong together, found once, so that asking costs nothing however they nest.</summary>
internal sealed class ScriptStructure
{
    private readonly int[] _closing;
    private readonly int[] _returns;

    public ScriptStructure(List<ScriptToken> tokens)
    {
        Tokens = tokens;
        _closing = new int[tokens.Count];
        _returns = new int[tokens.Count + 1];
        var open = new Dictionary<char, Stack<int>> { ['('] = new(), ['['] = new(), ['{'] = new() };
        Array.Fill(_closing, tokens.Count - 1);
        for (int i = 0; i < tokens.Count; i++)
        {
            _returns[i + 1] = _returns[i] + (tokens[i].IsWord("return") ? 1 : 0);
            if (tokens[i].Kind != ScriptTokenKind.Sign)
            {
                continue;
            }
            char sign = tokens[i].Text[0];
            if (open.TryGetValue(sign, out Stack<int>? opened))
            {
                opened.Push(i);
            }
            else if (sign is ')' or ']' or '}' && open[sign == ')' ? '(' : sign == ']' ? '[' : '{'].TryPop(out int at))
            {
                _closing[at] = i;
            }
        }
    }

    /// <summary>The tokens.</summary>
    public List<ScriptToken> Tokens { get; }

    /// <summary>Index of the token that closes the bracket there; the last token when none does.</summary>
    public int Closing(int open) => _closing[open];

    /// <summary>A <c>return</c> stands in the range.</summary>
    public bool HasReturn(int start, int end) => start < end && _returns[Math.Min(end, Tokens.Count)] > _returns[Math.Min(start, Tokens.Count)];

    /// <summary>Index of the token that ends the statement beginning here: its semicolon, or the last token before the brace that begins or ends a block.</summary>
    public int EndOfStatement(int start, int end)
    {
        int depth = 0;
        for (int i = start; i < end; i++)
        {
            if (Tokens[i].Kind != ScriptTokenKind.Sign)
            {
                continue;
            }
            switch (Tokens[i].Text)
            {
                case "(" or "[":
                    depth++;
                    break;
                case ")" or "]":
                    depth--;
                    break;
                case ";" when depth <= 0:
                    return i;
                // A function or an object as an argument is looked into as well.
                case "{" or "}":
                    return Math.Max(start, i - 1);
            }
        }
        return end - 1;
    }
}
