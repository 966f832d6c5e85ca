using System.Numerics;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>A place where the times of a source jump.</summary>
/// <param name="Before">Time of the line before.</param>
/// <param name="After">Time of the line after it.</param>
/// <param name="Seconds">From the one to the other; negative when time goes backwards.</param>
/// <param name="Line">Line after the jump, from 1.</param>
/// <param name="Offset">Byte offset of that line.</param>
internal readonly record struct TimeJump(CivilTime Before, CivilTime After, long Seconds, long Line, long Offset);

/// <summary>What can be expected of the times in a file.</summary>
internal enum LogRhythm
{
    /// <summary>Something is logged all the time: silence means something.</summary>
    Continuous,
    /// <summary>Lines come when something happens, in order.</summary>
    Ordered,
    /// <summary>Several writers add theirs when they end, as shells do.</summary>
    Unordered,
}

/// <summary>
/// Follows the times of the lines of one file: counts the years of lines that have none, keeps the longest silences and where time goes backwards, in
/// constant memory.
/// </summary>
/// <remarks>
/// Years: from one line to the next a step back by more than half a year is a new year. At the end the last line is given the latest year that does not put it
/// after the last change of the file, or after the first line with a year that follows, as after an upgrade of the logger. Limitations: a file that stays silent for more than a year loses it; it cannot be told from the lines.
/// </remarks>
internal sealed class LogClock(LogLimits limits, LogRhythm rhythm)
{
    private const long HalfYear = 183 * 86400;
    private const long BackwardTolerance = 300;
    private const int Buckets = 40;

    private readonly long[] _silences = new long[Buckets];
    private readonly List<TimeJump> _gaps = [];
    private readonly List<TimeJump> _steps = [];
    private int _year = CivilTime.FirstUnknownYear;
    private long _lines;
    private CivilTime _last;
    private long _lastSeconds;
    private int _leapYear;
    private CivilTime? _lastCounted;
    private Timestamp? _anchor;

    /// <summary>Lines with a time.</summary>
    public long Lines => _lines;

    /// <summary>The time of the last line; meaningful when <see cref="Lines"/> is not 0.</summary>
    public CivilTime Last => _last;

    /// <summary>How often time went backwards by more than five minutes.</summary>
    public long BackwardSteps { get; private set; }

    /// <summary>Takes the time of the next line and returns it with its year counted.</summary>
    public CivilTime Observe(CivilTime time, long line, long offset)
    {
        bool isCounted = (time.Basis & LogTimeBasis.YearInferred) != 0;
        if (isCounted)
        {
            time = time with { Year = _year };
        }
        long seconds = time.LocalSeconds - time.OffsetSeconds;
        long step = seconds - _lastSeconds;
        bool isComparable = _lines > 0 && isCounted == ((_last.Basis & LogTimeBasis.YearInferred) != 0);
        if (!isCounted && _lastCounted is not null && _anchor is null)
        {
            _anchor = new Timestamp(seconds, 0);
        }
        if (isComparable && step != 0)
        {
            if (isCounted && step < -HalfYear)
            {
                _year++;
                time = time with { Year = _year };
                seconds = time.LocalSeconds;
                step = seconds - _lastSeconds;
            }
            else if (isCounted && step > HalfYear && _year > CivilTime.FirstUnknownYear)
            {
                // A line of the old year that comes late, after the first of the new one.
                return time with { Year = _year - 1 };
            }
            Step(time, step, line, offset);
        }
        if (isCounted && time is { Month: 2, Day: 29 })
        {
            _leapYear = time.Year;
        }
        if (isCounted)
        {
            _lastCounted = time;
        }
        _lines++;
        _last = time;
        _lastSeconds = seconds;
        return time;
    }

    /// <summary>How many years to add to those that were counted, given the last change of the file; null when that is not known.</summary>
    public int? YearShift(Timestamp? modified, TimeZoneInfo zone)
    {
        if (_lastCounted is not { } last)
        {
            return 0;
        }
        if ((_anchor ?? modified) is not { } bound)
        {
            return null;
        }
        int shift = bound.ToDateTimeOffset().Year - last.Year;
        // A day of grace: the zone may not be known, and clocks differ.
        if (last.Resolve(shift, zone).Instant.Seconds > bound.Seconds + 86400)
        {
            shift--;
        }
        for (int i = 0; _leapYear != 0 && !DateTime.IsLeapYear(Math.Clamp(_leapYear + shift, 1, 9999)) && i < 8; i++)
        {
            shift--;
        }
        return shift;
    }

    /// <summary>
    /// Silences that are long in themselves and for this source, in the order of the file: at least the limit, and eight times what all but one in a thousand
    /// steps from line to line stay below.
    /// </summary>
    public IEnumerable<TimeJump> Gaps()
    {
        long usual = UsualSilence();
        _gaps.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
        foreach (TimeJump gap in _gaps)
        {
            if (gap.Seconds >= usual * 8)
            {
                yield return gap;
            }
        }
    }

    /// <summary>Where time goes backwards by more than five minutes: the first ones, in the order of the file.</summary>
    public IReadOnlyList<TimeJump> Backwards => _steps;

    private void Step(CivilTime time, long step, long line, long offset)
    {
        if (rhythm == LogRhythm.Unordered)
        {
            return;
        }
        if (step < -BackwardTolerance)
        {
            BackwardSteps++;
            if (_steps.Count < limits.Gaps)
            {
                _steps.Add(new TimeJump(_last, time, step, line, offset));
            }
            return;
        }
        if (step <= 0 || rhythm != LogRhythm.Continuous)
        {
            return;
        }
        _silences[Math.Min(Buckets - 1, BitOperations.Log2((ulong)step))]++;
        if (step >= limits.GapSeconds)
        {
            Keep(new TimeJump(_last, time, step, line, offset));
        }
    }

    private void Keep(TimeJump gap)
    {
        if (_gaps.Count < limits.Gaps)
        {
            _gaps.Add(gap);
            return;
        }
        int shortest = 0;
        for (int i = 1; i < _gaps.Count; i++)
        {
            shortest = _gaps[i].Seconds < _gaps[shortest].Seconds ? i : shortest;
        }
        if (_gaps.Count > 0 && _gaps[shortest].Seconds < gap.Seconds)
        {
            _gaps[shortest] = gap;
        }
    }

    private long UsualSilence()
    {
        long total = _lines;
        long above = 0;
        for (int i = Buckets - 1; i >= 0; i--)
        {
            // The one exceptional step of a short file must not be its measure.
            above += _silences[i];
            if (above > Math.Max(1, total / 1000))
            {
                return 1L << i;
            }
        }
        return 0;
    }
}
