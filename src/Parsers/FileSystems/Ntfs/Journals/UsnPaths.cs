using System.Runtime.InteropServices;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>What a directory is called, and in which one it stands.</summary>
/// <param name="Name">WTF-8 bytes.</param>
/// <param name="ParentRecord">MFT record number of the directory above.</param>
/// <param name="ParentSequence">Its sequence number.</param>
public readonly record struct UsnDirectory(ReadOnlyMemory<byte> Name, ulong ParentRecord, ushort ParentSequence);

/// <summary>
/// Full paths of the events of a change journal as they were at that time, although a record names only the directory it happened in: directories that were renamed, moved or deleted since are
/// known from the journal itself, all others from the live tree. This is the published "rewind" method (going backwards from the present, each record says what a directory was called before it),
/// kept as a time line for each directory, so that events can be taken in any order.
/// </summary>
/// <remarks>
/// Memory: about 150 bytes and the name for each name a directory had in the journal, at most a million of them. Thread-safe once made. Limitations: a directory that was gone before the
/// journal begins has no name; changes of directories that the journal does not reach back to are not known.
/// </remarks>
public sealed class UsnPaths
{
    private const ulong Root = 5;
    private const int MostNames = 1_000_000;
    private const int MostHops = 256;
    private const string Unknown = "?";

    private readonly Dictionary<(ulong Record, ushort Sequence), List<Period>> _periods = [];
    private readonly Func<ulong, ushort, UsnDirectory?> _live;

    private readonly record struct Period(long Until, UsnDirectory Directory);

    private UsnPaths(Func<ulong, ushort, UsnDirectory?> live) => _live = live;

    /// <summary>False when the journal names more directories than are kept: older events may then show names of the present.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Learns the directories from a whole journal.</summary>
    /// <param name="records">All events, the oldest first.</param>
    /// <param name="live">A directory of the live tree by record and sequence number; null when there is none such.</param>
    public static UsnPaths Build(IEnumerable<UsnRecord> records, Func<ulong, ushort, UsnDirectory?> live)
    {
        var paths = new UsnPaths(live);
        int names = 0;
        foreach (UsnRecord record in records)
        {
            if (!record.IsDirectory)
            {
                continue;
            }
            ref List<Period>? periods = ref CollectionsMarshal.GetValueRefOrAddDefault(paths._periods, (record.FileRecord, record.FileSequence), out _);
            periods ??= [];
            var directory = new UsnDirectory(record.Name, record.ParentRecord, record.ParentSequence);
            if (periods.Count > 0 && IsSame(periods[^1].Directory, directory))
            {
                periods[^1] = periods[^1] with { Until = Math.Max(periods[^1].Until, record.Usn) };
                continue;
            }
            if (names++ >= MostNames)
            {
                paths.IsComplete = false;
                break;
            }
            periods.Add(new Period(record.Usn, directory));
        }
        return paths;
    }

    /// <summary>The path of what an event is about, in display form. It begins with <c>/</c> when every directory up to the root is known, else with <c>?/</c>.</summary>
    public string PathOf(UsnRecord record)
    {
        var names = new List<string> { PathText.FromBytes(record.Name.Span) };
        (ulong number, ushort sequence) = (record.ParentRecord, record.ParentSequence);
        if (record.FileRecord == Root)
        {
            return "/";
        }
        while (number != Root)
        {
            if (names.Count > MostHops || At(number, sequence, record.Usn) is not { } directory)
            {
                names.Add(Unknown);
                names.Reverse();
                return string.Join('/', names);
            }
            names.Add(PathText.FromBytes(directory.Name.Span));
            (number, sequence) = (directory.ParentRecord, directory.ParentSequence);
        }
        names.Reverse();
        return "/" + string.Join('/', names);
    }

    /// <summary>What a directory was called at a time: what the next event of its own says, else what it is called now, else what it was called last.</summary>
    private UsnDirectory? At(ulong number, ushort sequence, long usn)
    {
        if (!_periods.TryGetValue((number, sequence), out List<Period>? periods))
        {
            return _live(number, sequence);
        }
        int low = 0;
        int high = periods.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = periods[middle].Until >= usn ? (low, middle) : (middle + 1, high);
        }
        return low < periods.Count ? periods[low].Directory : _live(number, sequence) ?? periods[^1].Directory;
    }

    private static bool IsSame(in UsnDirectory one, in UsnDirectory other) =>
        one.ParentRecord == other.ParentRecord && one.ParentSequence == other.ParentSequence && one.Name.Span.SequenceEqual(other.Name.Span);
}
