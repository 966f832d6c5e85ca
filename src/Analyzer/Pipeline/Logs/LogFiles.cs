using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>A log that a parser claims, as the running system sees it.</summary>
/// <param name="Path">Its path.</param>
/// <param name="File">What is there: the file, or a symbolic link.</param>
/// <param name="Parser">Who claims it.</param>
internal sealed record ClaimedLog(string Path, TreeFile File, LogParser Parser)
{
    /// <summary>Where a symbolic link leads, as stored.</summary>
    public string? LinkTarget { get; init; }
    /// <summary>The file that is read: for a link its target, null when that is none or was claimed before.</summary>
    public TreeFile? Content { get; init; }
    /// <summary>Account whose home directory it lies in.</summary>
    public string? Owner { get; init; }
    /// <summary>Why the profile does not read it; null when it does.</summary>
    public string? PassedOver { get; init; }
}

/// <summary>
/// Finds the logs of one tree: expands the claims of the log parsers by listing directories. Each file is claimed once, by the first of its paths and parsers.
/// </summary>
internal sealed class LogFiles(ImageTree tree, IReadOnlyDictionary<string, string> ownersOfHomes, IDiagnosticSink diagnostics, CancellationToken cancellation)
{
    private const int MostFiles = 100_000;
    private const int MostKeptNames = 200_000;

    private readonly Dictionary<string, IReadOnlyList<string>> _listings = new(StringComparer.Ordinal);
    private int _keptNames;

    /// <summary>All logs, by path.</summary>
    public IReadOnlyList<ClaimedLog> Find()
    {
        var byPath = new SortedDictionary<string, (LogParser Parser, string? Owner)>(StringComparer.Ordinal);
        foreach ((string home, string owner) in ownersOfHomes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            foreach (LogParser parser in Parsers.Catalog.LogParsers)
            {
                foreach (string claim in parser.Claims.Where(claim => claim.StartsWith("~/", StringComparison.Ordinal)))
                {
                    Expand(home.TrimEnd('/') + claim[1..], parser, owner, byPath);
                }
            }
        }
        foreach (LogParser parser in Parsers.Catalog.LogParsers)
        {
            foreach (string claim in parser.Claims.Where(claim => claim.StartsWith('/')))
            {
                Expand(claim, parser, null, byPath);
            }
        }
        var seen = new HashSet<(string Volume, ulong Address)>();
        var found = new List<ClaimedLog>();
        foreach ((string path, (LogParser parser, string? owner)) in byPath)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Claim(path, parser, owner, seen) is { } claimed)
            {
                found.Add(claimed);
            }
        }
        return found;
    }

    private ClaimedLog? Claim(string path, LogParser parser, string? owner, HashSet<(string, ulong)> seen)
    {
        if (tree.Find(path, followLast: false) is not { } file)
        {
            return null;
        }
        if (file.File.Type == FileType.SymbolicLink)
        {
            try
            {
                string target = ImageTree.LinkTarget(file.FileSystem, file.File);
                TreeFile? content = tree.Find(path) is { File.Type: FileType.Regular } linked && seen.Add((linked.Volume.Volume.Identity, linked.File.MetadataAddress)) ? linked : null;
                return new ClaimedLog(path, file, parser) { LinkTarget = target, Content = content, Owner = owner };
            }
            catch (ForensicException exception)
            {
                diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { Volume = file.Volume.Volume.Identity, Path = path, MetadataAddress = file.File.MetadataAddress, LosesContent = true });
                return null;
            }
        }
        return file.File.Type == FileType.Regular && seen.Add((file.Volume.Volume.Identity, file.File.MetadataAddress)) ? new ClaimedLog(path, file, parser) { Content = file, Owner = owner } : null;
    }

    private void Expand(string claim, LogParser parser, string? owner, SortedDictionary<string, (LogParser, string?)> found)
    {
        foreach (string glob in Alternatives(claim))
        {
            List<string> paths = ["/"];
            foreach (string component in glob.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                var next = new List<string>();
                foreach (string directory in paths)
                {
                    cancellation.ThrowIfCancellationRequested();
                    next.AddRange(Matching(directory, component).Select(name => PathText.Join(directory, name)).Take(MostFiles - next.Count));
                }
                paths = next;
            }
            foreach (string path in paths)
            {
                if (found.Count >= MostFiles)
                {
                    diagnostics.Report(new Diagnostic("log.files", "there are more logs than are read") { Volume = tree.Volume.Volume.Identity, Path = path, LosesContent = true });
                    return;
                }
                found.TryAdd(path, (parser, owner));
            }
        }
    }

    private IEnumerable<string> Matching(string directory, string component)
    {
        IReadOnlyList<string> names = List(directory);
        if (component.AsSpan().IndexOfAny('*', '?') < 0)
        {
            return names is string[] sorted && Array.BinarySearch(sorted, component, StringComparer.Ordinal) >= 0 ? [component]
                : tree.IsWindows ? names.Where(name => name.Equals(component, StringComparison.OrdinalIgnoreCase)) : [];
        }
        return tree.IsWindows ? names.Where(name => Glob.Matches(component.ToUpperInvariant(), name.ToUpperInvariant())) : names.Where(name => Glob.Matches(component, name));
    }

    private IReadOnlyList<string> List(string directory)
    {
        if (!_listings.TryGetValue(directory, out IReadOnlyList<string>? names))
        {
            names = [.. tree.List(directory)];
            names = names as string[] ?? [.. names];
            if (_keptNames > MostKeptNames)
            {
                _listings.Clear();
                _keptNames = 0;
            }
            _keptNames += names.Count + 1;
            _listings.Add(directory, names);
        }
        return names;
    }

    private static IEnumerable<string> Alternatives(string glob)
    {
        int open = glob.IndexOf('{', StringComparison.Ordinal);
        int close = open < 0 ? -1 : glob.IndexOf('}', open);
        return close < 0 ? [glob] : glob[(open + 1)..close].Split(',').SelectMany(choice => Alternatives(glob[..open] + choice + glob[(close + 1)..]));
    }
}
