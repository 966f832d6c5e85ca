using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Kernel settings that make the kernel start a program of unknown origin as root, and those that weaken it or are tuned as for mining.</summary>
public sealed class KernelSettingDetector : IDetector
{
    private static readonly RuleInfo CoreDump = new("L-SYSCTL.core-pattern-program", "Core dumps are given to a program of unknown origin", "persistence", ["T1546"]);
    private static readonly RuleInfo Helper = new("L-SYSCTL.kernel-helper", "The kernel starts another helper program than distributions do", "persistence", ["T1546"]);
    private static readonly RuleInfo Weakens = new("L-SYSCTL.weakens-kernel", "A kernel setting takes protection away", "evasion", ["T1562"]);
    private static readonly RuleInfo Mining = new("L-SYSCTL.huge-pages", "Kernel settings as miners make them", "execution", ["T1496"]);

    private static readonly string[] s_dumpReaders = ["apport", "systemd-coredump", "abrt-hook-ccpp", "abrtd", "core_collector", "kdumpctl", "false", "true", "netdata-coredump", "minidump"];
    private static readonly string[] s_moduleLoaders = ["/sbin/modprobe", "/usr/sbin/modprobe", "/bin/true", "/bin/false", "/usr/bin/true", "/usr/bin/false", "/bin/kmod", "/usr/bin/kmod", "/usr/bin/modprobe"];
    private static readonly string[] s_hotplug = ["/sbin/hotplug", "/sbin/mdev", "/bin/mdev", "/sbin/poweroff", "/usr/sbin/poweroff", "/bin/true", "/usr/libexec/nlplug-findfs", "/usr/bin/systemctl"];

    private static readonly (string Name, string Value, string Why)[] s_weak =
    [
        ("kernel.yama.ptrace_scope", "0", "any process may read the memory of others of its user"),
        ("kernel.randomize_va_space", "0", "addresses are no longer random"),
        ("kernel.unprivileged_bpf_disabled", "0", "every user may load BPF programs"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [CoreDump, Helper, Weakens, Mining];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        foreach (CommandLink link in evidence.Links)
        {
            if (link.Source is not SysctlSetting setting || Program(setting, link, evidence) is not { } finding)
            {
                continue;
            }
            string? dormant = chain.DormantBecause(setting, link.Command);
            yield return finding with
            {
                Severity = dormant is null ? finding.Severity : finding.Severity.Lower(),
                Message = finding.Message + LocalEntries.Tail(dormant),
                Evidence = Clip.Evidence(setting.Name + "=" + setting.Value),
                Related = [.. EvidenceQueries.Related(link)],
                Remediation = Place.CleanUp(setting, setting.Location.Line),
            };
        }
        foreach (IGrouping<string, SysctlSetting> host in evidence.OfType<SysctlSetting>().Where(setting => !evidence.IsOfPackage(setting) && chain.DormantBecause(setting, null) is null).GroupBy(setting => evidence.TreeOf(setting.Location.Volume)))
        {
            foreach (Finding finding in Weak(host))
            {
                yield return finding;
            }
        }
    }

    private static Finding? Program(SysctlSetting setting, CommandLink link, EvidenceIndex evidence)
    {
        StartedFile? program = link.Files.FirstOrDefault(file => file.Relation is "starts" or "interprets");
        string stated = link.Command!.Text.Split(' ')[0];
        string path = program is null ? stated : EvidenceQueries.PathOf(program);
        bool isVendor = program is not null && evidence.File(program.Resolved)?.Origin is { IsVendor: true };
        bool isAlien = program is not null && evidence.IsAlien(program);
        bool isOdd = LocalEntries.IsOddPlace(path);
        if (setting.Name == "kernel.core_pattern")
        {
            bool isKnown = s_dumpReaders.Contains(PathTraits.Name(path)) && !isOdd;
            return isVendor || (isKnown && !isAlien) || (program?.Resolved is null && !isOdd) ? null : new Finding(CoreDump, isOdd || (isAlien && LocalEntries.IsPackageDirectory(path)) ? Severity.High : Severity.Medium, setting.Location)
            {
                Message = $"Whenever a program crashes the kernel starts {path} as root; {(isAlien ? "no package knows that program" : "it is none of the usual readers of core dumps")}.",
            };
        }
        string[] known = setting.Name == "kernel.modprobe" ? s_moduleLoaders : s_hotplug;
        return known.Contains(stated) && !isAlien ? null : new Finding(Helper, isVendor ? Severity.Low : Severity.High, setting.Location)
        {
            Message = $"The kernel starts {path} as root " + (setting.Name == "kernel.modprobe" ? "whenever a module is asked for, for which any user can give cause" : "by itself") + "; distributions name another program.",
        };
    }

    private static IEnumerable<Finding> Weak(IEnumerable<SysctlSetting> settings)
    {
        SysctlSetting? pages = null;
        SysctlSetting? watchdog = null;
        foreach (SysctlSetting setting in settings)
        {
            foreach ((string name, string value, string why) in s_weak)
            {
                if (setting.Name == name && setting.Value == value)
                {
                    yield return new Finding(Weakens, Severity.Low, setting.Location) { Message = $"{setting.Name} is {setting.Value}: {why}. Developers set it too.", Evidence = Clip.Evidence(setting.Name + "=" + setting.Value) };
                }
            }
            pages = setting.Name == "vm.nr_hugepages" && int.TryParse(setting.Value, out int count) && count is >= 128 and <= 1280 ? setting : pages;
            watchdog = setting is { Name: "kernel.nmi_watchdog", Value: "0" } ? setting : watchdog;
        }
        if (pages is not null)
        {
            yield return new Finding(Mining, Severity.Low, pages.Location)
            {
                Message = $"{pages.Value} huge pages{(watchdog is null ? "" : " and no NMI watchdog")}: miners set this, databases and virtual machines do too.",
                Evidence = Clip.Evidence(pages.Name + "=" + pages.Value),
            };
        }
    }
}
