using System.Buffers;
using System.Globalization;
using System.Text;
using Forensics.Parsers;

namespace Forensics.Analyzer.Risk;

/// <summary>
/// Quotes hostile names as one word of a POSIX shell command line that bash, an analyst's terminal and a report can all carry:
/// plain when harmless, <c>'...'</c> when printable ASCII, <c>$'...'</c> (ANSI-C quoting) when any byte is not.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> <c>$'...'</c> needs bash, zsh, ksh or a shell of POSIX.1-2024; a name holding a NUL byte, which only a corrupt file system can state, has no quoted form.
/// </remarks>
/// <seealso href="https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html"/>
public static class ShellQuote
{
    // Bytes that mean nothing to a shell in the middle of a word. '~' and '{' are missing on purpose, '=' cannot become an assignment behind a '/'.
    private static readonly SearchValues<byte> Harmless =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,="u8);

    /// <summary>
    /// The word for a path in display form (<see cref="PathText"/>); a relative path is made to begin with <c>./</c> so that it can never be read as an option.
    /// </summary>
    /// <returns>False when the path holds a NUL byte or is empty: no command may be built from it.</returns>
    public static bool TryPath(string displayPath, out string word)
    {
        if (!PathText.TryToBytes(displayPath, out byte[] bytes))
        {
            bytes = Encoding.UTF8.GetBytes(displayPath);
        }
        if (bytes.Length > 0 && bytes[0] != (byte)'/')
        {
            bytes = [.. "./"u8, .. bytes];
        }
        return TryBytes(bytes, out word);
    }

    /// <summary>The word for text that is no path, such as an account name; give it behind <c>--</c>, since it may begin with a dash.</summary>
    /// <returns>False when the text holds a NUL character or is empty.</returns>
    public static bool TryText(string text, out string word) => TryBytes(Encoding.UTF8.GetBytes(text), out word);

    private static bool TryBytes(ReadOnlySpan<byte> bytes, out string word)
    {
        word = "";
        if (bytes.IsEmpty || bytes.Contains((byte)0))
        {
            return false;
        }
        if (!bytes.ContainsAnyExcept(Harmless))
        {
            word = Encoding.ASCII.GetString(bytes);
            return true;
        }
        var quoted = new StringBuilder(bytes.Length + 8);
        if (bytes.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E))
        {
            quoted.Append("$'");
            foreach (byte value in bytes)
            {
                switch (value)
                {
                    case (byte)'\'' or (byte)'\\':
                        quoted.Append('\\').Append((char)value);
                        break;
                    case >= 0x20 and <= 0x7E:
                        quoted.Append((char)value);
                        break;
                    default:
                        // Always two digits: bash reads at most two, so a digit that follows is never swallowed.
                        quoted.Append("\\x").Append(value.ToString("x2", CultureInfo.InvariantCulture));
                        break;
                }
            }
            word = quoted.Append('\'').ToString();
            return true;
        }
        quoted.Append('\'');
        foreach (byte value in bytes)
        {
            quoted.Append(value == (byte)'\'' ? "'\\''" : ((char)value).ToString());
        }
        word = quoted.Append('\'').ToString();
        return true;
    }
}
