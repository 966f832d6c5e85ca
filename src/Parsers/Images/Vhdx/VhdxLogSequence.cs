namespace Forensics.Parsers.Images.Vhdx;

/// <summary>
/// Finds the active sequence in the circular log: of all runs of sound entries with consecutive numbers whose last entry's tail lies in the run, the one that ends with the
/// highest number. [MS-VHDX] 2.3.2.
/// </summary>
internal sealed class VhdxLogSequence
{
    private const int Unknown = 0;
    private const int Unsound = -1;
    /// <summary>How many times the length of the log is checksummed at most: entries that overlap would else cost the square of it.</summary>
    private const int MaxChecksummed = 8;

    private readonly byte[] _log;
    private readonly Guid _guid;
    private readonly int[] _sectors;
    private readonly ulong[] _numbers;
    private readonly int[] _tails;
    private readonly int[] _visited;
    private long _budget;

    private VhdxLogSequence(byte[] log, Guid guid)
    {
        _log = log;
        _guid = guid;
        int count = log.Length / VhdxLogEntry.SectorSize;
        _sectors = new int[count];
        _numbers = new ulong[count];
        _tails = new int[count];
        _visited = new int[count];
        _budget = (long)log.Length * MaxChecksummed;
    }

    /// <summary>The entries of the active sequence from its tail to its head, each as the sector it begins at; empty when there is none.</summary>
    public static IReadOnlyList<int> Find(byte[] log, Guid guid) => new VhdxLogSequence(log, guid).Find();

    /// <summary>The bytes of the entry at a sector, in one piece also when it goes round the end of the log.</summary>
    public static ReadOnlySpan<byte> Bytes(byte[] log, int sector)
    {
        int start = sector * VhdxLogEntry.SectorSize;
        int length = (int)new VhdxLogEntry(log.AsSpan(start)).EntryLength;
        return length <= log.Length - start ? log.AsSpan(start, length) : (byte[])[.. log.AsSpan(start), .. log.AsSpan(0, length - (log.Length - start))];
    }

    private IReadOnlyList<int> Find()
    {
        int count = _sectors.Length;
        List<int> best = [];
        var run = new List<int>();
        for (int tail = 0, walk = 1; tail < count; walk++)
        {
            int head = Walk(tail, walk, run);
            // The last entry says where the sequence begins; what lies before that has reached the file.
            bool isComplete = run.Count > 0 && _visited[_tails[run[^1]]] == walk;
            if (isComplete && (best.Count == 0 || _numbers[run[^1]] > _numbers[best[^1]]))
            {
                best = [.. run];
            }
            tail = isComplete && head > tail ? head : isComplete ? count : tail + 1;
        }
        int first = best.Count == 0 ? 0 : best.IndexOf(_tails[best[^1]]);
        return best.GetRange(first, best.Count - first);
    }

    /// <summary>Collects the consecutive entries from a sector on; returns the sector after them.</summary>
    private int Walk(int start, int walk, List<int> run)
    {
        run.Clear();
        int sector = start;
        int used = 0;
        while (IsSound(sector) && used + _sectors[sector] <= _sectors.Length && (run.Count == 0 || _numbers[sector] == unchecked(_numbers[run[^1]] + 1)))
        {
            run.Add(sector);
            _visited[sector] = walk;
            used += _sectors[sector];
            sector = (sector + _sectors[sector]) % _sectors.Length;
            if (used == _sectors.Length)
            {
                break;
            }
        }
        return sector;
    }

    private bool IsSound(int sector)
    {
        if (_sectors[sector] == Unknown)
        {
            _sectors[sector] = Unsound;
            var header = new VhdxLogEntry(_log.AsSpan(sector * VhdxLogEntry.SectorSize));
            if (header.IsPlausible(_guid, _log.Length) && header.EntryLength <= _budget)
            {
                _budget -= header.EntryLength;
                if (new VhdxLogEntry(Bytes(_log, sector)).IsSound())
                {
                    _sectors[sector] = (int)header.EntryLength / VhdxLogEntry.SectorSize;
                    _numbers[sector] = header.SequenceNumber;
                    _tails[sector] = (int)header.Tail / VhdxLogEntry.SectorSize;
                }
            }
        }
        return _sectors[sector] > 0;
    }
}
