using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Packages;

/// <summary>
/// Collects what package databases say. A reader begins a package, adds its paths, then what else it knows of them. Not thread-safe; <see cref="Build"/> ends it.
/// </summary>
/// <remarks>Limits: 2 million statements, 128 MiB of paths, 96 MiB of digests and 200,000 packages; beyond, the rest is left out with the diagnostic <c>packages.limit</c>.</remarks>
public sealed class PackageIndexBuilder
{
    private const int MaxFiles = 2_000_000;
    private const int MaxPathBytes = 128 << 20;
    private const int MaxTextBytes = 32 << 20;
    private const int MaxDigestBytes = 96 << 20;
    private const int MaxPackages = 200_000;
    private const int MaxFileBytes = 64 << 20;
    private const long MaxReadBytes = 2L << 30;
    private const long MaxDescriptions = 64 << 20;

    private readonly ParseContext _context;
    private readonly byte[] _buffer = new byte[PackagePaths.MaxLength];
    private readonly Dictionary<int, (int To, string? By)> _diverted = [];
    private readonly HashSet<int> _overridden = [];
    private readonly List<int> _firstRows = [];
    private FileRow[] _rows = new FileRow[1024];
    private int _rowCount;
    private byte[] _digests = new byte[4096];
    private int _digestBytes;
    private bool _limitReported;
    private int _badPaths;
    private long _bytesLeft = MaxReadBytes;
    private long _descriptionsLeft = MaxDescriptions;

    /// <summary>An empty one for a host with these directory links.</summary>
    public PackageIndexBuilder(DirectoryAliases aliases, ParseContext context)
    {
        Aliases = aliases;
        _context = context;
    }

    internal DirectoryAliases Aliases { get; }
    internal PathTable Paths { get; } = new();
    internal PathTable Texts { get; } = new();
    internal List<Package> Packages { get; } = [];
    internal List<(int First, int Count)> Spans { get; } = [];
    internal List<Diversion> Diversions { get; } = [];
    internal List<StatOverride> StatOverrides { get; } = [];
    internal List<Alternative> Alternatives { get; } = [];
    internal List<OrphanScript> OrphanScripts { get; } = [];

    /// <summary>Whether no more files are kept, so that going on reading is of no use; reports it.</summary>
    internal bool ReachesLimit()
    {
        if (_rowCount + (long)_badPaths < MaxFiles && Paths.ByteCount < MaxPathBytes - PackagePaths.MaxLength)
        {
            return false;
        }
        ReportLimit("files of packages", MaxFiles);
        return true;
    }

    /// <summary>Reads one of the many small files of a database; all together may have 2 GiB, for they may be sparse, or one file under many names.</summary>
    internal ReadOnlyMemory<byte> ReadFile(IHostFiles files, string path)
    {
        if (_bytesLeft <= 0)
        {
            ReportLimit("bytes of package databases", MaxReadBytes);
            return ReadOnlyMemory<byte>.Empty;
        }
        ReadOnlyMemory<byte> content = HostText.Read(files, path, _context, MaxFileBytes);
        _bytesLeft -= content.Length;
        return content;
    }

    /// <summary>The same for a gzip file, whose unpacked length counts.</summary>
    internal ReadOnlyMemory<byte> ReadPackedFile(IHostFiles files, string path)
    {
        ReadOnlyMemory<byte> packed = ReadFile(files, path);
        ReadOnlyMemory<byte> content = packed.IsEmpty ? packed : PackageGzip.Read(new Bytes.MemorySource(packed), path, MaxFileBytes, _context);
        _bytesLeft -= content.Length;
        return content;
    }

