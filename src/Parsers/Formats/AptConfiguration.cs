using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>What a statement of apt's configuration does.</summary>
public enum AptStatement
{
    /// <summary>Sets the value of a key, or adds it to a list.</summary>
    Set,
    /// <summary><c>#clear</c>: forgets a key and everything below it.</summary>
    Clear,
    /// <summary><c>#include</c>: reads another file or directory.</summary>
    Include,
}

/// <summary>One setting of an apt configuration file.</summary>
/// <param name="Statement">What it does.</param>
/// <param name="Key">Whole path of the key, <c>DPkg::Post-Invoke</c>, as written; an anonymous element of a list carries the key of its list.</param>
/// <param name="Value">The value without quotes; the file of an include.</param>
/// <param name="Line">Line on which it begins, from 1.</param>
/// <param name="ByteOffset">Byte offset of that line.</param>
public sealed record AptSetting(AptStatement Statement, string Key, string Value, int Line, long ByteOffset);

/// <summary>
/// Reads apt's configuration grammar: <c>A::B "value";</c>, <c>A { B "value"; C { "one"; "two"; }; };</c>, <c>A:: "appended";</c>, <c>#clear A;</c>, <c>#include "file";</c> and comments
/// <c>//</c>, <c>#</c>, <c>/* */</c>. Damage never stops it: what can be read between two errors is read. See apt.conf(5).
/// </summary>
/// <remarks><b>Limitations</b>: a quoted value may go on over several lines here, which apt takes apart; keys nest 64 deep and no deeper.</remarks>
public sealed class AptConfiguration
{
    private const int MaximumDepth = 64;
    private const int MaximumValue = 64 << 10;
    private const int MaximumKey = 1024;

    private readonly List<AptSetting> _settings = [];
    private readonly Stack<string> _scopes = new();
    private readonly List<string> _words = [];
    private readonly StringBuilder _word = new();
    private readonly int _maximum;
    private bool _inComment;
    private bool _inQuote;
    private bool _wordOpen;
    private bool _wasQuoted;
    private int _line;
    private long _offset;
    private int _tooDeep;

    private AptConfiguration(int maximum) => _maximum = maximum;

    /// <summary>The settings of a file in order.</summary>
    /// <param name="lines">Its lines.</param>
    /// <param name="maximum">Most settings that are kept.</param>
    /// <param name="isCut">More settings, or deeper ones, than are kept.</param>
    public static IReadOnlyList<AptSetting> Read(IEnumerable<TextLine> lines, int maximum, out bool isCut)
    {
        var reader = new AptConfiguration(maximum);
        foreach (TextLine line in lines)
        {
            if (reader._settings.Count >= maximum)
            {
                break;
            }
            reader.ReadLine(line);
        }
        reader.EndStatement();
        isCut = reader._settings.Count >= maximum || reader._tooDeep > 0;
        return reader._settings;
    }

    private void ReadLine(in TextLine line)
    {
        string text = line.Text;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            char next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (_inComment)
            {
                (_inComment, i) = c == '*' && next == '/' ? (false, i + 1) : (true, i);
            }
            else if (_inQuote)
            {
                i = ReadQuoted(c, next, i);
            }
            else if (c == '/' && next == '*')
            {
                _inComment = true;
                i++;
            }
            else if ((c == '/' && next == '/') || (c == '#' && !IsDirective(text.AsSpan(i))))
            {
                break;
            }
            else
            {
                ReadPlain(c, line);
            }
        }
        if (_inQuote)
        {
            Keep('\n');
        }
        else
        {
            EndWord();
        }
    }

    private static bool IsDirective(ReadOnlySpan<char> text) =>
        text.StartsWith("#clear", StringComparison.OrdinalIgnoreCase) || text.StartsWith("#include", StringComparison.OrdinalIgnoreCase) || text.StartsWith("#x-apt-configure-index", StringComparison.OrdinalIgnoreCase);

    private int ReadQuoted(char c, char next, int i)
    {
        if (c == '\\' && next is '"' or '\\')
        {
            Keep(next);
            return i + 1;
        }
        if (c == '"')
        {
            _inQuote = false;
        }
        else
        {
            Keep(c);
        }
        return i;
    }

    private void ReadPlain(char c, in TextLine line)
    {
        switch (c)
        {
            case '"':
                Begin(line);
                (_inQuote, _wordOpen, _wasQuoted) = (true, true, true);
                break;
            case ' ' or '\t' or '\r' or '\0':
                EndWord();
                break;
            case ';':
                EndWord();
                EndStatement();
                break;
            case '{':
                EndWord();
                Open();
                break;
            case '}':
                EndWord();
                EndStatement();
                Close();
                break;
            default:
                Begin(line);
                _wordOpen = true;
                Keep(c);
                break;
        }
    }

    private void Begin(in TextLine line)
    {
        if (_words.Count == 0 && !_wordOpen)
        {
            (_line, _offset) = (line.Number, line.ByteOffset);
        }
    }

    private void Keep(char c)
    {
        if (_word.Length < MaximumValue)
        {
            _word.Append(c);
        }
    }

    private void EndWord()
    {
        if (_wordOpen && _words.Count < 16)
        {
            // A first word that was quoted is an element of a list, not a key.
            _words.Add((_wasQuoted && _words.Count == 0 ? "\"" : "") + _word);
        }
        _word.Clear();
        (_wordOpen, _wasQuoted) = (false, false);
    }

    private void Open()
    {
        string scope = _words.Count > 0 ? _words[0] : "";
        _words.Clear();
        if (_scopes.Count >= MaximumDepth || Scope.Length + scope.Length > MaximumKey)
        {
            _tooDeep++;
            return;
        }
        _scopes.Push(Join(Scope, scope.TrimStart('"')));
    }

    private void Close()
    {
        if (_tooDeep > 0)
        {
            _tooDeep--;
        }
        else
        {
            _scopes.TryPop(out _);
        }
    }

    private string Scope => _scopes.TryPeek(out string? scope) ? scope : "";

    private void EndStatement()
    {
        if (_words.Count == 0)
        {
            return;
        }
        string first = _words[0];
        string rest = string.Join(' ', _words.Skip(1));
        if (_settings.Count < _maximum)
        {
            if (first.StartsWith('"'))
            {
                Add(AptStatement.Set, Scope, string.Join(' ', _words)[1..]);
            }
            else if (first.StartsWith('#'))
            {
                if (!first.StartsWith("#x-", StringComparison.OrdinalIgnoreCase))
                {
                    Add(first.StartsWith("#c", StringComparison.OrdinalIgnoreCase) ? AptStatement.Clear : AptStatement.Include, Scope, rest.TrimStart('"'));
                }
            }
            else
            {
                Add(AptStatement.Set, Join(Scope, first.Length > MaximumKey ? first[..MaximumKey] : first), rest);
            }
        }
        _words.Clear();
    }

    private void Add(AptStatement statement, string key, string value) => _settings.Add(new AptSetting(statement, key, value, _line, _offset));

    private static string Join(string scope, string key)
    {
        string name = key.Trim().TrimEnd(':');
        return scope.Length == 0 ? name : name.Length == 0 ? scope : scope + "::" + name;
    }
}
