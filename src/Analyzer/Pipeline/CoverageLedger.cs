using Forensics.Analyzer.Reports;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Counts what was met, looked at and not looked at. Every entry is booked exactly once, so <c>seen = examined + sum(skipped)</c> holds by construction and is
/// checked when the summary is made. Thread-safe.
/// </summary>
public sealed class CoverageLedger
{
    /// <summary>The profile does not look into this kind of file: by choice, not a loss.</summary>
    public const string NotInProfile = "not in profile";
    /// <summary>Content encrypted by the file system.</summary>
    public const string Encrypted = "encrypted";
    /// <summary>The inode, directory or content cannot be read.</summary>
    public const string Unreadable = "unreadable";
    /// <summary>Larger than the limit for hashing.</summary>
    public const string TooLarge = "too large";
    /// <summary>A deleted file of which no content is left: nobody could look at it.</summary>
    public const string ContentGone = "deleted, content gone";

    /// <summary>Files in which the file system keeps its own books: what they hold is read as such, and bits of all other files lie in them.</summary>
    public const string OfFileSystem = "file system's own";

    /// <summary>Of files whose content the file system keeps elsewhere or in a form that is not read.</summary>
    public static string ContentElsewhere(string reason) => "content " + reason;

    /// <summary>The content is in the cloud and not on this disk (IO_REPARSE_TAG_CLOUD and its fifteen variants, [MS-FSCC] 2.1.2.1).</summary>
    public static bool IsOffline(Forensics.Parsers.FileEntry entry) => (entry.ReparseTag & 0xFFFF_0FFF) == 0x9000_001A;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, long> _skipped = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _volumesSkipped = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _incomplete = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _notes = new(StringComparer.Ordinal);
    private long _seen;
    private long _examined;
    private int _volumesSeen;
    private int _volumesExamined;

    /// <summary>An entry was met.</summary>
    public void See() => Interlocked.Increment(ref _seen);

    /// <summary>An entry was looked at as far as the profile asks.</summary>
    public void Examine() => Interlocked.Increment(ref _examined);

    /// <summary>An entry was not looked at.</summary>
    public void Skip(string reason, bool isLoss = true)
    {
        lock (_lock)
        {
            _skipped[reason] = _skipped.GetValueOrDefault(reason) + 1;
            if (isLoss)
            {
                Count("files: " + reason);
            }
        }
    }

    /// <summary>Entries booked as skipped for <paramref name="from"/> were examined after all (<paramref name="to"/> null) or skipped for another reason.</summary>
    public void Rebook(string from, string? to, int count, bool isLoss)
    {
        lock (_lock)
        {
            if ((_skipped[from] -= count) == 0)
            {
                _skipped.Remove(from);
            }
        }
        for (int i = 0; i < count; i++)
        {
            if (to is null)
            {
                Examine();
            }
            else
            {
                Skip(to, isLoss);
            }
        }
    }

    /// <summary>So many entries that are booked as not in the profile were read after all, as logs.</summary>
    public void ReadAfterAll(int count)
    {
        lock (_lock)
        {
            count = (int)Math.Min(count, _skipped.GetValueOrDefault(NotInProfile));
        }
        if (count > 0)
        {
            Rebook(NotInProfile, null, count, isLoss: false);
        }
    }

    /// <summary>Something of an entry that counts as examined was not done (YARA timed out, say): the scan is incomplete.</summary>
    public void Incomplete(string reason)
    {
        lock (_lock)
        {
            Count(reason);
        }
    }

    /// <summary>Something that the profile would do was left out for a good reason, which makes no scan incomplete and must be said all the same.</summary>
    public void Note(string what)
    {
        lock (_lock)
        {
            _notes[what] = _notes.GetValueOrDefault(what) + 1;
        }
    }

    /// <summary>A volume was read.</summary>
    public void ExamineVolume()
    {
        _volumesSeen++;
        _volumesExamined++;
    }

    /// <summary>A volume was not read.</summary>
    public void SkipVolume(string reason, bool isLoss)
    {
        _volumesSeen++;
        _volumesSkipped[reason] = _volumesSkipped.GetValueOrDefault(reason) + 1;
        if (isLoss)
        {
            Incomplete("volume: " + reason);
        }
    }

    /// <summary>The sums. Throws <see cref="InvalidOperationException"/> when they do not add up, which is a defect of the program.</summary>
    public CoverageSummary ToSummary()
    {
        if (_seen != _examined + _skipped.Values.Sum())
        {
            throw new InvalidOperationException($"coverage does not add up: seen {_seen}, examined {_examined}, skipped {_skipped.Values.Sum()}");
        }
        return new CoverageSummary(_seen, _examined, [.. _skipped])
        {
            VolumesSeen = _volumesSeen,
            VolumesExamined = _volumesExamined,
            VolumesSkipped = [.. _volumesSkipped],
            Notes = [.. _notes],
            IsIncomplete = _incomplete.Count > 0,
            IncompleteBecause = [.. _incomplete.Select(pair => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{pair.Key} ({pair.Value})"))],
        };
    }

    private void Count(string reason) => _incomplete[reason] = _incomplete.GetValueOrDefault(reason) + 1;
}
