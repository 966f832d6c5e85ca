using System.Globalization;

namespace Forensics.Analyzer.Reports;

/// <summary>Numbers as people read them, independent of the locale.</summary>
internal static class Amounts
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary><c>81,234</c>.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>1 volume</c>, <c>3 volumes</c>.</summary>
    public static string Count(long value, string singular, string? plural = null) => Count(value) + " " + (value == 1 ? singular : plural ?? singular + "s");

    /// <summary><c>8.0 GiB</c>.</summary>
    public static string Bytes(long value)
    {
        double size = value;
        int unit = 0;
        while (size >= 1024 && unit < Units.Length - 1)
        {
            size /= 1024;
            unit++;
        }
        return size.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary><c>1:02:03</c> or <c>02:03</c>.</summary>
    public static string Clock(TimeSpan time) => time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"mm\:ss", CultureInfo.InvariantCulture);
}
