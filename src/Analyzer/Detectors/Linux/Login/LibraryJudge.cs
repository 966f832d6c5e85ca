using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>What speaks against a library that many programs load.</summary>
/// <param name="Severity">How bad.</param>
/// <param name="Path">The library.</param>
/// <param name="Why">A clause.</param>
/// <param name="Hashes">Its digests.</param>
internal sealed record LibraryVerdict(Severity Severity, string Path, string Why, FileHashes? Hashes);

/// <summary>Judges libraries and other files that an artefact names by what they are and where they come from.</summary>
internal sealed class LibraryJudge
{
    private readonly EvidenceIndex _evidence;
    private readonly ILookup<(string, string), ExecutableFacts> _executables;
    private readonly ILookup<(string, string), YaraMatch> _yara;
    private readonly ILookup<(string, string), HashMatch> _hashes;
    private readonly Dictionary<Artifact, List<StartedFile>> _files = new(ReferenceEqualityComparer.Instance);

    public LibraryJudge(EvidenceIndex evidence, Func<Artifact, bool> isWanted)
    {
        _evidence = evidence;
        _executables = evidence.OfType<ExecutableFacts>().ToLookup(facts => (facts.Location.Volume, facts.Location.Path));
        _yara = evidence.OfType<YaraMatch>().ToLookup(match => (match.Location.Volume, match.Location.Path));
        _hashes = evidence.OfType<HashMatch>().ToLookup(match => (match.Location.Volume, match.Location.Path));
        foreach (CommandLink link in evidence.Links)
        {
            if (!isWanted(link.Source))
            {
                continue;
            }
            if (!_files.TryGetValue(link.Source, out List<StartedFile>? files))
            {
                _files.Add(link.Source, files = []);
            }
            files.AddRange(link.Files);
        }
    }

    /// <summary>All files of an artefact's links.</summary>
    public IReadOnlyList<StartedFile> FilesOf(Artifact artifact) => _files.GetValueOrDefault(artifact) ?? [];

    /// <summary>Those that are in the image, each once.</summary>
    public IEnumerable<StartedFile> Present(Artifact artifact) => FilesOf(artifact).Where(file => file.Resolved is not null).DistinctBy(file => file.Resolved!.Path);

    /// <summary>The facts of a file.</summary>
    public FileFacts? Facts(StartedFile file) => _evidence.File(file.Resolved);

    /// <summary>Known malware by digest or rule; null when neither knows it.</summary>
    public string? KnownAs(StartedFile file)
    {
        (string, string) key = Key(file);
        return _hashes[key].FirstOrDefault() is HashMatch bad ? $"its {bad.Algorithm.ToUpperInvariant()} is in the list {bad.Source}"
            : _yara[key].OrderByDescending(YaraDetector.SeverityOf).FirstOrDefault() is YaraMatch match && YaraDetector.SeverityOf(match) >= Severity.Medium ? $"the YARA rule {match.Rule} matches it" : null;
    }

    /// <summary>What speaks against a library; null when nothing does or it is not there.</summary>
    /// <param name="file">The library.</param>
    /// <param name="unowned">Severity of one that no package owns where the host has packages.</param>
    /// <param name="trustsNames">The name of a known product explains the library; false where taking a system library's name is the trick.</param>
    public LibraryVerdict? Judge(StartedFile file, Severity unowned = Severity.High, bool trustsNames = true)
    {
        if (file.Resolved is not ResolvedPath target)
        {
            return null;
        }
        FileFacts? facts = Facts(file);
        string path = target.Path;
        LibraryVerdict Of(Severity severity, string why) => new(severity, path, why, facts?.Hashes);
        if (KnownAs(file) is string known)
        {
            return Of(Severity.Critical, known);
        }
        string[] hiding = _executables[Key(file)].FirstOrDefault() is ExecutableFacts elf ? InterposerDetector.HidingNames(elf) : [];
        bool isProduct = trustsNames && InterposerDetector.IsKnownProduct(PathTraits.Name(path));
        if (hiding.Length > 1 && facts?.Origin?.IsVendor != true && !isProduct)
        {
            return Of(Severity.Critical, $"it takes the place of {string.Join(", ", hiding.Take(6))} in libc, as rootkits do");
        }
        if (PathTraits.IsTemporary(path) || PathTraits.IsTemporary(file.Requested) || PathTraits.IsHidden(path) || PathTraits.IsHidden(file.Requested))
        {
            return Of(Severity.Critical, "it lies in a hidden or temporary place");
        }
        if (facts?.Origin is { IsModified: true })
        {
            return Of(Severity.High, "it differs from what its package says");
        }
        if (facts?.Origin is { IsAlien: true } && !isProduct)
        {
            return Of(unowned, "no package owns it");
        }
        return facts?.Origin is null && !isProduct && !PathTraits.IsLibraryPlace(path) && !path.StartsWith("/home/", StringComparison.Ordinal) ? Of(Severity.High, "it lies where no library does") : null;
    }

    private (string, string) Key(StartedFile file) => Facts(file) is { } facts ? (facts.Location.Volume, facts.Location.Path) : (file.Resolved!.Volume, file.Resolved.Path);
}
