namespace Forensics.Parsers.Formats.EventLog;

/// <summary>Records that are missing between two that follow each other: the service numbers them without gaps.</summary>
/// <param name="Before">Number of the last record in front of the gap.</param>
/// <param name="After">Number of the first one behind it.</param>
/// <param name="TimeBefore">When the one was written.</param>
/// <param name="TimeAfter">When the other was written.</param>
/// <param name="Offset">Byte offset of the record behind the gap.</param>
public readonly record struct EventRecordGap(long Before, long After, Timestamp TimeBefore, Timestamp TimeAfter, long Offset);

/// <summary>Follows the numbers of the records of one file.</summary>
internal sealed class EventRecordSequence
{
    private const int MostGaps = 32;

    private readonly List<EventRecordGap> _gaps = [];
    private long _last;
    private Timestamp _time;
    private bool _isKnown;

    /// <summary>The first 32.</summary>
    public IReadOnlyList<EventRecordGap> Gaps => _gaps;

    /// <summary>Something could not be read here: what is missing next says nothing.</summary>
    public void Break() => _isKnown = false;

    /// <summary>The next record in the order of the file. Where a log of limited size has begun anew, numbers go back; that is no gap.</summary>
    public void Take(long identifier, Timestamp time, long offset)
    {
        if (_isKnown && identifier - 1 > _last && _gaps.Count < MostGaps)
        {
            _gaps.Add(new EventRecordGap(_last, identifier, _time, time, offset));
        }
        _last = identifier;
        _time = time;
        _isKnown = true;
    }
}
