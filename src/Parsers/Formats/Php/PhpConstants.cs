using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Forensics.Parsers.Formats.Php;

/// <summary>
/// Works out expressions that need nothing but the file itself: literals, concatenation, exclusive or, <c>chr</c>, and the decoders that obfuscators use. Texts are Latin-1, one character a byte.
/// </summary>
/// <remarks>Bounded: 32 levels, 4 MiB a text. <b>Limitations</b>: arrays, constants and functions of the file are not known.</remarks>
/// <param name="variables">The value of a variable by name; null when not known.</param>
public sealed class PhpConstants(Func<string, string?> variables)
{
    private const int MaxDepth = 32;
    private const int MaxText = 4 << 20;

    private IReadOnlyList<PhpToken> _tokens = [];
    private int _at;
    private int _end;

    /// <summary>Functions that <see cref="Evaluate"/> can work out and that turn what nobody can read into text.</summary>
    public static bool IsDecoder(string function) => function.ToLowerInvariant() is "base64_decode" or "gzinflate" or "gzuncompress" or "gzdecode" or "str_rot13" or "strrev" or "hex2bin" or "rawurldecode" or "urldecode" or "convert_uudecode" or "pack";

    /// <summary>The text of an expression; null when it depends on something else.</summary>
    /// <param name="tokens">The tokens of the file.</param>
    /// <param name="start">Its first token.</param>
    /// <param name="end">Index behind its last token.</param>
    public string? Evaluate(IReadOnlyList<PhpToken> tokens, int start, int end)
    {
        (_tokens, _at, _end) = (tokens, start, end);
        string? value = Expression(0);
        return _at == _end ? value : null;
    }

    private bool Take(char mark)
    {
        if (_at < _end && _tokens[_at].Is(mark))
        {
            _at++;
            return true;
        }
        return false;
    }

    private string? Expression(int depth)
    {
        if (depth > MaxDepth || Term(depth) is not { } first)
        {
            return null;
        }
        StringBuilder? joined = null;
        string value = first;
        while (true)
        {
            if (Take('.'))
            {
                joined ??= new StringBuilder(value);
                if (Term(depth) is not { } next || joined.Length + next.Length > MaxText)
                {
                    return null;
                }
                joined.Append(next);
            }
            else if (Take('^'))
            {
                string left = joined?.ToString() ?? value;
                if (Term(depth) is not { } right)
                {
                    return null;
                }
                joined = null;
                value = string.Create(Math.Min(left.Length, right.Length), (left, right), static (span, pair) =>
                {
                    for (int i = 0; i < span.Length; i++)
                    {
                        span[i] = (char)(pair.left[i] ^ pair.right[i]);
                    }
                });
            }
            else
            {
                return joined?.ToString() ?? value;
            }
        }
    }

    private string? Term(int depth)
    {
        while (Take('@'))
        {
            // Silences errors, changes nothing.
        }
        if (_at >= _end)
        {
            return null;
        }
        PhpToken token = _tokens[_at];
        if (Take('('))
        {
            string? inner = Expression(depth + 1);
            return Take(')') ? inner : null;
        }
        _at++;
        switch (token.Kind)
        {
            case PhpTokenKind.Text when token.Interpolated is null:
                return token.Text;
            case PhpTokenKind.Number:
                return token.Text;
            case PhpTokenKind.Variable:
                return variables(token.Text);
            case PhpTokenKind.Word when Take('('):
                var arguments = new List<string>();
                do
                {
                    if (arguments.Count > 3 || Expression(depth + 1) is not { } argument)
                    {
                        return null;
                    }
                    arguments.Add(argument);
                }
                while (Take(','));
                return Take(')') ? Call(token.Text.ToLowerInvariant(), arguments) : null;
            default:
                return null;
        }
    }

    private static string? Call(string function, List<string> arguments)
    {
        string text = arguments[0];
        try
        {
            return function switch
            {
                "chr" => Number(text) is { } code ? ((char)(code & 0xFF)).ToString() : null,
                "strrev" => new string([.. text.Reverse()]),
                "str_rot13" => new string([.. text.Select(Rotate)]),
                "strtolower" => text.ToLowerInvariant(),
                "trim" => text.Trim(),
                "base64_decode" => Base64(text),
                "hex2bin" => Encoding.Latin1.GetString(Convert.FromHexString(text)),
                "pack" when arguments.Count == 2 && text.StartsWith('H') => Encoding.Latin1.GetString(Convert.FromHexString(arguments[1])),
                "rawurldecode" or "urldecode" => Encoding.Latin1.GetString(Encoding.Latin1.GetBytes(Uri.UnescapeDataString(text))),
                "gzinflate" => Inflate(new DeflateStream(Bytes(text), CompressionMode.Decompress)),
                "gzuncompress" => Inflate(new ZLibStream(Bytes(text), CompressionMode.Decompress)),
                "gzdecode" => Inflate(new GZipStream(Bytes(text), CompressionMode.Decompress)),
                "str_replace" when arguments.Count == 3 && text.Length > 0 => arguments[2].Replace(text, arguments[1], StringComparison.Ordinal),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException)
        {
            return null;
        }
    }

    private static MemoryStream Bytes(string text) => new(Encoding.Latin1.GetBytes(text));

    private static string? Inflate(Stream stream)
    {
        using (stream)
        {
            byte[] buffer = new byte[MaxText + 1];
            int count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return count > MaxText ? null : Encoding.Latin1.GetString(buffer, 0, count);
        }
    }

    private static string? Base64(string text)
    {
        string letters = new([.. text.Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '+' or '/')]);
        letters = letters[..(letters.Length - (letters.Length % 4 == 1 ? 1 : 0))];
        return Encoding.Latin1.GetString(Convert.FromBase64String(letters.PadRight((letters.Length + 3) / 4 * 4, '=')));
    }

    private static int? Number(string text) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && int.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int hex) ? hex
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;

    private static char Rotate(char letter) => letter switch
    {
        >= 'a' and <= 'z' => (char)('a' + ((letter - 'a' + 13) % 26)),
        >= 'A' and <= 'Z' => (char)('A' + ((letter - 'A' + 13) % 26)),
        _ => letter,
    };
}
