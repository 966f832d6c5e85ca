using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Kernel command lines that start another first process or unit than the distribution's, take a hidden image of the early boot, or switch protection off.</summary>
/// <remarks><b>Limitations:</b> whether a boot loader protects its menu by a password, and signatures of kernels, are not judged.</remarks>
public sealed class BootEntryDetector : IDetector
{
    private static readonly RuleInfo Init = new("L-GRUB.first-process", "The kernel starts another first process", "persistence", ["T1542"]);
    private static readonly RuleInfo Run = new("L-GRUB.systemd-run", "The kernel command line runs a command", "persistence", ["T1542", "T1543.002"]);
    private static readonly RuleInfo Unit = new("L-GRUB.starts-unit", "The kernel command line starts a unit of unknown origin", "persistence", ["T1542", "T1543.002"]);
    private static readonly RuleInfo Hidden = new("L-GRUB.hidden-image", "The boot loader takes a hidden kernel or early-boot image", "persistence", ["T1542", "T1564.001"]);
    private static readonly RuleInfo Protection = new("L-GRUB.protection-off", "The kernel command line switches protection off", "evasion", ["T1562"]);

    private static readonly string[] s_firstProcesses =
    [
        "/sbin/init", "/usr/sbin/init", "/bin/init", "/init", "/lib/systemd/systemd", "/usr/lib/systemd/systemd", "/bin/systemd", "/usr/bin/systemd", "/sbin/openrc-init", "/sbin/runit-init", "/lib/sysvinit/init", "/usr/bin/init",
        "/usr/lib/raspi-config/init_resize.sh", "/usr/lib/raspberrypi-sys-mods/firstboot",
    ];

