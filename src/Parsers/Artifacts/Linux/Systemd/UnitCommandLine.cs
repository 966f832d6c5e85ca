using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One command of an <c>Exec...=</c> setting.</summary>
/// <param name="Program">The program, prefixes stripped, specifiers expanded.</param>
/// <param name="Arguments">The further words.</param>
/// <param name="Argv0">The name given with the <c>@</c> prefix.</param>
/// <param name="Prefixes">The prefix characters.</param>
/// <param name="Defect">Why systemd refuses it; null when it does not.</param>
internal sealed record UnitCommandLine(string Program, IReadOnlyList<string> Arguments, string? Argv0, string Prefixes, string? Defect)
{
    /// <summary>The <c>|</c> prefix of systemd 258 and later.</summary>
    public bool ThroughShell => Prefixes.Contains('|');

    /// <summary>The <c>+</c> prefix: with full privileges whatever <c>User=</c> says; <c>!</c> keeps root as well.</summary>
    public bool IgnoresUser => Prefixes.Contains('+') || (Prefixes.Contains('!') && !Prefixes.Contains("!!", StringComparison.Ordinal));

    /// <summary>
    /// The command as a POSIX shell would have to be told it to start the same words: those with blanks or shell signs are quoted.
    /// Through a shell the words stand bare, for the shell reads them.
    /// </summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            Append(text, Program);
            foreach (string argument in Arguments)
            {
                if (text.Length > 0)
                {
                    text.Append(' ');
                }
                Append(text, argument);
            }
            return text.ToString();
        }
    }

    /// <summary>Reads one setting; see systemd.service(5) "Command Lines".</summary>
    public static List<UnitCommandLine> Parse(string value, UnitExpansion expansion)
    {
        var commands = new List<UnitCommandLine>();
        var words = new UnitWords(value);
        while (expansion.TakeWord() && words.TryNext(out string first))
        {
            if (first == ";")
            {
                continue;
            }
            commands.Add(ReadOne(ref words, first, expansion));
        }
        return commands;
    }

    private static UnitCommandLine ReadOne(ref UnitWords words, string first, UnitExpansion expansion)
    {
        int length = PrefixLength(first);
        string prefixes = first[..length];
        bool valid = true;
        string program = expansion.Specifiers.Expand(first[length..], out bool expanded);
        valid &= expanded;
        string? argv0 = null;
        bool takesName = prefixes.Contains('@') && !prefixes.Contains('|');
        var arguments = new List<string>();
        while (words.Rest.Length > 0 && expansion.TakeWord())
        {
            // A bare semicolon ends the command; an escaped one is an argument. Quoted ones are ordinary words.
            if (IsToken(words.Rest, ";"))
            {
                words.Skip(1);
                break;
            }
            string word;
            if (IsToken(words.Rest, "\\;"))
            {
                words.Skip(2);
                word = ";";
            }
            else if (words.TryNext(out word))
            {
                word = expansion.Specifiers.Expand(word, out expanded);
                valid &= expanded;
            }
            if (takesName && argv0 is null)
            {
                argv0 = word;
            }
            else if (prefixes.Contains(':'))
            {
                arguments.Add(word);
            }
            else
            {
                AddExpanded(arguments, word, expansion);
            }
        }
        return new UnitCommandLine(program, arguments, argv0, prefixes, Judge(program, prefixes, takesName && argv0 is null, valid, words.IsUnbalanced));
    }

    private static string? Judge(string program, string prefixes, bool lacksName, bool specifiersValid, bool unbalanced)
    {
        if (unbalanced)
        {
            return "systemd drops the line: a quote is not closed";
        }
        if (!specifiersValid)
        {
            return "systemd refuses the unit: unknown specifier";
        }
        if (lacksName)
        {
            return "systemd refuses the unit: '@' without a name";
        }
        if (program.Length == 0)
        {
            return prefixes.Contains('|') ? null : "systemd refuses the unit: no program";
        }
        if (program.AsSpan().ContainsAny("\"'\\\x7F") || program.AsSpan().ContainsAnyInRange('\0', '\x1F'))
        {
            return "systemd refuses the unit: quote, backslash or control character in the program's name";
        }
        if (program.EndsWith('/'))
        {
            return "systemd refuses the unit: the program is a directory";
        }
        return program[0] != '/' && (program.Contains('/') || program is "." or "..") && program[0] != '%'
            ? "systemd refuses the unit: the program is neither absolute nor a bare name"
            : null;
    }

    // Each prefix counts once, '!' twice, as "!" or "!!"; "+" and "!" exclude each other. The next repeated sign belongs to the program's name.
    private static int PrefixLength(string word)
    {
        int i = 0;
        for (; i < word.Length; i++)
        {
            ReadOnlySpan<char> before = word.AsSpan(0, i);
            bool isPrefix = word[i] switch
            {
                '-' or '@' or ':' or '|' => !before.Contains(word[i]),
                '+' => !before.ContainsAny('+', '!'),
                '!' => !before.Contains('+') && before.Count('!') < 2,
                _ => false,
            };
            if (!isPrefix)
            {
                break;
            }
        }
        return i;
    }

    private static bool IsToken(ReadOnlySpan<char> rest, string token) =>
        rest.StartsWith(token) && (rest.Length == token.Length || UnitWords.IsBlank(rest[token.Length]));

    // "$NAME" alone is split into words, "${NAME}" within a word is not, "$$" is a dollar. A name this file does not set stays as written:
    // an EnvironmentFile or another drop-in may set it.
    private static void AddExpanded(List<string> arguments, string word, UnitExpansion expansion)
    {
        if (!word.Contains('$'))
        {
            arguments.Add(word);
            return;
        }
        if (word.Length > 1 && word[0] == '$' && word[1] is not ('{' or '$') && expansion.TryGet(word[1..], out string list))
        {
            var parts = new UnitWords(list);
            while (expansion.TakeWord() && parts.TryNext(out string part))
            {
                arguments.Add(part);
            }
            return;
        }
        if (!word.Contains("$$", StringComparison.Ordinal) && !word.Contains("${", StringComparison.Ordinal))
        {
            arguments.Add(word);
            return;
        }
        var result = new StringBuilder();
        for (int i = 0; i < word.Length; i++)
        {
            if (word[i] == '$' && i + 1 < word.Length)
            {
                if (word[i + 1] == '$')
                {
                    result.Append('$');
                    i++;
                    continue;
                }
                int end = word[i + 1] == '{' ? word.IndexOf('}', i) : -1;
                if (end > 0 && expansion.TryGet(word[(i + 2)..end], out string value))
                {
                    result.Append(value);
                    i = end;
                    continue;
                }
            }
            result.Append(word[i]);
        }
        arguments.Add(result.ToString());
    }

    private void Append(StringBuilder text, string word)
    {
        if (ThroughShell)
        {
            text.Append(word);
        }
        else if (word.Length > 0 && (!word.AsSpan().ContainsAnyExcept(Plain) || IsVariable(word)))
        {
            text.Append(word);
        }
        else if (word.Contains('\'') && !word.AsSpan().ContainsAny("\"$`\\"))
        {
            text.Append('"').Append(word).Append('"');
        }
        else
        {
            text.Append('\'').Append(word.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }
    }

    private static readonly System.Buffers.SearchValues<char> Plain =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%^");

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private static bool IsVariable(string word)
    {
        if (word.Length < 2 || word[0] != '$')
        {
            return false;
        }
        ReadOnlySpan<char> name = word.AsSpan(1);
        if (name[0] == '{' && name[^1] == '}')
        {
            name = name[1..^1];
        }
        return name.Length > 0 && !char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(NameCharacters);
    }
}
