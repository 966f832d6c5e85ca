using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Containers that take the host over, sell its processor or line, and engines that take orders from everybody.</summary>
public sealed class ContainerDetector : IDetector
{
    private static readonly RuleInfo Takeover = Rule("host-takeover", "Container enters its host", "persistence", "T1611");
    private static readonly RuleInfo HostRoot = Rule("host-files-writable", "Container may write the host's files", "persistence", "T1611");
    private static readonly RuleInfo HostPid = Rule("no-walls", "Privileged container among the host's processes", "persistence", "T1611");
    private static readonly RuleInfo Miner = Rule("miner-image", "Container of a coin miner", "malware", "T1496");
    private static readonly RuleInfo Proxyware = Rule("proxyware-image", "Container that sells the host's network", "malware", "T1496");
    private static readonly RuleInfo OpenApi = Rule("open-api", "Container engine takes orders from the network without asking who it is", "access", "T1610");
    private static readonly RuleInfo Monitor = Rule("monitoring", "Monitoring container sees the whole host", "persistence", "T1611");

    // Names anybody may give to an image: they make a finding smaller, never silent.
    private static readonly string[] Watching =
    [
        "portainer/", "cadvisor", "node-exporter", "node_exporter", "datadog", "newrelic", "netdata/", "grafana/", "prom/", "prometheus/", "falcosecurity/", "sysdig/", "aquasec/", "dynatrace/", "containrrr/watchtower", "elastic/",
        "docker.elastic.co/", "fluent/", "rancher/", "registry.k8s.io/", "k8s.gcr.io/", "quay.io/cilium", "calico/", "flannel", "longhornio/", "csi-", "nvidia/", "amazon/", "public.ecr.aws/", "mcr.microsoft.com/", "gcr.io/gke", "kindest/",
    ];
    private static readonly string[] MinerImages = ["xmrig", "xmr-stak", "minerd", "cpuminer", "ethminer", "nbminer", "t-rex", "lolminer", "teamredminer", "kinsing", "pocosow", "gakeaws", "azulu", "moneroocean", "nanominer", "xmr-node-proxy"];
    private static readonly string[] ProxywareImages =
        ["bitping/bitpingd", "repocket/repocket", "earnfm/earnfm-client", "iproyal/pawns-cli", "traffmonetizer/cli", "packetstream/psclient", "honeygain/honeygain", "peer2profit", "proxyrack/pop", "proxylite", "fazalfarhan01/earnapp", "mysteriumnetwork/myst"];

