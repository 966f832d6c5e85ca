using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats;

/// <summary>One line of a text file from evidence.</summary>
/// <param name="Number">From 1.</param>
/// <param name="ByteOffset">Of the line's first byte in the file.</param>
/// <param name="Bytes">Without the line end (LF or CR LF), cut at the limit.</param>
/// <param name="HasLineEnd">False only for a last line without a final newline.</param>
/// <param name="IsCut">Longer than the limit; the rest is not in <paramref name="Bytes"/>.</param>
public readonly record struct TextLine(int Number, long ByteOffset, ReadOnlyMemory<byte> Bytes, bool HasLineEnd, bool IsCut)
{
    /// <summary>Decoded text, see <see cref="TextLines.Decode"/>.</summary>
    public string Text => TextLines.Decode(Bytes.Span);
}

/// <summary>Splits evidence text into lines, tolerating binary noise, and decodes it.</summary>
public static class TextLines
{
    /// <summary>The lines of <paramref name="content"/>; a line longer than <see cref="ScanLimits.LineBytes"/> is cut and marked.</summary>
    /// <param name="content">The file.</param>
    /// <param name="limits">For the length of a line.</param>
    /// <param name="skipsEmpty">Leaves out lines without a single byte (they are counted), so that files made of millions of them cost nothing.</param>
    public static IEnumerable<TextLine> Read(ReadOnlyMemory<byte> content, ScanLimits limits, bool skipsEmpty = false)
    {
        int offset = 0;
        int number = 0;
        while (offset < content.Length)
        {
            if (skipsEmpty && content.Span[offset] == (byte)'\n')
            {
                int run = content.Span[offset..].IndexOfAnyExcept((byte)'\n');
                run = run < 0 ? content.Length - offset : run;
                number += run;
                offset += run;
                continue;
            }
            number++;
            int end = content.Span[offset..].IndexOf((byte)'\n');
            int length = end < 0 ? content.Length - offset : end;
            ReadOnlyMemory<byte> bytes = content.Slice(offset, length);
            if (end >= 0 && length > 0 && bytes.Span[^1] == (byte)'\r')
            {
                bytes = bytes[..^1];
            }
            bool cut = bytes.Length > limits.LineBytes;
            yield return new TextLine(number, offset, cut ? bytes[..limits.LineBytes] : bytes, end >= 0, cut);
            offset += length + 1;
        }
    }

    /// <summary>UTF-8 when valid, else Latin-1, so that no byte stops the reading. A leading byte order mark is dropped.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("\uFEFF"u8))
        {
            bytes = bytes[3..];
        }
        return System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
    }
}
