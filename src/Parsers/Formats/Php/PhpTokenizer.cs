using System.Globalization;
using System.Text;

namespace Forensics.Parsers.Formats.Php;

/// <summary>
/// Splits a PHP file into tokens in one pass over its characters: text outside of <c>&lt;?php</c> and comments are left out. Specification: php.net, language reference, "Basic syntax" and "Strings".
/// </summary>
/// <remarks>
/// Bytes are taken as Latin-1, so that binary noise around code does no harm. At most a million tokens. <b>Limitations</b>: of expressions inside texts only the names of variables are kept; here-documents are
/// found by their first word and end where it stands at the beginning of a line.
/// </remarks>
public sealed class PhpTokenizer
{
    private const int MaxTokens = 1_000_000;
    private const long MostSearched = 64 << 20;
    private readonly string _code;
    private readonly List<PhpToken> _tokens = [];
    private int _at;
    private int _line = 1;
    private int _legacy;
    private long _searched;

    private PhpTokenizer(string code) => _code = code;

    /// <summary>The tokens of a file.</summary>
    /// <param name="code">The file, Latin-1.</param>
    /// <param name="isInside">The text is code from its first character, as what <c>eval</c> gets.</param>
    public static IReadOnlyList<PhpToken> Read(string code, bool isInside = false)
    {
        var tokenizer = new PhpTokenizer(code);
        while (tokenizer._tokens.Count < MaxTokens && (isInside || tokenizer.FindOpening()))
        {
            isInside = false;
            tokenizer.ReadCode();
        }
        return tokenizer._tokens;
    }

    private bool FindOpening()
    {
        // Where neither is found once, it is not looked for again: a file of a million openings would else be searched a million times.
        int legacy = _legacy >= 0 && _legacy <= _at ? _legacy = _code.IndexOf("<script language=\"php\"", _at, StringComparison.OrdinalIgnoreCase) : _legacy;
        while (true)
        {
            int open = _code.IndexOf("<?", _at, StringComparison.Ordinal);
            if (open < 0 && legacy < 0)
            {
                Skip(_code.Length - _at);
                return false;
            }
            if (open < 0 || (legacy >= 0 && legacy < open))
            {
                int end = _code.IndexOf('>', legacy);
                Skip((end < 0 ? _code.Length : end + 1) - _at);
                return true;
            }
            Skip(open + 2 - _at);
            if (Follows("xml"))
            {
                continue;
            }
            Skip(Follows("php") ? 3 : Follows("=") ? 1 : 0);
            return true;
        }
    }

    private void ReadCode()
    {
        while (_at < _code.Length && _tokens.Count < MaxTokens)
        {
            char letter = _code[_at];
            if (letter == '?' && Next == '>')
            {
                // The end of code ends a statement too.
                _tokens.Add(new PhpToken(PhpTokenKind.Mark, ";", _line));
                Skip(2);
                return;
            }
            if (char.IsWhiteSpace(letter))
            {
                Skip(1);
            }
            else if (letter == '#' && Next != '[')
            {
                SkipLine();
            }
            else if (letter == '/' && Next == '/')
            {
                SkipLine();
            }
            else if (letter == '/' && Next == '*')
            {
                int end = _code.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                Skip((end < 0 ? _code.Length : end + 2) - _at);
            }
            else if (letter == '$' && IsNameStart(Next))
            {
                int line = _line;
                Skip(1);
                _tokens.Add(new PhpToken(PhpTokenKind.Variable, Name(), line));
            }
            else if (IsNameStart(letter) || letter == '\\')
            {
                int line = _line;
                _tokens.Add(new PhpToken(PhpTokenKind.Word, Name(), line));
            }
            else if (char.IsAsciiDigit(letter))
            {
                Number();
            }
            else if (letter is '\'' or '"' or '`')
            {
                Quoted(letter);
            }
            else if (letter == '<' && Follows("<<<") && HereDocument())
            {
                continue;
            }
            else
            {
                _tokens.Add(new PhpToken(PhpTokenKind.Mark, Marks[letter & 0xFF], _line));
                Skip(1);
            }
        }
    }

    private static readonly string[] Marks = [.. Enumerable.Range(0, 256).Select(value => ((char)value).ToString())];

    private char Next => _at + 1 < _code.Length ? _code[_at + 1] : '\0';

    private bool Follows(string text) => string.CompareOrdinal(_code, _at, text, 0, text.Length) == 0;

    private void Skip(int count)
    {
        int end = Math.Min(_code.Length, _at + count);
        _line += _code.AsSpan(_at, end - _at).Count('\n');
        _at = end;
    }

    private void SkipLine()
    {
        int end = _at;
        while (end < _code.Length && _code[end] != '\n' && !(_code[end] == '?' && end + 1 < _code.Length && _code[end + 1] == '>'))
        {
            end++;
        }
        Skip(end - _at);
    }

