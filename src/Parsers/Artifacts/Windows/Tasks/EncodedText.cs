using System.Text;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Text files of Windows in whatever encoding they really are: by their byte order mark, else by where their zero bytes stand; what they declare is not believed.</summary>
public static class EncodedText
{
    private const int Looked = 64;

    /// <summary>The text; unpaired surrogates and bytes that mean nothing become U+FFFD. A byte order mark is left out.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
        {
            return Encoding.Unicode.GetString(bytes[2..]);
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return Encoding.BigEndianUnicode.GetString(bytes[2..]);
        }
        if (bytes.StartsWith("\uFEFF"u8))
        {
            bytes = bytes[3..];
        }
        return Sniff(bytes) is { } encoding ? encoding.GetString(bytes) : System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
    }

    /// <summary>It begins as UTF-16 text does, with or without a mark.</summary>
    public static bool IsUtf16(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || Sniff(bytes) is not null;

    // Of Western text in UTF-16 every other byte is zero.
    private static Encoding? Sniff(ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, Looked) & ~1;
        int even = 0;
        int odd = 0;
        for (int i = 0; i < count; i += 2)
        {
            even += bytes[i] == 0 ? 1 : 0;
            odd += bytes[i + 1] == 0 ? 1 : 0;
        }
        int most = count / 2 * 3 / 4;
        return count < 8 ? null : odd > most && even == 0 ? Encoding.Unicode : even > most && odd == 0 ? Encoding.BigEndianUnicode : null;
    }
}
