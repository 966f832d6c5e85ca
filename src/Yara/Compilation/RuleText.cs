using System.Buffers;
using Forensics.Yara.Scanning;

namespace Forensics.Yara.Compilation;

/// <summary>
/// What must be known of a rule file before it is compiled: its rules, whether it imports a module for Windows executables, and which external
/// variables it names. Comments, texts, regular expressions, string identifiers and metadata keys are told apart, so a word in them counts for nothing.
/// </summary>
internal sealed class RuleText
{
    private static readonly SearchValues<char> Word = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private readonly string _text;
    private int _position;

    private RuleText(string text)
    {
        _text = text;
        Read();
    }

    /// <summary>Rule identifiers in order, private ones included.</summary>
    public List<string> Rules { get; } = [];

    /// <summary>It imports <c>pe</c> or <c>dotnet</c>.</summary>
    public bool ImportsPe { get; private set; }

    /// <summary>External variables it names.</summary>
    public ExternalSet Externals { get; private set; }

    /// <summary>Reads a file. Whatever is wrong with it, libyara's compiler will say; here it only ends a token.</summary>
    public static RuleText Analyze(string text) => new(text);

    private void Read()
    {
        while (SkipBlank())
        {
            char c = _text[_position];
            switch (c)
            {
                case '"':
                case '/':
                    SkipQuoted(c);
                    break;
                case '$' or '#' or '@' or '!':
                    _position++;
                    ReadWord();
                    break;
                case '.':
                    _position++;
                    if (_position < _text.Length && _text[_position] == '.')
                    {
                        _position++;
                    }
                    else
                    {
                        // A member of a module: hash.md5 is not the variable md5.
                        ReadWord();
                    }
                    break;
                default:
                    ReadToken();
                    break;
            }
        }
    }

    private void ReadToken()
    {
        ReadOnlySpan<char> word = ReadWord();
        if (word.IsEmpty)
        {
            _position++;
            return;
        }
        if (word is "import")
        {
            ImportsPe |= SkipBlank() && _text[_position] == '"' && SkipQuoted('"') is "\"pe\"" or "\"dotnet\"";
        }
        else if (word is "rule")
        {
            Rules.Add(SkipBlank() ? ReadWord().ToString() : "");
        }
        else
        {
            for (int i = 0; i < ExternalNames.All.Length; i++)
            {
                if (word.SequenceEqual(ExternalNames.All[i]) && !IsMetaKey())
                {
                    Externals |= (ExternalSet)(1 << i);
                }
            }
        }
    }

    /// <summary>A single equals sign follows: <c>md5 = "..."</c> in metadata.</summary>
    private bool IsMetaKey() => SkipBlank() && _text[_position] == '=' && (_position + 1 >= _text.Length || _text[_position + 1] != '=');

    private ReadOnlySpan<char> ReadWord()
    {
        ReadOnlySpan<char> rest = _text.AsSpan(_position);
        int length = rest.IndexOfAnyExcept(Word);
        length = length < 0 ? rest.Length : length;
        _position += length;
        return rest[..length];
    }

    /// <summary>Skips white space and comments; false at the end.</summary>
    private bool SkipBlank()
    {
        while (_position < _text.Length)
        {
            ReadOnlySpan<char> rest = _text.AsSpan(_position);
            if (rest.StartsWith("//"))
            {
                int end = rest.IndexOf('\n');
                _position += end < 0 ? rest.Length : end + 1;
            }
            else if (rest.StartsWith("/*"))
            {
                int end = rest[2..].IndexOf("*/");
                _position += end < 0 ? rest.Length : end + 4;
            }
            else if (char.IsWhiteSpace(rest[0]))
            {
                _position++;
            }
            else
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Skips a text or regular expression and returns it with its quotes. It ends at the line's end at the latest.</summary>
    private ReadOnlySpan<char> SkipQuoted(char quote)
    {
        int start = _position++;
        while (_position < _text.Length)
        {
            char c = _text[_position++];
            if (c == quote || c == '\n')
            {
                break;
            }
            if (c == '\\' && _position < _text.Length)
            {
                _position++;
            }
        }
        return _text.AsSpan(start, _position - start);
    }
}
