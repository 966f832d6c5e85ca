using System.Globalization;

namespace Forensics.Parsers.Formats;

/// <summary>Variables, command and process substitution, arithmetic.</summary>
internal sealed partial class ShellParser
{
    private const int MaximumEvaluated = 16;

    private static readonly ShellWord FieldSeparators = new(" \t\n", false);

    private void ReadDollar(Word word, bool isQuoted)
    {
        char next = Peek(1);
        if (next == '(')
        {
            if (Peek(2) == '(' && ArithmeticEnd(_position + 3) is >= 0 and int end)
            {
                ExpandNested(_text[(_position + 3)..(end - 2)]);
                word.Unresolved(_text.AsSpan(_position, end - _position));
                _position = end;
                return;
            }
            ReadSubstitution(word, ShellOrigin.CommandSubstitution, isQuoted);
        }
        else if (next == '{')
        {
            ReadBraced(word, isQuoted);
        }
        else if (next == '\'' && !isQuoted)
        {
            ReadAnsiC(word);
        }
        else if (next == '"' && !isQuoted)
        {
            _position += 2;
            ReadQuoted(word, '"');
        }
        else
        {
            int at = _position + 1;
            while (IsNameStart(next) && at < _text.Length && IsNamePart(_text[at]))
            {
                at++;
            }
            if (at == _position + 1 && (char.IsAsciiDigit(next) || next is '@' or '*' or '#' or '?' or '-' or '$' or '!'))
            {
                at++;
            }
            string raw = _text[_position..at];
            _position = at;
            if (raw.Length == 1)
            {
                word.Append('$');
            }
            else
            {
                ExpandVariable(word, raw[1..], raw, isQuoted);
            }
        }
    }

    private void ExpandVariable(Word word, string name, string raw, bool isQuoted)
    {
        if (_state.Variables.TryGetValue(name, out ShellWord? value))
        {
            word.IsQuoted |= isQuoted;
            word.Expand(value, isQuoted);
        }
        else if (name == "IFS")
        {
            word.Expand(FieldSeparators, isQuoted);
        }
        else
        {
            word.Unresolved(raw);
        }
    }

    /// <summary><c>$( )</c>, <c>&lt;( )</c>, <c>&gt;( )</c>: its commands go to the list, the word keeps it as written.</summary>
    private void ReadSubstitution(Word word, ShellOrigin origin, bool isQuoted)
    {
        int start = _position;
        _position += 2;
        if (_state.Depth >= _state.Limits.Depth)
        {
            _state.IsCut = true;
        }
        else
        {
            _state.Depth++;
            int first = _state.Commands.Count;
            int level = ParseList(origin, _owner, _level.Nesting + _level.Frames.Count + 1, untilParenthesis: true);
            _state.Depth--;
            if (origin == ShellOrigin.CommandSubstitution && Output(first, level) is string output)
            {
                word.Expand(new ShellWord(output, false), isQuoted);
                return;
            }
        }
        word.Unresolved(_text.AsSpan(start, _position - start));
    }

    private void ReadBackticks(Word word, bool isQuoted)
    {
        int start = _position;
        var inner = new System.Text.StringBuilder();
        int at = start + 1;
        while (at < _text.Length && _text[at] != '`')
        {
            if (_text[at] == '\\' && at + 1 < _text.Length && (_text[at + 1] is '`' or '\\' or '$' || (isQuoted && _text[at + 1] == '"')))
            {
                at++;
            }
            inner.Append(_text[at++]);
        }
        at = Math.Min(at + 1, _text.Length);
        if (_state.Depth >= _state.Limits.Depth)
        {
            _state.IsCut = true;
        }
        else
        {
            _state.Depth++;
            var parser = new ShellParser(this, inner.ToString());
            int first = _state.Commands.Count;
            int level = parser.ParseList(ShellOrigin.CommandSubstitution, _owner, _level.Nesting + _level.Frames.Count + 1, untilParenthesis: false);
            _state.Depth--;
            if (Output(first, level) is string output)
            {
                word.Expand(new ShellWord(output, false), isQuoted);
                _position = at;
                return;
            }
        }
        word.Unresolved(_text.AsSpan(start, at - start));
        _position = at;
    }

    /// <summary>What the commands of a substitution print, without its last line ends; null when nobody knows.</summary>
    private string? Output(int first, int level)
    {
        int count = _state.Commands.Count - first;
        if (_state.Evaluate is null || count is < 1 or > MaximumEvaluated)
        {
            return null;
        }
        var commands = new List<ShellCommand>(count);
        var places = new Dictionary<int, int>(count);
        for (int i = first; i < _state.Commands.Count; i++)
        {
            if (_state.Commands[i].Level == level)
            {
                places[i] = commands.Count;
                commands.Add(_state.Commands[i].Build());
            }
        }
        for (int i = 0; i < commands.Count; i++)
        {
            commands[i] = commands[i] with { PipesTo = places.GetValueOrDefault(commands[i].PipesTo, -1) };
        }
        return commands.Count == 0 ? null : _state.Evaluate(commands)?.TrimEnd('\n');
    }

