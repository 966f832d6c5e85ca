using System.Globalization;
using System.Text;

namespace Forensics.Parsers;

/// <summary>
/// The one textual form of names and paths, used for look-ups, claims and every report: lossless, printable, one line.
/// A backslash and every byte of a character that is not printable is <c>\xNN</c>; in a name that is not valid UTF-8 every non-ASCII byte is <c>\xNN</c>.
/// </summary>
public static class PathText
{
    /// <summary>The form of one raw name. A slash inside a name, which no real system makes, is escaped too.</summary>
    public static string FromBytes(ReadOnlySpan<byte> name) => FromBytes(name, escapeSlash: true);

    private static string FromBytes(ReadOnlySpan<byte> name, bool escapeSlash)
    {
        bool plain = true;
        foreach (byte value in name)
        {
            if (value is < 0x20 or >= 0x7F or (byte)'\\' || (value == (byte)'/' && escapeSlash))
            {
                plain = false;
                break;
            }
        }
        return plain ? Encoding.ASCII.GetString(name) : Escape(name, escapeSlash);
    }

    /// <summary>The form of text that was decoded from evidence, such as a path in a configuration file.</summary>
    public static string FromText(string text)
    {
        foreach (char value in text)
        {
            if (value is < ' ' or >= '\x7F' or '\\')
            {
                return FromBytes(Encoding.UTF8.GetBytes(text), escapeSlash: false);
            }
        }
        return text;
    }

    /// <summary>The raw bytes a display form stands for; false when an escape is malformed.</summary>
    public static bool TryToBytes(string text, out byte[] bytes)
    {
        var result = new List<byte>(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        bytes = [];
        for (int i = 0; i < text.Length;)
        {
            if (text[i] == '\\')
            {
                if (i + 3 >= text.Length || text[i + 1] != 'x' || !byte.TryParse(text.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
                {
                    return false;
                }
                result.Add(value);
                i += 4;
                continue;
            }
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }
            int length = rune.EncodeToUtf8(utf8);
            foreach (byte value in utf8[..length])
            {
                result.Add(value);
            }
            i += consumed;
        }
        bytes = [.. result];
        return true;
    }

    /// <summary>Joins a directory path (with or without final slash) and a name already in display form.</summary>
    public static string Join(string directory, string name) => directory.Length == 1 ? "/" + name : directory + "/" + name;

    /// <summary>Whether the field's tools would print the character as itself: not a control, format, separator (but space), private or unassigned character.</summary>
    public static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    private static string Escape(ReadOnlySpan<byte> name, bool escapeSlash)
    {
        var text = new StringBuilder(name.Length + 16);
        bool valid = System.Text.Unicode.Utf8.IsValid(name);
        for (int i = 0; i < name.Length;)
        {
            int length = 1;
            bool printable;
            Rune rune = default;
            if (name[i] < 0x80)
            {
                printable = name[i] is >= 0x20 and < 0x7F and not (byte)'\\' && !(name[i] == (byte)'/' && escapeSlash);
                rune = new Rune(name[i]);
            }
            else if (valid)
            {
                Rune.DecodeFromUtf8(name[i..], out rune, out length);
                printable = IsPrintable(rune);
            }
            else
            {
                printable = false;
            }
            if (printable)
            {
                text.Append(rune.ToString());
            }
            else
            {
                for (int k = 0; k < length; k++)
                {
                    text.Append("\\x").Append(name[i + k].ToString("x2", CultureInfo.InvariantCulture));
                }
            }
            i += length;
        }
        return text.ToString();
    }
}
