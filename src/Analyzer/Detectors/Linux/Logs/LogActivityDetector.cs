using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>What logs tell that has no place elsewhere: crontabs replaced by service accounts, kernel modules, tools of attackers that were installed, exploits that were answered.</summary>
public sealed class LogActivityDetector : IDetector
{
    private static readonly RuleInfo Crontab = new("L-CRON-USER.replaced-by-service-account", "Crontab replaced by a service account", "persistence", ["T1053.003"]);
    private static readonly RuleInfo Rootkit = new("L-KMOD.logged-rootkit", "The kernel log names a rootkit", "persistence", ["T1547.006", "T1014"]);
    private static readonly RuleInfo OutOfTree = new("L-KMOD.logged-foreign-module", "A module that is not part of the kernel was loaded", "persistence", ["T1547.006"]);
    private static readonly RuleInfo Tool = new("L-PKGLOG.attack-tool", "A tool that attackers use was installed", "execution", ["T1588.002"]);
    private static readonly RuleInfo Exploit = new("L-WEBLOG.exploit-answered", "A request in the shape of an exploit was answered", "access", ["T1190"]);

    private static readonly string[] s_rootkits = ["diamorphine", "reptile", "suterusu", "adore", "knark", "rkduck", "puszek", "drovorub", "kbeast", "enyelkm", "nurupo", "heroin", "pumakit", "puma", "singularity", "caraxes", "skidmap", "ipe", "iproute.ko", "netlink.ko", "netcard"];
    private static readonly HashSet<string> s_tools = new(StringComparer.Ordinal) { "masscan", "zmap", "pnscan", "hydra", "medusa", "john", "hashcat", "sshpass", "proxychains", "proxychains4", "tor", "socat", "ncat", "xmrig", "libprocesshider" };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Crontab, Rootkit, OutOfTree, Tool, Exploit];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            foreach (LogEvent change in logs.Of(LogEventKind.CronTableChanged).Where(found => found.Detail is "REPLACE" or "END EDIT" && found.User is string user && AccountRoster.IsPureService(user)).DistinctBy(found => (found.User, found.Target)).Take(50))
            {
                yield return Of(Crontab, Severity.Medium, change, $"The service account {change.User} replaced the crontab of {change.Target ?? change.User}, {LogText.Span(change.First, change.Last)}; web shells do that to come back.",
                    ShellQuote.TryText(change.Target ?? change.User!, out string user) && !user.StartsWith('-') ? [$"crontab -u {user} -l   # and crontab -u {user} -r when nothing of use is in it"] : []);
            }
            PackageIndex packages = evidence.PackagesOf(logs.Volume);
            foreach (LogEvent module in logs.Of(LogEventKind.KernelModule).Where(found => found.Target is not null).DistinctBy(found => found.Target).Take(100))
            {
                string name = module.Target!;
                bool isRootkit = s_rootkits.Contains(name, StringComparer.OrdinalIgnoreCase) && name.Length > 3;
                if (isRootkit || module.Detail?.Contains("taint", StringComparison.Ordinal) == true)
                {
                    yield return Of(isRootkit ? Rootkit : OutOfTree, isRootkit ? Severity.High : Severity.Info, module,
                        isRootkit ? $"The kernel loaded the module {name}, {LogText.Span(module.First, module.Last)}; a rootkit has that name." : $"The kernel loaded {name}, which is not part of it: {module.Detail}.",
                        isRootkit ? ["Look for the file of the module (find / -name '*.ko*' -newer ...) and for what loads it; a host with a rootkit has to be rebuilt"] : []);
                }
            }
            foreach (LogEvent package in logs.Of(LogEventKind.PackageInstalled).Where(found => found.Target is string target && s_tools.Contains(target.Split(':', 2)[0])).DistinctBy(found => found.Target).Take(50))
            {
                yield return Of(Tool, Severity.Low, package, $"The package {package.Target} was installed, {LogText.Span(package.First, package.Last)}; administrators use it too." + (packages.Packages.Any(one => one.Name == package.Target) ? "" : " It is not there any more."), []);
            }
            foreach (IGrouping<string, LogEvent> exploit in logs.Of(LogEventKind.WebRequest).Where(found => found.Detail is ['2', ..] detail && detail.Contains(", ", StringComparison.Ordinal) && !evidence.IsOfWindows(found.Location)).GroupBy(found => found.Detail!, StringComparer.Ordinal).Take(30))
            {
                LogEvent first = exploit.First();
                yield return Of(Exploit, Severity.Low, first, $"{exploit.Sum(found => found.Count)} requests that look like an exploit ({exploit.Key[(exploit.Key.IndexOf(' ') + 1)..]}) were answered with success, {LogText.Span(first.First, exploit.Last().Last)}. Many servers answer everything.", []);
            }
        }
    }

    private static Finding Of(RuleInfo rule, Severity severity, LogEvent found, string message, IReadOnlyList<string> remediation) => new(rule, severity, found.Location)
    {
        Message = message,
        Evidence = Clip.Evidence(found.Message ?? found.Command ?? found.Target ?? ""),
        Remediation = remediation,
    };
}
