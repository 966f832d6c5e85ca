namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// A time as it is written: calendar fields, of which the year and the offset from UTC may be missing. Years that are missing count from
/// <see cref="FirstUnknownYear"/> in the order of the lines and are put right when the end of the file is known (<see cref="LogClock"/>).
/// </summary>
internal readonly record struct CivilTime(int Year, int Month, int Day, long SecondOfDay, int Nanoseconds, int OffsetSeconds, LogTimePrecision Precision, LogTimeBasis Basis)
{
    /// <summary>Stands for the year of the first line that has none: a leap year, so that every date can be counted.</summary>
    public const int FirstUnknownYear = 2000;

    /// <summary>Seconds since 1970 of the fields, without regard to the offset: days of the proleptic Gregorian calendar counted from 1970.</summary>
    public long LocalSeconds => DaysFromCivil(Year, Month, Day) * 86400 + SecondOfDay;

    /// <summary>A time given in seconds since 1970.</summary>
    public static CivilTime FromUnix(long seconds, int nanoseconds, LogTimePrecision precision) => new(1970, 1, 1, seconds, nanoseconds, 0, precision, LogTimeBasis.Stated);

    /// <summary>The instant: with the years moved where they are counted, and the zone where there is no offset.</summary>
    public LogTime Resolve(int yearShift, TimeZoneInfo zone)
    {
        CivilTime time = (Basis & LogTimeBasis.YearInferred) != 0 ? this with { Year = Year + yearShift } : this;
        long seconds = time.LocalSeconds;
        if ((Basis & LogTimeBasis.ZoneAssumed) == 0)
        {
            seconds -= OffsetSeconds;
        }
        else if (!ReferenceEquals(zone, TimeZoneInfo.Utc) && time.Year is > 1 and < 9999)
        {
            seconds -= (long)zone.GetUtcOffset(new DateTime(time.Year, time.Month, Math.Min(time.Day, DateTime.DaysInMonth(time.Year, time.Month)))
                .AddSeconds(time.SecondOfDay)).TotalSeconds;
        }
        return new LogTime(new Timestamp(seconds, Nanoseconds), Precision, Basis);
    }

    /// <summary>Days since 1970-01-01.</summary>
    public static long DaysFromCivil(int year, int month, int day)
    {
        int y = month <= 2 ? year - 1 : year;
        int era = (y >= 0 ? y : y - 399) / 400;
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return era * 146097L + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
    }
}

/// <summary>Reads the times of log lines. Nothing is read beyond the fields; false when they are not there.</summary>
internal static class CivilTimeText
{
    private const string MonthNames = "JanFebMarAprMayJunJulAugSepOctNovDec";

    /// <summary><c>Mmm dd HH:MM:SS[.fraction]</c> of RFC 3164, the day with a blank or a zero in front.</summary>
    public static bool TryTraditional(ReadOnlySpan<byte> text, out CivilTime time, out int length)
    {
        time = default;
        length = 0;
        if (text.Length < 15 || text[3] != ' ' || text[6] != ' ')
        {
            return false;
        }
        int month = Month(text);
        int day = (text[4] == ' ' ? 0 : Digit(text[4]) * 10) + Digit(text[5]);
        if (month == 0 || day is < 1 or > 31 || !TryClock(text[7..], out int second))
        {
            return false;
        }
        length = 15;
        LogTimePrecision precision = Fraction(text, ref length, out int nanoseconds);
        time = new CivilTime(CivilTime.FirstUnknownYear, month, day, second, nanoseconds, 0, precision, LogTimeBasis.YearInferred | LogTimeBasis.ZoneAssumed);
        return true;
    }

