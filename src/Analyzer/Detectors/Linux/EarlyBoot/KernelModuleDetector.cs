using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Kernel modules that no package explains: built like rootkits, or lying where only packages put modules; changed ones; modules loaded from odd files; and commands of <c>modprobe.d</c> that start
/// something of unknown origin. Trees of DKMS, of vendors and of the administrator (<c>updates</c>, <c>extra</c>, <c>misc</c>) are low.
/// </summary>
/// <remarks><b>Limitations:</b> a module in those trees without words or hooks of a rootkit is taken for a driver; the compressed modules of packages are compared in the standard and full profiles only.</remarks>
public sealed class KernelModuleDetector : IDetector
{
    private static readonly RuleInfo Rootkit = new("L-KMOD.rootkit", "Kernel module with the words of a rootkit", "evasion", ["T1547.006", "T1014"]);
    private static readonly RuleInfo Hooking = new("L-KMOD.hooking-module", "Kernel module that takes over system calls or lists", "evasion", ["T1547.006", "T1014"]);
    private static readonly RuleInfo Unowned = new("L-KMOD.unowned-module", "Kernel module that no package brought", "persistence", ["T1547.006"]);
    private static readonly RuleInfo Modified = new("L-KMOD.modified-module", "Kernel module is not what its package shipped", "evasion", ["T1547.006", "T1014"]);
    private static readonly RuleInfo OddPlace = new("L-KMOD.odd-place", "Kernel module in a place for hiding", "evasion", ["T1547.006", "T1564.001"]);
    private static readonly RuleInfo Inserts = new("L-KMOD.inserts-file", "A command inserts a kernel module from a file", "persistence", ["T1547.006"]);
    private static readonly RuleInfo Command = new("L-KMOD.install-command", "modprobe starts something of unknown origin", "persistence", ["T1547.006", "T1546"]);

    private static readonly string[] s_hooks = ["kallsyms_lookup_name", "kallsyms_on_each_symbol", "register_kprobe", "register_kretprobe", "register_ftrace_function", "ftrace_set_filter_ip", "sys_call_table"];
    private static readonly string[] s_filtered = ["getdents", "filldir", "iterate_shared", "tcp4_seq_show", "tcp6_seq_show", "udp4_seq_show", "packet_rcv", "find_task_by_vpid"];
    private static readonly string[] s_neutral = ["commit_creds", "call_usermodehelper", "nf_register_net_hook"];

    private static readonly string[] s_driverTrees = ["updates/", "extra/", "weak-updates/", "misc/", "addon/", "dkms/", "kernel/drivers/video/nvidia", "kernel/nvidia", "kernel/misc/vbox", "kernel/extra/", "kernel/updates/"];

