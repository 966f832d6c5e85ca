using System.Globalization;
using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>The word half: quotes, escapes, brace lists and where substitutions begin.</summary>
internal sealed partial class ShellParser
{
    private const int MaximumBraceLists = 6;

    private int _braceLists;

    private static bool IsWordEnd(char c) => c is ' ' or '\t' or '\n' or '\r' or '\0' or ';' or '&' or '|' or '<' or '>' or '(' or ')';

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    /// <summary>Reads one word at the position, which must not be at a word end; it may give none or several fields.</summary>
    private void ReadWord(List<ShellWord> fields, bool splits, out bool isLiteral)
    {
        var word = new Word(_state, splits);
        isLiteral = ReadWordInto(word, _position);
        foreach (List<ShellWord> alternative in word.Alternatives)
        {
            fields.AddRange(alternative);
        }
    }

    private bool ReadWordInto(Word word, int start)
    {
        bool isLiteral = true;
        while (_position < _text.Length && !_state.IsFull)
        {
            char c = _text[_position];
            if (IsWordEnd(c))
            {
                if (_position != start || c is not ('<' or '>') || Peek(1) != '(')
                {
                    break;
                }
                isLiteral = false;
                ReadSubstitution(word, ShellOrigin.ProcessSubstitution, isQuoted: false);
                continue;
            }
            isLiteral &= ReadWordPart(word, c, start);
        }
        word.EndField();
        return isLiteral;
    }

    /// <summary>One step within a word; false when it was more than a plain character.</summary>
    private bool ReadWordPart(Word word, char c, int start)
    {
        switch (c)
        {
            case '\\':
                ReadEscape(word);
                return false;
            case '\'':
                int end = _text.IndexOf('\'', _position + 1);
                end = end < 0 ? _text.Length : end;
                word.Quote(_text.AsSpan(_position + 1, end - _position - 1));
                _position = Math.Min(end + 1, _text.Length);
                return false;
            case '"':
                _position++;
                ReadQuoted(word, '"');
                return false;
            case '$':
                ReadDollar(word, isQuoted: false);
                return false;
            case '`':
                ReadBackticks(word, isQuoted: false);
                return false;
            case '{' when TryBraceList(word):
                return false;
            case '~' when _position == start && (_position + 1 >= _text.Length || Peek(1) == '/' || IsWordEnd(Peek(1))) && _state.Variables.TryGetValue("HOME", out ShellWord? home):
                word.Expand(home, isQuoted: true);
                _position++;
                return false;
            case '~' when _position == start:
                word.IsUnresolved = true;
                break;
            case '*' or '?' or '[':
                word.HasGlob = true;
                break;
        }
        word.Append(c);
        _position++;
        return true;
    }

    private void ReadEscape(Word word)
    {
        char next = Peek(1);
        if (_position + 1 >= _text.Length)
        {
            word.Append('\\');
            _position++;
        }
        else if (next == '\n')
        {
            _position += 2;
        }
        else
        {
            word.Quote([next]);
            _position += 2;
        }
    }

    /// <summary>Text in double quotes up to the closing one, or with <paramref name="end"/> NUL (here-documents) to the end of the text.</summary>
    private void ReadQuoted(Word word, char end)
    {
        word.IsQuoted = true;
        while (_position < _text.Length && !_state.IsFull)
        {
            char c = _text[_position];
            if (c == end && end != '\0')
            {
                _position++;
                return;
            }
            switch (c)
            {
                case '\\' when Peek(1) == '\n':
                    _position += 2;
                    break;
                case '\\' when Peek(1) is '$' or '`' or '\\' || (Peek(1) == '"' && end == '"'):
                    word.Append(Peek(1));
                    _position += 2;
                    break;
                case '$':
                    ReadDollar(word, isQuoted: true);
                    break;
                case '`':
                    ReadBackticks(word, isQuoted: true);
                    break;
                default:
                    word.Append(c);
                    _position++;
                    break;
            }
        }
    }

    /// <summary><c>{a,b}</c> of plain characters: droppers write <c>{curl,-s,URL}</c> to avoid blanks.</summary>
    private bool TryBraceList(Word word)
    {
        int close = _text.AsSpan(_position + 1).IndexOfAny("{}$`'\"\\ \t\n;&|<>()");
        if (close < 0 || _text[_position + 1 + close] != '}' || !word.Splits || _braceLists >= MaximumBraceLists)
        {
            return false;
        }
        string list = _text.Substring(_position + 1, close);
        if (!list.Contains(','))
        {
            return false;
        }
        _position += close + 2;
        var rest = new Word(_state, splits: true);
        _braceLists++;
        ReadWordInto(rest, start: -1);
        _braceLists--;
        word.Branch(list.Split(','), rest.Alternatives, rest.BeginsWithBreak);
        return true;
    }

    /// <summary><c>$'...'</c> with the position on the dollar sign.</summary>
    private void ReadAnsiC(Word word)
    {
        _position += 2;
        var text = new StringBuilder();
        while (_position < _text.Length && _text[_position] != '\'')
        {
            char c = _text[_position++];
            if (c != '\\' || _position >= _text.Length)
            {
                text.Append(c);
                continue;
            }
            c = _text[_position++];
            switch (c)
            {
                case 'a': text.Append('\a'); break;
                case 'b': text.Append('\b'); break;
                case 'e' or 'E': text.Append('\x1b'); break;
                case 'f': text.Append('\f'); break;
                case 'n': text.Append('\n'); break;
                case 'r': text.Append('\r'); break;
                case 't': text.Append('\t'); break;
                case 'v': text.Append('\v'); break;
                case 'x': AppendCode(text, 2, NumberStyles.AllowHexSpecifier); break;
                case 'u': AppendCode(text, 4, NumberStyles.AllowHexSpecifier); break;
                case 'U': AppendCode(text, 8, NumberStyles.AllowHexSpecifier); break;
                case 'c' when _position < _text.Length: text.Append((char)(_text[_position++] & 0x1f)); break;
                case >= '0' and <= '7':
                    _position--;
                    AppendCode(text, 3, NumberStyles.None);
                    break;
                default: text.Append(c); break;
            }
        }
        _position = Math.Min(_position + 1, _text.Length);
        word.Quote(text.ToString());
    }

    private void AppendCode(StringBuilder text, int digits, NumberStyles style)
    {
        bool isHex = style == NumberStyles.AllowHexSpecifier;
        long code = 0;
        int start = _position;
        while (_position < _text.Length && _position - start < digits && (isHex ? char.IsAsciiHexDigit(_text[_position]) : _text[_position] is >= '0' and <= '7'))
        {
            code = code * (isHex ? 16 : 8) + Convert.ToInt32(_text[_position].ToString(), isHex ? 16 : 8);
            _position++;
        }
        if (_position == start)
        {
            return;
        }
        code = isHex ? code : code & 0xff;
        if (Rune.IsValid((int)Math.Min(code, 0x110000)) && code != 0)
        {
            text.Append(new Rune((int)code).ToString());
        }
    }
}
