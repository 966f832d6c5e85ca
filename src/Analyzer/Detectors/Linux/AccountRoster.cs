using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>The accounts of one host with what belongs to them.</summary>
internal sealed class AccountRoster
{
    private static readonly HashSet<string> LoginShells = new(StringComparer.Ordinal)
    {
        "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "csh", "tcsh", "fish", "rbash", "busybox", "ksh93", "pwsh", "tmux", "screen",
    };

    /// <summary>Accounts that exist for files and daemons and that nobody ever logs in to.</summary>
    private static readonly HashSet<string> PureServices = new(StringComparer.Ordinal)
    {
        "daemon", "bin", "sys", "games", "man", "lp", "mail", "news", "uucp", "proxy", "www-data", "list", "irc", "gnats", "nobody", "_apt", "messagebus", "dbus", "sshd", "ftp",
        "apache", "nginx", "http", "adm", "operator", "polkitd", "chrony", "_chrony", "ntp", "rpc", "rpcuser", "tss", "syslog", "uuidd", "tcpdump", "landscape", "pollinate", "avahi",
        "systemd-network", "systemd-resolve", "systemd-timesync", "systemd-coredump", "systemd-oom", "nfsnobody", "dnsmasq", "squid", "postfix", "dovecot", "named", "bind", "memcache",
        "memcached", "redis", "mosquitto", "sssd", "libstoragemgmt", "cockpit-ws", "setroubleshoot",
    };

    // Application accounts whose vendors give them a shell, sometimes keys between cluster members.
    private static readonly HashSet<string> Applications = new(StringComparer.Ordinal)
    {
        "postgres", "git", "oracle", "jenkins", "gitlab-runner", "gitlab-psql", "backup", "ansible", "nagios", "icinga", "zabbix", "rundeck", "mysql", "hadoop", "hdfs", "tomcat",
        "grid", "db2inst1", "barman", "vagrant", "gitea", "gogs", "forgejo", "svn", "nx", "elasticsearch", "kafka", "spark", "deploy", "sync",
    };

    private readonly ILookup<string, PasswordEntry> _passwords;

    public AccountRoster(EvidenceIndex evidence, string host)
    {
        UserAccount[] all = [.. evidence.OfType<UserAccount>().Where(account => evidence.TreeOf(account.Location.Volume) == host)];
        Current = [.. all.Where(account => !account.IsPrevious && !IsNis(account.Name))];
        Previous = [.. all.Where(account => account.IsPrevious && !IsNis(account.Name))];
        _passwords = evidence.OfType<PasswordEntry>().Where(entry => !entry.IsPrevious && evidence.TreeOf(entry.Location.Volume) == host).ToLookup(entry => entry.Name, StringComparer.Ordinal);
        Groups = [.. evidence.OfType<UserGroup>().Where(group => !group.IsPrevious && evidence.TreeOf(group.Location.Volume) == host)];
        PreviousGroups = [.. evidence.OfType<UserGroup>().Where(group => group.IsPrevious && evidence.TreeOf(group.Location.Volume) == host)];
        Keys = [.. evidence.OfType<AuthorizedKey>().Where(key => evidence.TreeOf(key.Location.Volume) == host)];
    }

    public IReadOnlyList<UserAccount> Current { get; }
    public IReadOnlyList<UserAccount> Previous { get; }
    public IReadOnlyList<UserGroup> Groups { get; }
    public IReadOnlyList<UserGroup> PreviousGroups { get; }
    public IReadOnlyList<AuthorizedKey> Keys { get; }

    /// <summary>One roster a host, in the order in which hosts appear.</summary>
    public static IEnumerable<AccountRoster> All(EvidenceIndex evidence) =>
        evidence.Artifacts.Where(artifact => artifact is UserAccount or AuthorizedKey or PasswordEntry or UserGroup)
            .Select(artifact => evidence.TreeOf(artifact.Location.Volume)).Distinct(StringComparer.Ordinal).Select(host => new AccountRoster(evidence, host));

    /// <summary>The first shadow line counts, as it does for the system.</summary>
    public PasswordEntry? PasswordOf(string name) => _passwords[name].FirstOrDefault();

    /// <summary>A password that can be used: set and not locked.</summary>
    public bool HasPassword(UserAccount account) =>
        account.Password is "x" ? PasswordOf(account.Name) is { IsLocked: false, HashType: not ("locked" or "none") } : account.Password.Length > 1 && account.Password[0] is not ('*' or '!');

    /// <summary>The account a key file belongs to: by home directory, or by file name where sshd looks one up by name.</summary>
    public UserAccount? OwnerOf(AuthorizedKey key)
    {
        string path = key.Location.Path;
        UserAccount? best = null;
        foreach (UserAccount account in Current)
        {
            string home = Forensics.Parsers.PathText.FromText(account.Home.TrimEnd('/'));
            if (home.Length > 1 && path.StartsWith(home + "/", StringComparison.Ordinal) && (best is null || account.Home.Length > best.Home.Length))
            {
                best = account;
            }
        }
        return best ?? (path.StartsWith("/etc/ssh/", StringComparison.Ordinal) ? Current.FirstOrDefault(account => account.Name == key.Location.Name) : null);
    }

    public static bool HasLoginShell(UserAccount account) => account.Shell.Length == 0 || LoginShells.Contains(PathTraits.Name(account.Shell.TrimEnd()));

    public static bool IsService(UserAccount account) => account.UserId is > 0 and < 1000 || account.Name is "nobody" or "nfsnobody";

    public static bool IsPureService(string name) => PureServices.Contains(name) || name.StartsWith("systemd-", StringComparison.Ordinal) || name.StartsWith("_", StringComparison.Ordinal);

    public static bool IsApplication(string name) => Applications.Contains(name);

    private static bool IsNis(string name) => name.StartsWith('+') || name.StartsWith('-');
}
