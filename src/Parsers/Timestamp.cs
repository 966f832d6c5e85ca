using System.Globalization;

namespace Forensics.Parsers;

/// <summary>
/// A point in time in UTC with nanosecond resolution: seconds since 1970-01-01T00:00:00Z (may be negative) plus 0..999,999,999 nanoseconds.
/// <see cref="DateTimeOffset"/> keeps only 100 ns, which would lose what ext4 and XFS store.
/// </summary>
/// <remarks>Limitations: formats years 1 to 9999; a value outside is clamped to those bounds when formatted.</remarks>
public readonly record struct Timestamp(long Seconds, int Nanoseconds) : IComparable<Timestamp>
{
    /// <summary>Length in characters of <see cref="ToString"/>: <c>2026-11-24T03:00:00.000000000Z</c>.</summary>
    public const int TextLength = 30;

    private const ulong TicksPerSecond = 10_000_000;
    private const long SecondsFrom1601To1970 = 11_644_473_600;
    private const long FirstSecond = -62135596800;
    private const long LastSecond = 253402300799;

    /// <summary>The same instant truncated to 100 ns.</summary>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(Seconds, FirstSecond, LastSecond)).AddTicks(Nanoseconds / 100);

    /// <inheritdoc/>
    public int CompareTo(Timestamp other) => Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>The instant of a FILETIME: 100 ns since 1601, unsigned, so up to the year 60056.</summary>
    public static Timestamp FromFileTime(ulong ticks) => new((long)(ticks / TicksPerSecond) - SecondsFrom1601To1970, (int)(ticks % TicksPerSecond) * 100);

    /// <summary>ISO 8601 UTC with nine decimals and <c>Z</c>.</summary>
    public override string ToString() => string.Create(TextLength, this, static (span, time) =>
    {
        Span<byte> text = stackalloc byte[TextLength];
        time.Format(text);
        for (int i = 0; i < TextLength; i++)
        {
            span[i] = (char)text[i];
        }
    });

    /// <summary>Writes the <see cref="TextLength"/> ASCII bytes of <see cref="ToString"/>.</summary>
    public void Format(Span<byte> destination)
    {
        long seconds = Math.Clamp(Seconds, FirstSecond, LastSecond);
        long days = Math.DivRem(seconds, 86400, out long rest);
        if (rest < 0)
        {
            days--;
            rest += 86400;
        }
        // Civil-from-days (proleptic Gregorian), counted in 400-year eras from 0000-03-01.
        long shifted = days + 719468;
        long era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
        int dayOfEra = (int)(shifted - era * 146097);
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int monthIndex = (5 * dayOfYear + 2) / 153;
        int day = dayOfYear - (153 * monthIndex + 2) / 5 + 1;
        int month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
        int year = (int)(yearOfEra + era * 400) + (month <= 2 ? 1 : 0);
        int second = (int)rest;
        Digits(destination[..4], year);
        destination[4] = (byte)'-';
        Digits(destination.Slice(5, 2), month);
        destination[7] = (byte)'-';
        Digits(destination.Slice(8, 2), day);
        destination[10] = (byte)'T';
        Digits(destination.Slice(11, 2), second / 3600);
        destination[13] = (byte)':';
        Digits(destination.Slice(14, 2), second / 60 % 60);
        destination[16] = (byte)':';
        Digits(destination.Slice(17, 2), second % 60);
        destination[19] = (byte)'.';
        Digits(destination.Slice(20, 9), Nanoseconds);
        destination[29] = (byte)'Z';
    }

    /// <summary>The instant of a <see cref="DateTimeOffset"/>.</summary>
    public static Timestamp From(DateTimeOffset time)
    {
        long ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        long seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest);
        return rest < 0 ? new Timestamp(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * 100) : new Timestamp(seconds, (int)rest * 100);
    }

    /// <summary>Decimal text of whole seconds, invariant.</summary>
    public string SecondsText => Seconds.ToString(CultureInfo.InvariantCulture);

    private static void Digits(Span<byte> destination, int value)
    {
        for (int i = destination.Length - 1; i >= 0; i--)
        {
            destination[i] = (byte)('0' + value % 10);
            value /= 10;
        }
    }
}
