using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Files that were unlinked while a process had them open, as malware does with its own program. Critical when a rule or list knows it, high for programs and
/// scripts; programs and libraries that an upgrade replaced under running processes are low, data files information. One finding a file.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> which process had the file open is not on the disk. Programs in memory file systems or anonymous memory never reach it.
/// </remarks>
public sealed class DeletedRunningDetector : IDetector
{
    private const string Deletion = "T1070.004";

    private static readonly RuleInfo Malware = new("L-DELETED-RUNNING.known-malware", "Deleted file that is still in use is known or suspected malware", "malware", [Deletion, "T1204.002"]);
    private static readonly RuleInfo Program = new("L-DELETED-RUNNING.program", "Program was deleted while it is in use", "execution", [Deletion, "T1059"]);
    private static readonly RuleInfo Library = new("L-DELETED-RUNNING.library", "Library was deleted while it is in use", "evasion", [Deletion, "T1574.006"]);
    private static readonly RuleInfo Replaced = new("L-DELETED-RUNNING.replaced", "Program or library was replaced while it is in use", "execution", []);
    private static readonly RuleInfo Log = new("L-DELETED-RUNNING.log", "Log was deleted while it is in use", "evasion", [Deletion]);
    private static readonly RuleInfo Data = new("L-DELETED-RUNNING.data", "Data file was deleted while it is in use", "execution", []);

