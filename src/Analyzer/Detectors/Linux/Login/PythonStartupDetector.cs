using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Code that Python runs at every start: lines of <c>.pth</c> files and the customisation modules.</summary>
/// <remarks><b>Limitations:</b> the code is searched for calls, not run; a module that a line imports is judged by hash, YARA and origin only.</remarks>
public sealed class PythonStartupDetector : IDetector
{
    private static readonly RuleInfo Code = LoginPlaces.Python.Rule("start-code", "Python runs suspicious code at every start", "persistence", "T1059.006");
    private static readonly RuleInfo Unowned = LoginPlaces.Python.Rule("unowned-start-file", "Python runs code at every start that no package owns", "persistence", "T1546.018");
    private static readonly RuleInfo Known = LoginPlaces.Python.Rule("known-malware-module", "Python loads known malware at every start", "malware", "T1546.018");

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private static readonly Regex s_process = new(@"\bos\.(?:system|popen|exec[lv]\w*|spawn\w+|fork|setsid)\s*\(|\bsubprocess\b|\bpty\.spawn|\bposix_spawn", Options);
    private static readonly Regex s_network = new(@"\bsocket\b|\burllib|\burlopen\b|\brequests\b|\bhttp\.client\b|\bhttps?://|\bparamiko\b", Options);
    private static readonly Regex s_hidden = new(@"\bb(?:64|32|85|16)decode\b|\bbase64\b|\bzlib\b|\bmarshal\b|\bcodecs\.decode\b|\bfromhex\b|\bctypes\b|\[::-1\]|\\x[0-9a-f]{2}\\x[0-9a-f]{2}\\x[0-9a-f]{2}", Options);
    private static readonly Regex s_run = new(@"\b(?:exec|eval|compile|__import__)\s*\(", Options);
    private static readonly Regex s_place = new(@"['""](?:/tmp/|/var/tmp/|/dev/shm/|[^'""]*/\.[a-z])", Options);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Code, Unowned, Known];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var judge = new LibraryJudge(evidence, source => source is PythonStartup);
        foreach (PythonStartup start in evidence.OfType<PythonStartup>())
        {
            FileFacts? facts = evidence.File(start.Location);
            string path = start.Location.Path;
            bool isLine = start.Form == PythonStartupForm.PathFile;
            if (judge.Present(start).Where(file => file.Relation == "uses").Select(file => (File: file, Why: judge.KnownAs(file))).FirstOrDefault(pair => pair.Why is not null) is { Why: string why } bad)
            {
                string module = EvidenceQueries.PathOf(bad.File);
                yield return LoginFinding.Of(Known, Severity.Critical, start, $"Python loads {module} at every start: {why}.", start.Code, start.DormantBecause, judge.Facts(bad.File)?.Hashes, [module], Remediation.RemoveFile(module));
                continue;
            }
            (int score, string signs) = Score(start.Code, isLine);
            StartedFile? odd = judge.Present(start).FirstOrDefault(file => judge.Facts(file)?.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject && (PathTraits.IsTemporary(EvidenceQueries.PathOf(file)) || PathTraits.IsHidden(EvidenceQueries.PathOf(file))));
            if (odd is not null)
            {
                (score, signs) = (score + 2, (signs.Length > 0 ? signs + ", and " : "") + "names the binary " + EvidenceQueries.PathOf(odd) + " in a hidden or temporary place");
            }
            if (score >= 2 && facts?.Origin is not { IsVendor: true })
            {
                yield return LoginFinding.Of(Code, score >= 3 ? Severity.Critical : Severity.High, start, $"Python runs this at every start; it {signs}.", start.Code, start.DormantBecause, facts?.Hashes, odd is null ? [] : [EvidenceQueries.PathOf(odd)], odd is null ? [] : Remediation.RemoveFile(EvidenceQueries.PathOf(odd)));
                continue;
            }
            // Where only packages of the distribution install, a file without one was put there by hand. pip installs elsewhere.
            bool isVendorPlace = PathTraits.StartsWithAny(path, ["/usr/lib/python", "/usr/lib64/python", "/etc/python"]);
            if (isVendorPlace && facts?.Origin is { IsAlien: true } or { IsModified: true } && !IsOrdinary(start, path))
            {
                StartedFile[] modules = [.. judge.Present(start).Where(file => file.Relation == "uses")];
                yield return LoginFinding.Of(Unowned, score > 0 ? Severity.High : Severity.Medium, start, "Python runs this at every start, and no package explains the file.", start.Code, start.DormantBecause, facts!.Hashes, modules.Select(EvidenceQueries.PathOf));
            }
        }
    }

    // What setuptools, virtualenv, coverage and namespace packages write.
    private static bool IsOrdinary(PythonStartup start, string path) => start.Form == PythonStartupForm.PathFile
        && (start.Code.Contains("SETUPTOOLS_USE_DISTUTILS", StringComparison.Ordinal) || start.Code.StartsWith("import _virtualenv", StringComparison.Ordinal) || start.Code.StartsWith("import __editable__", StringComparison.Ordinal) || start.Code.Contains("_NamespacePath", StringComparison.Ordinal)
            || (path.EndsWith("-nspkg.pth", StringComparison.Ordinal) && start.Code.Contains("importlib", StringComparison.Ordinal)) || start.Code.Contains("coverage.process_startup()", StringComparison.Ordinal) || start.Code.Contains("pytest_cov.embed", StringComparison.Ordinal));

    /// <summary>How many kinds of suspicious calls the code makes. One is everyday life in a module, two are not.</summary>
    private static (int Score, string Signs) Score(string code, bool isLine)
    {
        var signs = new List<string>();
        int score = 0;
        void Add(Regex pattern, int weight, string sign)
        {
            if (pattern.IsMatch(code))
            {
                score += weight;
                signs.Add(sign);
            }
        }
        Add(s_process, isLine ? 2 : 1, "starts programs");
        Add(s_network, isLine ? 2 : 1, "uses the network");
        Add(s_hidden, 1, "decodes hidden text");
        Add(s_run, isLine ? 0 : 1, "runs text as code");
        Add(s_place, 1, "names files in hidden or temporary places");
        if (isLine && code.Length > 4000)
        {
            score += 1;
            signs.Add("is one very long line");
        }
        // A line that decodes and runs what it decoded needs nothing else.
        score += isLine && s_hidden.IsMatch(code) && s_run.IsMatch(code) ? 1 : 0;
        return (score, string.Join(", ", signs));
    }
}
