using System.Text;

namespace Forensics.Analyzer.Evidence;

/// <summary>Takes command lines of Windows apart: into words as C programs do, and into commands as <c>cmd.exe</c> does.</summary>
/// <seealso href="https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments"/>
internal static class WindowsCommandLine
{
    private const int MostWords = 512;
    private const int MostCommands = 256;

    /// <summary>The words. A backslash escapes a quote only; two quotes within quotes are one.</summary>
    public static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool isQuoted = false;
        bool inWord = false;
        for (int i = 0; i < text.Length && words.Count < MostWords; i++)
        {
            char value = text[i];
            if (value == '\\')
            {
                int run = 1;
                while (i + run < text.Length && text[i + run] == '\\')
                {
                    run++;
                }
                bool beforeQuote = i + run < text.Length && text[i + run] == '"';
                word.Append('\\', beforeQuote ? run / 2 : run);
                i += run - 1;
                if (beforeQuote && run % 2 == 1)
                {
                    word.Append('"');
                    i++;
                }
                inWord = true;
            }
            else if (value == '"')
            {
                if (isQuoted && i + 1 < text.Length && text[i + 1] == '"')
                {
                    word.Append('"');
                    i++;
                }
                else
                {
                    isQuoted = !isQuoted;
                }
                inWord = true;
            }
            else if (!isQuoted && value is ' ' or '\t' or '\r' or '\n')
            {
                if (!isQuoted)
                {
                    Flush(words, word, ref inWord);
                }
            }
            else
            {
                word.Append(value);
                inWord = true;
            }
        }
        Flush(words, word, ref inWord);
        return words;
    }

    /// <summary>The simple commands of a line of <c>cmd.exe</c>: operators and brackets split it, carets are taken off, redirections are left out.</summary>
    public static List<string> Commands(string text)
    {
        var commands = new List<string>();
        var command = new StringBuilder();
        bool isQuoted = false;
        for (int i = 0; i < text.Length && commands.Count < MostCommands; i++)
        {
            char value = text[i];
            if (value == '"')
            {
                isQuoted = !isQuoted;
                command.Append(value);
            }
            else if (!isQuoted && value == '^')
            {
                // At the end of a line it joins the next one; elsewhere the next character stands for itself.
                i += i + 1 < text.Length && text[i + 1] == '\r' ? 1 : 0;
                if (i + 1 < text.Length && text[++i] != '\n')
                {
                    command.Append(text[i]);
                }
            }
            else if (!isQuoted && (value is '&' or '|' or '\n' || (value == '(' && string.IsNullOrWhiteSpace(command.ToString())) || (value == ')' && IsEnd(text, i))))
            {
                Take(commands, command);
            }
            else if (!isQuoted && value is '>' or '<')
            {
                if (isQuoted)
                {
                    command.Append(value);
                    continue;
                }
                // "2>nul", ">> file", "2>&1": the target goes with it.
                if (command.Length > 0 && char.IsAsciiDigit(command[^1]) && (command.Length == 1 || command[^2] == ' '))
                {
                    command.Length--;
                }
                i = SkipTarget(text, i);
            }
            else
            {
                command.Append(value);
            }
        }
        Take(commands, command);
        return commands;
    }

    private static bool IsEnd(string text, int at)
    {
        for (int i = at + 1; i < text.Length; i++)
        {
            if (text[i] is '\n' or '&' or '|' or ')' or '>')
            {
                return true;
            }
            if (text[i] is not (' ' or '\t' or '\r'))
            {
                return text.AsSpan(i).StartsWith("else", StringComparison.OrdinalIgnoreCase);
            }
        }
        return true;
    }

    private static int SkipTarget(string text, int at)
    {
        int i = at + 1;
        while (i < text.Length && text[i] is '>' or '<' or '&' or ' ')
        {
            i++;
        }
        bool isQuoted = false;
        while (i < text.Length && (isQuoted || text[i] is not (' ' or '&' or '|' or '\n' or ')' or '<' or '>')))
        {
            isQuoted ^= text[i] == '"';
            i++;
        }
        return i - 1;
    }

    private static void Flush(List<string> words, StringBuilder word, ref bool inWord)
    {
        if (inWord)
        {
            words.Add(word.ToString());
        }
        word.Clear();
        inWord = false;
    }

    private static void Take(List<string> commands, StringBuilder command)
    {
        string text = command.ToString().Trim(' ', '\t', '\r', '@', ',', ';', '=');
        command.Clear();
        if (text.Length > 0)
        {
            commands.Add(text);
        }
    }
}
