using System.Globalization;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// The names logs are given when they are rotated: <c>.1</c>, <c>.2.gz</c>, <c>-20260101</c>, <c>-20260101.xz</c>, <c>.20260101</c>, <c>.old</c>.
/// Specification: logrotate(8).
/// </summary>
public static class LogRotation
{
    private static readonly string[] s_packed = [".gz", ".xz", ".zst", ".bz2"];

    /// <summary>Globs for the logs and all their rotated parts.</summary>
    public static IReadOnlyList<string> Claims(params ReadOnlySpan<string> paths)
    {
        var claims = new List<string>(paths.Length * 3);
        foreach (string path in paths)
        {
            claims.Add(path);
            claims.Add(path + ".*");
            claims.Add(path + "-{19,20,21}*");
        }
        return claims;
    }

    /// <summary>The name of the log without its rotation: <c>auth.log</c> for <c>auth.log.2.gz</c>.</summary>
    public static string BaseOf(string name) => Split(name).Base;

    /// <summary>
    /// Orders the parts of one log from the newest to the oldest: the live one, then by number, then by date.
    /// </summary>
    public static int Compare(string left, string right)
    {
        (string leftBase, long leftAge) = Split(left);
        (string rightBase, long rightAge) = Split(right);
        int order = string.CompareOrdinal(leftBase, rightBase);
        return order != 0 ? order : leftAge != rightAge ? leftAge.CompareTo(rightAge) : string.CompareOrdinal(left, right);
    }

    /// <summary>Whether the name is that of a rotated part.</summary>
    public static bool IsRotated(string name) => Split(name).Age > 0;

    /// <summary>The number of a part that has one: 0 for the live log, null for a date.</summary>
    internal static long? NumberOf(string name) => Split(name).Age is < DateAge and var age ? age : null;

    /// <summary>The end of the day a name carries; null without one.</summary>
    internal static Timestamp? DateOf(string name)
    {
        long age = Split(name).Age;
        if (age < DateAge)
        {
            return null;
        }
        long date = LatestDate - (age - DateAge);
        int year = (int)(date / 10000), month = (int)(date / 100 % 100), day = (int)(date % 100);
        return new Timestamp((CivilTime.DaysFromCivil(year, month, day) + 1) * 86400, 0);
    }

    private const long DateAge = 1_000_000_000;
    private const long LatestDate = 9999_12_31;

    private static (string Base, long Age) Split(string name)
    {
        foreach (string suffix in s_packed)
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                name = name[..^suffix.Length];
                break;
            }
        }
        if (name.EndsWith(".old", StringComparison.Ordinal))
        {
            return (name[..^4], 1);
        }
        // A date may carry a time or a number of seconds: "-20260101-1767225600", "-2026010113".
        for (int at = name.Length - 1; at > 0; at--)
        {
            if (name[at] is not ('.' or '-') || at == name.Length - 1 || !IsDigits(name.AsSpan(at + 1)))
            {
                continue;
            }
            ReadOnlySpan<char> digits = name.AsSpan(at + 1);
            int next = digits.IndexOfAny('-', '.');
            digits = next > 0 ? digits[..next] : digits;
            if (digits.Length >= 8 && IsDate(digits[..8], out long date))
            {
                return (name[..at], DateAge + (LatestDate - date));
            }
            if (name[at] == '.' && next < 0 && digits.Length <= 6)
            {
                return (name[..at], long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture));
            }
        }
        return (name, 0);
    }

    private static bool IsDigits(ReadOnlySpan<char> text) => text.Length > 0 && char.IsAsciiDigit(text[0]) && text.IndexOfAnyExcept("0123456789-.") < 0;

    private static bool IsDate(ReadOnlySpan<char> digits, out long date)
    {
        date = long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        return date / 10000 is >= 1990 and <= 2200 && date / 100 % 100 is >= 1 and <= 12 && date % 100 is >= 1 and <= 31;
    }
}
