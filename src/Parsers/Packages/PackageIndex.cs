using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Packages;

/// <summary>
/// What all package databases of one host say: packages, and by path the files they own. Made by <see cref="PackageIndexBuilder"/>, unchanging and thread-safe. Paths are stored
/// once as bytes, digests in one array, and a look-up takes one hash; about 130 bytes a file.
/// </summary>
/// <remarks>Limitations: the databases lie on the disk under examination, and whoever changes a program can change them; see the documentation on package databases.</remarks>
public sealed class PackageIndex
{
    private readonly PathTable _paths;
    private readonly PathTable _texts;
    private readonly FileRow[] _rows;
    private readonly int[] _firstRows;
    private readonly byte[] _digests;
    private readonly (int First, int Count)[] _spans;
    private readonly Dictionary<string, (Alternative Alternative, int Link)> _alternativeLinks = new(StringComparer.Ordinal);

    internal PackageIndex(PackageIndexBuilder builder)
    {
        _paths = builder.Paths;
        _texts = builder.Texts;
        _rows = builder.TakeRows();
        _firstRows = builder.TakeFirstRows();
        _digests = builder.TakeDigests();
        _spans = [.. builder.Spans];
        Packages = [.. builder.Packages];
        Aliases = builder.Aliases;
        Diversions = [.. builder.Diversions];
        StatOverrides = [.. builder.StatOverrides];
        Alternatives = [.. builder.Alternatives];
        OrphanScripts = [.. builder.OrphanScripts];
        Managers = [.. builder.Packages.Select(package => package.Manager).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _paths.Trim();
        _texts.Trim();
        foreach (Alternative alternative in Alternatives)
        {
            for (int i = 0; i < alternative.Links.Count; i++)
            {
                _alternativeLinks.TryAdd(Aliases.Apply(alternative.Links[i].Value), (alternative, i));
                _alternativeLinks.TryAdd("/etc/alternatives/" + alternative.Links[i].Key, (alternative, i));
            }
        }
    }

    /// <summary>An index of a host without package databases.</summary>
    public static PackageIndex Empty { get; } = new PackageIndexBuilder(DirectoryAliases.None, ParseContext.Quiet).Build();

    /// <summary>All packages, those of one manager together, in the order of its database.</summary>
    public IReadOnlyList<Package> Packages { get; }
    /// <summary>Managers that have packages, in order of name.</summary>
    public IReadOnlyList<string> Managers { get; }
    /// <summary>Managers that have packages, in order of name, and how many each says are installed.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Counts => [.. Managers.Select(manager => KeyValuePair.Create(manager,
        Packages.LongCount(package => package.Manager == manager && package.State is (PackageState.Installed or PackageState.Partly))))];
    /// <summary>How many statements of a package about a path there are.</summary>
    public int FileCount => _rows.Length;
    /// <summary>How many distinct paths.</summary>
    public int PathCount => _paths.Count;
    /// <summary>Directory links that were applied to all paths and are applied to each look-up.</summary>
    public DirectoryAliases Aliases { get; }
    /// <summary>Diversions, already applied.</summary>
    public IReadOnlyList<Diversion> Diversions { get; }
    /// <summary>Overrides of owner, group and mode, already applied to the files of packages.</summary>
    public IReadOnlyList<StatOverride> StatOverrides { get; }
    /// <summary>Groups of alternatives.</summary>
    public IReadOnlyList<Alternative> Alternatives { get; }
    /// <summary>Maintainer scripts of packages the database does not know.</summary>
    public IReadOnlyList<OrphanScript> OrphanScripts { get; }

    /// <summary>The first statement about a path; false when nobody owns it.</summary>
    public bool TryFind(string path, out PackageFile file)
    {
        int row = FirstRow(path);
        file = row < 0 ? default : new PackageFile(this, row);
        return row >= 0;
    }

    /// <summary>Whether any package owns the path.</summary>
    public bool IsOwned(string path) => FirstRow(path) >= 0;

    /// <summary>All statements about a path: directories and documentation are often shared, as are files of packages for several architectures.</summary>
    public IEnumerable<PackageFile> FindAll(string path)
    {
        for (int row = FirstRow(path); row >= 0; row = _rows[row].Next)
        {
            yield return new PackageFile(this, row);
        }
    }

    /// <summary>The files of the package with an index into <see cref="Packages"/>, in the order of the database.</summary>
    public IEnumerable<PackageFile> FilesOf(int package)
    {
        (int first, int count) = _spans[package];
        for (int row = first; row < first + count; row++)
        {
            if (_rows[row].Package == package)
            {
                yield return new PackageFile(this, row);
            }
        }
    }

    /// <summary>All statements, package by package.</summary>
    public IEnumerable<PackageFile> Files => Enumerable.Range(0, _rows.Length).Select(row => new PackageFile(this, row));

    /// <summary>Whether a path is a link that update-alternatives manages; then which, and the targets it may have.</summary>
    /// <param name="path">The link.</param>
    /// <param name="alternative">Its group.</param>
    /// <param name="targets">What it may point to: the choices for a link in <c>/etc/alternatives</c>, that link for a public one.</param>
    public bool TryFindAlternative(string path, out Alternative alternative, out IReadOnlyList<string> targets)
    {
        string place = Aliases.Apply(path);
        if (!_alternativeLinks.TryGetValue(place, out (Alternative Alternative, int Link) found))
        {
            (alternative, targets) = (null!, []);
            return false;
        }
        alternative = found.Alternative;
        targets = place.StartsWith("/etc/alternatives/", StringComparison.Ordinal)
            ? [.. found.Alternative.Choices.Select(choice => found.Link < choice.Targets.Count ? choice.Targets[found.Link] : "").Where(target => target.Length > 0)]
            : ["/etc/alternatives/" + found.Alternative.Links[found.Link].Key];
        return true;
    }

    internal ref readonly FileRow RowAt(int row) => ref _rows[row];

    internal ReadOnlySpan<byte> PathBytes(int path) => _paths[path];

    internal ReadOnlySpan<byte> DigestAt(int offset, DigestAlgorithm algorithm) => offset < 0 ? [] : _digests.AsSpan(offset, algorithm.Length());

    internal string? Text(int text) => text < 0 ? null : TextLines.Decode(_texts[text]);

    private int FirstRow(string path)
    {
        Span<byte> buffer = stackalloc byte[PackagePaths.MaxLength];
        int length;
        if (path.Length <= PackagePaths.MaxLength / 3 && !path.Contains('\\'))
        {
            length = System.Text.Encoding.UTF8.GetBytes(path, buffer);
        }
        else
        {
            byte[] raw = PackagePaths.FromDisplay(path);
            if (raw.Length > buffer.Length)
            {
                return -1;
            }
            raw.CopyTo(buffer);
            length = raw.Length;
        }
        int number = length == 0 ? -1 : _paths.Find(buffer[..Aliases.Apply(buffer, length)]);
        return number < 0 ? -1 : _firstRows[number];
    }
}

/// <summary>One statement as it is stored; -1 in a number means nothing recorded.</summary>
internal struct FileRow
{
    public int Path;
    public int Package;
    public int Next;
    public int Digest;
    public int Target;
    public int User;
    public int Group;
    public int Capabilities;
    public long Size;
    public long Modified;
    public short Mode;
    public PackageFileFlags Flags;
    public DigestAlgorithm Algorithm;
    public PackageFileKind Kind;
}
