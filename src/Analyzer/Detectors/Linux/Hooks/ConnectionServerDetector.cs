using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Servers of inetd and xinetd that are a shell: whoever connects has one. Also what TCP wrappers run for everybody.</summary>
public sealed class ConnectionServerDetector : IDetector
{
    private static readonly RuleInfo Shell = new("L-INETD.shell-server", "A connection gets a shell", "backdoor", ["T1546", "T1059.004"]);
    private static readonly RuleInfo Everybody = new("L-INETD.command-for-everybody", "Every connection to every service runs a command", "persistence", ["T1546"]);

    private static readonly string[] s_reporting = ["logger", "mail", "mailx", "sendmail", "echo", "safe_finger", "finger", "notify", "printf", "cat", "host", "dig"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Shell, Everybody];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (InetdService service in evidence.OfType<InetdService>())
        {
            string[] words = service.Command.Split([' ', '\t'], 4, StringSplitOptions.RemoveEmptyEntries);
            int program = words.Length > 1 && ShellWords.BaseName(words[0]) is "busybox" or "env" or "nice" ? 1 : 0;
            if (words.Length == 0 || !ShellWords.IsShell(words[program]) || (words.Length > program + 1 && IsScript(words[program + 1])))
            {
                continue;
            }
            yield return new Finding(Shell, service.DormantBecause is null ? Severity.Critical : Severity.High, service.Location)
            {
                Message = $"Whoever connects to {Clip.Evidence(service.Service)} gets a shell{(service.User is string user ? " as " + Clip.Evidence(user) : "")}." + (service.DormantBecause is null ? "" : $" It would not run at present: {service.DormantBecause}; one level lower."),
                Evidence = Clip.Evidence(service.Command),
                Remediation = Place.CleanUp(service, service.Location.Line),
            };
        }
        foreach (CommandLink link in evidence.Links)
        {
            if (link.Source is not HookCommand { Place: StartupPlace.ConnectionHook } hook || hook.Subject is null || !IsForEverybody(hook.Subject)
                || ShellWords.Parse(hook.Command).All(command => command.Program.Length == 0 || s_reporting.Contains(ShellWords.BaseName(command.Program))))
            {
                continue;
            }
            yield return new Finding(Everybody, Severity.Medium, hook.Location)
            {
                Message = "Every connection, to every service that asks TCP wrappers, runs this command; administrators use that to be told, and here something else is run.",
                Evidence = Clip.Evidence(hook.Command),
                Related = [.. EvidenceQueries.Related(link)],
                Remediation = Place.CleanUp(hook, hook.Location.Line),
            };
        }
    }

    // A shell that is given a script runs that script; the script is judged.
    private static bool IsScript(string word) => word[0] is not ('-' or '\'' or '"');

    private static bool IsForEverybody(string subject) => subject.Split(':', 2) is [string daemons, string clients] && daemons.Trim() is "ALL" && clients.Trim() is "ALL";
}
