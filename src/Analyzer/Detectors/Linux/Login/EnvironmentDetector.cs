using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Variables that make programs load libraries, read a file first, or look for programs, libraries and modules elsewhere: judged by what they name and where that comes from.
/// </summary>
/// <remarks><b>Limitations:</b> values are not expanded; where a host has no package database, a library in an ordinary place and of an unknown name is medium.</remarks>
public sealed class EnvironmentDetector : IDetector
{
    private static readonly Place[] s_places = [LoginPlaces.Environment, LoginPlaces.ShellStartup, LoginPlaces.SshRc, LoginPlaces.Language, LoginPlaces.Python, LoginPlaces.Git, LoginPlaces.Tool];

    private static readonly (string Suffix, string Title, string Technique)[] s_kinds =
    [
        ("preloaded-library", "A variable makes programs load a library", "T1574.006"),
        ("library-path", "A variable makes programs look for libraries in an odd place", "T1574.006"),
        ("start-file", "A variable makes an interpreter read a file first", "T1546.004"),
        ("language-option", "A variable makes an interpreter load a file from an odd place", "T1574"),
        ("program-path", "Programs are looked for in an odd place first", "T1574.007"),
    ];

    private static readonly string[] s_core = ["libc.so.6", "libpthread.so.0", "libdl.so.2", "libpam.so.0", "libcrypt.so.1", "libcrypt.so.2", "libselinux.so.1", "libnss_files.so.2"];

    private readonly Dictionary<string, RuleInfo> _rules = s_places.SelectMany(place => s_kinds.Select(kind => place.Rule(kind.Suffix, kind.Title, "evasion", kind.Technique))).ToDictionary(rule => rule.Id, StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules => [.. _rules.Values];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        IReadOnlyList<EnvironmentSetting> settings = evidence.OfType<EnvironmentSetting>();
        if (settings.Count == 0)
        {
            yield break;
        }
        var judge = new LibraryJudge(evidence, source => source is EnvironmentSetting);
        var chain = StartChain.Of(evidence);
        foreach (EnvironmentSetting setting in settings)
        {
            (string Suffix, Severity Severity, string Why, IEnumerable<string> Files, FileHashes? Hashes)? found = setting.Role switch
            {
                EnvironmentRole.LoadsLibrary => Preload(setting, judge),
                EnvironmentRole.SearchesLibraries => Libraries(setting, judge),
                EnvironmentRole.StartsFile => StartFile(setting, judge),
                EnvironmentRole.LanguageOptions or EnvironmentRole.LanguagePath => Language(setting, judge),
                EnvironmentRole.SearchesPrograms => Programs(setting, judge),
                _ => null,
            };
            if (found is not { } hit || Place.Of(setting) is not Place place || !_rules.TryGetValue(place.Id + "." + hit.Suffix, out RuleInfo? rule))
            {
                continue;
            }
            yield return LoginFinding.Of(rule, hit.Severity, setting, $"{setting.Name} is set" + (setting.User is null ? "" : $" for {setting.User}") + $": {hit.Why}.", setting.Name + "=" + setting.Value, chain.DormantBecause(setting, null), hit.Hashes, hit.Files,
                hit.Files.Where(path => PathTraits.IsTemporary(path) || PathTraits.IsHidden(path)).Take(4).SelectMany(Remediation.RemoveFile));
        }
    }

    private static (string, Severity, string, IEnumerable<string>, FileHashes?)? Preload(EnvironmentSetting setting, LibraryJudge judge)
    {
        StartedFile[] present = [.. judge.Present(setting)];
        LibraryVerdict? worst = present.Select(file => judge.Judge(file)).OfType<LibraryVerdict>().MaxBy(verdict => verdict.Severity);
        if (worst is not null)
        {
            return ("preloaded-library", worst.Severity, $"programs load {worst.Path}, and {worst.Why}", [worst.Path], worst.Hashes);
        }
        if (present.Length > 0)
        {
            StartedFile? unknown = present.FirstOrDefault(file => judge.Facts(file)?.Origin is not { IsVendor: true } && !InterposerDetector.IsKnownProduct(PathTraits.Name(EvidenceQueries.PathOf(file))));
            return unknown is null ? null : ("preloaded-library", Severity.Medium, $"programs load {EvidenceQueries.PathOf(unknown)}, and nothing tells where it comes from", [EvidenceQueries.PathOf(unknown)], null);
        }
        string? odd = setting.NamedFiles.FirstOrDefault(path => PathTraits.IsTemporary(path) || PathTraits.IsHidden(path));
        return odd is not null ? ("preloaded-library", Severity.High, $"programs are to load {odd}, which is gone", [], null)
            : setting.NamedFiles.Count > 0 && !setting.NamedFiles.Any(path => InterposerDetector.IsKnownProduct(PathTraits.Name(path))) ? ("preloaded-library", Severity.Low, "the library is not in the image", [], null) : null;
    }

    private static (string, Severity, string, IEnumerable<string>, FileHashes?)? Libraries(EnvironmentSetting setting, LibraryJudge judge)
    {
        if (OddDirectory(setting.Value) is string odd)
        {
            return ("library-path", Severity.High, $"libraries are looked for in {odd}", judge.Present(setting).Select(EvidenceQueries.PathOf), null);
        }
        foreach (StartedFile file in judge.Present(setting))
        {
            if (Array.IndexOf(s_core, PathTraits.Name(file.Requested)) >= 0 && judge.Judge(file, trustsNames: false) is { } verdict)
            {
                return ("library-path", verdict.Severity, $"{verdict.Path} takes the place of the system's own library, and {verdict.Why}", [verdict.Path], verdict.Hashes);
            }
        }
        return null;
    }

