using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Files that PHP or npm load into every program: odd places, names that are no program's, libraries that no package explains.</summary>
/// <remarks><b>Limitations:</b> a file with an ordinary name inside a web root is left to YARA and the hash lists.</remarks>
public sealed class LanguageConfigDetector : IDetector
{
    private static readonly RuleInfo Prepended = LoginPlaces.Language.Rule("prepended-file", "PHP runs a file before every page", "persistence", "T1505.003");
    private static readonly RuleInfo Extension = LoginPlaces.Language.Rule("extension", "PHP loads a library that no package explains", "persistence", "T1574");
    private static readonly RuleInfo Loaded = LoginPlaces.Language.Rule("loaded-file", "An interpreter loads a file from an odd place", "persistence", "T1574");

    private static readonly string[] s_products = ["wordfence-waf.php", "phpci", "sucuri", "imunify", "cpguard", "datadog", "newrelic", "dd_", "tideways", "blackfire"];

    private static readonly RuleInfo PerlStart = LoginPlaces.Language.Rule("perl-start-file", "Perl runs code at every start that no package owns", "persistence", "T1574");
    private static readonly Regex s_perlCalls = new(@"\b(?:system|exec|fork|popen)\b|`|\bIO::Socket|\bSocket\b|\beval\b|\bunpack\b|decode_base64", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Prepended, Extension, Loaded, PerlStart];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var judge = new LibraryJudge(evidence, source => source is ToolSetting { Tool: "php" or "npm" or "perl" });
        foreach (ToolSetting setting in evidence.OfType<ToolSetting>())
        {
            if (setting.Tool is not ("php" or "npm" or "perl") || setting.NamedFiles.Count == 0)
            {
                continue;
            }
            string text = setting.Key + " = " + setting.Value;
            StartedFile? file = judge.Present(setting).FirstOrDefault();
            string path = file is null ? setting.NamedFiles[0] : EvidenceQueries.PathOf(file);
            FileFacts? facts = file is null ? null : judge.Facts(file);
            string? known = file is null ? null : judge.KnownAs(file);
            if (setting.Tool == "perl")
            {
                if (facts?.Origin is not { IsVendor: true })
                {
                    yield return LoginFinding.Of(PerlStart, known is not null ? Severity.Critical : s_perlCalls.IsMatch(setting.Value) ? Severity.High : Severity.Medium, setting, "Perl runs this at every start" + (known is null ? "; no distribution ships it." : $": {known}."), setting.Value, setting.DormantBecause, facts?.Hashes);
                }
                continue;
            }
            bool isOdd = PathTraits.IsTemporary(path) || (PathTraits.IsHidden(path) && !path.StartsWith("/home/", StringComparison.Ordinal)) || path.Contains("/uploads/", StringComparison.OrdinalIgnoreCase) || path.Contains("/upload/", StringComparison.OrdinalIgnoreCase);
            if (setting.Key is "extension" or "zend_extension")
            {
                if (file is not null && judge.Judge(file) is { } verdict && !PathTraits.StartsWithAny(path, ["/opt/", "/usr/local/"]) | verdict.Severity == Severity.Critical)
                {
                    yield return LoginFinding.Of(Extension, verdict.Severity, setting, $"PHP loads {path} into every program: {verdict.Why}.", text, setting.DormantBecause, verdict.Hashes, [path], Remediation.RemoveFile(path));
                }
                continue;
            }
            if (setting.Tool == "npm" || setting.Key == "opcache.preload")
            {
                if (known is not null || isOdd)
                {
                    yield return LoginFinding.Of(Loaded, known is null ? Severity.High : Severity.Critical, setting, $"Every program loads {path}" + (known is null ? ", which lies in a hidden or temporary place." : $": {known}."), text, setting.DormantBecause, facts?.Hashes, [path], Remediation.RemoveFile(path));
                }
                continue;
            }
            string name = PathTraits.Name(path);
            bool isPhp = name.EndsWith(".php", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".inc", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".phar", StringComparison.OrdinalIgnoreCase);
            bool isProduct = PathTraits.StartsWithAny(name, s_products);
            bool isOfSystem = facts?.Origin is { IsAlien: true } && PathTraits.IsSystemProgram(path) && !path.StartsWith("/usr/local/", StringComparison.Ordinal);
            Severity severity = known is not null ? Severity.Critical : isOdd || !isPhp || isOfSystem ? Severity.High : facts?.Origin is { IsVendor: true } || isProduct ? Severity.Info : Severity.Low;
            if (severity > Severity.Info)
            {
                yield return LoginFinding.Of(Prepended, severity, setting, $"PHP runs {path} with every page" + (known is not null ? $": {known}." : isOdd ? "; it lies in a hidden, temporary or upload directory." : !isPhp ? "; its name is not that of a program." : isOfSystem ? "; no package owns it." : "."),
                    text, setting.DormantBecause, facts?.Hashes, [path], isOdd || known is not null ? Remediation.RemoveFile(path) : []);
            }
        }
    }
}
