using System.Globalization;
using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Splits a unit setting into words as systemd does: quotes of both kinds anywhere in a word, C escapes inside and outside of them,
/// unknown escapes kept with their backslash. See systemd.syntax(7) "Quoting".
/// </summary>
internal ref struct UnitWords(ReadOnlySpan<char> text)
{
    private const int RawByte = 0xDC00;

    private readonly ReadOnlySpan<char> _text = text;

    /// <summary>What follows the words read so far, leading blanks skipped.</summary>
    public readonly ReadOnlySpan<char> Rest => _text[Position..];

    /// <summary>Index of the first character not read yet.</summary>
    public int Position { get; private set; }

    /// <summary>A quote was opened and not closed: systemd drops the whole setting.</summary>
    public bool IsUnbalanced { get; private set; }

    /// <summary>True for what separates words.</summary>
    public static bool IsBlank(char value) => value is ' ' or '\t' or '\n' or '\r';

    /// <summary>Skips characters, then blanks.</summary>
    public void Skip(int count)
    {
        Position += count;
        SkipBlanks();
    }

    /// <summary>Reads the next word; false at the end.</summary>
    public bool TryNext(out string word)
    {
        SkipBlanks();
        if (Position >= _text.Length)
        {
            word = "";
            return false;
        }
        int plain = _text[Position..].IndexOfAny(" \t\n\r'\"\\");
        if (plain < 0 || IsBlank(_text[Position + plain]))
        {
            word = (plain < 0 ? Rest : Rest[..plain]).ToString();
            Skip(word.Length);
            return true;
        }
        var result = new StringBuilder();
        char quote = '\0';
        bool hasRawBytes = false;
        while (Position < _text.Length)
        {
            char value = _text[Position];
            if (value == '\\')
            {
                Position += Unescape(_text[(Position + 1)..], result, ref hasRawBytes) + 1;
                continue;
            }
            if (quote == '\0' && IsBlank(value))
            {
                break;
            }
            Position++;
            if (quote == '\0' && value is '\'' or '"')
            {
                quote = value;
            }
            else if (value == quote)
            {
                quote = '\0';
            }
            else
            {
                result.Append(value);
            }
        }
        IsUnbalanced |= quote != '\0';
        SkipBlanks();
        word = hasRawBytes ? Redecode(result.ToString()) : result.ToString();
        return true;
    }

    private void SkipBlanks()
    {
        while (Position < _text.Length && IsBlank(_text[Position]))
        {
            Position++;
        }
    }

    // Returns how many characters after the backslash were used.
    private static int Unescape(ReadOnlySpan<char> after, StringBuilder result, ref bool hasRawBytes)
    {
        if (after.IsEmpty)
        {
            result.Append('\\');
            return 0;
        }
        char simple = after[0] switch
        {
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            's' => ' ',
            '\\' or '"' or '\'' => after[0],
            _ => '\0',
        };
        if (simple != '\0')
        {
            result.Append(simple);
            return 1;
        }
        switch (after[0])
        {
            case 'x' when TryHex(after, 2, out uint value):
                AppendByte(result, (int)value, ref hasRawBytes);
                return 3;
            case 'u' when TryHex(after, 4, out uint value) && Rune.IsValid(value):
                result.Append(new Rune(value).ToString());
                return 5;
            case 'U' when TryHex(after, 8, out uint value) && Rune.IsValid(value):
                result.Append(new Rune(value).ToString());
                return 9;
            case >= '0' and <= '3' when after.Length > 2 && after[1] is >= '0' and <= '7' && after[2] is >= '0' and <= '7':
                int octal = (after[0] - '0') * 64 + (after[1] - '0') * 8 + (after[2] - '0');
                if (octal != 0)
                {
                    AppendByte(result, octal, ref hasRawBytes);
                    return 3;
                }
                break;
            default:
                break;
        }
        result.Append('\\').Append(after[0]);
        return 1;
    }

    private static bool TryHex(ReadOnlySpan<char> after, int digits, out uint value)
    {
        value = 0;
        return after.Length > digits
            && uint.TryParse(after.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value != 0;
    }

    // \xc3\xa9 are two bytes of one character: kept as lone surrogates, which decoded text never holds, until the word is complete.
    private static void AppendByte(StringBuilder result, int value, ref bool hasRawBytes)
    {
        hasRawBytes |= value >= 0x80;
        result.Append((char)(value < 0x80 ? value : RawByte + value));
    }

    private static string Redecode(string word)
    {
        var bytes = new List<byte>(word.Length);
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < word.Length;)
        {
            if (Rune.DecodeFromUtf16(word.AsSpan(i), out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
            {
                bytes.Add((byte)(word[i++] - RawByte));
                continue;
            }
            foreach (byte value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                bytes.Add(value);
            }
            i += used;
        }
        return TextLines.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes));
    }
}
