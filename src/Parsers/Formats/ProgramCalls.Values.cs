namespace Forensics.Parsers.Formats;

/// <content>Constant expressions.</content>
public sealed partial class ProgramCalls
{
    /// <summary>Reads a constant expression and moves behind what it understood.</summary>
    private ProgramArgument Value(ref int at, int nesting)
    {
        ProgramArgument? value = null;
        for (int parts = 0; parts < MaximumParts && at < _tokens.Count; parts++)
        {
            int before = at;
            ProgramArgument part = Part(ref at, nesting);
            if (at == before || (part.Text is null && part.Items is null))
            {
                return new ProgramArgument(null, null);
            }
            value = value is null ? part : Join(value, part);
            bool isMore = at < _tokens.Count && (_tokens[at].Is('+') || (_tokens[at].Is('.') && _language is ProgramLanguage.Perl or ProgramLanguage.Php && !(at + 1 < _tokens.Count && _tokens[at + 1].Is('=')))
                || (_language == ProgramLanguage.Lua && _tokens[at].Is('.')));
            bool isAdjacent = at < _tokens.Count && _tokens[at].Kind == ProgramTokenKind.Text && _language is ProgramLanguage.Python or ProgramLanguage.Ruby or ProgramLanguage.Awk;
            if (!isMore && !isAdjacent)
            {
                return value;
            }
            at += isMore ? 1 : 0;
            at += isMore && _language == ProgramLanguage.Lua && at < _tokens.Count && _tokens[at].Is('.') ? 1 : 0;
        }
        return value ?? new ProgramArgument(null, null);
    }

    private ProgramArgument Join(ProgramArgument left, ProgramArgument right)
    {
        if (left.Items is not null && right.Items is not null)
        {
            return new ProgramArgument(null, [.. left.Items.Concat(right.Items).Take(MaximumParts)]);
        }
        // What all joins together may make is bounded: x = x + x doubles.
        int length = (left.Text?.Length ?? 0) + (right.Text?.Length ?? 0);
        _made += length;
        return left.Text is null || right.Text is null || length > MaximumValue || _made > MaximumValue * 64 ? new ProgramArgument(null, null) : new ProgramArgument(left.Text + right.Text, null);
    }

    private ProgramArgument Part(ref int at, int nesting)
    {
        while (at < _tokens.Count && _tokens[at].Kind == ProgramTokenKind.Line)
        {
            at++;
        }
        if (at >= _tokens.Count || nesting <= 0 || ++_steps >= MaximumSteps)
        {
            return new ProgramArgument(null, null);
        }
        ProgramToken token = _tokens[at];
        switch (token.Kind)
        {
            case ProgramTokenKind.Text:
                at++;
                return new ProgramArgument(token.IsConstant ? token.Text : Interpolated(token.Text), null);
            case ProgramTokenKind.Words:
                at++;
                return new ProgramArgument(null, token.Text.Split((char[]?)null, MaximumParts, StringSplitOptions.RemoveEmptyEntries));
            case ProgramTokenKind.Mark when token.Is('[') || token.Is('('):
                return List(ref at, nesting - 1);
            case ProgramTokenKind.Name when at + 1 < _tokens.Count && _tokens[at + 1].Is('('):
                return Function(ref at, nesting - 1);
            case ProgramTokenKind.Name when _variables.TryGetValue(token.Text, out ProgramArgument? known):
                at++;
                return known;
            case ProgramTokenKind.Name:
                at++;
                return new ProgramArgument(null, null);
            default:
                return new ProgramArgument(null, null);
        }
    }

    /// <summary>A literal with values in it: known when all of them are plain variables that are known.</summary>
    private string? Interpolated(string text)
    {
        if (_language is not (ProgramLanguage.Perl or ProgramLanguage.Php) || text.Length > MaximumValue)
        {
            return null;
        }
        var result = new System.Text.StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '$')
            {
                result.Append(text[i] is '@' or '{' ? '\0' : text[i]);
                continue;
            }
            int end = i + 1;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }
            if (!_variables.TryGetValue(text[i..end], out ProgramArgument? known) || known.Text is null || result.Length + known.Text.Length > MaximumValue)
            {
                return null;
            }
            result.Append(known.Text);
            i = end - 1;
        }
        string whole = result.ToString();
        _made += whole.Length;
        return whole.Contains('\0') || _made > MaximumValue * 64 ? null : whole;
    }

    private ProgramArgument List(ref int at, int nesting)
    {
        char close = _tokens[at].Is('[') ? ']' : ')';
        var items = new List<string>();
        bool isList = close == ']';
        for (at++; at < _tokens.Count && items.Count < MaximumParts; )
        {
            if (_tokens[at].Is(close))
            {
                at++;
                return isList ? new ProgramArgument(null, items) : new ProgramArgument(items.Count == 1 ? items[0] : null, null);
            }
            if (_tokens[at].Is(',') || _tokens[at].Kind == ProgramTokenKind.Line)
            {
                isList |= _tokens[at].Is(',');
                at++;
                continue;
            }
            ProgramArgument item = Value(ref at, nesting);
            if (item.Text is null)
            {
                // An unknown item keeps its place: the program is the first one.
                items.Add("?");
                at = Math.Max(at, SkipArgument(at, Math.Min(_tokens.Count, at + MaximumParts)));
                if (at >= _tokens.Count || !(_tokens[at].Is(',') || _tokens[at].Is(close)) || items.Count == 1)
                {
                    return new ProgramArgument(null, null);
                }
                continue;
            }
            items.Add(item.Text);
        }
        return new ProgramArgument(null, null);
    }

    /// <summary>The few functions over paths and texts whose result is plain.</summary>
    private ProgramArgument Function(ref int at, int nesting)
    {
        string name = _tokens[at].Text;
        string last = name[(name.LastIndexOfAny(['.', ':', '>']) + 1)..];
        at += 2;
        var values = new List<string>();
        while (at < _tokens.Count && !_tokens[at].Is(')') && values.Count < MaximumArguments)
        {
            if (_tokens[at].Is(',') || _tokens[at].Kind == ProgramTokenKind.Line)
            {
                at++;
                continue;
            }
            int before = at;
            if (Value(ref at, nesting).Text is not string value || at == before)
            {
                return new ProgramArgument(null, null);
            }
            values.Add(value);
        }
        at++;
        return (last, values.Count) switch
        {
            ("join" or "resolve" or "joinpath", > 0) => new ProgramArgument(string.Join('/', values), null),
            ("dirname", > 0) when values[0].LastIndexOf('/') is >= 0 and int slash => new ProgramArgument(slash == 0 ? "/" : values[0][..slash], null),
            ("abspath" or "realpath" or "normpath" or "expanduser" or "Path" or "str" or "String" or "shellescape" or "escapeshellcmd" or "escapeshellarg", 1) => new ProgramArgument(values[0], null),
            _ => new ProgramArgument(null, null),
        };
    }
}
