namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>The smallest unit a time in a log is given in.</summary>
public enum LogTimePrecision
{
    /// <summary>Seconds.</summary>
    Second,
    /// <summary>Milliseconds.</summary>
    Millisecond,
    /// <summary>Microseconds.</summary>
    Microsecond,
    /// <summary>Nanoseconds.</summary>
    Nanosecond,
    /// <summary>Units of 100 nanoseconds (FILETIME).</summary>
    HundredNanoseconds,
}

/// <summary>What of a time is not written in the log but was concluded.</summary>
[Flags]
public enum LogTimeBasis
{
    /// <summary>All of it is written there.</summary>
    Stated = 0,
    /// <summary>The year: from the file's last change and the order of the lines.</summary>
    YearInferred = 1,
    /// <summary>The offset from UTC: the zone of the host as far as it is known, else UTC.</summary>
    ZoneAssumed = 2,
}

/// <summary>A time as a log gives it, and how sure it is.</summary>
/// <param name="Instant">In UTC.</param>
/// <param name="Precision">Its unit.</param>
/// <param name="Basis">What of it was concluded.</param>
public readonly record struct LogTime(Timestamp Instant, LogTimePrecision Precision, LogTimeBasis Basis)
{
    /// <summary><c>stated</c>, <c>year inferred</c>, <c>zone assumed</c> or both of these.</summary>
    public string BasisText => Basis switch
    {
        LogTimeBasis.Stated => "stated",
        LogTimeBasis.YearInferred => "year inferred",
        LogTimeBasis.ZoneAssumed => "zone assumed",
        _ => "year inferred, zone assumed",
    };

    /// <summary>Seconds since 1970 stated in full.</summary>
    internal static LogTime FromUnix(long seconds, long nanoseconds, LogTimePrecision precision) =>
        new(new Timestamp(seconds, (int)Math.Clamp(nanoseconds, 0, 999_999_999)), precision, LogTimeBasis.Stated);

    /// <summary>Microseconds since 1970 stated in full.</summary>
    internal static LogTime FromMicroseconds(ulong microseconds) =>
        FromUnix((long)(microseconds / 1_000_000), (long)(microseconds % 1_000_000) * 1000, LogTimePrecision.Microsecond);
}
