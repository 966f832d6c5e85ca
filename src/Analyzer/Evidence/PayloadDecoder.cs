using System.Buffers;
using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <summary>Takes the encodings off that commands hide their real text in. Bounded: 64 KiB of output a layer.</summary>
internal static class PayloadDecoder
{
    public const int MaxBytes = 64 << 10;

    public static byte[]? Base64(ReadOnlySpan<byte> text)
    {
        byte[] compact = Compact(text);
        int usable = compact.AsSpan().TrimEnd((byte)'=').Length;
        // A final group of one digit means nothing; decoders of the field drop it.
        usable -= usable % 4 == 1 ? 1 : 0;
        if (usable < 2 || usable > MaxBytes * 2)
        {
            return null;
        }
        byte[] padded = new byte[(usable + 3) / 4 * 4];
        padded.AsSpan().Fill((byte)'=');
        compact.AsSpan(0, usable).CopyTo(padded);
        byte[] bytes = new byte[padded.Length];
        return System.Buffers.Text.Base64.DecodeFromUtf8(padded, bytes, out _, out int written) == OperationStatus.Done ? bytes[..written] : null;
    }

    public static byte[]? Hex(ReadOnlySpan<byte> text)
    {
        byte[] compact = Compact(text);
        byte[] bytes = new byte[compact.Length / 2];
        return compact.Length is >= 2 and <= MaxBytes * 2 && compact.Length % 2 == 0 && Convert.FromHexString(compact, bytes, out _, out _) == OperationStatus.Done ? bytes : null;
    }

    public static byte[]? Base32(ReadOnlySpan<byte> text)
    {
        var bytes = new List<byte>();
        int buffer = 0, bits = 0;
        foreach (byte value in text)
        {
            if (value is (byte)'=' or (byte)' ' or (byte)'\n' or (byte)'\r')
            {
                continue;
            }
            int digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf((char)value);
            if (digit < 0 || bytes.Count >= MaxBytes)
            {
                return null;
            }
            buffer = ((buffer << 5) | digit) & 0xFFFF;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes.Add((byte)(buffer >> bits));
            }
        }
        return bytes.Count == 0 ? null : [.. bytes];
    }

    /// <summary>The text that a whole file is an encoding of (base64, hex, gzip, one around another); null when it is plain or none.</summary>
    public static string? WholeText(ReadOnlySpan<byte> content)
    {
        byte[]? current = content.Length > MaxBytes * 2 ? null : content.ToArray();
        for (int layer = 0; layer < 4 && current is not null; layer++)
        {
            byte[]? inner = Inflate(current) ?? (current.Length < 24 || current.AsSpan().Trim(" \t\r\n"u8).ContainsAnyExcept(Digits) ? null : Hex(current) ?? Base64(current));
            if (inner is null)
            {
                return layer == 0 ? null : AsText(current);
            }
            current = inner;
        }
        return AsText(current);
    }

    private static readonly SearchValues<byte> Digits = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-\r\n"u8);

    /// <summary>Unpacks gzip or zlib data; null when it is neither or holds nothing.</summary>
    public static byte[]? Inflate(byte[] bytes)
    {
        bool isGzip = bytes.Length > 18 && bytes[0] == 0x1F && bytes[1] == 0x8B;
        bool isZlib = bytes.Length > 6 && bytes[0] == 0x78 && bytes[1] is 0x01 or 0x5E or 0x9C or 0xDA;
        if (!isGzip && !isZlib)
        {
            return null;
        }
        using var source = new MemoryStream(bytes);
        using Stream inflater = isGzip ? new GZipStream(source, CompressionMode.Decompress) : new ZLibStream(source, CompressionMode.Decompress);
        byte[] output = new byte[MaxBytes];
        int filled = 0;
        try
        {
            while (filled < output.Length)
            {
                int read = inflater.Read(output, filled, output.Length - filled);
                if (read == 0)
                {
                    break;
                }
                filled += read;
            }
        }
        catch (InvalidDataException)
        {
            // Cut or corrupt: what came out so far is still evidence.
            return filled == 0 ? null : output[..filled];
        }
        return filled == 0 ? null : output[..filled];
    }

    /// <summary>Decoded bytes as text when they look like text, unpacked first when compressed; else null.</summary>
    public static string? AsText(byte[]? bytes)
    {
        for (int layer = 0; layer < 4 && bytes is not null && Inflate(bytes) is byte[] inner; layer++)
        {
            bytes = inner;
        }
        if (bytes is null || bytes.Length < 2)
        {
            return null;
        }
        int control = 0;
        foreach (byte value in bytes)
        {
            control += value is < 0x20 and not ((byte)'\n' or (byte)'\r' or (byte)'\t') or 0x7F ? 1 : 0;
        }
        return control * 20 > bytes.Length ? null : TextLines.Decode(bytes);
    }

    /// <summary>Texts that quoted literals of decode calls in program text stand for (<c>b64decode('...')</c>, <c>base64_decode("...")</c>, <c>bytes.fromhex('...')</c>).</summary>
    public static IEnumerable<string> Literals(string code)
    {
        int found = 0;
        foreach (Match match in DecodeCall.Matches(code))
        {
            if (++found > 8)
            {
                yield break;
            }
            byte[] literal = Encoding.Latin1.GetBytes(match.Groups["literal"].Value);
            bool isHex = match.Groups["call"].Value.Contains("hex", StringComparison.OrdinalIgnoreCase) || match.Groups["call"].Value.Contains("b16", StringComparison.OrdinalIgnoreCase);
            if (AsText(isHex ? Hex(literal) : Base64(literal)) is string text)
            {
                yield return text;
            }
        }
    }

    /// <summary>Lines that decode a literal, with the index of their first character.</summary>
    public static IEnumerable<(string Text, int Start)> Lines(string code, int most)
    {
        int end = 0;
        foreach (Match match in DecodeCall.Matches(code))
        {
            if (match.Index < end)
            {
                continue;
            }
            if (most-- <= 0)
            {
                yield break;
            }
            int start = match.Index == 0 ? 0 : code.LastIndexOf('\n', match.Index - 1) + 1;
            int next = code.IndexOf('\n', match.Index + match.Length);
            end = next < 0 ? code.Length : next;
            yield return (code[start..end].Trim(), start);
        }
    }

    private static byte[] Compact(ReadOnlySpan<byte> text)
    {
        var compact = new ArrayBufferWriter<byte>(Math.Max(1, text.Length));
        foreach (byte value in text)
        {
            if (value is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                compact.Write([value == (byte)'-' ? (byte)'+' : value == (byte)'_' ? (byte)'/' : value]);
            }
        }
        return compact.WrittenSpan.ToArray();
    }

    private static readonly Regex DecodeCall = new(
        """(?<call>b64decode|base64_decode|decode_base64|urlsafe_b64decode|atob|b16decode|unhexlify|fromhex|hex2bin|Buffer\.from)\s*\(\s*b?\\?["'](?<literal>[A-Za-z0-9+/=_-]{8,})\\?["']""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);
}
