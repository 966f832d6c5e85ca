using System.Globalization;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// A line of the account databases split at colons the way glibc's <c>files</c> service reads it, nothing trimmed.
/// See passwd(5), shadow(5), group(5) and nss/nss_files in glibc.
/// </summary>
internal readonly struct ColonFields
{
    private readonly string[] _fields;

    private ColonFields(string[] fields, int found)
    {
        _fields = fields;
        Found = found;
    }

    /// <summary>How many fields the line has, extra ones included.</summary>
    public int Found { get; }

    /// <summary>Field from 0; empty when the line ended before it.</summary>
    public string this[int index] => index < _fields.Length ? _fields[index] : "";

    /// <summary>
    /// Splits a line into <paramref name="count"/> fields, the last one taking whatever is left; false for lines that carry no account:
    /// blank, comment, and the <c>+</c> and <c>-</c> lines of NIS.
    /// </summary>
    public static bool TryRead(ReadOnlyMemory<byte> content, TextLine line, int count, out ColonFields fields)
    {
        // A carriage return before the newline belongs to the last field: it makes a shell path that does not exist.
        int end = checked((int)line.ByteOffset) + line.Bytes.Length;
        bool carriageReturn = !line.IsCut && end < content.Length && content.Span[end] == (byte)'\r';
        string text = carriageReturn ? TextLines.Decode(content.Span[(int)line.ByteOffset..(end + 1)]) : line.Text;
        string start = text.TrimStart();
        if (start.Length == 0 || start[0] is '#' or '+' or '-')
        {
            fields = default;
            return false;
        }
        fields = new ColonFields(text.Split(':', count), CountFields(text));
        return true;
    }

    /// <summary>A numeric id as strtoul reads it (leading blanks and sign, clamped to 32 bits); null when it is not a number to the end.</summary>
    public static uint? ParseId(string field)
    {
        // "00", " 0" and "+0" are user id 0 to the system, so they must be here too.
        ReadOnlySpan<char> text = field.AsSpan().TrimStart(" \t\r\v\f");
        bool negative = text.StartsWith("-");
        if (negative || text.StartsWith("+"))
        {
            text = text[1..];
        }
        if (text.Length == 0 || text.ContainsAnyExceptInRange('0', '9'))
        {
            return null;
        }
        text = text.TrimStart('0');
        if (text.Length == 0)
        {
            return 0;
        }
        return !negative && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value) ? value : uint.MaxValue;
    }

    private static int CountFields(string text)
    {
        int count = 1;
        foreach (char value in text)
        {
            if (value == ':')
            {
                count++;
            }
        }
        return count;
    }
}
