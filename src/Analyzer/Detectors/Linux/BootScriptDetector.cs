using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Boot scripts as such: what rc.local runs, lines of inittab on hosts that do not use it, binaries in place of scripts, init scripts that claim another service's name.</summary>
public sealed class BootScriptDetector : IDetector
{
    private static readonly RuleInfo RcLocal = new("L-RCLOCAL.active-lines", "rc.local runs commands", "persistence", ["T1037.004"]);
    private static readonly RuleInfo Inittab = new("L-INITTAB.active-entry", "inittab starts something", "persistence", ["T1037"]);
    private static readonly RuleInfo InitBinary = new("L-INITD.binary", "Binary in place of an init script", "persistence", ["T1037"]);
    private static readonly RuleInfo PartsBinary = new("L-CRON-PARTS.binary", "Binary in place of a periodic script", "persistence", ["T1053.003"]);
    private static readonly RuleInfo Provides = new("L-INITD.claims-other-service", "Init script claims the name of another service", "evasion", ["T1037", "T1036.004"]);
    private static readonly RuleInfo KnownName = new("L-INITD.known-name", "Init script with the name of known malware", "persistence", ["T1037", "T1036.004"]);

    private static readonly HashSet<string> Notorious = new(StringComparer.Ordinal) { "linux_kill", "netdns", "DbSecuritySpt", "network-security", "selinux" };
    private static readonly string[] Mimicked = ["ssh", "sshd", "cron", "crond", "rsyslog", "dbus", "networking", "udev"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [RcLocal, Inittab, InitBinary, PartsBinary, Provides, KnownName];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (StartupScript script in evidence.OfType<StartupScript>())
        {
            foreach (Finding finding in Script(script, evidence))
            {
                yield return finding;
            }
        }
        foreach (InittabEntry entry in evidence.OfType<InittabEntry>())
        {
            if (evidence.HostOf(entry.Location.Volume) is { UsesSystemd: true } && entry.Process.Length > 0 && entry.Action is not ("initdefault" or "off"))
            {
                bool isTerminal = entry.Process.Contains("getty", StringComparison.Ordinal) || entry.Process.Contains("shutdown", StringComparison.Ordinal);
                yield return new Finding(Inittab, isTerminal ? Severity.Low : Severity.Medium, entry.Location)
                {
                    Message = "The host boots with systemd, which has no use for inittab; an active line there is a relic or was planted.",
                    Evidence = Clip.Evidence($"{entry.Identifier}:{entry.Runlevels}:{entry.Action}:{entry.Process}"),
                    Remediation = isTerminal ? [] : Place.CleanUp(entry, entry.Location.Line),
                };
            }
        }
    }

    private static IEnumerable<Finding> Script(StartupScript script, EvidenceIndex evidence)
    {
        string tail = script.DormantBecause is null ? "" : $" It would not run at present: {script.DormantBecause}.";
        if (script.Place == StartupPlace.RcLocal && script.Commands.FirstOrDefault(command => !IsHarmless(command.Text)) is StartCommand line)
        {
            yield return new Finding(RcLocal, Severity.Info, EvidenceQueries.At(script, line))
            {
                Message = $"The script has {script.ActiveLines} active lines; distributions ship it empty." + tail,
                Evidence = Clip.Evidence(line.Text),
                Hashes = evidence.HashesOf(script.Location),
            };
        }
        if (script is { IsBinary: true, Place: StartupPlace.CronParts or StartupPlace.InitScript })
        {
            Severity severity = script.DormantBecause is null ? Severity.High : Severity.Medium;
            yield return new Finding(script.Place == StartupPlace.CronParts ? PartsBinary : InitBinary, severity, script.Location)
            {
                Message = "A binary program lies where distributions put only scripts." + tail,
                Hashes = evidence.HashesOf(script.Location),
                Remediation = Place.CleanUp(script, null),
            };
        }
        if (script.Place != StartupPlace.InitScript)
        {
            yield break;
        }
        string name = script.Location.Name;
        if (Notorious.Contains(name))
        {
            yield return new Finding(KnownName, script.DormantBecause is null ? Severity.High : Severity.Medium, script.Location)
            {
                Message = $"Known malware installs an init script called {name}." + tail,
                Hashes = evidence.HashesOf(script.Location),
                Remediation = Place.CleanUp(script, null),
            };
        }
        string[] provided = (script.Provides ?? "").Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (provided.FirstOrDefault(service => service != name && Mimicked.Contains(service)) is string other && !Mimicked.Contains(name) && !Related(name, other))
        {
            yield return new Finding(Provides, Severity.Medium, script.Location)
            {
                Message = $"The script {name} says that it provides {other}." + tail,
                Evidence = Clip.Evidence("Provides: " + script.Provides),
                Hashes = evidence.HashesOf(script.Location),
                Remediation = Place.CleanUp(script, null),
            };
        }
    }

    private static bool Related(string name, string service) =>
        name.Equals("openssh", StringComparison.Ordinal) || name is "anacron" or "messagebus" or "dropbear" or "eudev" or "vixie-cron" or "cronie" or "bcron" || (name.StartsWith(service, StringComparison.Ordinal) && !name.Contains("procps", StringComparison.Ordinal));

    private static bool IsHarmless(string line)
    {
        string text = line.Trim();
        return text is "exit 0" or "exit" or ":" or "true" or "set -e" || text.StartsWith("touch /var/lock/subsys/local", StringComparison.Ordinal);
    }
}