    // Where services keep data that they delete while they use it, and where logs are rotated.
    private static readonly string[] DataPlaces = ["/var/log/", "/var/lib/", "/var/cache/", "/var/spool/"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Malware, Program, Library, Replaced, Log, Data];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        if (evidence.Orphans is not { } orphans)
        {
            yield break;
        }
        ILookup<(string, ulong), YaraMatch> yara = orphans.OfType<YaraMatch>().ToLookup(match => (match.Location.Volume, match.Location.MetadataAddress));
        ILookup<(string, ulong), HashMatch> hashes = orphans.OfType<HashMatch>().ToLookup(match => (match.Location.Volume, match.Location.MetadataAddress));
        ILookup<(string, ulong), ExecutableFacts> executables = orphans.OfType<ExecutableFacts>().ToLookup(facts => (facts.Location.Volume, facts.Location.MetadataAddress));
        ILookup<(string, ulong), DeletedFileFacts> remnants = orphans.OfType<DeletedFileFacts>().ToLookup(facts => (facts.Location.Volume, facts.Location.MetadataAddress));
        var starters = new Lazy<ILookup<(string, string), CommandLink>>(() => Starters(evidence));
        foreach (FileFacts file in orphans.OfType<FileFacts>())
        {
            (string, ulong) key = (file.Location.Volume, file.Location.MetadataAddress);
            if (remnants[key].FirstOrDefault() is not { } remnant)
            {
                continue;
            }
            var orphan = new Orphan(file, remnant, executables[key].FirstOrDefault(),
                [.. yara[key].OrderByDescending(YaraDetector.SeverityOf)], hashes[key].OrderByDescending(match => match.Hash.Length).FirstOrDefault(),
                remnant.HasPath ? [.. starters.Value[(evidence.TreeOf(file.Location.Volume), Merged(file.Location.Path))]] : []);
            yield return Build(orphan, Judge(orphan));
        }
    }

    private sealed record Orphan(FileFacts Facts, DeletedFileFacts Remnant, ExecutableFacts? Elf, IReadOnlyList<YaraMatch> Yara, HashMatch? Hash, IReadOnlyList<CommandLink> Starters)
    {
        public string Path => Facts.Location.Path;
        public bool HasPath => Remnant.HasPath;
        public bool IsElf => Facts.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject or ContentKind.ElfOther;
        public bool IsLibrary => IsElf && (Elf is { IsLibrary: true } || (HasPath && PathTraits.Name(Path).Contains(".so", StringComparison.Ordinal)));
        public bool IsData => HasPath && PathTraits.StartsWithAny(Path, DataPlaces);
        /// <summary>
        /// Also what the host starts by itself. Text with an x bit is run by a shell as a script is; other content with one counts when it had a name, because runtimes keep
        /// generated code in files that never had any.
        /// </summary>
        public bool IsProgram => IsElf || Facts.Content is ContentKind.Pe or ContentKind.Script || Starters.Count > 0
            || (Facts.IsExecutable && !IsData && (Facts.Content is ContentKind.Text || (Facts.Content is ContentKind.Binary && HasPath)));
        public bool IsInDistribution => HasPath && (PathTraits.IsSystemProgram(Path) || PathTraits.IsLibraryPlace(Path)) && !PathTraits.StartsWithAny(Path, ["/usr/local/", "/opt/"]);
        /// <summary>Built as distributions build, and unpacked rather than written: packages bring the time of their making with them, in whole seconds.</summary>
        public bool IsFromPackage => Elf is { HasDebugLink: true } && Facts.Entry is { Modified: { Nanoseconds: 0 } modified, Created: { } created } && modified.CompareTo(created) < 0;
        /// <summary>Packed, or without section headers: nothing a distribution ships.</summary>
        public bool IsDisguised => Elf is { IsPacked: true } or { HasNoSections: true };
        public bool HidesThings => Elf is not null && InterposerDetector.HidingNames(Elf).Length > 1 && !InterposerDetector.IsKnownProduct(PathTraits.Name(Path));
    }

    private readonly record struct Verdict(RuleInfo Rule, Severity Severity, string Why);

    private static Verdict Judge(Orphan orphan)
    {
        Verdict own = JudgeAlone(orphan);
        if (orphan.Hash is { } bad)
        {
            return new(Malware, Severity.Critical, $"its {bad.Algorithm.ToUpperInvariant()} is in the list {bad.Source}" + (bad.Name is null ? "" : $" as {bad.Name}"));
        }
        if (orphan.Yara.Count == 0)
        {
            return own;
        }
        Severity match = YaraDetector.SeverityOf(orphan.Yara[0]);
        string why = (orphan.Yara.Count == 1 ? "the YARA rule " : "the YARA rules ") + string.Join(", ", orphan.Yara.Take(4).Select(one => one.Rule)) + (orphan.Yara.Count == 1 ? " matches it" : " match it");
        // A doubtful rule needs a second sign: that a program or a file nobody needs to delete was deleted is one, that a package or a service did it is none.
        bool isOrdinary = own.Rule == Replaced || own.Rule == Log || orphan.IsData;
        return match >= Severity.High || (match == Severity.Medium && !isOrdinary) ? new(Malware, Severity.Critical, why)
            : match > own.Severity ? new(Malware, match, why)
            : own with { Why = own.Why + "; " + why };
    }

    private static Verdict JudgeAlone(Orphan orphan)
    {
        if (!orphan.IsProgram)
        {
            return JudgeData(orphan);
        }
        string what = orphan.IsLibrary ? "library" : orphan.Facts.Content is ContentKind.Script or ContentKind.Text ? "script" : "program";
        bool isRoots = orphan.Facts.Entry.UserId == 0;
        if (!orphan.IsDisguised && !orphan.HidesThings && isRoots)
        {
            if (orphan.IsInDistribution && (orphan.Remnant.Successor is not null || orphan.IsFromPackage))
            {
                return new(Replaced, Severity.Low, orphan.Remnant.Successor is { } successor
                    ? $"{successor} has taken its place: a package was upgraded and what used the old {what} was not restarted"
                    : $"it lay where packages install and comes from a package: what a package upgrade or removal leaves while the old {what} is in use");
            }
            if (!orphan.HasPath && orphan.IsFromPackage)
            {
                return new(Replaced, Severity.Low, $"its name is not known any more, but it comes from a package: what a package upgrade leaves while the old {what} is in use");
            }
            if (!orphan.HasPath && orphan.IsLibrary)
            {
                return new(Library, Severity.Medium, "its name is not known any more; a package upgrade leaves such, and so does a library that was loaded to hide something");
            }
        }
        if (orphan is { HasPath: true, IsDisguised: false, HidesThings: false, Remnant.Successor: { } twin } && !PathTraits.IsTemporary(orphan.Path) && !PathTraits.IsHidden(orphan.Path))
        {
            return new(Replaced, orphan.IsElf ? Severity.Medium : Severity.Low, $"another file has taken its place at {twin}: replaced by hand or by a program that updates itself, or exchanged to look harmless");
        }
        return new(orphan.IsLibrary ? Library : Program, Severity.High,
            $"a {what} that removes itself, or is removed, while it is in use leaves nothing for a look at the file system to find"
            + (orphan.Elf is { IsPacked: true } ? "; it is packed" : "") + (orphan.Elf is { HasNoSections: true } ? "; its section headers are gone" : "")
            + (orphan.HidesThings ? "; it takes the place of functions of libc that show files and processes" : ""));
    }

    private static Verdict JudgeData(Orphan orphan)
    {
        if (orphan.HasPath && orphan.Path.StartsWith("/var/log/", StringComparison.Ordinal))
        {
            return new(Log, Severity.Low, "a log that was rotated without telling its writer, or removed to hide traces");
        }
        return orphan.Facts.IsExecutable && !orphan.HasPath
            ? new(Data, Severity.Low, "it may be executed but is no program that is known; runtimes keep generated code so")
            : new(Data, Severity.Info, "services delete temporary files as soon as they have opened them");
    }

    private static Finding Build(Orphan orphan, Verdict verdict)
    {
        FileFacts file = orphan.Facts;
        string started = orphan.Starters.Count == 0 ? ""
            : orphan.Starters[0].Source.Location is { Allocation: Allocation.Allocated } starter ? $" {starter.Path} starts this path." : $" {orphan.Starters[0].Source.Location.Path}, itself deleted, started this path.";
        string path = orphan.HasPath ? $"The file was last called {orphan.Path}" + (orphan.Remnant.NameFrom is null ? "." : $" ({orphan.Remnant.NameFrom}).") : "What it was called is not known any more.";
        string[] techniques = [.. verdict.Rule.Techniques, .. file.Content == ContentKind.Script && verdict.Rule == Program ? ["T1059.004"] : Array.Empty<string>(), .. orphan.Yara.SelectMany(YaraDetector.TechniquesOf)];
        return new Finding(verdict.Rule, verdict.Severity, file.Location)
        {
            Message = $"Unlinked while a process had it open: {verdict.Why}. {path}{started}" + (file.Location.Certainty == Certainty.Intact ? "" : " Its content may not be complete."),
            Evidence = orphan.Yara.Count > 0 ? YaraDetector.StringsOf(orphan.Yara[0]) : orphan.Hash is { } bad ? bad.Algorithm + " " + bad.Hash : orphan.Path,
            Hashes = file.Hashes,
            Related = [.. orphan.Starters.Select(link => new RelatedFile(link.Source.Location.Path, "started-by")).Distinct().Take(16),
                .. orphan.Remnant.Successor is { } successor ? [new RelatedFile(successor, "replaced-by")] : Array.Empty<RelatedFile>()],
            Remediation = verdict.Severity <= Severity.Low ? [] : Steps(file),
            Techniques = [.. techniques.Distinct(StringComparer.Ordinal)],
        };
    }

    private static string[] Steps(FileFacts file) =>
    [
        "ls -l /proc/[0-9]*/exe 2>/dev/null | grep -F '(deleted)'   # on the running host: which processes run a deleted program",
        string.Create(CultureInfo.InvariantCulture, $"find /proc/[0-9]*/fd /proc/[0-9]*/map_files -lname '*(deleted)' 2>/dev/null | xargs -r stat -L -c '%i %n' | grep '^{file.Location.MetadataAddress} '   # which process has this one open; kill it"),
        string.Create(CultureInfo.InvariantCulture, $"deadbox cat IMAGE --inode {file.Location.MetadataAddress} --volume {(ShellQuote.TryText(file.Location.Volume, out string volume) ? volume : "VOLUME")} > evidence.bin   # keep a copy first: with the process the file goes"),
        "A host that was restarted runs it no more; look for what would start it again",
    ];

    /// <summary>Links by the path they start, whether it is there or not.</summary>
    private static ILookup<(string, string), CommandLink> Starters(EvidenceIndex evidence) =>
        evidence.Links.Concat(evidence.Deleted?.Links ?? [])
            .SelectMany(link => link.Files.Where(file => file.Relation != "uses").Select(file => (file.Requested, Link: link)))
            .ToLookup(pair => (evidence.TreeOf(pair.Link.Source.Location.Volume), Merged(pair.Requested)), pair => pair.Link);

    /// <summary>A path without <c>/usr</c> in front of the directories that are the same below it.</summary>
    private static string Merged(string path) =>
        PathTraits.StartsWithAny(path, ["/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/lib64/"]) ? path[4..] : path;
}