    private static readonly string[] s_shells = ["sh", "bash", "dash", "ash", "busybox"];
    private static readonly string[] s_switches = ["selinux=0", "enforcing=0", "apparmor=0", "security=none", "audit=0", "module.sig_enforce=0", "lockdown=none", "ima_appraise=off", "module.sig_enforce=off"];
    private static readonly string[] s_others = ["mitigations=off", "nokaslr", "nosmap", "nosmep"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Init, Run, Unit, Hidden, Protection];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        ILookup<Artifact, CommandLink> links = evidence.Links.Where(link => link.Source is BootEntry or SystemdUnit).ToLookup(link => link.Source, ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>);
        ILookup<(string, string), SystemdUnit> units = evidence.OfType<SystemdUnit>().Where(unit => !unit.IsDropIn).ToLookup(unit => (evidence.TreeOf(unit.Location.Volume), unit.Name));
        // A menu repeats the same options for each kernel; where they are in force says most.
        var said = new HashSet<(string Host, string Rule, string What)>();
        foreach (BootEntry entry in evidence.OfType<BootEntry>().OrderBy(entry => chain.DormantBecause(entry, null) is not null))
        {
            string? dormant = chain.DormantBecause(entry, null);
            foreach ((Finding finding, string what) in Judge(entry, links, units, evidence))
            {
                if (said.Add((evidence.TreeOf(entry.Location.Volume), finding.Rule.Id, what)))
                {
                    yield return finding with
                    {
                        Severity = dormant is null ? finding.Severity : finding.Severity.Lower(),
                        Message = finding.Message + LocalEntries.Tail(dormant),
                        Evidence = Clip.Evidence(string.Join(' ', entry.Options), what),
                        Remediation = finding.Severity <= Severity.Low ? [] : [.. Place.CleanUp(entry, entry.Location.Line), .. finding.Remediation],
                    };
                }
            }
        }
    }

    private static IEnumerable<(Finding, string)> Judge(BootEntry entry, ILookup<Artifact, CommandLink> links, ILookup<(string, string), SystemdUnit> units, EvidenceIndex evidence)
    {
        foreach (CommandLink link in links[entry])
        {
            bool isInit = !link.Command!.Trigger.Contains("systemd", StringComparison.Ordinal);
            // What rdinit= names lies in the early-boot image, where only the usual name is known here.
            bool isEarly = link.Command.Trigger.Contains(" rdinit", StringComparison.Ordinal);
            if ((isInit && s_firstProcesses.Contains(link.Command.Text)) || (isEarly && PathTraits.Name(link.Command.Text) is "init" or "sh"))
            {
                continue;
            }
            StartedFile? program = link.Files.FirstOrDefault(file => file.Relation is "starts" or "interprets");
            string path = program is null ? link.Command.Text : EvidenceQueries.PathOf(program);
            bool isShell = s_shells.Contains(PathTraits.Name(path.Split(' ')[0])) && program is not null && link.Files.Count(file => file.Relation != "uses") == 1;
            if (isInit && !isShell && program is not null && evidence.File(program.Resolved)?.Origin is { IsVendor: true } && link.Files.All(file => !evidence.IsAlien(file)))
            {
                continue;
            }
            Severity severity = isShell || program?.Resolved is null ? Severity.Medium : LocalEntries.IsOddPlace(path) ? Severity.Critical : Severity.High;
            string what = isShell ? "a shell, as for recovering a lost password" : program?.Resolved is null ? "which is not in the image" : "which is not a distribution's";
            yield return (new Finding(isInit ? Init : Run, severity, entry.Location)
            {
                Message = (isInit ? $"The kernel is told to start {path} before everything else, {what}." : $"The kernel command line has systemd run {path} at boot, {what}."),
                Related = [.. EvidenceQueries.Related(link)],
                Remediation = isShell || program?.Resolved is null ? [] : Remediation.RemoveFile(path),
            }, link.Command.Text);
        }
        foreach (string option in entry.Options)
        {
            int equals = option.IndexOf('=');
            if (equals > 0 && option[..equals] is "systemd.unit" or "systemd.wants" or "rd.systemd.unit" or "rd.systemd.wants" && UnitOf(entry, option[(equals + 1)..], units, links, evidence) is { } finding)
            {
                yield return (finding, option);
            }
        }
        string? hidden = entry.InitialRamDisks.Append(entry.Kernel ?? "").FirstOrDefault(PathTraits.IsHidden);
        if (hidden is not null)
        {
            yield return (new Finding(Hidden, Severity.High, entry.Location) { Message = $"The menu entry {entry.Title} loads {hidden}, a hidden file, which runs before everything that could look for it." }, hidden);
        }
        string[] off = [.. entry.Options.Where(option => s_switches.Contains(option)).Distinct().Order(StringComparer.Ordinal)];
        string[] others = [.. entry.Options.Where(option => s_others.Contains(option)).Distinct().Order(StringComparer.Ordinal)];
        if (off.Length + others.Length > 0)
        {
            yield return (new Finding(Protection, off.Length >= 3 ? Severity.Medium : Severity.Low, entry.Location)
            {
                Message = $"The kernel is started with {string.Join(", ", off.Concat(others))}." + (off.Length >= 3 ? " Together that leaves nobody to refuse or to record." : " Some images and tuned hosts have this."),
            }, string.Join(' ', off.Concat(others)));
        }
    }

    private static Finding? UnitOf(BootEntry entry, string name, ILookup<(string, string), SystemdUnit> units, ILookup<Artifact, CommandLink> links, EvidenceIndex evidence)
    {
        name = name.Contains('.') ? name : name + ".service";
        SystemdUnit[] found = [.. units[(evidence.TreeOf(entry.Location.Volume), name)]];
        if (found.Length == 0 || found.Any(unit => evidence.IsOfPackage(unit)))
        {
            return null;
        }
        StartedFile? odd = found.SelectMany(unit => links[unit]).SelectMany(link => link.Files)
            .FirstOrDefault(file => file.Relation is "starts" or "interprets" or "loads" && (evidence.IsAlien(file) || LocalEntries.IsOddPlace(EvidenceQueries.PathOf(file))));
        Severity severity = odd is not null ? Severity.High : evidence.File(found[0].Location)?.Origin is null ? Severity.Low : Severity.Medium;
        return new Finding(Unit, severity, entry.Location)
        {
            Message = $"The kernel command line has systemd start {name}, a unit that no package brought" + (odd is null ? "." : $"; it starts {EvidenceQueries.PathOf(odd)}, which no package brought either."),
            Related = [new RelatedFile(found[0].Location.Path, "starts"), .. odd is null ? (RelatedFile[])[] : [new RelatedFile(EvidenceQueries.PathOf(odd), "starts")]],
            Remediation = [.. Place.CleanUp(found[0], null), .. odd is null ? [] : Remediation.RemoveFile(EvidenceQueries.PathOf(odd))],
        };
    }
}
