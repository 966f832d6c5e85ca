using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>What a token of program text is.</summary>
internal enum ProgramTokenKind
{
    /// <summary>A name with its dots, colons and arrows: <c>os.path.join</c>, <c>$cmd</c>, <c>File::open</c>.</summary>
    Name,
    /// <summary>A string literal, its escapes resolved.</summary>
    Text,
    /// <summary>A literal that the language runs as a command: backticks, <c>qx()</c>, <c>%x()</c>.</summary>
    Command,
    /// <summary>Words in one literal: <c>qw(a b)</c>, <c>%w[a b]</c>.</summary>
    Words,
    /// <summary>A single character of anything else.</summary>
    Mark,
    /// <summary>A line end.</summary>
    Line,
}

/// <summary>A token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of a mark the character.</param>
/// <param name="Start">Index of its first character.</param>
/// <param name="IsConstant">A literal without interpolation of unknown values.</param>
internal readonly record struct ProgramToken(ProgramTokenKind Kind, string Text, int Start, bool IsConstant = true)
{
    public bool Is(char mark) => Kind == ProgramTokenKind.Mark && Text[0] == mark;
}

/// <summary>Cuts program text into tokens: strings, comments and names of seven languages. One pass, bounded, never throws because of the text.</summary>
/// <remarks><b>Limitations</b>: here-documents of Perl, PHP and Ruby are read as code; regular expressions are recognised by what stands in front of them.</remarks>
internal sealed class ProgramTokens
{
    private const int MaximumTokens = 200_000;
    private const int MaximumText = 64 << 10;

    private readonly string _text;
    private readonly ProgramLanguage _language;
    private readonly List<ProgramToken> _tokens = [];
    private int _position;

    private ProgramTokens(string text, ProgramLanguage language)
    {
        _text = text;
        _language = language;
    }

    /// <summary>The tokens; <paramref name="isCut"/> tells that there are more than the limit.</summary>
    public static List<ProgramToken> Read(string text, ProgramLanguage language, out bool isCut)
    {
        var reader = new ProgramTokens(text, language);
        reader.ReadAll();
        isCut = reader._position < text.Length;
        return reader._tokens;
    }

    private char Peek(int ahead = 0) => _position + ahead < _text.Length ? _text[_position + ahead] : '\0';

    private bool IsSharpComment => _language is ProgramLanguage.Python or ProgramLanguage.Perl or ProgramLanguage.Ruby or ProgramLanguage.Awk or ProgramLanguage.Php;

    private bool IsSlashComment => _language is ProgramLanguage.JavaScript or ProgramLanguage.Php;

    private bool SpansLines => _language is ProgramLanguage.Perl or ProgramLanguage.Php or ProgramLanguage.Ruby;

    private void ReadAll()
    {
        bool isTemplate = _language == ProgramLanguage.Php && _text.Contains("<?", StringComparison.Ordinal);
        if (isTemplate)
        {
            SkipMarkup();
        }
        while (_position < _text.Length && _tokens.Count < MaximumTokens)
        {
            if (isTemplate && Peek() == '?' && Peek(1) == '>')
            {
                SkipMarkup();
                continue;
            }
            ReadOne();
        }
    }

    private void SkipMarkup()
    {
        int open = _text.IndexOf("<?", _position, StringComparison.Ordinal);
        _position = open < 0 ? _text.Length : open + 2;
    }

