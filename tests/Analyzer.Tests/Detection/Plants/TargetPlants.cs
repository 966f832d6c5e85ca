using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Entries that say nothing, and what they start.</summary>
internal static class TargetPlants
{
    private const string Unit = "/etc/systemd/system/netmon.service";

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-UNIT", "target-unowned-program", Quiet, tree => tree.Service("netmon", "/usr/sbin/netmond").Program("/usr/sbin/netmond")) { AtLeast = Severity.Medium, Rule = "target-alien-program", Entries = [Unit] },
        new("L-CRON-USER", "target-unowned-program-on-alpine", Quiet, tree => tree.Crontab("root", "*/5 * * * * /usr/sbin/netmond\n").Program("/usr/sbin/netmond")) { Host = PlantHost.Alpine, AtLeast = Severity.Medium, Entries = ["/etc/crontabs/root"] },
        new("L-UNIT", "target-static-and-backdated", Quiet, tree => tree.Service("netmon", "/usr/sbin/netmond").Program("/usr/sbin/netmond", new PlantedElf { Seed = "n", IsStatic = true })
            .Change("/usr/sbin/netmond", file => file with { Modified = PlantTree.Installed - 80_000_000 })) { Entries = [Unit] },
        new("L-UNIT", "target-in-the-logs", Quiet, tree => tree.Service("netmon", "/var/log/journal/rotated").Program("/var/log/journal/rotated")) { Rule = "target-odd-place", Entries = [Unit] },
        new("L-UNIT", "target-replaced-daemon", Quiet, tree => tree.Replace("/usr/sbin/rsyslogd", new PlantedElf { Seed = "other" }.Build()).Service("netmon", "/usr/sbin/rsyslogd -n")) { Rule = "target-modified-program", Entries = [Unit] },
        new("L-UNIT", "target-world-writable", Quiet, tree => tree.Service("netmon", "/srv/app/run").Program("/srv/app/run").Change("/srv/app/run", file => file with { Mode = 0x1FF })) { AtLeast = Severity.Medium, Rule = "target-open-to-others", Entries = [Unit] },
        new("L-UNIT", "target-in-open-directory", Quiet, tree => tree.Service("netmon", "/srv/app/run").Program("/srv/app/run").Folder("/srv/app", 0x1FF)) { AtLeast = Severity.Medium, Rule = "target-open-to-others", Entries = [Unit] },
        new("L-UNIT", "target-unknown-miner", Quiet, tree => tree.Service("netmon", "/opt/app/worker").Program("/opt/app/worker", new PlantedElf { Seed = "w", Strings = ["stratum+tcp://198.51.100.9:443", "rx/0", "cannot set up huge memory"] })) { AtLeast = Severity.Critical, Entries = [Unit] },
        new("L-UNIT", "target-loader-and-shell", Quiet, tree => tree.Service("netmon", "/usr/sbin/netmond").Program("/usr/sbin/netmond", new PlantedElf { Seed = "n", Imports = ["socket", "connect", "dup2", "execve"], NoiseBytes = 60_000 })) { Rule = "target-alien-program", Entries = [Unit] },
        new("L-UNIT", "target-wallet-of-a-user", Benign, tree => tree.Service("monerod", "/opt/monero/monerod --non-interactive").Program("/opt/monero/monerod", new PlantedElf { Seed = "m", Strings = ["randomx", "cryptonight"] })),
        new("L-UNIT", "target-scanner-with-pool-list", Benign, tree => tree.Service("scanner", "/opt/scanner/scand").Program("/opt/scanner/scand", new PlantedElf { Seed = "s", NoiseBytes = 60_000, IsStatic = true })),
        new("L-UNIT", "target-unit-not-enabled", Dormant, tree => tree.Service("netmon", "/var/log/journal/rotated", enabled: false).Program("/var/log/journal/rotated")) { TwinOf = "target-in-the-logs" },
        new("L-UNIT", "target-exporter-in-usr-local", Benign, tree => tree.Service("node_exporter", "/usr/local/bin/node_exporter").Program("/usr/local/bin/node_exporter", new PlantedElf { Seed = "go", IsStatic = true })
            .Change("/usr/local/bin/node_exporter", file => file with { User = 3434, Group = 3434, Modified = PlantTree.Installed - 80_000_000 })),
        new("L-UNIT", "target-agent-in-opt", Benign, tree => tree.Service("agent", "/opt/agent/bin/agentd --config /opt/agent/agent.conf").Program("/opt/agent/bin/agentd", new PlantedElf { Seed = "agent", IsStatic = true, HasNoSections = true, NoiseBytes = 20_000 })),
        new("L-UNIT", "target-runner-in-home", Benign, tree => tree.Service("runner", "/home/alice/actions-runner/bin/Runner.Listener", "User=alice\n").Program("/home/alice/actions-runner/bin/Runner.Listener")
            .Change("/home/alice/actions-runner/bin/Runner.Listener", file => file with { User = 1000, Group = 1000 })),
        new("L-UNIT", "target-node-of-nvm", Benign, tree => tree.Service("shop", "/root/.nvm/versions/node/v20.11.1/bin/node /srv/shop/server.js").Program("/root/.nvm/versions/node/v20.11.1/bin/node").File("/srv/shop/server.js", "require('http')\n")),
        new("L-UNIT", "target-exporter-without-package-database", Benign, tree => tree.Service("node_exporter", "/usr/sbin/node_exporter").Program("/usr/sbin/node_exporter")) { Host = PlantHost.RedHat },
        new("L-UNIT", "target-partial-package-database", Benign, tree => tree.Change("/usr/bin/ls", file => file with { Package = null }).Service("node_exporter", "/usr/sbin/node_exporter").Program("/usr/sbin/node_exporter")),
    ];
}
