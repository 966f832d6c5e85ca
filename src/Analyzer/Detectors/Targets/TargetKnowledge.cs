using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What the evidence holds about files, indexed for judging many of them.</summary>
internal sealed class TargetKnowledge
{
    private readonly EvidenceIndex _evidence;
    private readonly Dictionary<(string, string), YaraMatch> _yara = [];
    private readonly Dictionary<(string, string), HashMatch> _hashes = [];
    private readonly Dictionary<(string, string), ExecutableFacts> _executables = [];
    private readonly Dictionary<(string Host, uint Id), UserAccount> _accounts = [];
    private readonly Dictionary<(string Host, string Directory), long> _youngest = [];

    public TargetKnowledge(EvidenceIndex evidence)
    {
        _evidence = evidence;
        foreach (YaraMatch match in evidence.OfType<YaraMatch>())
        {
            if (!_yara.TryGetValue(Key(match), out YaraMatch? known) || YaraDetector.SeverityOf(match) > YaraDetector.SeverityOf(known))
            {
                _yara[Key(match)] = match;
            }
        }
        foreach (HashMatch match in evidence.OfType<HashMatch>())
        {
            if (!_hashes.TryGetValue(Key(match), out HashMatch? known) || match.Hash.Length > known.Hash.Length)
            {
                _hashes[Key(match)] = match;
            }
        }
        foreach (ExecutableFacts facts in evidence.OfType<ExecutableFacts>())
        {
            _executables.TryAdd(Key(facts), facts);
        }
        foreach (UserAccount account in evidence.OfType<UserAccount>())
        {
            if (account is { IsPrevious: false, UserId: uint id })
            {
                _accounts.TryAdd((evidence.TreeOf(account.Location.Volume), id), account);
            }
        }
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            if (file is { Origin.IsVendor: true, Entry.Created: { } created })
            {
                (string, string) directory = (evidence.TreeOf(file.Location.Volume), Directory(file.Location.Path));
                _youngest[directory] = Math.Max(created.Seconds, _youngest.GetValueOrDefault(directory, long.MinValue));
            }
        }
    }

    /// <summary>Gathers what is known of a file.</summary>
    /// <param name="facts">The file.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="requested">The path by which it is asked for.</param>
    /// <param name="runsAs">Account it runs as; null when nothing starts it.</param>
    public TargetFile Gather(FileFacts facts, string path, string? requested = null, string? runsAs = null)
    {
        string tree = _evidence.TreeOf(facts.Location.Volume);
        string directory = Directory(path);
        return new TargetFile(path, facts)
        {
            Requested = requested ?? path, RunsAs = runsAs, Elf = _executables.GetValueOrDefault(Key(facts)), Owner = _accounts.GetValueOrDefault((tree, facts.Entry.UserId)),
            Directory = _evidence.File(facts.Location.Volume, directory), YoungestNeighbour = _youngest.TryGetValue((tree, directory), out long seconds) ? seconds : null,
        };
    }

    /// <summary>What a hash list says of a file; null when none knows it.</summary>
    public HashMatch? HashOf(FileFacts file) => _hashes.GetValueOrDefault(Key(file));

    /// <summary>The worst YARA match of a file.</summary>
    public YaraMatch? YaraOf(FileFacts file) => _yara.GetValueOrDefault(Key(file));

    /// <summary>All signs of a file's own, without hash lists and YARA.</summary>
    public static IEnumerable<TargetSign> SignsOf(TargetFile file) => [.. OriginSigns.Of(file), .. BuildSigns.Of(file), .. ContentSigns.Of(file), .. RightsSigns.Of(file)];

    private static (string, string) Key(Artifact artifact) => (artifact.Location.Volume, artifact.Location.Path);

    private static string Directory(string path) => path[..Math.Max(1, path.LastIndexOf('/'))];
}
