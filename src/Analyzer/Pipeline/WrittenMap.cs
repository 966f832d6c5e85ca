using System.Numerics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Which granules of a sparse file were written: a bit each, in pages that exist only where something was. Thread-safe; a granule is in the map before it is read.</summary>
internal sealed class WrittenMap
{
    private const int GranuleShift = 14;
    private const int PageShift = 15;
    private const int Words = 1 << (PageShift - 6);

    private readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.NoRecursion);
    private readonly SortedList<long, ulong[]> _pages = [];

    /// <summary>Marks a range.</summary>
    public void Add(long offset, long length)
    {
        long last = (offset + length - 1) >> GranuleShift;
        _lock.EnterWriteLock();
        try
        {
            for (long granule = offset >> GranuleShift; granule <= last; granule++)
            {
                long page = granule >> PageShift;
                if (!_pages.TryGetValue(page, out ulong[]? words))
                {
                    _pages.Add(page, words = new ulong[Words]);
                }
                int bit = (int)(granule & ((1 << PageShift) - 1));
                words[bit >> 6] |= 1UL << (bit & 63);
            }
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>The next written range at or after an offset and before a limit; false when there is none. Adjacent granules are one range.</summary>
    public bool Next(long offset, long limit, out long start, out long end)
    {
        start = end = limit;
        _lock.EnterReadLock();
        try
        {
            long granule = Find(offset >> GranuleShift, limit, wanted: true);
            if (granule < 0)
            {
                return false;
            }
            long after = Find(granule, limit, wanted: false);
            start = Math.Max(offset, granule << GranuleShift);
            end = after < 0 ? limit : Math.Min(limit, after << GranuleShift);
            return start < limit;
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>The first granule at or after one whose bit is as wanted; -1 when there is none before the limit.</summary>
    private long Find(long granule, long limit, bool wanted)
    {
        long last = (limit - 1) >> GranuleShift;
        int index = -1;
        while (granule <= last)
        {
            long page = granule >> PageShift;
            index = index < 0 ? FirstAtOrAfter(page) : index;
            bool exists = index < _pages.Count && _pages.GetKeyAtIndex(index) == page;
            if (!exists)
            {
                if (!wanted)
                {
                    return granule;
                }
                if (index >= _pages.Count)
                {
                    return -1;
                }
                granule = _pages.GetKeyAtIndex(index) << PageShift;
                continue;
            }
            ulong[] words = _pages.GetValueAtIndex(index);
            int bit = (int)(granule & ((1 << PageShift) - 1));
            for (int word = bit >> 6; word < Words; word++)
            {
                ulong bits = (wanted ? words[word] : ~words[word]) & (word == bit >> 6 ? ulong.MaxValue << (bit & 63) : ulong.MaxValue);
                if (bits != 0)
                {
                    long found = (page << PageShift) + (word << 6) + BitOperations.TrailingZeroCount(bits);
                    return found <= last ? found : -1;
                }
            }
            granule = (page + 1) << PageShift;
            index++;
        }
        return -1;
    }

    private int FirstAtOrAfter(long page)
    {
        int low = 0;
        int high = _pages.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_pages.GetKeyAtIndex(middle) >= page)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        return low;
    }
}
