using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// <c>/etc/ld.so.preload</c>: exists on no clean distribution. High for any library, critical when the library hides things, is missing, hidden or lies where no library does;
/// low for the few products that preload; an empty file (left by a clean-up) is information.
/// </summary>
public sealed class PreloadDetector : IDetector
{
    private static readonly RuleInfo Library = new("L-LDPRELOAD.library", "Library is loaded into every program", "evasion", ["T1574.006"]);
    private static readonly RuleInfo Rootkit = new("L-LDPRELOAD.rootkit", "Rootkit library is loaded into every program", "evasion", ["T1574.006", "T1014"]);
    private static readonly RuleInfo Missing = new("L-LDPRELOAD.missing-library", "Preloaded library is not there", "evasion", ["T1574.006", "T1014"]);
    private static readonly RuleInfo OddPlace = new("L-LDPRELOAD.odd-place", "Preloaded library lies where no library does", "evasion", ["T1574.006", "T1014"]);
    private static readonly RuleInfo Product = new("L-LDPRELOAD.known-product", "Library of a known product is loaded into every program", "evasion", ["T1574.006"]);
    private static readonly RuleInfo Empty = new("L-LDPRELOAD.empty-file", "ld.so.preload exists but is empty", "evasion", ["T1574.006"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Library, Rootkit, Missing, OddPlace, Product, Empty];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<(string, string), ExecutableFacts> executables = evidence.OfType<ExecutableFacts>().ToLookup(facts => (facts.Location.Volume, facts.Location.Path));
        ILookup<(string, string), YaraMatch> yara = evidence.OfType<YaraMatch>().ToLookup(match => (match.Location.Volume, match.Location.Path));
        ILookup<(string, string), HashMatch> hashes = evidence.OfType<HashMatch>().ToLookup(match => (match.Location.Volume, match.Location.Path));
        foreach (PreloadedLibrary library in evidence.OfType<PreloadedLibrary>())
        {
            CommandLink? link = evidence.Links.FirstOrDefault(link => ReferenceEquals(link.Source, library));
            ResolvedPath? target = link?.Files.FirstOrDefault(file => file.Resolved is not null)?.Resolved;
            FileFacts? facts = evidence.File(target);
            (string, string) key = facts is null ? (target?.Volume ?? "", target?.Path ?? "") : (facts.Location.Volume, facts.Location.Path);
            (RuleInfo rule, Severity severity, string why) = Judge(library, link is not null, target, executables[key].FirstOrDefault(), yara[key], hashes[key]);
            bool isActive = library.IsActive;
            yield return new Finding(rule, isActive ? severity : severity.Lower(), library.Location)
            {
                Message = why + (isActive ? "" : " The loader does not read this file, only its sibling ld.so.preload; one level lower."),
                Evidence = Clip.Evidence(library.Library),
                Hashes = facts?.Hashes,
                Related = [.. link is null ? [] : EvidenceQueries.Related(link)],
                Remediation = severity <= Severity.Low ? []
                    : [.. Remediation.EmptyPreload(library.Location.Path), .. target is not null ? Remediation.RemoveFile(target.Path) : [], "Start the cleaned host from other media first: a loaded rootkit hides its own files"],
            };
        }
        foreach (PreloadFile file in evidence.OfType<PreloadFile>())
        {
            if (file.LibraryCount == 0)
            {
                yield return new Finding(Empty, Severity.Info, file.Location)
                {
                    Message = "The file names no library; distributions do not ship it, clean-up instructions leave it like this.",
                };
            }
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why) Judge(PreloadedLibrary library, bool wasLinked, ResolvedPath? target, ExecutableFacts? elf, IEnumerable<YaraMatch> yara, IEnumerable<HashMatch> hashes)
    {
        string path = target?.Path ?? (library.NamedFiles.Count > 0 ? library.NamedFiles[0] : library.Library);
        string named = $"{path} is loaded into every program of the host";
        if (hashes.FirstOrDefault() is HashMatch bad)
        {
            return (Rootkit, Severity.Critical, $"{named}, and its {bad.Algorithm.ToUpperInvariant()} is in the list {bad.Source}.");
        }
        if (yara.OrderByDescending(YaraDetector.SeverityOf).FirstOrDefault() is YaraMatch match && YaraDetector.SeverityOf(match) >= Severity.Medium)
        {
            return (Rootkit, Severity.Critical, $"{named}, and the YARA rule {match.Rule} matches it.");
        }
        string[] hiding = elf is null ? [] : InterposerDetector.HidingNames(elf);
        if (hiding.Length > 0)
        {
            return (Rootkit, Severity.Critical, $"{named} and takes the place of {string.Join(", ", hiding.Take(8))} in libc, as rootkits do to hide files and processes.");
        }
        if (PathTraits.IsTemporary(path) || PathTraits.IsHidden(path) || (path.StartsWith('/') && !PathTraits.IsLibraryPlace(path)))
        {
            return (OddPlace, Severity.Critical, $"{named}, but lies where no library does.");
        }
        if (wasLinked && target is null)
        {
            return (Missing, Severity.Critical, $"{library.Library} is to be loaded into every program but is not in the image: already removed, or out of reach of this scan.");
        }
        return InterposerDetector.IsKnownProduct(PathTraits.Name(path))
            ? (Product, Severity.Low, $"{named}; the name is that of a known product.")
            : (Library, Severity.High, $"{named}; no distribution ships that.");
    }
}
