namespace Forensics.Analyzer.Signatures;

/// <summary>
/// Known-bad digests of any number of lists, compact and fast enough for millions of rows: 20, 24 or 36 bytes a row (record and label) and about 4 MiB of index an
/// algorithm. Immutable after loading, safe for concurrent look-ups.
/// </summary>
/// <remarks><b>Limitations:</b> held in memory, so lists beyond some tens of millions of rows want a machine to match; names are kept once each, at most 4 million different ones.</remarks>
public sealed class HashStore
{
    private readonly HashTable<Md5Digest> _md5 = new();
    private readonly HashTable<Sha1Digest> _sha1 = new();
    private readonly HashTable<Sha256Digest> _sha256 = new();
    private readonly HashLabels _labels;

    private HashStore(HashLabels labels) => _labels = labels;

    /// <summary>A store without digests.</summary>
    public static HashStore Empty { get; } = new(new HashLabels());

    /// <summary>Number of MD5 digests.</summary>
    public int Md5Count => _md5.Count;
    /// <summary>Number of SHA-1 digests; when 0 nobody need compute SHA-1.</summary>
    public int Sha1Count => _sha1.Count;
    /// <summary>Number of SHA-256 digests.</summary>
    public int Sha256Count => _sha256.Count;
    /// <summary>Number of all digests.</summary>
    public int Count => _md5.Count + _sha1.Count + _sha256.Count;

    /// <summary>
    /// Reads list files (see <see cref="HashList"/> for the formats). A digest that stands in several lists keeps the label of the first.
    /// Throws <see cref="SignatureException"/> when a file cannot be read at all.
    /// </summary>
    /// <param name="files">The files, in order of precedence.</param>
    /// <param name="problems">One sentence for each file with lines that were not understood or not taken.</param>
    public static HashStore Load(IEnumerable<string> files, out IReadOnlyList<string> problems)
    {
        var found = new List<string>();
        var store = new HashStore(new HashLabels());
        foreach (string file in files)
        {
            using FileStream stream = SignatureFiles.OpenRead(file);
            HashList.Read(stream, Path.GetFileName(file), store, found);
        }
        store.Freeze();
        problems = found;
        return store;
    }

    /// <summary>Reads one list from a stream, for tests and embedded lists.</summary>
    public static HashStore Load(Stream list, string name, out IReadOnlyList<string> problems)
    {
        var found = new List<string>();
        var store = new HashStore(new HashLabels());
        HashList.Read(list, name, store, found);
        store.Freeze();
        problems = found;
        return store;
    }

    /// <summary>Looks a digest up by its bytes: 16 MD5, 20 SHA-1, 32 SHA-256; any other length is never found. Does not allocate for a miss.</summary>
    public bool TryFind(ReadOnlySpan<byte> digest, out HashListEntry entry)
    {
        int label;
        (bool hit, string algorithm) = digest.Length switch
        {
            16 => (_md5.TryFind(digest, out label), Md5Digest.Algorithm),
            20 => (_sha1.TryFind(digest, out label), Sha1Digest.Algorithm),
            32 => (_sha256.TryFind(digest, out label), Sha256Digest.Algorithm),
            _ => (None(out label), ""),
        };
        entry = hit ? _labels.Entry(algorithm, label) : default;
        return hit;
    }

    internal int Label(string source, string? name) => _labels.Add(source, name);

    internal void Expect(long rows)
    {
        _md5.Expected = rows;
        _sha1.Expected = rows;
        _sha256.Expected = rows;
    }

    internal void Add(ReadOnlySpan<byte> digest, int label)
    {
        switch (digest.Length)
        {
            case 16:
                _md5.Add(Md5Digest.Read(digest), label);
                break;
            case 20:
                _sha1.Add(Sha1Digest.Read(digest), label);
                break;
            default:
                _sha256.Add(Sha256Digest.Read(digest), label);
                break;
        }
    }

    private void Freeze()
    {
        _md5.Freeze();
        _sha1.Freeze();
        _sha256.Freeze();
        _labels.Freeze();
    }

    private static bool None(out int label)
    {
        label = -1;
        return false;
    }

    /// <summary>Each (source, name) pair once; a label is its index.</summary>
    private sealed class HashLabels
    {
        private const int MaxLabels = 4 << 20;
        private readonly List<(string Source, string? Name)> _entries = [];
        private Dictionary<(string Source, string? Name), int>? _known = [];

        public int Add(string source, string? name)
        {
            Dictionary<(string Source, string? Name), int> known = _known ?? throw new InvalidOperationException("the store is frozen");
            if (known.TryGetValue((source, name), out int label))
            {
                return label;
            }
            if (_entries.Count >= MaxLabels && name is not null)
            {
                return Add(source, null);
            }
            label = _entries.Count;
            known.Add((source, name), label);
            _entries.Add((source, name));
            return label;
        }

        public void Freeze()
        {
            _known = null;
            _entries.TrimExcess();
        }

        public HashListEntry Entry(string algorithm, int label) => new(algorithm, _entries[label].Name, _entries[label].Source);
    }
}
