using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>A value of LVM metadata text: a number, a string or a list. Strings hold one character a byte (Latin-1), so that raw bytes survive.</summary>
internal readonly record struct LvmValue(string? Text, long? Number, IReadOnlyList<LvmValue>? Items);

/// <summary>A section of LVM metadata text. Of two entries with one name the first counts, as in LVM.</summary>
internal sealed class LvmSection(string name)
{
    private readonly Dictionary<string, LvmValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LvmSection> _index = new(StringComparer.Ordinal);
    private readonly List<LvmSection> _sections = [];

    /// <summary>Name, one character a byte.</summary>
    public string Name { get; } = name;

    /// <summary>Sections within, in order.</summary>
    public IReadOnlyList<LvmSection> Sections => _sections;

    /// <summary>A section within; null when there is none.</summary>
    public LvmSection? Section(string name) => _index.GetValueOrDefault(name);

    /// <summary>A string; null when it is missing or no string.</summary>
    public string? Text(string name) => _values.GetValueOrDefault(name).Text;

    /// <summary>A number; null when it is missing or no number.</summary>
    public long? Number(string name) => _values.TryGetValue(name, out LvmValue value) ? value.Number : null;

    /// <summary>A list; empty when it is missing. A single value is a list of one.</summary>
    public IReadOnlyList<LvmValue> List(string name) => !_values.TryGetValue(name, out LvmValue value) ? [] : value.Items ?? [value];

    /// <summary>Whether a list of strings has a member.</summary>
    public bool Has(string list, string member)
    {
        foreach (LvmValue item in List(list))
        {
            if (item.Text == member)
            {
                return true;
            }
        }
        return false;
    }

    internal void Add(string name, LvmValue value) => _values.TryAdd(name, value);

    internal LvmSection Open(string name)
    {
        var section = new LvmSection(name);
        if (_index.TryAdd(name, section))
        {
            _sections.Add(section);
        }
        return section;
    }
}