    /// <summary>Expands the operand of <c>${x:-...}</c>, arithmetic, or a here-document; the commands substituted in it go to the list.</summary>
    private ShellWord ExpandNested(string text, bool asQuoted = false)
    {
        if (_state.Depth >= _state.Limits.Depth)
        {
            _state.IsCut = true;
            return new ShellWord(text, true);
        }
        _state.Depth++;
        var parser = new ShellParser(this, text);
        var word = new Word(_state, splits: false);
        if (asQuoted)
        {
            parser.ReadQuoted(word, '\0');
        }
        else
        {
            while (parser._position < text.Length && !_state.IsFull)
            {
                char c = text[parser._position];
                parser.ReadWordPart(word, c, start: -1);
            }
        }
        word.EndField();
        _state.Depth--;
        return word.Alternatives[0] is [ShellWord first, ..] ? first : new ShellWord("", false);
    }

    /// <summary><c>${...}</c> with the position on the dollar sign.</summary>
    private void ReadBraced(Word word, bool isQuoted)
    {
        int end = EndOfBraces(_position + 2, isQuoted);
        if (end < 0)
        {
            word.Unresolved(_text.AsSpan(_position));
            _position = _text.Length;
            return;
        }
        string raw = _text[_position..(end + 1)];
        string inner = raw[2..^1];
        int length = 0;
        while (length < inner.Length && IsNamePart(inner[length]))
        {
            length++;
        }
        length = length == 0 && inner.Length > 0 && inner[0] is '@' or '*' or '?' or '-' or '$' ? 1 : length;
        string name = inner[..length];
        string rest = inner[length..];
        if (rest is "[@]" or "[*]" or "[0]")
        {
            rest = "";
        }
        if (length == 0 && inner.Length > 1 && inner[0] == '!' && _state.Variables.TryGetValue(inner[1..], out ShellWord? pointer) && pointer is { HasUnresolvedExpansion: false })
        {
            ExpandVariable(word, pointer.Text, raw, isQuoted);
        }
        else if (length == 0)
        {
            word.Unresolved(raw);
        }
        else if (rest.Length == 0)
        {
            ExpandVariable(word, name, raw, isQuoted);
        }
        else
        {
            ExpandWithOperator(word, name, rest, raw, isQuoted);
        }
        _position = end + 1;
    }

    private void ExpandWithOperator(Word word, string name, string rest, string raw, bool isQuoted)
    {
        bool emptyCounts = rest[0] == ':';
        char op = emptyCounts && rest.Length > 1 ? rest[1] : rest[0];
        _state.Variables.TryGetValue(name, out ShellWord? value);
        bool isSet = value is not null && !(emptyCounts && value.Text.Length == 0);
        if (op is not ('-' or '=' or '+' or '?'))
        {
            if (emptyCounts && TrySubstring(name, value, rest, out string part))
            {
                word.Expand(new ShellWord(part, false), isQuoted);
                return;
            }
            ShellWord pattern = ExpandNested(rest);
            if (value is { HasUnresolvedExpansion: false } && !pattern.HasUnresolvedExpansion && _state.ApplyPattern(value.Text, pattern.Text) is string changed)
            {
                word.Expand(new ShellWord(changed, false), isQuoted);
                return;
            }
            word.Unresolved(raw);
            return;
        }
        if (op is not '+' && isSet)
        {
            word.Expand(value!, isQuoted);
            return;
        }
        ShellWord operand = ExpandNested(rest[(emptyCounts ? 2 : 1)..]);
        if (op is '-' or '=' || (op == '+' && isSet))
        {
            if (op == '=')
            {
                _state.Variables[name] = operand;
            }
            word.Expand(operand, isQuoted || operand.IsQuoted);
        }
        else
        {
            word.Unresolved(raw);
        }
    }

    /// <summary><c>:offset</c> and <c>:offset:length</c> with plain numbers. An unknown path variable is known to begin with a slash.</summary>
    private static bool TrySubstring(string name, ShellWord? value, string rest, out string part)
    {
        part = "";
        string[] numbers = rest[1..].Split(':');
        if (numbers.Length > 2 || !int.TryParse(numbers[0], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int offset))
        {
            return false;
        }
        int length = int.MaxValue;
        if (numbers.Length == 2 && !int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out length))
        {
            return false;
        }
        string? text = value is { HasUnresolvedExpansion: false } ? value.Text
            : value is null && offset == 0 && length == 1 && name is "PATH" or "HOME" or "PWD" or "SHELL" ? "/" : null;
        if (text is null)
        {
            return false;
        }
        offset = Math.Min(offset, text.Length);
        part = text.Substring(offset, Math.Min(length, text.Length - offset));
        return true;
    }
}
