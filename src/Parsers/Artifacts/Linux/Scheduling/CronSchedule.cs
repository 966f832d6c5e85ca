namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Judges the time fields of a crontab line the way Debian's cron (3.0pl1) and cronie do, each with its own tolerance.
/// See crontab(5) of both, https://github.com/cronie-crond/cronie.
/// </summary>
/// <remarks>
/// <b>Limitations</b>: where releases of one daemon differ, the tolerant one is followed, so that a live job is never called dormant.
/// </remarks>
internal static class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    private static readonly (string Name, int Low, int High, string[] Names)[] Fields =
    [
        ("minute", 0, 59, []), ("hour", 0, 23, []), ("day-of-month", 1, 31, []), ("month", 1, 12, Months), ("day-of-week", 0, 7, Days),
    ];

    /// <summary>Whether <c>@word</c> is one that the daemons know.</summary>
    public static bool IsNickname(string word) =>
        word is "@reboot" or "@yearly" or "@annually" or "@monthly" or "@weekly" or "@daily" or "@midnight" or "@hourly";

    /// <summary>The first bad field as the daemon's log names it (<c>bad minute</c>); null when all are good.</summary>
    /// <param name="fields">Five fields.</param>
    /// <param name="isCronie">cronie's grammar: random ranges with <c>~</c>, strict ends of numbers.</param>
    public static string? Refusal(ReadOnlySpan<string> fields, bool isCronie)
    {
        for (int i = 0; i < Fields.Length; i++)
        {
            if (!IsList(fields[i], i, isCronie))
            {
                return "bad " + Fields[i].Name;
            }
        }
        return null;
    }

    /// <summary>Whether a field is one that a daemon takes, or at least made of what schedules are made of.</summary>
    public static bool LooksLikeField(string field, int index) =>
        HasFieldCharacters(field, index) || IsList(field, index, isCronie: false) || IsList(field, index, isCronie: true);

    private static bool HasFieldCharacters(string field, int index)
    {
        int at = 0;
        while (at < field.Length)
        {
            if (char.IsAsciiLetter(field[at]))
            {
                int start = at;
                while (at < field.Length && char.IsAsciiLetter(field[at]))
                {
                    at++;
                }
                if (NameValue(field.AsSpan(start, at - start), Fields[index].Names) < 0)
                {
                    return false;
                }
            }
            else if (field[at] is '*' or '/' or ',' or '-' or '~' or (>= '0' and <= '9'))
            {
                at++;
            }
            else
            {
                return false;
            }
        }
        return field.Length is > 0 and <= 256;
    }

    private static bool IsList(string field, int index, bool isCronie)
    {
        int at = 0;
        while (true)
        {
            if (!IsRange(field, ref at, index, isCronie))
            {
                return false;
            }
            if (at >= field.Length || field[at] != ',')
            {
                // What follows a complete range up to the next blank is skipped by both daemons.
                return true;
            }
            at++;
        }
    }

    private static bool IsRange(string field, ref int at, int index, bool isCronie)
    {
        (_, int low, int high, string[] names) = Fields[index];
        int from = low;
        int to = high;
        char c = at < field.Length ? field[at] : '\0';
        if (c == '*')
        {
            at++;
        }
        else if (isCronie && c == '~')
        {
            at++;
            if (at < field.Length && char.IsAsciiLetterOrDigit(field[at]) && !TryNumber(field, ref at, low, names, isCronie, "/,", out to))
            {
                return false;
            }
        }
        else
        {
            if (!TryNumber(field, ref at, low, names, isCronie, ",-~", out from))
            {
                return false;
            }
            bool isRandom = isCronie && at < field.Length && field[at] == '~';
            if (at >= field.Length || (field[at] != '-' && !isRandom))
            {
                // A step without a range: cronie's number must end there, Debian refuses it by name.
                return from >= low && from <= high && (at >= field.Length || field[at] != '/');
            }
            at++;
            bool isOpen = isRandom && (at >= field.Length || field[at] is ',' or '/');
            if (!isOpen && !TryNumber(field, ref at, low, names, isCronie, "/,", out to))
            {
                return false;
            }
        }
        // Debian takes a reversed range and simply never matches it.
        if (from < low || from > high || to < low || to > high || (isCronie && from > to))
        {
            return false;
        }
        if (at < field.Length && field[at] == '/')
        {
            at++;
            return TryNumber(field, ref at, 0, [], isCronie, ",", out int step) && step > 0;
        }
        return true;
    }

    private static bool TryNumber(string field, ref int at, int low, string[] names, bool isCronie, string ends, out int value)
    {
        int start = at;
        value = 0;
        while (at < field.Length && char.IsAsciiLetterOrDigit(field[at]))
        {
            at++;
        }
        ReadOnlySpan<char> word = field.AsSpan(start, at - start);
        if (word.IsEmpty || word.Length > 64 || (isCronie && at < field.Length && !ends.Contains(field[at])))
        {
            return false;
        }
        if (!word.ContainsAnyExceptInRange('0', '9'))
        {
            foreach (char digit in word)
            {
                value = Math.Min(value * 10 + (digit - '0'), 1_000_000);
            }
            return true;
        }
        int name = NameValue(word, names);
        value = name + low;
        return name >= 0;
    }

    private static int NameValue(ReadOnlySpan<char> word, string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            if (word.Equals(names[i], StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }
        return -1;
    }
}