    // Products that install modules without a package manager.
    private static readonly string[] s_products =
    [
        "nvidia", "vbox", "vmmon", "vmnet", "vmci", "vsock", "vmblock", "vmhgfs", "vmmemctl", "vmxnet", "pvscsi", "zfs", "spl", "zavl", "znvpair", "zunicode", "zcommon", "icp", "wl", "falcon_lsm", "dattobd", "AliSec", "aegis",
        "openafs", "lustre", "drbd", "wireguard", "r8168", "r8125", "r8152", "igb", "ixgbe", "i40e", "ice", "mlx", "tmhook", "bmhook", "dsa_filter", "dsa_filter_hook", "kav4ws", "sysdig", "falco", "scap",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Rootkit, Hooking, Unowned, Modified, OddPlace, Inserts, Command];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        ILookup<(string, string), Artifact> loads = Loads(evidence, chain);
        ILookup<(string, string), ModuleIndex> indexes = evidence.OfType<ModuleIndex>().ToLookup(index => (evidence.TreeOf(index.Location.Volume), index.Release));
        var ownKernels = new HashSet<(string, string)>();
        foreach (KernelModule module in evidence.OfType<KernelModule>())
        {
            if (Module(module, loads, indexes, evidence) is { } finding
                // A kernel that was built on the host, or copied to it, is one fact and not thousands.
                && (finding.Rule != Unowned || !IsOwnKernel(module, evidence, out string release) || ownKernels.Add((evidence.TreeOf(module.Location.Volume), release))))
            {
                yield return finding.Rule == Unowned && IsOwnKernel(module, evidence, out _) ? finding with
                {
                    Severity = Severity.Low, Message = finding.Message + " No package owns any module of this kernel: it was built or copied by hand. One finding stands for all of them.", Remediation = [],
                } : finding;
            }
        }
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            string path = file.Location.Path;
            if (file.Content == ContentKind.ElfOther && path.EndsWith(".ko", StringComparison.Ordinal) && LocalEntries.IsOddPlace(path) && file.Origin is not { IsVendor: true } && !IsModuleTree(path))
            {
                yield return new Finding(OddPlace, Severity.High, file.Location)
                {
                    Message = "A kernel module lies hidden or where anybody may write; modules are loaded from there by hand or by a script.", Hashes = file.Hashes,
                    Related = [.. chain.StartedBy(file.Location.Volume, path)], Remediation = Remediation.RemoveFile(path),
                };
            }
        }
        foreach (CommandLink link in evidence.Links)
        {
            if (link.Command is not null && (Inserted(link, chain, evidence) ?? Started(link, chain, evidence)) is { } finding)
            {
                yield return finding;
            }
        }
    }

    /// <summary>Who asks for a module at boot: lists, and modules that need others.</summary>
    private static ILookup<(string, string), Artifact> Loads(EvidenceIndex evidence, StartChain chain)
    {
        var loads = new List<(string Host, string Module, Artifact By)>();
        foreach (ModuleLoad load in evidence.OfType<ModuleLoad>())
        {
            if (chain.DormantBecause(load, null) is null)
            {
                loads.Add((evidence.TreeOf(load.Location.Volume), load.Module, load));
            }
        }
        foreach (ModprobeDirective directive in evidence.OfType<ModprobeDirective>())
        {
            if (directive.Directive is "softdep" or "alias" && chain.DormantBecause(directive, null) is null)
            {
                loads.AddRange(directive.Argument.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Where(word => !word.EndsWith(':')).Take(32).Select(word => (evidence.TreeOf(directive.Location.Volume), ModuleLoad.Normal(word), (Artifact)directive)));
            }
        }
        return loads.ToLookup(load => (load.Host, load.Module), load => load.By);
    }

    private static Finding? Module(KernelModule module, ILookup<(string, string), Artifact> loads, ILookup<(string, string), ModuleIndex> indexes, EvidenceIndex evidence)
    {
        FileOrigin? origin = evidence.File(module.Location)?.Origin;
        string path = module.Location.Path;
        string[] components = path[(path.IndexOf("/modules/", StringComparison.Ordinal) + "/modules/".Length)..].Split('/', 2);
        string below = components.Length > 1 ? components[1] : "";
        string host = evidence.TreeOf(module.Location.Volume);
        ModuleIndex[] index = [.. indexes[(host, components[0])].Where(index => !index.IsBuiltIn)];
        bool isUnlisted = index.Length > 0 && !index.Any(list => list.Modules.Contains(ModuleIndex.WithoutCompression(below)));
        string[] words = [.. module.NotableNames.Where(name => !s_hooks.Contains(name) && !s_filtered.Contains(name) && !s_neutral.Contains(name))];
        string[] hooks = [.. module.NotableNames.Where(name => s_hooks.Contains(name))];
        string[] filtered = [.. module.NotableNames.Where(name => s_filtered.Contains(name))];
        bool isProduct = PathTraits.StartsWithAny(module.Module, s_products);
        bool isDriverTree = PathTraits.StartsWithAny(below, s_driverTrees) && !below.Contains("/.", StringComparison.Ordinal);
        Artifact[] by = [.. loads[(host, module.Module)].Concat(loads[(host, ModuleLoad.Normal(ModuleIndex.WithoutCompression(module.Location.Name)[..^3]))]).Distinct().Take(8)];
        if (origin is { IsVendor: true })
        {
            return null;
        }
        string load = by.Length == 0 ? "" : $" {by[0].Location.Path} has it loaded at boot.";
        (RuleInfo Rule, Severity Severity, string Why)? judgement =
            words.Length > 1 || (words.Length == 1 && hooks.Length + filtered.Length > 0) ? (Rootkit, Severity.Critical, $"It holds the words {string.Join(", ", words.Take(6))}: those of a rootkit.")
            : hooks.Length > 0 && filtered.Length > 0 && !isProduct && !(origin is null && module.IsInTree && !isUnlisted) ? (Hooking, isDriverTree && origin is null ? Severity.Medium : Severity.High, $"It uses {string.Join(", ", hooks.Take(4))} and knows {string.Join(", ", filtered.Take(4))}: with that, files, processes and connections are hidden.")
            : origin is { IsModified: true } ? (Modified, Severity.High, $"The package {origin.Package} shipped another content.")
            : origin is { IsAlien: true } ? (Unowned, isProduct || (isDriverTree && !isUnlisted) ? Severity.Low : isDriverTree ? Severity.Medium : Severity.High,
                isDriverTree || isProduct ? "No package brought it; it lies where drivers are built or installed by hand." + (isUnlisted ? " depmod does not know it." : "")
                : "It lies among the modules of the distribution's kernel, and no package brought it." + (isUnlisted ? " depmod does not know it." : ""))
            : origin is null && isUnlisted && !isDriverTree && !isProduct ? (Unowned, Severity.Medium, "It lies among the modules of the kernel, and depmod does not know it.")
            : null;
        if (judgement is not var (rule, severity, why))
        {
            return null;
        }
        return new Finding(rule, severity, module.Location)
        {
            Message = $"Kernel module {module.Module}: {why}{load}",
            Evidence = Clip.Evidence($"author={module.Author} description={module.Description} license={module.License} vermagic={module.VersionMagic} signed={(module.HasSignature ? "yes" : "no")} {string.Join(' ', module.NotableNames)}"),
            Hashes = evidence.HashesOf(module.Location),
            Related = [.. by.Select(artifact => new RelatedFile(artifact.Location.Path, "started-by"))],
            Remediation = severity <= Severity.Low ? [] : rule == Modified ? ["Reinstall the package that owns the module, then depmod -a"]
                : [.. Place.CleanUp(module, null), .. by.SelectMany(artifact => Remediation.RemoveLine(artifact.Location.Path, artifact.Location.Line))],
        };
    }

    private static Finding? Inserted(CommandLink link, StartChain chain, EvidenceIndex evidence)
    {
        if (link.Source is KernelModule || !link.Command!.Text.Contains("insmod", StringComparison.Ordinal))
        {
            return null;
        }
        foreach (StartedFile file in link.Files)
        {
            string path = EvidenceQueries.PathOf(file);
            if (file.Resolved is null || evidence.File(file.Resolved) is not { Content: ContentKind.ElfOther } module || IsModuleTree(path) || module.Origin is { IsVendor: true } || evidence.IsOfPackage(chain.RootOf(link.Source)))
            {
                continue;
            }
            bool isOdd = LocalEntries.IsOddPlace(path);
            Severity severity = isOdd ? Severity.High : LocalEntries.IsPackageDirectory(path) ? Severity.Medium : Severity.Low;
            string? dormant = chain.DormantBecause(link.Source, link.Command);
            return new Finding(Inserts, dormant is null ? severity : severity.Lower(), EvidenceQueries.At(link.Source, link.Command))
            {
                Message = $"The command inserts {path} into the kernel, which lies outside the trees of modules and belongs to no package." + LocalEntries.Tail(dormant),
                Evidence = Clip.Evidence(link.Command.Text, path), Hashes = module.Hashes, Related = [.. EvidenceQueries.Related(link)],
                Remediation = severity <= Severity.Low ? [] : [.. Place.CleanUp(link.Source, link.Command.Line), .. Remediation.RemoveFile(path)],
            };
        }
        return null;
    }

    private static Finding? Started(CommandLink link, StartChain chain, EvidenceIndex evidence)
    {
        if (link.Source is not ModprobeDirective directive || evidence.IsOfPackage(directive)
            || link.Files.FirstOrDefault(file => file.Relation is "starts" or "interprets" && (evidence.IsAlien(file) || (file.Resolved is not null && LocalEntries.IsOddPlace(EvidenceQueries.PathOf(file))))) is not { } started)
        {
            return null;
        }
        string path = EvidenceQueries.PathOf(started);
        Severity severity = LocalEntries.IsOddPlace(path) ? Severity.High : LocalEntries.IsPackageDirectory(path) ? Severity.Medium : Severity.Low;
        string? dormant = chain.DormantBecause(directive, link.Command);
        return new Finding(Command, dormant is null ? severity : severity.Lower(), directive.Location)
        {
            Message = $"Whenever the module {directive.Module} is {(directive.Directive == "remove" ? "removed" : "asked for")}, {path} is started, which no package knows." + LocalEntries.Tail(dormant),
            Evidence = Clip.Evidence($"{directive.Directive} {directive.Module} {directive.Argument}"), Related = [.. EvidenceQueries.Related(link)],
            Remediation = severity <= Severity.Low ? [] : [.. Place.CleanUp(directive, directive.Location.Line), .. Remediation.RemoveFile(path)],
        };
    }

    private static bool IsOwnKernel(KernelModule module, EvidenceIndex evidence, out string release)
    {
        string path = module.Location.Path;
        int end = path.IndexOf('/', path.IndexOf("/modules/", StringComparison.Ordinal) + "/modules/".Length);
        release = end < 0 ? path : path[..end];
        string directory = release;
        Forensics.Parsers.Packages.PackageIndex packages = evidence.PackagesOf(module.Location.Volume);
        return packages.Packages.Count > 0 && !((string[])["/kernel", "/modules.order", "/modules.builtin"]).Any(name => packages.IsOwned(directory + name));
    }

    private static bool IsModuleTree(string path) => path.StartsWith("/lib/modules/", StringComparison.Ordinal) || path.StartsWith("/usr/lib/modules/", StringComparison.Ordinal);
}
