using System.Buffers;

namespace Forensics.Analyzer.Signatures;

/// <summary>
/// Blanks those simple commands of a shell text that only search for, kill, delete or block what they name: miner scripts fight their rivals that way and
/// administrators clean up that way, so words in them are a reference and no infection.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> knows quotes and separators only; a command with <c>$(...)</c> or backticks in it is kept whole, because that part is executed.
/// </remarks>
public static class ReferenceText
{
    private static readonly SearchValues<string> Triggers = SearchValues.Create(
        ["kill", "grep", "sed ", "rm ", "rm\t", "awk", "chattr", "0.0.0.0", "127.0.0.1", "iptables", "nft ", "ip route", "ufw ", "crontab -r", "find ", "ls ", "test ", "[ "], StringComparison.Ordinal);

    /// <summary>The text with such commands replaced by blanks, same length.</summary>
    public static string Blank(string text)
    {
        if (!text.AsSpan().ContainsAny(Triggers))
        {
            return text;
        }
        char[]? result = null;
        int start = 0;
        while (start < text.Length)
        {
            int end = EndOfSegment(text, start);
            ReadOnlySpan<char> segment = text.AsSpan(start, end - start);
            if (IsReference(segment) || IsListOfReferences(text, start, end))
            {
                result ??= text.ToCharArray();
                result.AsSpan(start, end - start).Fill(' ');
            }
            start = end + 1;
        }
        return result is null ? text : new string(result);
    }

    private static int EndOfSegment(string text, int start)
    {
        char quote = '\0';
        for (int i = start; i < text.Length; i++)
        {
            char value = text[i];
            if (value == '\\' && quote != '\'')
            {
                i++;
            }
            else if (quote != '\0')
            {
                quote = value == quote ? '\0' : quote;
            }
            else if (value is '"' or '\'')
            {
                quote = value;
            }
            else if (value is ';' or '|' or '\n' || (value == '&' && !IsRedirection(text, i)))
            {
                return i;
            }
        }
        return text.Length;
    }

    private static bool IsRedirection(string text, int at) => (at > 0 && text[at - 1] == '>') || (at + 1 < text.Length && text[at + 1] == '>');

    private static bool IsReference(ReadOnlySpan<char> segment)
    {
        if (segment.Contains("$(", StringComparison.Ordinal) || segment.Contains('`'))
        {
            return false;
        }
        segment = segment.TrimStart(" \t({!");
        ReadOnlySpan<char> word = NextWord(ref segment);
        while (word is "sudo" or "then" or "do" or "else" or "if" or "while" or "xargs" or "exec" or "command" or "busybox")
        {
            do
            {
                word = NextWord(ref segment);
            }
            while (word.StartsWith("-"));
        }
        word = word[(word.LastIndexOf('/') + 1)..];
        return word switch
        {
            "pkill" or "killall" or "kill" or "pgrep" or "grep" or "egrep" or "fgrep" or "zgrep" or "rm" or "unlink" or "rmdir" or "shred" or "awk" or "gawk" or "mawk"
                or "chattr" or "iptables" or "ip6tables" or "nft" or "ufw" or "find" or "ls" or "test" or "[" or "skill" or "pidof" or "lsof" => true,
            "sed" => true,
            "ip" or "route" => segment.Contains("reject", StringComparison.Ordinal) || segment.Contains("blackhole", StringComparison.Ordinal),
            "echo" or "printf" => segment.Contains("0.0.0.0", StringComparison.Ordinal) || segment.Contains("127.0.0.1", StringComparison.Ordinal),
            _ => false,
        };
    }

    /// <summary>The list of a loop whose variable is only searched for, removed, tested or reported by what follows: <c>for f in ...; do [ -e "$f" ] &amp;&amp; logger "$f"; done</c>.</summary>
    private static bool IsListOfReferences(string text, int start, int end)
    {
        ReadOnlySpan<char> segment = text.AsSpan(start, end - start);
        ReadOnlySpan<char> word = NextWord(ref segment);
        if (word is not "for")
        {
            return false;
        }
        string name = new(NextWord(ref segment));
        if (name.Length == 0 || NextWord(ref segment) is not "in" || segment.Contains("$(", StringComparison.Ordinal))
        {
            return false;
        }
        int uses = 0;
        for (int next = end + 1; next < text.Length && uses < 64;)
        {
            int last = EndOfSegment(text, next);
            ReadOnlySpan<char> body = text.AsSpan(next, last - next);
            if (body.Contains("$" + name, StringComparison.Ordinal) || body.Contains("${" + name, StringComparison.Ordinal))
            {
                uses++;
                ReadOnlySpan<char> rest = body.TrimStart(" \t({!");
                ReadOnlySpan<char> first = NextWord(ref rest);
                first = first is "do" or "then" or "else" ? NextWord(ref rest) : first;
                if (!IsReference(body) && first is not ("logger" or "echo" or "printf" or "mail"))
                {
                    return false;
                }
            }
            next = last + 1;
        }
        return uses > 0;
    }

    private static ReadOnlySpan<char> NextWord(ref ReadOnlySpan<char> text)
    {
        text = text.TrimStart(" \t");
        int end = text.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> word = end < 0 ? text : text[..end];
        text = end < 0 ? [] : text[end..];
        return word;
    }
}
