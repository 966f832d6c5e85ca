using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Services that were installed though no installer makes such ones: shells, programs on shares of the host itself, names by chance, odd places. They are often gone a moment later; the log keeps them.</summary>
/// <remarks><b>Limitations:</b> remote administration by PsExec looks the same whoever does it.</remarks>
public sealed partial class ServiceInstallDetector(SignatureSet signatures) : IDetector
{
    private static readonly RuleInfo s_shell = new("W-LOG.service-shell", "A service that runs a command was installed", "execution", ["T1543.003", "T1569.002"]);
    private static readonly RuleInfo s_place = new("W-LOG.service-odd-place", "A service was installed from an odd place", "persistence", ["T1543.003"]);
    private static readonly RuleInfo s_remote = new("W-LOG.service-remote-admin", "A tool of remote administration installed its service", "execution", ["T1569.002", "T1021.002"]);

    private const int MostListed = 50;
    private readonly CommandScorer _scorer = new(signatures);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_shell, s_place, s_remote];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            // Two logs tell of the same service.
            foreach (Finding finding in WindowsLogEvents.Of(logs, LogEventKind.ServiceInstalled).Where(found => found.Command is not null).DistinctBy(found => (found.Unit, found.Command)).Take(2000).SelectMany(Judge).Take(MostListed))
            {
                yield return finding;
            }
        }
    }

    private IEnumerable<Finding> Judge(LogEvent service)
    {
        string command = service.Command!;
        if (Tool().IsMatch(command) || Tool().IsMatch(service.Unit ?? ""))
        {
            yield return Of(s_remote, Severity.Low, service, "that is how administrators run commands from afar, and attackers too");
            yield break;
        }
        if (Shell().IsMatch(command))
        {
            List<ScoredHit> hits = _scorer.Hits(WindowsLogEvents.Texts(command, WindowsReader.Process), RuleScope.Command);
            CommandScorer.Sort(hits);
            yield return Of(s_shell, CommandScorer.SeverityOf(hits) == Severity.Critical ? Severity.Critical : Severity.High, service,
                "a service cannot be a shell: what it is given is run once, as the system" + (hits.Count > 0 && hits[0].Hit.Weight >= 20 ? "; it " + hits[0].Hit.Rule.Message : ""));
            yield break;
        }
        if (OwnShare().IsMatch(command))
        {
            yield return Of(s_shell, Severity.High, service, "its program was put on an administrative share for it, as tools do that move from host to host");
            yield break;
        }
        string program = ProgramOf(command);
        if (WindowsLogEvents.ImagePath(program) is not { } path)
        {
            yield break;
        }
        string name = WindowsPlaces.Name(path);
        bool isInRoot = path.StartsWith("/Windows/", StringComparison.OrdinalIgnoreCase) && path.IndexOf('/', 9) < 0;
        if (isInRoot && ByChance().IsMatch(name) && name.Skip(1).Any(char.IsAsciiLetterUpper))
        {
            yield return Of(s_place, Severity.High, service, "its program has a name by chance, as tools give them that move from host to host");
        }
        else if (WindowsPlaces.IsOdd(path) || (path.StartsWith("/Users/", StringComparison.OrdinalIgnoreCase) && !WindowsPlaces.IsInstalled(path)))
        {
            // Tools that measure hardware unpack a driver into the temporary folder.
            yield return Of(s_place, WindowsPlaces.IsTemporary(path) && name.EndsWith(".sys", StringComparison.OrdinalIgnoreCase) ? Severity.Low : Severity.Medium, service, "no installer puts a service there");
        }
    }

    private static Finding Of(RuleInfo rule, Severity severity, LogEvent service, string why) => WindowsLogEvents.Finding(rule, severity, service,
        $"The service {service.Unit ?? "?"} was installed, {WindowsLogEvents.When(service)}{(service.User is { } user ? ", by " + user : "")}: {why}.", service.Command!,
        "Look whether the service is still there (sc qc) and delete it (sc delete) with its program when nobody knows it; find out who logged in over the network at that time");

    private static string ProgramOf(string command)
    {
        string text = command.Trim();
        if (text.StartsWith('"'))
        {
            int close = text.IndexOf('"', 1);
            return close < 0 ? text[1..] : text[1..close];
        }
        Match end = ProgramEnd().Match(text);
        return end.Success ? text[..(end.Index + 4)] : text;
    }

    [GeneratedRegex(@"\b(?:psexesvc|paexec[^\\\s]*|remcomsvc|csexecsvc)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Tool();

    [GeneratedRegex(@"(?:%comspec%|\bcmd(?:\.exe)?""?\s+/|\bpowershell(?:\.exe)?\b|\bpwsh(?:\.exe)?\b|\bmshta(?:\.exe)?\b|\brundll32(?:\.exe)?""?\s+""?(?:javascript|vbscript):|\bwscript(?:\.exe)?\b|\bcscript(?:\.exe)?\b)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Shell();

    [GeneratedRegex(@"^""?\\\\[^\\\s]+\\(?:admin|[a-z])\$\\", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OwnShare();

    [GeneratedRegex(@"^[A-Za-z]{7,8}\.exe$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex ByChance();

    [GeneratedRegex(@"\.(?:exe|sys|dll|com|scr|bat|cmd)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ProgramEnd();
}