/// <summary>
/// Reads the text in which LVM2 keeps its metadata: sections in braces, <c>name = value</c>, strings, numbers, lists, comments. Specification: lvm.conf(5) and vgcfgbackup(8).
/// </summary>
/// <remarks>
/// Throws <see cref="CorruptDataException"/> at the first thing that is no metadata text and <see cref="LimitExceededException"/> past 64 levels or a million entries.
/// Limitations: floating-point numbers, which metadata does not have, are cut to their whole part.
/// </remarks>
internal ref struct LvmText
{
    /// <summary>Largest text that is read, in bytes.</summary>
    public const int MaxBytes = 16 << 20;
    private const int MaxDepth = 64;
    private const int MaxEntries = 1_000_000;

    private readonly ReadOnlySpan<byte> _text;
    private int _position;
    private int _entries;

    private LvmText(ReadOnlySpan<byte> text)
    {
        _text = text;
    }

    /// <summary>Parses a whole text; it ends at the first NUL.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">How much of it was read.</param>
    public static LvmSection Parse(ReadOnlySpan<byte> text, out int length)
    {
        int end = text.IndexOf((byte)0);
        var parser = new LvmText(end < 0 ? text : text[..end]);
        LvmSection root = parser.Root(stopAfterFirst: false);
        length = parser._position;
        return root;
    }

    /// <summary>Parses only the first section and what is before it: the bytes after it may be anything.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">How much of it was read.</param>
    public static LvmSection ParseFirst(ReadOnlySpan<byte> text, out int length)
    {
        var parser = new LvmText(text);
        LvmSection root = parser.Root(stopAfterFirst: true);
        length = parser._position;
        return root;
    }

    private LvmSection Root(bool stopAfterFirst)
    {
        var root = new LvmSection("");
        var open = new Stack<LvmSection>();
        open.Push(root);
        while (true)
        {
            Blank();
            if (_position >= _text.Length)
            {
                return open.Count == 1 ? root : throw Bad("a closing brace", "the end");
            }
            if (_text[_position] == (byte)'}')
            {
                if (open.Count == 1)
                {
                    throw Bad("a name", "'}'");
                }
                _position++;
                open.Pop();
                if (stopAfterFirst && open.Count == 1)
                {
                    return root;
                }
                continue;
            }
            string name = Name();
            Blank();
            if (++_entries > MaxEntries)
            {
                throw new LimitExceededException("LVM metadata entries", MaxEntries);
            }
            if (Take('{'))
            {
                if (open.Count > MaxDepth)
                {
                    throw new LimitExceededException("depth of LVM metadata", MaxDepth);
                }
                open.Push(open.Peek().Open(name));
            }
            else if (Take('='))
            {
                open.Peek().Add(name, Value());
            }
            else
            {
                throw Bad("'{' or '='", Here());
            }
        }
    }

    private LvmValue Value()
    {
        Blank();
        if (!Take('['))
        {
            return Scalar();
        }
        var items = new List<LvmValue>();
        while (true)
        {
            Blank();
            if (Take(']'))
            {
                return new LvmValue(null, null, items);
            }
            if (++_entries > MaxEntries)
            {
                throw new LimitExceededException("LVM metadata entries", MaxEntries);
            }
            items.Add(Scalar());
            Blank();
            if (!Take(',') && (_position >= _text.Length || _text[_position] != (byte)']'))
            {
                throw Bad("',' or ']'", Here());
            }
        }
    }

    private LvmValue Scalar()
    {
        if (_position >= _text.Length)
        {
            throw Bad("a value", "the end");
        }
        byte first = _text[_position];
        if (first is (byte)'"' or (byte)'\'')
        {
            return new LvmValue(Quoted(first), null, null);
        }
        string word = Name();
        if (first is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.')
        {
            int point = word.IndexOf('.', StringComparison.Ordinal);
            return long.TryParse(point < 0 ? word : word.AsSpan(0, point), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                ? new LvmValue(null, number, null)
                : throw Bad("a number of 64 bits", word.Length > 40 ? word[..40] : word);
        }
        return new LvmValue(word, null, null);
    }

    private string Quoted(byte quote)
    {
        int start = ++_position;
        bool hasEscapes = false;
        while (_position < _text.Length && _text[_position] != quote)
        {
            bool isEscape = quote == (byte)'"' && _text[_position] == (byte)'\\' && _position + 1 < _text.Length;
            hasEscapes |= isEscape;
            _position += isEscape ? 2 : 1;
        }
        if (_position >= _text.Length)
        {
            throw Bad("a closing quote", "the end");
        }
        string raw = Encoding.Latin1.GetString(_text[start.._position]);
        _position++;
        return hasEscapes ? Unescape(raw) : raw;
    }

    private static string Unescape(string raw)
    {
        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            // Only quote and backslash are escaped; before anything else the backslash is itself.
            if (raw[i] == '\\' && i + 1 < raw.Length && raw[i + 1] is ('"' or '\\'))
            {
                i++;
            }
            text.Append(raw[i]);
        }
        return text.ToString();
    }

    /// <summary>A word up to a blank or a character of the syntax.</summary>
    private string Name()
    {
        int start = _position;
        while (_position < _text.Length && _text[_position] is not (0 or >= (byte)'\t' and <= (byte)'\r' or (byte)' ' or (byte)'{' or (byte)'}' or (byte)'[' or (byte)']' or (byte)'=' or (byte)',' or (byte)'#' or (byte)'"'))
        {
            _position++;
        }
        return _position > start ? Encoding.Latin1.GetString(_text[start.._position]) : throw Bad("a name or value", Here());
    }

    private void Blank()
    {
        while (_position < _text.Length)
        {
            if (_text[_position] == (byte)'#')
            {
                int end = _text[_position..].IndexOf((byte)'\n');
                _position = end < 0 ? _text.Length : _position + end;
            }
            else if (_text[_position] is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r'))
            {
                _position++;
            }
            else
            {
                return;
            }
        }
    }

    private bool Take(char wanted)
    {
        if (_position >= _text.Length || _text[_position] != (byte)wanted)
        {
            return false;
        }
        _position++;
        return true;
    }

    private readonly string Here() => _position >= _text.Length ? "the end" : "'" + PathText.FromBytes(_text.Slice(_position, 1)) + "'";

    private readonly CorruptDataException Bad(string expected, string actual) => new("lvm.text", _position, expected, actual);
}