    // Whoever may write these decides what the host runs.
    private static readonly string[] DecisiveFolders = ["/", "/etc", "/root", "/home", "/usr", "/usr/bin", "/usr/lib", "/bin", "/lib", "/var", "/var/spool", "/var/spool/cron", "/boot", "/etc/cron.d", "/etc/systemd", "/etc/systemd/system", "/root/.ssh", "/proc"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Takeover, HostRoot, HostPid, Miner, Proxyware, OpenApi, Monitor];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<(string, string, string), ContainerPrivileges> privileges = evidence.OfType<ContainerPrivileges>().ToLookup(one => Key(evidence, one.Location, one.Engine, one.ContainerId));
        foreach (ContainerProcess process in evidence.OfType<ContainerProcess>())
        {
            ContainerPrivileges? power = privileges[Key(evidence, process.Location, process.Engine, process.ContainerId)].FirstOrDefault();
            if (Image(process, power) is { } image)
            {
                yield return image;
            }
            if (power is not null && Power(process, power) is { } finding)
            {
                yield return finding;
            }
        }
        foreach (ContainerApi api in evidence.OfType<ContainerApi>())
        {
            if (api.Addresses.FirstOrDefault(IsOpen) is { } address && !api.VerifiesClients)
            {
                yield return Open(api.Location, address);
            }
        }
        foreach (CommandLink link in evidence.Links)
        {
            if (link is { Source: SystemdUnit or StartupScript, Command: { } command } && command.Text.Contains("dockerd", StringComparison.Ordinal) && OpenAddress(command.Text) is { } address)
            {
                yield return Open(EvidenceQueries.At(link.Source, command), address);
            }
        }
    }

    private static Finding? Image(ContainerProcess process, ContainerPrivileges? power)
    {
        string image = process.Image ?? "";
        string? miner = MinerImages.FirstOrDefault(name => image.Contains(name, StringComparison.OrdinalIgnoreCase));
        string? seller = ProxywareImages.FirstOrDefault(name => image.Contains(name, StringComparison.OrdinalIgnoreCase));
        if (miner is null && seller is null)
        {
            return null;
        }
        bool isDormant = process.IsRunning == false && power?.RestartPolicy is not ("always" or "unless-stopped");
        return new Finding(miner is not null ? Miner : Proxyware, isDormant ? Severity.Medium : Severity.High, process.Location)
        {
            Message = $"The container {Name(process)} is made from {image}, " + (miner is not null ? "which mines coins." : "which lends the host's network to strangers for money.") + (isDormant ? " It is stopped and would not be started again; one level lower." : ""),
            Evidence = Clip.Evidence(image), Remediation = ContainerPlaces.RemoveContainer(process),
        };
    }

    private static Finding? Power(ContainerProcess process, ContainerPrivileges power)
    {
        string[] writable = [.. power.Binds.Where(bind => IsDecisive(bind) && !IsReadOnly(bind))];
        bool mayLeave = power.IsPrivileged || power.AddedCapabilities.Any(name => name is "SYS_ADMIN" or "CAP_SYS_ADMIN" or "ALL" or "SYS_PTRACE" or "SYS_MODULE");
        bool sharesProcesses = power.HostNamespaces.Contains("pid");
        if (writable.Length == 0 && !(mayLeave && sharesProcesses))
        {
            return null;
        }
        string command = string.Join(' ', process.Arguments);
        bool isWatching = process.Image is { } image && Watching.Any(name => image.Contains(name, StringComparison.OrdinalIgnoreCase));
        bool enters = Enters(command);
        bool isShell = process.Arguments.Count > 0 && PathTraits.Name(process.Arguments[0]) is "sh" or "bash" or "ash" or "dash" or "python" or "python3" or "perl";
        bool isDormant = process.IsRunning == false && power.RestartPolicy is not ("always" or "unless-stopped");
        (RuleInfo rule, Severity severity) = enters ? (Takeover, Severity.Critical)
            : isWatching ? (Monitor, Severity.Low)
            : writable.Any(bind => Source(bind) == "/") || (writable.Length > 0 && isShell) ? (HostRoot, isShell || mayLeave ? Severity.High : Severity.Medium)
            : mayLeave && sharesProcesses ? (HostPid, isShell ? Severity.High : Severity.Medium)
            : (HostRoot, Severity.Low);
        severity = isDormant ? severity.Lower() : severity;
        string[] facts = [.. power.IsPrivileged ? new[] { "privileged" } : [], .. power.HostNamespaces.Select(name => "the host's " + name + " namespace"), .. writable.Take(4)];
        return new Finding(rule, severity, power.Location)
        {
            Message = $"The container {Name(process)}" + (process.Image is null ? "" : $" ({process.Image})") + " runs with " + string.Join(", ", facts)
                + (enters ? ", and its command goes into the host." : isWatching ? "; the image is named like a monitoring agent." : ".") + (isDormant ? " It is stopped and would not be started again; one level lower." : ""),
            Evidence = Clip.Evidence(command.Length > 0 ? command : string.Join(' ', writable)), Related = [new RelatedFile(process.Location.Path, "started-by")],
            Remediation = severity <= Severity.Low ? [] : ContainerPlaces.RemoveContainer(process),
        };
    }

    private static Finding Open(EvidenceLocation place, string address) => new(OpenApi, Severity.High, place)
    {
        Message = $"The engine listens on {address} and asks nobody for a certificate: whoever reaches the port starts containers as root on this host.",
        Evidence = Clip.Evidence(address), Remediation = [.. Remediation.Unlock(place.Path), "Take the tcp address out of the file, or add tlsverify with certificates", "systemctl restart docker"],
    };

    /// <summary>The command changes root into a mounted host, or enters the namespaces of its first process.</summary>
    private static bool Enters(string command) =>
        (command.Contains("chroot", StringComparison.Ordinal) && (command.Contains("/mnt", StringComparison.Ordinal) || command.Contains("/host", StringComparison.Ordinal) || command.Contains("/rootfs", StringComparison.Ordinal)))
        || (command.Contains("nsenter", StringComparison.Ordinal) && (command.Contains("-t 1", StringComparison.Ordinal) || command.Contains("-t1", StringComparison.Ordinal) || command.Contains("--target 1", StringComparison.Ordinal) || command.Contains("--target=1", StringComparison.Ordinal)))
        || command.Contains("/proc/1/root", StringComparison.Ordinal) || command.Contains("release_agent", StringComparison.Ordinal);

    private static bool IsDecisive(string bind) => DecisiveFolders.Contains(Source(bind).Length > 1 ? Source(bind).TrimEnd('/') : Source(bind));

    private static string Source(string bind) => bind[..(bind.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon ? colon : bind.Length)];

    private static bool IsReadOnly(string bind) => bind.LastIndexOf(':') is > 0 and int colon && bind[(colon + 1)..].Split(',').Any(option => option is "ro" or "readonly");

    private static string? OpenAddress(string command) =>
        command.Contains("--tlsverify", StringComparison.Ordinal) ? null : command.Split([' ', '=', '"', '\''], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(IsOpen);

    private static bool IsOpen(string address) =>
        address.StartsWith("tcp://", StringComparison.Ordinal) && !address.StartsWith("tcp://127.", StringComparison.Ordinal) && !address.StartsWith("tcp://localhost", StringComparison.Ordinal) && !address.StartsWith("tcp://[::1]", StringComparison.Ordinal);

    private static string Name(ContainerProcess process) => process.Name is { Length: > 0 } name ? name : process.ContainerId[..Math.Min(12, process.ContainerId.Length)];

    private static (string, string, string) Key(EvidenceIndex evidence, EvidenceLocation place, string engine, string id) => (evidence.TreeOf(place.Volume), engine, id);

    private static RuleInfo Rule(string reason, string title, string category, string technique) => new("L-CONTAINER." + reason, title, category, [technique]);
}
