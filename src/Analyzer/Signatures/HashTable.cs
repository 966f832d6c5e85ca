namespace Forensics.Analyzer.Signatures;

/// <summary>
/// Digests of one algorithm: sorted fixed-size records, an index over their first bits so that a look-up touches one or two cache lines, and a 32-bit label a record.
/// Filled once, then frozen and read by any number of threads.
/// </summary>
internal sealed class HashTable<T> where T : struct, IDigest<T>
{
    private const int MaxPrefixBits = 20;
    private T[] _records = [];
    private int[] _labels = [];
    private int[] _index = [0, 0];
    private int _shift = 32;
    private int _count;

    public int Count => _count;

    /// <summary>About how many more records are coming; memory that is reserved but never written costs nothing.</summary>
    public long Expected { get; set; }

    public void Add(T digest, int label)
    {
        if (_count == _records.Length)
        {
            // With a good guess the arrays never move; otherwise 1.5x, which throws away less memory than doubling.
            int capacity = (int)Math.Min(Array.MaxLength, Math.Max(Math.Max(256L, _count + _count / 2L), _count + Expected));
            Expected = 0;
            Array.Resize(ref _records, capacity);
            Array.Resize(ref _labels, capacity);
        }
        _records[_count] = digest;
        _labels[_count++] = label;
    }

    /// <summary>Sorts, drops duplicates (the first list that was read wins) and builds the index.</summary>
    public void Freeze()
    {
        Sort();
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (kept > 0 && _records[kept - 1].Equals(_records[i]))
            {
                _labels[kept - 1] = Math.Min(_labels[kept - 1], _labels[i]);
                continue;
            }
            _records[kept] = _records[i];
            _labels[kept++] = _labels[i];
        }
        _count = kept;
        if (_records.Length - _count > _count / 8)
        {
            Array.Resize(ref _records, _count);
            Array.Resize(ref _labels, _count);
        }
        BuildIndex();
    }

    public bool TryFind(ReadOnlySpan<byte> digest, out int label)
    {
        label = -1;
        if (_count == 0)
        {
            return false;
        }
        T key = T.Read(digest);
        int bucket = Bucket(key);
        int low = _index[bucket];
        int high = _index[bucket + 1] - 1;
        while (low <= high)
        {
            int middle = (int)(((uint)low + (uint)high) >> 1);
            int order = _records[middle].CompareTo(key);
            if (order == 0)
            {
                label = _labels[middle];
                return true;
            }
            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }
        return false;
    }

    private int Bucket(T key) => _shift == 32 ? 0 : (int)(key.Prefix >> _shift);

    private void Sort() => _records.AsSpan(0, _count).Sort(_labels.AsSpan(0, _count));

    private void BuildIndex()
    {
        // About four records a bucket; digests are uniformly distributed, and a hostile list only costs binary search in a larger bucket.
        int bits = 0;
        while (bits < MaxPrefixBits && (1L << bits) * 4 < _count)
        {
            bits++;
        }
        _shift = 32 - bits;
        var index = new int[(1 << bits) + 1];
        for (int i = 0; i < _count; i++)
        {
            index[Bucket(_records[i]) + 1]++;
        }
        for (int i = 1; i < index.Length; i++)
        {
            index[i] += index[i - 1];
        }
        _index = index;
    }
}