    private void ReadOne()
    {
        char c = Peek();
        if (c == '\n')
        {
            Add(ProgramTokenKind.Line, "\n", _position++);
        }
        else if (c is ' ' or '\t' or '\r' or '\0' || (c == '\\' && Peek(1) == '\n'))
        {
            _position += c == '\\' ? 2 : 1;
        }
        else if (c == '#' && IsSharpComment && !(_position > 0 && _text[_position - 1] == '$'))
        {
            SkipTo("\n", false);
        }
        else if (c == '/' && Peek(1) == '/' && IsSlashComment || c == '-' && Peek(1) == '-' && _language == ProgramLanguage.Lua)
        {
            SkipTo("\n", false);
        }
        else if (c == '/' && Peek(1) == '*' && IsSlashComment)
        {
            SkipTo("*/", true);
        }
        else if (c == '=' && _language is ProgramLanguage.Perl or ProgramLanguage.Ruby && (_position == 0 || _text[_position - 1] == '\n') && char.IsAsciiLetter(Peek(1)))
        {
            SkipTo(_language == ProgramLanguage.Perl ? "\n=cut" : "\n=end", true);
        }
        else if (c is '"' or '\'' || (c == '`' && _language is not (ProgramLanguage.Python or ProgramLanguage.Lua or ProgramLanguage.Awk)))
        {
            ReadLiteral(_position, isRaw: false, isFormat: false);
        }
        else if (IsNameStart(c))
        {
            ReadName();
        }
        else if (c == '%' && _language == ProgramLanguage.Ruby && Peek(1) is 'x' or 'w' && Closing(Peek(2)) != '\0' && !char.IsAsciiLetterOrDigit(Peek(2)))
        {
            ReadDelimited(_position, 2, Peek(1) == 'x' ? ProgramTokenKind.Command : ProgramTokenKind.Words);
        }
        else if (c == '/' && BeginsExpression() && _language is ProgramLanguage.Perl or ProgramLanguage.Ruby or ProgramLanguage.JavaScript or ProgramLanguage.Awk)
        {
            SkipPattern();
        }
        else
        {
            Add(ProgramTokenKind.Mark, c.ToString(), _position++);
        }
    }

    private void SkipTo(string end, bool includes)
    {
        int at = _text.IndexOf(end, Math.Min(_position + 1, _text.Length), StringComparison.Ordinal);
        _position = at < 0 ? _text.Length : includes ? at + end.Length : at;
    }

    /// <summary>Whether a slash here opens a pattern: after an operator or at the beginning of a line it cannot divide anything.</summary>
    private bool BeginsExpression() => _tokens.Count == 0 || _tokens[^1].Kind == ProgramTokenKind.Line
        || (_tokens[^1].Kind == ProgramTokenKind.Mark && _tokens[^1].Text[0] is '(' or ',' or '=' or '~' or '!' or '{' or '}' or ';' or '|' or '&' or ':' or '?');

    private void SkipPattern()
    {
        int at = _position + 1;
        while (at < _text.Length && _text[at] is not ('/' or '\n'))
        {
            at += _text[at] == '\\' ? 2 : 1;
        }
        _position = Math.Min(at + (at < _text.Length && _text[at] == '/' ? 1 : 0), _text.Length);
    }

    private bool IsNameStart(char c) => char.IsAsciiLetter(c) || c is '_' || (c is '$' or '@' && _language is ProgramLanguage.Perl or ProgramLanguage.Php or ProgramLanguage.Ruby or ProgramLanguage.JavaScript);

