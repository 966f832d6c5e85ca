using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// udev rules that no package brought, by what fires them and what they do: those that fire on devices which every kernel has, schedule jobs, or start units that start something odd.
/// What the started files are, the detector of started files judges.
/// </summary>
public sealed class UdevDetector : IDetector
{
    private static readonly RuleInfo Always = new("L-UDEV.fires-at-boot", "udev rule starts a program for a device that is always there", "persistence", ["T1546.017"]);
    private static readonly RuleInfo Job = new("L-UDEV.schedules-job", "udev rule schedules a job", "persistence", ["T1546.017", "T1053.002"]);
    private static readonly RuleInfo Unit = new("L-UDEV.starts-unit", "udev rule starts a unit of unknown origin", "persistence", ["T1546.017", "T1543.002"]);
    private static readonly RuleInfo Local = new("L-UDEV.local-program", "udev rule of the administrator starts a program", "persistence", ["T1546.017"]);

    private static readonly string[] s_schedulers = ["at", "batch", "crontab"];
    private static readonly string[] s_memoryDevices = ["null", "zero", "full", "random", "urandom", "mem", "kmem", "port", "kmsg"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Always, Job, Unit, Local];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        ILookup<Artifact, CommandLink> links = evidence.Links.Where(link => link.Source is UdevRule or SystemdUnit).ToLookup(link => link.Source, ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>);
        ILookup<(string, string), SystemdUnit> units = evidence.OfType<SystemdUnit>().Where(unit => !unit.IsDropIn && !unit.IsMasked).ToLookup(unit => (evidence.TreeOf(unit.Location.Volume), unit.Name));
        foreach (UdevRule rule in evidence.OfType<UdevRule>())
        {
            if (evidence.IsOfPackage(rule))
            {
                continue;
            }
            string? dormant = chain.DormantBecause(rule, rule.Commands.Count > 0 ? rule.Commands[0] : null);
            Finding? finding = JobOf(rule, links[rule]) ?? Boot(rule, evidence) ?? Units(rule, units, links, evidence) ?? Program(rule, links[rule], evidence);
            if (finding is not null)
            {
                yield return finding with
                {
                    Severity = dormant is null ? finding.Severity : finding.Severity.Lower(),
                    Message = finding.Message + LocalEntries.Tail(dormant),
                    Evidence = Clip.Evidence(string.Join(", ", rule.Tokens)),
                    Related = finding.Related.Count > 0 ? finding.Related : [.. links[rule].SelectMany(EvidenceQueries.Related)],
                    Remediation = finding.Severity <= Severity.Low ? [] : [.. Place.CleanUp(rule, rule.Location.Line), .. finding.Remediation],
                };
            }
        }
    }

    private static Finding? JobOf(UdevRule rule, IEnumerable<CommandLink> links)
    {
        foreach (CommandLink link in links)
        {
            string? scheduler = link.Files.Where(file => file.Relation == "starts").Select(file => PathTraits.Name(file.Requested)).FirstOrDefault(name => s_schedulers.Contains(name))
                ?? s_schedulers.FirstOrDefault(name => FirstWord(link.Command!.Text) == name);
            if (scheduler is not null)
            {
                return new Finding(Job, Severity.High, rule.Location)
                {
                    Message = $"The rule runs {scheduler} when a device appears: udev kills what runs long, and a job that it schedules goes on unseen. No package brings such a rule.",
                };
            }
        }
        return null;
    }

    private static Finding? Boot(UdevRule rule, EvidenceIndex evidence)
    {
        if (rule.Commands.Count == 0)
        {
            return null;
        }
        bool Has(string key, string attribute, Func<string, bool> value) => rule.Tokens.Any(token => token.Operator == "==" && token.Key == key && token.Attribute == attribute && value(token.Value));
        bool isMemory = Has("SUBSYSTEM", "", value => value == "mem") || Has("ENV", "MAJOR", value => value == "1") || Has("ENV", "DEVNAME", value => s_memoryDevices.Contains(PathTraits.Name(value)))
            || Has("KERNEL", "", value => value.Split('|').Any(name => s_memoryDevices.Contains(name) || name == "lo"));
        // Rules behind a GOTO have their conditions elsewhere; packages have many of those.
        bool isLocal = evidence.File(rule.Location)?.Origin is not null || !LocalEntries.IsPackageDirectory(rule.Location.Path);
        bool isAny = isLocal && rule.Commands.Any(command => command.Trigger == "udev RUN") && rule.Tokens.All(token => !token.IsMatch || token.Key is "ACTION" or "PROGRAM" or "RESULT" || (token.Key == "KERNEL" && token.Value == "*"));
        return isMemory || isAny ? new Finding(Always, isMemory ? Severity.High : Severity.Medium, rule.Location)
        {
            Message = isMemory
                ? $"The rule starts {rule.Commands[0].Text.Split(' ')[0]} for a device that every kernel makes at boot, not for hardware: that is a way to run at each start that few look at."
                : $"The rule starts {rule.Commands[0].Text.Split(' ')[0]} for every device that appears.",
        } : null;
    }

    private static Finding? Units(UdevRule rule, ILookup<(string, string), SystemdUnit> units, ILookup<Artifact, CommandLink> links, EvidenceIndex evidence)
    {
        foreach (string name in rule.Units)
        {
            int at = name.IndexOf('@');
            string template = at > 0 ? name[..(at + 1)] + name[name.LastIndexOf('.')..] : name;
            foreach (SystemdUnit unit in units[(evidence.TreeOf(rule.Location.Volume), name)].Concat(template == name ? [] : units[(evidence.TreeOf(rule.Location.Volume), template)]))
            {
                StartedFile? odd = links[unit].SelectMany(link => link.Files)
                    .FirstOrDefault(file => file.Relation is "starts" or "interprets" or "loads" && (evidence.IsAlien(file) || LocalEntries.IsOddPlace(EvidenceQueries.PathOf(file))));
                if (evidence.IsOfPackage(unit) || odd is null)
                {
                    continue;
                }
                string path = EvidenceQueries.PathOf(odd);
                Severity severity = LocalEntries.IsOddPlace(path) ? Severity.High : LocalEntries.IsPackageDirectory(path) ? Severity.Medium : Severity.Low;
                return new Finding(Unit, severity, rule.Location)
                {
                    Message = $"When a device appears the rule starts the unit {name}, which starts {path}: no package knows the rule, the unit or the program.",
                    Related = [new RelatedFile(unit.Location.Path, "starts"), new RelatedFile(path, "starts")],
                    Remediation = [.. Place.CleanUp(unit, null), .. Remediation.RemoveFile(path)],
                };
            }
        }
        return null;
    }

    private static Finding? Program(UdevRule rule, IEnumerable<CommandLink> links, EvidenceIndex evidence) =>
        links.SelectMany(link => link.Files).FirstOrDefault(file => file.Relation is "starts" or "interprets" && evidence.IsAlien(file)) is { } file
            ? new Finding(Local, Severity.Low, rule.Location) { Message = $"A rule that no package brought starts {EvidenceQueries.PathOf(file)}, which no package knows either." } : null;

    private static string FirstWord(string command)
    {
        int blank = command.IndexOf(' ');
        return PathTraits.Name(blank < 0 ? command : command[..blank]);
    }
}