    private static (string, Severity, string, IEnumerable<string>, FileHashes?)? StartFile(EnvironmentSetting setting, LibraryJudge judge)
    {
        foreach (StartedFile file in judge.FilesOf(setting))
        {
            string path = EvidenceQueries.PathOf(file);
            bool isOdd = PathTraits.IsTemporary(path) || (PathTraits.IsHidden(path) && !IsBelowHome(path));
            FileFacts? facts = file.Resolved is null ? null : judge.Facts(file);
            if (isOdd || (file.Resolved is not null && judge.KnownAs(file) is not null))
            {
                return ("start-file", Severity.High, $"interpreters read {path} first" + (file.Resolved is null ? ", which is gone" : ""), [path], facts?.Hashes);
            }
            if (setting.Name is "BASH_ENV" && facts?.Origin is { IsAlien: true } && !path.StartsWith("/opt/", StringComparison.Ordinal) && !IsBelowHome(path))
            {
                return ("start-file", Severity.Medium, $"every script of bash reads {path} first, and no package owns it", [path], facts.Hashes);
            }
        }
        return null;
    }

    private static (string, Severity, string, IEnumerable<string>, FileHashes?)? Language(EnvironmentSetting setting, LibraryJudge judge)
    {
        string value = setting.Value;
        if (value.Contains("data:text/javascript", StringComparison.OrdinalIgnoreCase) || (setting.Name.StartsWith("PERL5", StringComparison.Ordinal) && setting.Name != "PERL5LIB" && (value.Contains("system", StringComparison.Ordinal) || value.Contains("exec", StringComparison.Ordinal) || value.Contains("BEGIN", StringComparison.Ordinal))))
        {
            return ("language-option", Severity.High, "every program of the language runs code that stands in the variable", [], null);
        }
        string? odd = OddDirectory(value.Replace("-javaagent:", ":", StringComparison.Ordinal).Replace("-agentpath:", ":", StringComparison.Ordinal).Replace(' ', ':').Replace('=', ':').Replace("-I", ":", StringComparison.Ordinal).Replace("-r/", ":/", StringComparison.Ordinal));
        if (odd is not null)
        {
            return ("language-option", Severity.High, $"programs of the language load from {odd}", judge.Present(setting).Select(EvidenceQueries.PathOf), null);
        }
        foreach (StartedFile file in judge.Present(setting))
        {
            string path = EvidenceQueries.PathOf(file);
            FileFacts? facts = judge.Facts(file);
            if (judge.KnownAs(file) is string known)
            {
                return ("language-option", Severity.Critical, $"programs of the language load {path}, and {known}", [path], facts?.Hashes);
            }
            if (facts?.Origin is { IsAlien: true } or { IsModified: true } && PathTraits.IsSystemProgram(path) && !path.StartsWith("/usr/local/", StringComparison.Ordinal))
            {
                return ("language-option", setting.Role == EnvironmentRole.LanguagePath ? Severity.Medium : Severity.High, $"programs of the language load {path}, which lies among the system's files, and no package explains it", [path], facts.Hashes);
            }
        }
        return null;
    }

    private static (string, Severity, string, IEnumerable<string>, FileHashes?)? Programs(EnvironmentSetting setting, LibraryJudge judge)
    {
        string[] first = [.. setting.Value.Split(':').TakeWhile(directory => !directory.Contains("$PATH", StringComparison.Ordinal) && !directory.Contains("${PATH", StringComparison.Ordinal) && directory is not ("/usr/bin" or "/bin" or "/usr/sbin" or "/sbin"))];
        if (first.FirstOrDefault(PathIsTemporary) is string temporary)
        {
            return ("program-path", Severity.High, $"programs are looked for in {temporary} before the system's own", judge.Present(setting).Select(EvidenceQueries.PathOf), null);
        }
        StartedFile[] shadows = [.. judge.Present(setting).Where(file => judge.Facts(file)?.Origin is not { IsVendor: true })];
        if (first.FirstOrDefault(directory => PathTraits.IsHidden(directory + "/") && directory.StartsWith('/') && !IsBelowHome(directory)) is string hidden)
        {
            return ("program-path", Severity.High, $"programs are looked for in the hidden directory {hidden} before the system's own", shadows.Select(EvidenceQueries.PathOf), null);
        }
        if (shadows.Length == 0)
        {
            return null;
        }
        string path = EvidenceQueries.PathOf(shadows[0]);
        bool isHidden = PathTraits.IsHidden(path);
        return ("program-path", isHidden || shadows.Length > 1 ? Severity.High : Severity.Medium, $"{string.Join(", ", shadows.Take(6).Select(EvidenceQueries.PathOf))} comes before the system's program of the same name", shadows.Select(EvidenceQueries.PathOf), judge.Facts(shadows[0])?.Hashes);
    }

    private static bool PathIsTemporary(string directory) => PathTraits.IsTemporary(directory + "/");

    /// <summary>A directory of a list that is temporary, or hidden outside homes.</summary>
    private static string? OddDirectory(string value) => value.Split(':').FirstOrDefault(part => part.StartsWith('/') && (PathIsTemporary(part) || (PathTraits.IsHidden(part) && !IsBelowHome(part))));

    private static bool IsBelowHome(string path) => path.StartsWith("/home/", StringComparison.Ordinal) || path.StartsWith("/root/", StringComparison.Ordinal);
}