    private static bool IsNameStart(char letter) => char.IsAsciiLetter(letter) || letter == '_' || letter >= 0x80;

    private string Name()
    {
        int start = _at;
        while (_at < _code.Length && (IsNameStart(_code[_at]) || char.IsAsciiDigit(_code[_at]) || _code[_at] == '\\'))
        {
            _at++;
        }
        return _code[start.._at].TrimStart('\\');
    }

    private void Number()
    {
        int start = _at;
        while (_at < _code.Length && (char.IsAsciiLetterOrDigit(_code[_at]) || _code[_at] is '.' or '_'))
        {
            _at++;
        }
        _tokens.Add(new PhpToken(PhpTokenKind.Number, _code[start.._at], _line));
    }

    private void Quoted(char quote)
    {
        int line = _line;
        int start = _at + 1;
        int end = start;
        while (end < _code.Length && _code[end] != quote)
        {
            end += _code[end] == '\\' ? 2 : 1;
        }
        end = Math.Min(end, _code.Length);
        string raw = _code[start..end];
        Skip(end + 1 - _at);
        Add(quote == '`' ? PhpTokenKind.Command : PhpTokenKind.Text, raw, quote != '\'', line);
    }

    private bool HereDocument()
    {
        int word = _at + 3;
        while (word < _code.Length && _code[word] is ' ' or '\t')
        {
            word++;
        }
        char quote = word < _code.Length && _code[word] is '\'' or '"' ? _code[word] : '\0';
        int start = quote == '\0' ? word : word + 1;
        int end = start;
        while (end < _code.Length && (IsNameStart(_code[end]) || char.IsAsciiDigit(_code[end])))
        {
            end++;
        }
        int body = end < 0 ? -1 : _code.IndexOf('\n', end);
        if (end == start || body < 0)
        {
            return false;
        }
        string label = _code[start..end];
        int first = body;
        int line = _line;
        for (int at = body; at >= 0 && _searched < MostSearched; at = _code.IndexOf('\n', at + 1))
        {
            // Beginnings without an end would each be looked for through the whole file.
            _searched += Math.Max(1, at - body);
            body = Math.Max(body, at);
            int text = at + 1;
            while (text < _code.Length && _code[text] is ' ' or '\t')
            {
                text++;
            }
            if (string.CompareOrdinal(_code, text, label, 0, label.Length) == 0)
            {
                string raw = _code[Math.Min(first + 1, at)..at];
                Skip(text + label.Length - _at);
                Add(PhpTokenKind.Text, raw, quote != '\'', line);
                return true;
            }
        }
        return false;
    }

    private void Add(PhpTokenKind kind, string raw, bool hasEscapes, int line)
    {
        List<string>? names = null;
        for (int i = 0; hasEscapes && i < raw.Length - 1 && (names?.Count ?? 0) < 64; i++)
        {
            if (raw[i] == '\\')
            {
                i++;
            }
            else if (raw[i] == '$' && IsNameStart(raw[i + 1]))
            {
                int start = ++i;
                while (i < raw.Length && (IsNameStart(raw[i]) || char.IsAsciiDigit(raw[i])))
                {
                    i++;
                }
                (names ??= []).Add(raw[start..i]);
                i--;
            }
        }
        _tokens.Add(new PhpToken(kind, Unescape(raw, hasEscapes), line) { Interpolated = names });
    }

    private static string Unescape(string raw, bool isDouble)
    {
        if (!raw.Contains('\\'))
        {
            return raw;
        }
        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\' || i + 1 == raw.Length)
            {
                text.Append(raw[i]);
                continue;
            }
            char next = raw[++i];
            if (!isDouble)
            {
                _ = next is '\\' or '\'' ? text.Append(next) : text.Append('\\').Append(next);
                continue;
            }
            if (next == 'x' && i + 1 < raw.Length && char.IsAsciiHexDigit(raw[i + 1]))
            {
                int digits = i + 2 < raw.Length && char.IsAsciiHexDigit(raw[i + 2]) ? 2 : 1;
                text.Append((char)int.Parse(raw.AsSpan(i + 1, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += digits;
            }
            else if (next is >= '0' and <= '7')
            {
                int value = 0;
                int digits = 0;
                for (; digits < 3 && i < raw.Length && raw[i] is >= '0' and <= '7'; digits++, i++)
                {
                    value = (value * 8) + (raw[i] - '0');
                }
                i--;
                text.Append((char)(value & 0xFF));
            }
            else
            {
                text.Append(next switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v', 'e' => '\u001b', 'f' => '\f', _ => next });
            }
        }
        return text.ToString();
    }
}