    /// <summary>Begins a package: the files added next are its own. False when there are too many packages; then nothing of it may be added.</summary>
    public bool Begin(Package package)
    {
        if (Packages.Count >= MaxPackages)
        {
            ReportLimit("packages", MaxPackages);
            return false;
        }
        _descriptionsLeft -= 200 + package.Name.Length + package.Version.Length + package.Vendor.Length + package.Origin.Length + package.Source.Length + package.Architecture.Length;
        foreach (MaintainerScript script in package.Scripts)
        {
            _descriptionsLeft -= 100 + (script.Text?.Length ?? 0) + (script.Condition?.Length ?? 0) + (script.Interpreter?.Length ?? 0);
        }
        if (_descriptionsLeft < 0)
        {
            ReportLimit("characters in the descriptions and scripts of packages", MaxDescriptions);
            return false;
        }
        Packages.Add(package);
        Spans.Add((_rowCount, 0));
        return true;
    }

    /// <summary>Adds a path of the current package, with diversions and directory links applied. Returns its number for <see cref="Change"/>; -1 when the path cannot be kept.</summary>
    /// <param name="directory">First part of the path, or all of it.</param>
    /// <param name="name">Second part; may be empty.</param>
    /// <param name="flags">Properties known already.</param>
    public int Add(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, PackageFileFlags flags = PackageFileFlags.None)
    {
        if (ReachesLimit())
        {
            return -1;
        }
        int path = PathNumber(directory, name);
        if (path < 0)
        {
            _badPaths++;
            return -1;
        }
        if (_diverted.Count > 0 && _diverted.TryGetValue(path, out (int To, string? By) diversion) && diversion.By != Packages[^1].Name)
        {
            path = diversion.To;
            flags |= PackageFileFlags.Diverted;
        }
        if (_rowCount == _rows.Length)
        {
            Array.Resize(ref _rows, _rowCount * 2);
        }
        while (_firstRows.Count <= path)
        {
            _firstRows.Add(-1);
        }
        ref FileRow row = ref _rows[_rowCount];
        row = new FileRow
        {
            Path = path, Package = Packages.Count - 1, Next = -1, Digest = -1, Target = -1, User = -1, Group = -1, Capabilities = -1,
            Size = -1, Modified = long.MinValue, Mode = -1, Flags = flags,
        };
        int first = _firstRows[path];
        if (first < 0)
        {
            _firstRows[path] = _rowCount;
        }
        else
        {
            // The first owner stays first; the newest follows it, so that nothing is walked here.
            row.Next = _rows[first].Next;
            _rows[first].Next = _rowCount;
        }
        Spans[^1] = (Spans[^1].First, Spans[^1].Count + 1);
        return _rowCount++;
    }

    /// <summary>Number of a path the current package has added; -1 when it has not.</summary>
    public int FindOwn(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name)
    {
        int path = PathNumber(directory, name, add: false);
        if (path >= 0 && _diverted.Count > 0 && _diverted.TryGetValue(path, out (int To, string? By) diversion) && diversion.By != Packages[^1].Name)
        {
            path = diversion.To;
        }
        if (path < 0 || path >= _firstRows.Count || _firstRows[path] < 0)
        {
            return -1;
        }
        int first = _firstRows[path];
        int current = Packages.Count - 1;
        if (_rows[first].Package == current)
        {
            return first;
        }
        int newest = _rows[first].Next;
        return newest >= 0 && _rows[newest].Package == current ? newest : -1;
    }

    /// <summary>The statement with a number, to fill in.</summary>
    internal ref FileRow Change(int row) => ref _rows[row];

    /// <summary>Sets the digest of a statement; a length other than the algorithm's is ignored.</summary>
    public void SetDigest(int row, DigestAlgorithm algorithm, ReadOnlySpan<byte> digest)
    {
        if (algorithm == DigestAlgorithm.None || digest.Length != algorithm.Length())
        {
            return;
        }
        if (_digestBytes + digest.Length > MaxDigestBytes)
        {
            ReportLimit("digests", MaxDigestBytes);
            return;
        }
        if (_digestBytes + digest.Length > _digests.Length)
        {
            Array.Resize(ref _digests, _digests.Length * 2);
        }
        digest.CopyTo(_digests.AsSpan(_digestBytes));
        _rows[row].Digest = _digestBytes;
        _rows[row].Algorithm = algorithm;
        _digestBytes += digest.Length;
    }

