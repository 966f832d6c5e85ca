using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>One name with its value, wherever it stands.</summary>
/// <param name="Name">Name, lower case.</param>
/// <param name="Value">Scalar value without quotes; empty when an object or array follows.</param>
/// <param name="ByteOffset">Where the name begins.</param>
public readonly record struct LooseSetting(string Name, string Value, int ByteOffset);

/// <summary>
/// Finds <c>"name": value</c> pairs of JSON and <c>name = value</c> lines of ini files in one pass, without regard to nesting. Comments, trailing commas, missing braces, binary noise and a cut end do not
/// matter; what a strict parser refuses, the program that owns the file may still accept.
/// </summary>
/// <remarks>Limitations: says nothing about which object a pair belongs to; escapes in strings other than <c>\/</c>, <c>\"</c> and <c>\\</c> are left as they stand.</remarks>
public static class LooseSettings
{
    private const int MaximumName = 64;
    private const int MaximumValue = 1024;

    /// <summary>At most <paramref name="limit"/> settings, in order.</summary>
    public static List<LooseSetting> Read(ReadOnlySpan<byte> content, int limit)
    {
        var found = new List<LooseSetting>();
        int at = 0;
        int line = 0;
        while (at < content.Length && found.Count < limit)
        {
            byte value = content[at];
            if (value == (byte)'"')
            {
                int end = EndOfString(content, at + 1);
                int colon = SkipBlanks(content, end + 1);
                if (end - at - 1 is > 0 and <= MaximumName && colon < content.Length && content[colon] is (byte)':' or (byte)'=')
                {
                    string text = ValueAt(content, SkipBlanks(content, colon + 1), out int after);
                    found.Add(new LooseSetting(Text(content[(at + 1)..end]).ToLowerInvariant(), text, at));
                    at = after;
                    continue;
                }
                // The end of the line is looked at again: a new one begins behind it.
                at = end < content.Length && content[end] == (byte)'\n' ? end : end + 1;
                continue;
            }
            if (at == line && IsWord(value) && TryLine(content, at, out LooseSetting setting, out int next))
            {
                found.Add(setting);
                at = next;
                continue;
            }
            at++;
            if (value == (byte)'\n')
            {
                line = SkipBlanksOfLine(content, at);
                at = line;
            }
        }
        return found;
    }

    private static bool TryLine(ReadOnlySpan<byte> content, int at, out LooseSetting setting, out int next)
    {
        int end = at;
        while (end < content.Length && end - at <= MaximumName && IsWord(content[end]))
        {
            end++;
        }
        int sign = SkipBlanksOfLine(content, end);
        setting = default;
        next = at;
        if (end - at > MaximumName || sign >= content.Length || content[sign] is not ((byte)'=' or (byte)':'))
        {
            return false;
        }
        setting = new LooseSetting(Text(content[at..end]).ToLowerInvariant(), ValueAt(content, SkipBlanksOfLine(content, sign + 1), out next), at);
        return true;
    }

    private static string ValueAt(ReadOnlySpan<byte> content, int start, out int next)
    {
        next = start;
        if (start >= content.Length || content[start] is (byte)'{' or (byte)'[')
        {
            return "";
        }
        if (content[start] == (byte)'"')
        {
            int end = EndOfString(content, start + 1);
            next = Math.Min(end + 1, content.Length);
            return Text(content[(start + 1)..Math.Min(end, Math.Min(content.Length, start + 1 + MaximumValue))]);
        }
        int length = content[start..].IndexOfAny(",\r\n}]"u8);
        next = length < 0 ? content.Length : start + length;
        return Text(content[start..Math.Min(next, start + MaximumValue)]).Trim();
    }

    /// <summary>Index of the closing quote; a string does not go on to the next line.</summary>
    private static int EndOfString(ReadOnlySpan<byte> content, int at)
    {
        while (at < content.Length && content[at] is not ((byte)'"' or (byte)'\n'))
        {
            at += content[at] == (byte)'\\' && at + 1 < content.Length && content[at + 1] != (byte)'\n' ? 2 : 1;
        }
        return Math.Min(at, content.Length);
    }

    private static int SkipBlanks(ReadOnlySpan<byte> content, int at)
    {
        while (at < content.Length && content[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            at++;
        }
        return at;
    }

    private static int SkipBlanksOfLine(ReadOnlySpan<byte> content, int at)
    {
        while (at < content.Length && content[at] is (byte)' ' or (byte)'\t')
        {
            at++;
        }
        return at;
    }

    private static bool IsWord(byte value) => value is >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'_';

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes).Replace("\\/", "/", StringComparison.Ordinal);
}
