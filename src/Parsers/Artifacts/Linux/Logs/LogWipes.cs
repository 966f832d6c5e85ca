using System.Globalization;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>What one part of a rotated log is, for comparing it with its siblings.</summary>
/// <param name="Location">Where it is.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Time of its last change.</param>
public readonly record struct LogPart(EvidenceLocation Location, long Size, Timestamp? Modified);

/// <summary>Signs in the files themselves that a log was emptied or altered afterwards.</summary>
public static class LogWipes
{
    /// <summary>
    /// Looks at the parts of one log (<c>wtmp</c>, <c>wtmp.1</c> ...): the live one is empty although its last change is not its last rotation, a part in the middle is
    /// missing, or an older part was changed after a newer one. The order of <paramref name="parts"/> does not matter.
    /// </summary>
    public static IEnumerable<LogEvent> Compare(IReadOnlyCollection<LogPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        List<LogPart> ordered = [.. parts];
        ordered.Sort(static (a, b) => LogRotation.Compare(a.Location.Name, b.Location.Name));
        for (int i = 0; i < ordered.Count; i++)
        {
            LogPart part = ordered[i];
            LogPart? older = i + 1 < ordered.Count ? ordered[i + 1] : null;
            if (part.Size == 0 && older is { Size: > 0, Modified: { } before } && part.Modified is { } changed && changed.Seconds > before.Seconds + Day)
            {
                yield return Wiped(part, string.Create(CultureInfo.InvariantCulture, $"empty although last changed {(changed.Seconds - before.Seconds) / Day} days after its older part {older.Value.Location.Name}"));
            }
            if (older is { Modified: { } olderTime } && part.Modified is { } newerTime && olderTime.Seconds > newerTime.Seconds + Day)
            {
                yield return Wiped(older.Value, "changed after the newer part " + part.Location.Name);
            }
        }
        foreach (LogEvent missing in MissingNumbers(ordered))
        {
            yield return missing;
        }
    }

    /// <summary>Reports when the file was last changed long before its own last entry.</summary>
    internal static void ReportOrder(LogInput input, LogClock clock, Timestamp? modified, ILogEventSink sink)
    {
        if (clock.Lines == 0 || modified is not { } changed || clock.YearShift(modified, input.Zone) is not { } shift)
        {
            return;
        }
        LogTime last = clock.Last.Resolve(shift, input.Zone);
        // A day: the zone of lines without an offset may be any.
        if (last.Instant.Seconds > changed.Seconds + Day)
        {
            sink.Add(new LogEvent(input.Location, LogEventKind.LogWiped)
            {
                First = last, Last = last,
                Detail = string.Create(CultureInfo.InvariantCulture, $"the file was last changed {(last.Instant.Seconds - changed.Seconds) / 3600} hours before its last entry"),
            });
        }
    }

    private const long Day = 86400;

    private static IEnumerable<LogEvent> MissingNumbers(List<LogPart> ordered)
    {
        for (int i = 1; i < ordered.Count; i++)
        {
            if (LogRotation.NumberOf(ordered[i - 1].Location.Name) is { } number && LogRotation.NumberOf(ordered[i].Location.Name) is { } next && next > number + 1)
            {
                yield return Wiped(ordered[i], string.Create(CultureInfo.InvariantCulture, $"parts {number + 1} to {next - 1} of the rotation are missing"));
            }
        }
    }

    private static LogEvent Wiped(LogPart part, string detail) => new(part.Location, LogEventKind.LogWiped)
    {
        First = part.Modified is { } time ? new LogTime(time, LogTimePrecision.Nanosecond, LogTimeBasis.Stated) : null,
        Detail = detail,
    };
}
