using System.Buffers;
using System.Globalization;
using System.Text;
using Forensics.Parsers;

namespace Forensics.Analyzer.Reports;

/// <summary>
/// The one escaping of untrusted text for everything a human reads: console, log, messages. What is not printable becomes <c>\xNN</c> (below U+0100) or
/// <c>\u{NNNN}</c>: control characters with newline and tab, direction and other format characters, everything of zero or blank width but the
/// space, private and unassigned characters, lone surrogates. Log commands of build servers (<c>##vso[</c>, <c>##[</c>, <c>##teamcity[</c>) are broken.
/// </summary>
/// <remarks>
/// Applying it twice changes nothing, and text in path display form (<see cref="PathText"/>) stays as it is.
/// Limitations: a backslash is not doubled, so the result is for reading; the JSON report keeps the exact text.
/// </remarks>
public static class SafeText
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create(" !\"$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>The text on one line, printable.</summary>
    public static string Escape(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }
        int first = text.AsSpan().IndexOfAnyExcept(Plain);
        return first < 0 ? text : EscapeFrom(text, first);
    }

    /// <summary>
    /// A line may hold untrusted text after own indentation only, and some build servers trim it: breaks <c>::command::</c> at the start of an escaped line.
    /// </summary>
    public static string GuardLineStart(string line)
    {
        int start = line.AsSpan().IndexOfAnyExcept(' ');
        return start >= 0 && line.AsSpan(start).StartsWith("::") ? string.Concat(line.AsSpan(0, start), "\\x3a", line.AsSpan(start + 1)) : line;
    }

    /// <summary>Columns an escaped text takes on a terminal: 2 for East Asian wide characters, 0 for combining marks.</summary>
    public static int Columns(ReadOnlySpan<char> text)
    {
        int columns = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            columns += Columns(rune);
        }
        return columns;
    }

    /// <summary>Columns of one character.</summary>
    public static int Columns(Rune rune) => rune.Value switch
    {
        < 0x300 => 1,
        >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF or >= 0xFE30 and <= 0xFE6F
            or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x1F300 and <= 0x1FAFF or >= 0x20000 and <= 0x3FFFD => 2,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0 : 1,
    };

    private static string EscapeFrom(string text, int first)
    {
        var result = new StringBuilder(text.Length + 32).Append(text, 0, first);
        for (int i = first; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length) != OperationStatus.Done)
            {
                Append(result, text[i]);
                i++;
                continue;
            }
            if (rune.Value == '#' && StartsLogCommand(text.AsSpan(i)))
            {
                result.Append("#\\x23");
                i += 2;
                continue;
            }
            if (IsVisible(rune))
            {
                result.Append(text, i, length);
            }
            else
            {
                Append(result, rune.Value);
            }
            i += length;
        }
        return result.ToString();
    }

    private static void Append(StringBuilder result, int value)
    {
        if (value < 0x100)
        {
            result.Append("\\x").Append(value.ToString("x2", CultureInfo.InvariantCulture));
        }
        else
        {
            result.Append("\\u{").Append(value.ToString("x4", CultureInfo.InvariantCulture)).Append('}');
        }
    }

    /// <summary><c>##</c>, letters, <c>[</c>.</summary>
    private static bool StartsLogCommand(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || text[1] != '#')
        {
            return false;
        }
        int end = text[2..].IndexOfAnyExceptInRange('a', 'z');
        return end >= 0 && text[2 + end] == '[';
    }

    /// <summary>Whether a reader sees the character as itself.</summary>
    internal static bool IsVisible(Rune rune) => rune.Value is >= 0x20 and < 0x7F || (PathText.IsPrintable(rune) && !IsBlank(rune.Value));

    /// <summary>Characters of category letter, mark or symbol that show nothing: fillers, joiners, variation selectors, the empty Braille cell.</summary>
    private static bool IsBlank(int value) => value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or >= 0x180B and <= 0x180F or 0x2800 or 0x3164
        or >= 0xFE00 and <= 0xFE0F or 0xFFA0 or >= 0xE0100 and <= 0xE01EF;
}
