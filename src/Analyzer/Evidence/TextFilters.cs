using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <summary>Programs that turn their standard input into other text in a way that follows from their arguments: <c>base64 -d</c>, <c>xxd -r</c>, <c>gunzip</c>, <c>rev</c>, <c>tr</c>, <c>sed s///</c>.</summary>
internal static class TextFilters
{
    /// <summary>Whether <see cref="Apply"/> may know the command.</summary>
    public static bool IsFilter(ShellCommand command) => ShellWords.BaseName(command.Program) switch
    {
        "base64" or "base32" => Has(command, 'd', "--decode") || Has(command, 'D', "--decode"),
        "openssl" => command.Words.Count > 2 && command.Words[1].Text is "base64" or "enc" && command.Words.Any(word => word.Text == "-d") && command.Words.All(word => !word.Text.StartsWith("-aes", StringComparison.Ordinal)),
        "xxd" => Has(command, 'r', "--revert"),
        "gzip" => Has(command, 'd', "--decompress"),
        "gunzip" or "zcat" or "cat" or "tee" or "rev" => true,
        "tr" => command.Words.Count is 3 or 4,
        "sed" => command.Words.Count is 2 or 3,
        _ => false,
    };

    /// <summary>Whether the command takes an encoding off, rather than passing text on.</summary>
    public static bool IsDecoder(ShellCommand command) => IsFilter(command) && ShellWords.BaseName(command.Program) is not ("cat" or "tee" or "sed" or "tr");

    /// <summary>The output; null when it is not known.</summary>
    public static byte[]? Apply(ShellCommand command, byte[] input) => !IsFilter(command) ? null : ShellWords.BaseName(command.Program) switch
    {
        "base64" or "openssl" => PayloadDecoder.Base64(input),
        "base32" => PayloadDecoder.Base32(input),
        "xxd" => PayloadDecoder.Hex(input),
        "gzip" or "gunzip" or "zcat" => PayloadDecoder.Inflate(input),
        "rev" => Reversed(input),
        "cat" or "tee" => input,
        "tr" => Translated(command, input),
        "sed" => Substituted(command, input),
        _ => null,
    };

    private static byte[] Reversed(byte[] input)
    {
        byte[] output = [.. input];
        int start = 0;
        for (int i = 0; i <= output.Length; i++)
        {
            if (i == output.Length || output[i] == (byte)'\n')
            {
                Array.Reverse(output, start, i - start);
                start = i + 1;
            }
        }
        return output;
    }

    private static byte[]? Translated(ShellCommand command, byte[] input)
    {
        bool deletes = command.Words[1].Text == "-d";
        if (command.Words[1].Text.StartsWith('-') != deletes || command.Words.Skip(1).Any(word => word.HasUnresolvedExpansion))
        {
            return null;
        }
        string from = Set(command.Words[deletes ? 2 : 1].Text);
        string to = deletes ? "" : Set(command.Words[2].Text);
        if (from.Length == 0 || (!deletes && to.Length == 0))
        {
            return null;
        }
        var output = new List<byte>(input.Length);
        foreach (byte value in input)
        {
            int at = from.IndexOf((char)value);
            if (at < 0)
            {
                output.Add(value);
            }
            else if (!deletes)
            {
                output.Add((byte)to[Math.Min(at, to.Length - 1)]);
            }
        }
        return [.. output];
    }

    /// <summary>A set of tr with its ranges written out: at most one of each byte for each range.</summary>
    private static string Set(string text)
    {
        text = PrintedText.Unescape(text.Length > 256 ? text[..256] : text);
        var set = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (i + 2 < text.Length && text[i + 1] == '-' && text[i] <= text[i + 2] && text[i + 2] < 256)
            {
                for (char c = text[i]; c <= text[i + 2]; c++)
                {
                    set.Append(c);
                }
                i += 2;
            }
            else
            {
                set.Append(text[i]);
            }
        }
        return set.ToString();
    }

    /// <summary><c>s/text/other/g</c> with a text that is no pattern.</summary>
    private static byte[]? Substituted(ShellCommand command, byte[] input)
    {
        string script = command.Words[^1].Text;
        if (script.Length < 4 || script[0] != 's' || command.Words[^1].HasUnresolvedExpansion || (command.Words.Count == 3 && command.Words[1].Text != "-e"))
        {
            return null;
        }
        string[] parts = script[2..].Split(script[1]);
        if (parts.Length != 3 || parts[0].Length == 0 || parts[0].AsSpan().ContainsAny("\\.*[]^$&") || parts[1].AsSpan().ContainsAny("\\&") || parts[2] is not ("" or "g"))
        {
            return null;
        }
        string text = Encoding.UTF8.GetString(input);
        int at = text.IndexOf(parts[0], StringComparison.Ordinal);
        string result = parts[2] == "g" ? text.Replace(parts[0], parts[1], StringComparison.Ordinal) : at < 0 ? text : text[..at] + parts[1] + text[(at + parts[0].Length)..];
        return result.Length > PayloadDecoder.MaxBytes * 2 ? null : Encoding.UTF8.GetBytes(result);
    }

    private static bool Has(ShellCommand command, char flag, string name) => command.Words.Skip(1).Any(word =>
        word.Text == name || (word.Text.Length > 1 && word.Text[0] == '-' && word.Text[1] != '-' && word.Text.Contains(flag)));
}