    /// <summary>Number of a text that many statements share (owners, capabilities, link targets); -1 for an empty one.</summary>
    internal int TextNumber(ReadOnlySpan<byte> text) =>
        text.Length is 0 or > PackagePaths.MaxLength || Texts.ByteCount + text.Length > MaxTextBytes ? -1 : Texts.Add(text);

    /// <summary>Adds a diversion; it counts for packages added later.</summary>
    public void AddDiversion(Diversion diversion)
    {
        int from = PathNumber(PackagePaths.FromDisplay(diversion.From), []);
        int to = PathNumber(PackagePaths.FromDisplay(diversion.To), []);
        Diversions.Add(diversion);
        if (from >= 0 && to >= 0 && from != to)
        {
            _diverted.TryAdd(from, (to, diversion.By));
        }
    }

    /// <summary>Applies an override of owner, group and mode to all statements about its path.</summary>
    public void AddStatOverride(StatOverride entry)
    {
        StatOverrides.Add(entry);
        int path = PathNumber(PackagePaths.FromDisplay(entry.Path), [], add: false);
        int user = TextNumber(Encoding.UTF8.GetBytes(entry.User.TrimStart('#')));
        int group = TextNumber(Encoding.UTF8.GetBytes(entry.Group.TrimStart('#')));
        // One override a path: however many owners a path has, they are walked once.
        bool isNew = path >= 0 && path < _firstRows.Count && _overridden.Add(path);
        for (int row = isNew ? _firstRows[path] : -1; row >= 0; row = _rows[row].Next)
        {
            _rows[row].User = user;
            _rows[row].Group = group;
            _rows[row].Mode = (short)entry.Permissions;
            _rows[row].Flags |= PackageFileFlags.StatOverride;
        }
    }

    /// <summary>Adds a group of alternatives.</summary>
    public void AddAlternative(Alternative alternative) => Alternatives.Add(alternative);

    /// <summary>Adds a maintainer script nobody owns.</summary>
    public void AddOrphanScript(OrphanScript script) => OrphanScripts.Add(script);

    /// <summary>The index. The builder must not be used afterwards.</summary>
    public PackageIndex Build()
    {
        if (_badPaths > 0)
        {
            _context.Diagnostics.Report(new Diagnostic("packages.path.bad", "paths in package databases are empty, longer than 4,096 bytes, or climb with ..; they are left out")
            {
                Actual = _badPaths.ToString(System.Globalization.CultureInfo.InvariantCulture),
            });
        }
        return new PackageIndex(this);
    }

    internal FileRow[] TakeRows()
    {
        Array.Resize(ref _rows, _rowCount);
        return _rows;
    }

    internal int[] TakeFirstRows()
    {
        while (_firstRows.Count < Paths.Count)
        {
            _firstRows.Add(-1);
        }
        return [.. _firstRows];
    }

    internal byte[] TakeDigests()
    {
        Array.Resize(ref _digests, _digestBytes);
        return _digests;
    }

    private int PathNumber(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, bool add = true)
    {
        int length = PackagePaths.Normalize(directory, name, _buffer);
        if (length == 0)
        {
            return -1;
        }
        length = Aliases.Apply(_buffer, length);
        return add ? Paths.Add(_buffer.AsSpan(0, length)) : Paths.Find(_buffer.AsSpan(0, length));
    }

    private void ReportLimit(string what, long limit)
    {
        if (!_limitReported)
        {
            _limitReported = true;
            _context.Diagnostics.Report(new Diagnostic("packages.limit", $"more {what} than are kept; the rest is left out")
            {
                Expected = limit.ToString(System.Globalization.CultureInfo.InvariantCulture),
                LosesContent = true,
            });
        }
    }
}