    /// <summary><c>YYYY-MM-DD[T or blanks]HH:MM:SS[.fraction or ,fraction][Z or +HH:MM or +HHMM or +HH]</c>.</summary>
    public static bool TryIso(ReadOnlySpan<byte> text, out CivilTime time, out int length)
    {
        time = default;
        length = 0;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)' ' or (byte)'t'))
        {
            return false;
        }
        int year = Digit(text[0]) * 1000 + Digit(text[1]) * 100 + Digit(text[2]) * 10 + Digit(text[3]);
        int month = Digit(text[5]) * 10 + Digit(text[6]);
        int day = Digit(text[8]) * 10 + Digit(text[9]);
        int at = 11;
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }
        if (year is < 1970 or > 9999 || month is < 1 or > 12 || day is < 1 or > 31 || !TryClock(text[at..], out int second))
        {
            return false;
        }
        length = at + 8;
        LogTimePrecision precision = Fraction(text, ref length, out int nanoseconds);
        bool hasOffset = TryOffset(text, ref length, out int offset);
        time = new CivilTime(year, month, day, second, nanoseconds, offset, precision, hasOffset ? LogTimeBasis.Stated : LogTimeBasis.ZoneAssumed);
        return true;
    }

    /// <summary>Number from 1 of the three letters of a month; 0 when they are none.</summary>
    public static int Month(ReadOnlySpan<byte> text)
    {
        if (text.Length < 3)
        {
            return 0;
        }
        for (int i = 0; i < 12; i++)
        {
            if (text[0] == MonthNames[i * 3] && text[1] == MonthNames[i * 3 + 1] && text[2] == MonthNames[i * 3 + 2])
            {
                return i + 1;
            }
        }
        return 0;
    }

    /// <summary><c>HH:MM:SS</c> as seconds; a leap second counts as the one before.</summary>
    public static bool TryClock(ReadOnlySpan<byte> text, out int second)
    {
        second = 0;
        if (text.Length < 8 || text[2] != ':' || text[5] != ':')
        {
            return false;
        }
        int hours = Digit(text[0]) * 10 + Digit(text[1]);
        int minutes = Digit(text[3]) * 10 + Digit(text[4]);
        int seconds = Digit(text[6]) * 10 + Digit(text[7]);
        second = hours * 3600 + minutes * 60 + Math.Min(seconds, 59);
        return hours is >= 0 and <= 23 && minutes is >= 0 and <= 59 && seconds is >= 0 and <= 60;
    }

    /// <summary><c>Z</c>, <c>+HH:MM</c>, <c>+HHMM</c> or <c>+HH</c> at <paramref name="length"/>.</summary>
    public static bool TryOffset(ReadOnlySpan<byte> text, ref int length, out int seconds)
    {
        seconds = 0;
        if (length >= text.Length)
        {
            return false;
        }
        byte sign = text[length];
        if (sign is (byte)'Z' or (byte)'z')
        {
            length++;
            return true;
        }
        if (sign is not ((byte)'+' or (byte)'-') || length + 3 > text.Length)
        {
            return false;
        }
        int hours = Digit(text[length + 1]) * 10 + Digit(text[length + 2]);
        if (hours is < 0 or > 18)
        {
            return false;
        }
        int at = length + 3;
        int minutes = 0;
        int colon = at < text.Length && text[at] == ':' ? 1 : 0;
        if (at + colon + 2 <= text.Length && Digit(text[at + colon]) is >= 0 and <= 5 and int tens && Digit(text[at + colon + 1]) is >= 0 and int ones)
        {
            minutes = tens * 10 + ones;
            at += colon + 2;
        }
        length = at;
        seconds = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
        return true;
    }

    private static LogTimePrecision Fraction(ReadOnlySpan<byte> text, ref int length, out int nanoseconds)
    {
        nanoseconds = 0;
        if (length + 1 >= text.Length || text[length] is not ((byte)'.' or (byte)',') || Digit(text[length + 1]) < 0)
        {
            return LogTimePrecision.Second;
        }
        int unit = 100_000_000;
        int digits = 0;
        for (length++; length < text.Length && Digit(text[length]) is >= 0 and int digit; length++, digits++)
        {
            nanoseconds += digit * unit;
            unit /= 10;
        }
        return digits > 6 ? LogTimePrecision.Nanosecond : digits > 3 ? LogTimePrecision.Microsecond : LogTimePrecision.Millisecond;
    }

    /// <summary>The digit; far below zero for what is none, so that no sum with it passes a check of bounds.</summary>
    private static int Digit(byte value) => value is >= (byte)'0' and <= (byte)'9' ? value - '0' : -10_000;
}
