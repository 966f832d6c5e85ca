using System.Text;

namespace Forensics.Analyzer.Evidence;

/// <summary>Splits a command line that no shell interprets (systemd's Exec lines) into words: blanks, both quotes and backslash escapes, no operators.</summary>
/// <seealso href="https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html#Quoting"/>
internal static class ExecWords
{
    public static List<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool inWord = false;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char value = text[i];
            if (value == '\\' && quote != '\'' && i + 1 < text.Length)
            {
                word.Append(text[++i]);
                inWord = true;
            }
            else if (quote != '\0')
            {
                if (value == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word.Append(value);
                }
            }
            else if (value is '"' or '\'')
            {
                quote = value;
                inWord = true;
            }
            else if (value is ' ' or '\t' or '\n' or '\r')
            {
                if (inWord)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    inWord = false;
                }
            }
            else
            {
                word.Append(value);
                inWord = true;
            }
        }
        if (inWord)
        {
            words.Add(word.ToString());
        }
        return words;
    }

    /// <summary>The words as one text in which a lone operator is quoted, because no shell will see it.</summary>
    public static string Join(IReadOnlyList<string> words)
    {
        var text = new StringBuilder();
        foreach (string word in words)
        {
            if (text.Length > 0)
            {
                text.Append(' ');
            }
            text.Append(word.Length > 0 && word[0] is '|' or '&' or ';' or '<' or '>' ? "'" + word + "'" : word);
        }
        return text.ToString();
    }
}
