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
