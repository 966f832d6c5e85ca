using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <summary>What <c>echo</c> and <c>printf</c> print, as far as their words are known.</summary>
internal static class PrintedText
{
    private const int MaxRounds = 1024;

    /// <summary>The bytes without the last line end; null when the command is neither or a word is unknown.</summary>
    public static byte[]? Of(ShellCommand command) => ShellWords.BaseName(command.Program) switch
    {
        _ when command.Words.Any(word => word.HasUnresolvedExpansion) => null,
        "echo" => Echo(command),
        "printf" => Printf(command),
        _ => null,
    };

    private static byte[]? Echo(ShellCommand command)
    {
        int first = 1;
        bool escapes = false;
        while (first < command.Words.Count && command.Words[first].Text is "-n" or "-e" or "-ne" or "-en" or "-E" or "-nE")
        {
            escapes |= command.Words[first++].Text.Contains('e');
        }
        var text = new StringBuilder();
        for (int i = first; i < command.Words.Count && text.Length < PayloadDecoder.MaxBytes * 2; i++)
        {
            text.Append(i > first ? " " : "").Append(command.Words[i].Text);
        }
        // dash interprets escapes without -e; a backslash that names none stays as it is either way.
        return Bytes(escapes || text.ToString().Contains("\\x", StringComparison.Ordinal) ? Unescape(text.ToString()) : text.ToString());
    }

    private static byte[]? Printf(ShellCommand command)
    {
        int first = command.Words.Count > 1 && command.Words[1].Text == "--" ? 2 : 1;
        if (first >= command.Words.Count || command.Words[first].Text == "-v")
        {
            return null;
        }
        string format = Unescape(command.Words[first].Text);
        var text = new StringBuilder();
        int next = first + 1;
        for (int round = 0; round < MaxRounds && text.Length < PayloadDecoder.MaxBytes * 2; round++)
        {
            int taken = next;
            for (int i = 0; i < format.Length; i++)
            {
                if (format[i] != '%' || i + 1 >= format.Length)
                {
                    text.Append(format[i]);
                }
                else if (format[++i] == '%')
                {
                    text.Append('%');
                }
                else
                {
                    while (i < format.Length && (char.IsAsciiDigit(format[i]) || format[i] is '-' or '.' or '+'))
                    {
                        i++;
                    }
                    string argument = next < command.Words.Count ? command.Words[next++].Text : "";
                    text.Append(i < format.Length && format[i] == 'b' ? Unescape(argument) : argument);
                }
            }
            // The format is used again for the words that are left.
            if (next >= command.Words.Count || next == taken)
            {
                break;
            }
        }
        return Bytes(text.ToString());
    }

    private static byte[]? Bytes(string text) => text.Length == 0 ? null : Encoding.UTF8.GetBytes(text.TrimEnd('\n'));

    /// <summary>Backslash escapes of printf.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                result.Append(text[i]);
                continue;
            }
            char kind = text[++i];
            if (kind == 'x' && Digits(text, i + 1, 2, 16) is > 0 and int hex)
            {
                result.Append((char)Convert.ToInt32(text.Substring(i + 1, hex), 16));
                i += hex;
            }
            else if (kind is >= '0' and <= '7' && Digits(text, i, 4, 8) is > 0 and int octal)
            {
                result.Append((char)(Convert.ToInt32(text.Substring(i, octal), 8) & 0xff));
                i += octal - 1;
            }
            else
            {
                result.Append(kind switch { 'n' => "\n", 't' => "\t", 'r' => "\r", '\\' => "\\", '"' => "\"", '\'' => "'", 'c' => "", _ => "\\" + kind });
            }
        }
        return result.ToString();
    }

    private static int Digits(string text, int at, int most, int radix)
    {
        int count = 0;
        while (count < most && at + count < text.Length && (radix == 16 ? char.IsAsciiHexDigit(text[at + count]) : text[at + count] is >= '0' and <= '7'))
        {
            count++;
        }
        return radix == 8 && count == 4 && text[at] != '0' ? 3 : count;
    }
}
