using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What a line of a crontab is.</summary>
internal enum CrontabLineKind
{
    Blank,
    Comment,
    Environment,
    Job,
    Bad,
}

/// <summary>One line of a crontab, taken apart as the daemons do.</summary>
internal sealed record CrontabLine(CrontabLineKind Kind)
{
    /// <summary>Variable name, or schedule of a job.</summary>
    public string Name { get; init; } = "";
    /// <summary>Variable value, or command of a job as written.</summary>
    public string Value { get; init; } = "";
    public string? User { get; init; }
    public bool SuppressesLogging { get; init; }
    /// <summary>What is wrong with the line for Debian's cron; null when nothing.</summary>
    public string? DebianRefusal { get; init; }
    /// <summary>What is wrong with the line for cronie; null when nothing.</summary>
    public string? CronieRefusal { get; init; }

    public static readonly CrontabLine Blank = new(CrontabLineKind.Blank);
    public static readonly CrontabLine Comment = new(CrontabLineKind.Comment);
    public static readonly CrontabLine Bad = new(CrontabLineKind.Bad) { DebianRefusal = "bad minute", CronieRefusal = "bad minute" };

    public static CrontabLine Parse(string text, bool hasUserColumn)
    {
        int at = SkipBlanks(text, 0);
        if (at == text.Length)
        {
            return Blank;
        }
        if (text[at] == '#')
        {
            return Comment;
        }
        return ParseEnvironment(text, at) ?? ParseJob(text, at, hasUserColumn) ?? Bad;
    }

    /// <summary>Splits at the first unescaped <c>%</c>; what follows goes to standard input with further ones as line ends.</summary>
    public static (string Command, string? StandardInput) SplitPercent(string command)
    {
        if (!command.Contains('%'))
        {
            return (command, null);
        }
        var text = new StringBuilder(command.Length);
        string? before = null;
        for (int i = 0; i < command.Length; i++)
        {
            char c = command[i];
            if (c == '\\' && i + 1 < command.Length)
            {
                if (command[i + 1] != '%')
                {
                    text.Append(c);
                }
                text.Append(command[++i]);
            }
            else if (c == '%' && before is null)
            {
                before = text.ToString();
                text.Clear();
            }
            else
            {
                text.Append(c == '%' ? '\n' : c);
            }
        }
        return before is null ? (text.ToString(), null) : (before, text.ToString());
    }

    private static CrontabLine? ParseEnvironment(string text, int at)
    {
        string name;
        if (text[at] is '"' or '\'')
        {
            int close = text.IndexOf(text[at], at + 1);
            if (close < 0)
            {
                return null;
            }
            name = text[(at + 1)..close];
            at = close + 1;
        }
        else
        {
            int start = at;
            while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] != '=')
            {
                at++;
            }
            name = text[start..at];
        }
        at = SkipBlanks(text, at);
        if (at >= text.Length || text[at] != '=')
        {
            return null;
        }
        at = SkipBlanks(text, at + 1);
        string value = text[at..].TrimEnd();
        if (value.Length > 0 && value[0] is '"' or '\'')
        {
            int close = value.IndexOf(value[0], 1);
            if (close != value.Length - 1)
            {
                return null;
            }
            value = value[1..close];
        }
        return new CrontabLine(CrontabLineKind.Environment)
        {
            Name = name,
            Value = value,
            DebianRefusal = at == text.Length ? "bad minute" : null,
        };
    }

    /// <summary>The daemons take any name, an empty one too; names that binary noise makes are left out of the facts.</summary>
    public bool HasPlausibleName => Name.Length is > 0 and <= 256 && !Name.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static CrontabLine? ParseJob(string text, int at, bool hasUserColumn)
    {
        bool isQuiet = text[at] == '-';
        at += isQuiet ? 1 : 0;
        string schedule;
        string? debian = isQuiet ? "bad minute" : null;
        string? cronie = null;
        if (at < text.Length && text[at] == '@')
        {
            schedule = NextWord(text, ref at);
            if (schedule.AsSpan(1).ContainsAnyExcept(Letters))
            {
                return null;
            }
            if (!CronSchedule.IsNickname(schedule))
            {
                debian = cronie = "bad time specifier";
            }
        }
        else
        {
            var fields = new string[5];
            for (int i = 0; i < fields.Length; i++)
            {
                fields[i] = NextWord(text, ref at);
                if (!CronSchedule.LooksLikeField(fields[i], i))
                {
                    return null;
                }
            }
            schedule = string.Join(' ', fields);
            debian ??= CronSchedule.Refusal(fields, isCronie: false);
            cronie = CronSchedule.Refusal(fields, isCronie: true);
        }
        string rest = text[at..];
        if (rest.Length == 0)
        {
            // A schedule without a command: cronie drops the line, Debian takes it and runs nothing.
            return new CrontabLine(CrontabLineKind.Bad) { DebianRefusal = debian, CronieRefusal = cronie ?? "bad command" };
        }
        if (rest[0] == '*')
        {
            debian ??= "bad command";
            cronie ??= "bad command";
        }
        string? user = null;
        if (hasUserColumn)
        {
            int command = 0;
            user = NextWord(rest, ref command);
            if (!IsUserName(user))
            {
                user = null;
                debian ??= "bad username";
                cronie ??= "bad username";
            }
            else if (command == rest.Length)
            {
                user = null;
                debian ??= "bad command";
                cronie ??= "bad command";
            }
            else
            {
                rest = rest[command..];
            }
        }
        return new CrontabLine(CrontabLineKind.Job)
        {
            Name = schedule,
            Value = rest,
            User = user,
            SuppressesLogging = isQuiet,
            DebianRefusal = debian,
            CronieRefusal = cronie,
        };
    }

    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    private static bool IsUserName(string word)
    {
        foreach (char c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or '+' or '@' or '$' or '\\' or '#') && c < 0x80)
            {
                return false;
            }
        }
        return word.Length is > 0 and <= 256 && word[0] is not ('-' or '$' or '\\');
    }

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t')
        {
            at++;
        }
        return at;
    }

    /// <summary>The word at the position, which moves behind the blanks that follow it.</summary>
    private static string NextWord(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && text[at] is not (' ' or '\t'))
        {
            at++;
        }
        string word = text[start..at];
        at = SkipBlanks(text, at);
        return word;
    }
}
