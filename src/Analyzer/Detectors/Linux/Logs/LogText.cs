using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>How messages speak of times and addresses in logs.</summary>
internal static class LogText
{
    /// <summary><c>on 2026-06-01 12:00:00</c> (UTC), <c>about</c> where the year or the zone was concluded.</summary>
    public static string On(LogTime time) => (time.Basis == LogTimeBasis.Stated ? "on " : "about ") + Moment(time.Instant);

    /// <summary>The time in UTC.</summary>
    public static string Moment(Timestamp time) => time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The day in UTC.</summary>
    public static string Day(Timestamp time) => time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary><c>first on ..., last on ...</c>; empty without times.</summary>
    public static string Span(LogTime? first, LogTime? last) => (first, last) switch
    {
        ({ } begin, { } end) when begin.Instant != end.Instant => $"first {On(begin)}, last {On(end)}",
        ({ } begin, _) => On(begin),
        _ => "at a time that is not known",
    };

    /// <summary>An address that anybody on the internet may have; false for private ones and for names.</summary>
    public static bool IsPublic(string? address)
    {
        if (!IPAddress.TryParse(address, out IPAddress? parsed))
        {
            return false;
        }
        parsed = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        if (IPAddress.IsLoopback(parsed) || parsed.Equals(IPAddress.Any) || parsed.Equals(IPAddress.IPv6Any))
        {
            return false;
        }
        if (parsed.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return !parsed.IsIPv6LinkLocal && !parsed.IsIPv6UniqueLocal && !parsed.IsIPv6SiteLocal;
        }
        byte[] bytes = parsed.GetAddressBytes();
        return !(bytes[0] is 10 or 0 || (bytes[0] == 172 && bytes[1] is >= 16 and <= 31) || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254) || (bytes[0] == 100 && bytes[1] is >= 64 and <= 127));
    }
}