    private void ReadName()
    {
        int start = _position++;
        while (_position < _text.Length)
        {
            char c = _text[_position];
            bool joins = c == '.' && _language is not (ProgramLanguage.Perl or ProgramLanguage.Php) && IsNameStart(Peek(1))
                || (c == ':' && Peek(1) == ':' && IsNameStart(Peek(2))) || (c == '-' && Peek(1) == '>' && IsNameStart(Peek(2)));
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '\\') && !joins)
            {
                break;
            }
            if (c == '\\' && _language != ProgramLanguage.Php)
            {
                break;
            }
            _position += joins && c != '.' ? 2 : 1;
        }
        string name = _text[start.._position];
        char next = Peek();
        if (_language == ProgramLanguage.Python && next is '"' or '\'' && name.Length <= 3 && name.AsSpan().ContainsAnyExcept("rbufRBUF") is false)
        {
            ReadLiteral(start, name.AsSpan().ContainsAny('r', 'R'), name.AsSpan().ContainsAny('f', 'F'));
        }
        else if (_language == ProgramLanguage.Perl && name is "q" or "qq" or "qx" or "qw" && (Closing(next) != '\0' && !char.IsAsciiLetterOrDigit(next)))
        {
            ReadDelimited(start, _position - start, name switch { "qx" => ProgramTokenKind.Command, "qw" => ProgramTokenKind.Words, _ => ProgramTokenKind.Text });
        }
        else
        {
            Add(ProgramTokenKind.Name, name, start);
        }
    }

    private static char Closing(char open) => open switch { '(' => ')', '{' => '}', '[' => ']', '<' => '>', '|' or '/' or '!' or '~' or '^' or '"' or '\'' => open, _ => '\0' };

    /// <summary><c>qx{...}</c> and kin: brackets nest.</summary>
    private void ReadDelimited(int start, int prefix, ProgramTokenKind kind)
    {
        char open = _text[start + prefix];
        char close = Closing(open);
        int depth = 1;
        int at = start + prefix + 1;
        for (; at < _text.Length; at++)
        {
            if (_text[at] == '\\')
            {
                at++;
            }
            else if (_text[at] == close && --depth == 0)
            {
                break;
            }
            else if (_text[at] == open && open != close)
            {
                depth++;
            }
        }
        at = Math.Min(at, _text.Length);
        string inner = _text[(start + prefix + 1)..at];
        _position = Math.Min(at + 1, _text.Length);
        Add(kind, inner, start, _text[start..(start + prefix)] is "q" or "qw" || !inner.AsSpan().ContainsAny("$@"));
    }

    private void ReadLiteral(int start, bool isRaw, bool isFormat)
    {
        char quote = Peek();
        bool isTriple = _language == ProgramLanguage.Python && Peek(1) == quote && Peek(2) == quote;
        bool runs = quote == '`' && _language != ProgramLanguage.JavaScript;
        bool spans = isTriple || SpansLines || quote == '`';
        _position += isTriple ? 3 : 1;
        var text = new StringBuilder();
        bool isConstant = true;
        while (_position < _text.Length)
        {
            char c = _text[_position];
            if (c == quote && (!isTriple || (Peek(1) == quote && Peek(2) == quote)))
            {
                _position += isTriple ? 3 : 1;
                break;
            }
            if (c == '\n' && !spans)
            {
                break;
            }
            if (c == '\\' && _position + 1 < _text.Length)
            {
                ReadEscape(text, quote, isRaw);
                continue;
            }
            isConstant &= !Interpolates(c, quote, isFormat);
            if (text.Length < MaximumText)
            {
                text.Append(c);
            }
            _position++;
        }
        Add(runs ? ProgramTokenKind.Command : ProgramTokenKind.Text, text.ToString(), start, isConstant && text.Length < MaximumText);
    }

    private bool Interpolates(char c, char quote, bool isFormat) => _language switch
    {
        ProgramLanguage.Python => isFormat && c == '{',
        ProgramLanguage.Perl => quote != '\'' && c is '$' or '@' && (char.IsAsciiLetter(Peek(1)) || Peek(1) is '_' or '{'),
        ProgramLanguage.Php => quote != '\'' && (c == '$' && (char.IsAsciiLetter(Peek(1)) || Peek(1) is '_' or '{') || c == '{' && Peek(1) == '$'),
        ProgramLanguage.Ruby => quote != '\'' && c == '#' && Peek(1) == '{',
        ProgramLanguage.JavaScript => quote == '`' && c == '$' && Peek(1) == '{',
        _ => false,
    };

    private void ReadEscape(StringBuilder text, char quote, bool isRaw)
    {
        char next = Peek(1);
        bool keeps = isRaw || (quote == '\'' && _language is ProgramLanguage.Perl or ProgramLanguage.Php or ProgramLanguage.Ruby && next != quote && next != '\\');
        _position += 2;
        if (keeps)
        {
            text.Append('\\').Append(next);
            return;
        }
        switch (next)
        {
            case 'n':
                text.Append('\n');
                break;
            case 't':
                text.Append('\t');
                break;
            case 'r':
                text.Append('\r');
                break;
            case '\n':
                break;
            case 'x' when char.IsAsciiHexDigit(Peek()) && char.IsAsciiHexDigit(Peek(1)):
                text.Append((char)Convert.ToInt32(_text.Substring(_position, 2), 16));
                _position += 2;
                break;
            case 'u' when _position + 4 <= _text.Length && _text.AsSpan(_position, 4).ContainsAnyExcept("0123456789abcdefABCDEF") is false:
                text.Append((char)Convert.ToInt32(_text.Substring(_position, 4), 16));
                _position += 4;
                break;
            case >= '0' and <= '7' when Peek() is >= '0' and <= '7' && Peek(1) is >= '0' and <= '7':
                text.Append((char)(Convert.ToInt32(_text.Substring(_position - 1, 3), 8) & 0xff));
                _position += 2;
                break;
            default:
                text.Append(next);
                break;
        }
    }

    private void Add(ProgramTokenKind kind, string text, int start, bool isConstant = true) => _tokens.Add(new ProgramToken(kind, text, start, isConstant));
}
