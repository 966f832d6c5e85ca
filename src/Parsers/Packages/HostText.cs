using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Packages;

/// <summary>Reads the text files of package databases whole, bounded, and walks their lines and fields as bytes.</summary>
internal static class HostText
{
    /// <summary>Largest file that is read whole, in bytes; the largest real ones have some 30 MiB.</summary>
    public const int MaxBytes = 256 << 20;

    private const int Chunk = 1 << 20;

    /// <summary>Content of a file; empty when there is none or it cannot be read, which is a diagnostic.</summary>
    public static ReadOnlyMemory<byte> Read(IHostFiles files, string path, ParseContext context, int limit = MaxBytes)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        try
        {
            return files.Open(path) is { } source ? Read(source, path, context, limit) : ReadOnlyMemory<byte>.Empty;
        }
        catch (ForensicException e)
        {
            ReportUnreadable(path, e, context);
            return ReadOnlyMemory<byte>.Empty;
        }
    }

    /// <summary>Up to <paramref name="limit"/> bytes of a source; a longer one is cut with a diagnostic. The memory grows with what is really there.</summary>
    public static ReadOnlyMemory<byte> Read(IByteSource source, string path, ParseContext context, int limit)
    {
        if (source.Length > limit)
        {
            context.Diagnostics.Report(new Diagnostic("packages.file.cut", "a file of a package database is larger than what is read of it")
            {
                Path = path, Expected = "at most " + limit + " bytes", Actual = source.Length + " bytes", LosesContent = true,
            });
        }
        int wanted = (int)Math.Min(source.Length, limit);
        var content = new byte[Math.Min(wanted, Chunk)];
        int length = 0;
        while (true)
        {
            length += source.ReadUpTo(length, content.AsSpan(length));
            if (length < content.Length || length >= wanted)
            {
                break;
            }
            Array.Resize(ref content, (int)Math.Min(wanted, content.Length * 2L));
        }
        return content.AsMemory(0, length);
    }

    /// <summary>Reports that a file of a database could not be read.</summary>
    public static void ReportUnreadable(string path, ForensicException reason, ParseContext context) =>
        context.Diagnostics.Report(new Diagnostic("packages.file.unreadable", "a file of a package database cannot be read: " + reason.Message) { Path = path, LosesContent = true });

    /// <summary>Takes the next line, without its end, from <paramref name="rest"/>; false at the end.</summary>
    public static bool NextLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        if (rest.IsEmpty)
        {
            line = default;
            return false;
        }
        int end = rest.IndexOf((byte)'\n');
        line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        if (line.Length > 0 && line[^1] == (byte)'\r')
        {
            line = line[..^1];
        }
        return true;
    }

    /// <summary>Takes the next word between blanks and tabs; false when none is left.</summary>
    public static bool NextWord(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        int start = rest.IndexOfAnyExcept((byte)' ', (byte)'\t');
        if (start < 0)
        {
            word = default;
            return false;
        }
        rest = rest[start..];
        int end = rest.IndexOfAny((byte)' ', (byte)'\t');
        word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[end..];
        return true;
    }

    /// <summary>Reads hexadecimal digits that fill <paramref name="bytes"/> exactly.</summary>
    public static bool TryHex(ReadOnlySpan<byte> digits, Span<byte> bytes) =>
        digits.Length == bytes.Length * 2 && Convert.FromHexString(digits, bytes, out _, out int written) == System.Buffers.OperationStatus.Done && written == bytes.Length;

    /// <summary>A decimal number of the whole span, not negative.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> digits, out long value) =>
        System.Buffers.Text.Utf8Parser.TryParse(digits, out value, out int used) && used == digits.Length && value >= 0;

    /// <summary>An octal number of the whole span up to 0177777; -1 when it is none.</summary>
    public static int Octal(ReadOnlySpan<byte> digits)
    {
        int value = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7' || value > 0x1FFF)
            {
                return -1;
            }
            value = value * 8 + (digit - '0');
        }
        return digits.IsEmpty ? -1 : value;
    }

    /// <summary>Text of a field, trimmed, with its controls escaped by whoever shows it.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => Formats.TextLines.Decode(bytes.Trim(" \t"u8));

    /// <summary>Display form of a path as it stands in a text file.</summary>
    public static string Path(ReadOnlySpan<byte> bytes)
    {
        Span<byte> buffer = stackalloc byte[PackagePaths.MaxLength];
        int length = PackagePaths.Normalize(bytes, [], buffer);
        return PackagePaths.Display(buffer[..length]);
    }

    /// <summary>UTF-8 bytes of a text.</summary>
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
