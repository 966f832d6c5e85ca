using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Scripts and commands that ran, by PowerShell's own log, the audit of processes, Sysmon and the log of tasks: decoded, then judged by the rules for commands.</summary>
/// <remarks><b>Limitations:</b> of script blocks the first 16,384 characters; who ran them is not weighed; installers that are fetched from their well-known hosts stay low.</remarks>
public sealed class LoggedCommandDetector(SignatureSet signatures) : IDetector
{
    private static readonly RuleInfo s_script = new("W-LOG.script-block", "A script that attackers use ran", "execution", ["T1059.001"]);
    private static readonly RuleInfo s_command = new("W-LOG.command", "A command that attackers use ran", "execution", ["T1059"]);

    private const int MostJudged = 20_000;
    private const int MostListed = 50;
    private static readonly HashSet<string> s_installers = new(StringComparer.Ordinal)
    {
        "community.chocolatey.org", "chocolatey.org", "get.scoop.sh", "aka.ms", "go.microsoft.com", "download.microsoft.com", "win.rustup.rs", "dot.net",
    };

    private readonly CommandScorer _scorer = new(signatures);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_script, s_command];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            var said = new HashSet<string>(StringComparer.Ordinal);
            IEnumerable<LogEvent> scripts = WindowsLogEvents.Of(logs, LogEventKind.ScriptWarned).Concat(WindowsLogEvents.Of(logs, LogEventKind.ScriptRun));
            IEnumerable<LogEvent> commands = new[] { LogEventKind.ScriptHost, LogEventKind.Execution, LogEventKind.TaskCreated, LogEventKind.TaskChanged }.SelectMany(kind => WindowsLogEvents.Of(logs, kind));
            foreach (Finding finding in scripts.Where(found => found.Command is not null && said.Add(found.Command)).Take(MostJudged).Select(found => Judge(s_script, found, WindowsReader.PowerShell)).OfType<Finding>().Take(MostListed))
            {
                yield return finding;
            }
            foreach (Finding finding in commands.Where(found => found.Command is not null && said.Add(found.Command)).Take(MostJudged).Select(found => Judge(s_command, found, WindowsReader.Process)).OfType<Finding>().Take(MostListed))
            {
                yield return finding;
            }
        }
    }

    private Finding? Judge(RuleInfo rule, LogEvent found, WindowsReader reader)
    {
        IReadOnlyList<string> texts = WindowsLogEvents.Texts(found.Command!, reader);
        List<ScoredHit> hits = _scorer.Hits(texts, RuleScope.Command);
        CommandScorer.Sort(hits);
        if (CommandScorer.SeverityOf(hits) is not { } severity || severity < Severity.Medium)
        {
            return null;
        }
        string[] hosts = [.. texts.SelectMany(WindowsLogEvents.HostsIn).Distinct(StringComparer.Ordinal)];
        bool isInstaller = hosts.Length > 0 && hosts.All(s_installers.Contains);
        // It ran once and need not be there any more: one level lower than the same in a task.
        severity = isInstaller ? Severity.Low : severity.Lower();
        ScoredHit strongest = hits[0];
        string who = found.User ?? found.UserSid ?? "somebody";
        return WindowsLogEvents.Finding(rule, severity, found,
            $"A {(rule == s_script ? "script" : "command")} ran as {who}, {WindowsLogEvents.When(found)}: it {strongest.Hit.Rule.Message}{(texts.Count > 1 ? ", once decoded" : "")}{(found.Event == LogEventKind.ScriptWarned ? "; PowerShell itself found it suspicious" : "")}.",
            strongest.Text, "Find out what it fetched and started, and look for that on the disk") with
        {
            Techniques = [.. rule.Techniques.Concat(hits.Where(hit => hit.Hit.Weight >= 20).SelectMany(hit => hit.Hit.Rule.Techniques)).Distinct(StringComparer.Ordinal)],
        };
    }
}
