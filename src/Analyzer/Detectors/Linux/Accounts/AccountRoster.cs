using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

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

    /// <summary>Accounts that images of clouds and of Vagrant come with; they may become root by design.</summary>
    private static readonly HashSet<string> CloudUsers = new(StringComparer.Ordinal)
    {
        "ubuntu", "ec2-user", "admin", "debian", "centos", "rocky", "almalinux", "alma", "fedora", "opc", "azureuser", "cloud-user", "alpine", "ecs-user", "vagrant", "opensuse", "sles", "arch", "core", "lighthouse",
    };

    private readonly ILookup<string, PasswordEntry> _passwords;
    private readonly ILookup<string, PasswordEntry> _previousPasswords;
    private readonly Dictionary<string, HomeDirectory> _homes;
    private readonly Dictionary<Artifact, StartedFile> _named = new(ReferenceEqualityComparer.Instance);
    private readonly EvidenceIndex _evidence;

    public AccountRoster(EvidenceIndex evidence, string host)
    {
        _evidence = evidence;
        Host = host;
        bool IsOwn(Artifact artifact) => evidence.TreeOf(artifact.Location.Volume) == host;
        UserAccount[] all = [.. evidence.OfType<UserAccount>().Where(IsOwn)];
        Current = [.. all.Where(account => !account.IsPrevious && !IsNis(account.Name))];
        Previous = [.. all.Where(account => account.IsPrevious && !IsNis(account.Name))];
        PasswordEntry[] entries = [.. evidence.OfType<PasswordEntry>().Where(IsOwn)];
        _passwords = entries.Where(entry => !entry.IsPrevious).ToLookup(entry => entry.Name, StringComparer.Ordinal);
        _previousPasswords = entries.Where(entry => entry.IsPrevious).ToLookup(entry => entry.Name, StringComparer.Ordinal);
        Groups = [.. evidence.OfType<UserGroup>().Where(group => !group.IsPrevious && IsOwn(group))];
        PreviousGroups = [.. evidence.OfType<UserGroup>().Where(group => group.IsPrevious && IsOwn(group))];
        Keys = [.. evidence.OfType<AuthorizedKey>().Where(IsOwn)];
        _homes = evidence.OfType<HomeDirectory>().Where(IsOwn).GroupBy(home => home.Location.Path, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        foreach (CommandLink link in evidence.Links)
        {
            if (link.Source is UserAccount or LoginShell && link.Files.Count > 0 && IsOwn(link.Source))
            {
                _named[link.Source] = link.Files[0];
            }
        }
        Logs = evidence.Logs.Of(host);
        Installed = HostAge.InstalledAt(evidence, host);
    }

    /// <summary>Root volume of the host.</summary>
    public string Host { get; }
    public IReadOnlyList<UserAccount> Current { get; }
    public IReadOnlyList<UserAccount> Previous { get; }
    public IReadOnlyList<UserGroup> Groups { get; }
    public IReadOnlyList<UserGroup> PreviousGroups { get; }
    public IReadOnlyList<AuthorizedKey> Keys { get; }
    public HostLogs Logs { get; }
    /// <summary>When the host was installed; null when nothing tells.</summary>
    public Timestamp? Installed { get; }

    /// <summary>Whether a time is later than the days in which a host is set up.</summary>
    public bool IsAfterInstallation(Timestamp? time) => HostAge.IsAfter(Installed, time);

    /// <summary>The program that an account's shell or a line of <c>shells</c> names; null when the field is empty or no path.</summary>
    public StartedFile? NamedBy(Artifact artifact) => _named.GetValueOrDefault(artifact);

    /// <summary>When the account was made, and what says so: the logs, or its home directory.</summary>
    public (Timestamp Time, string Text)? MadeAt(UserAccount account)
    {
        LogEvent? made = Logs.Of(LogEventKind.AccountCreated).LastOrDefault(found => found.Target == account.Name && found.First is not null);
        if (made is { First: { } time })
        {
            return (time.Instant, "by the logs it was made " + LogText.On(time));
        }
        return HomeOf(account) is { Created: { } born } ? (born, "its home directory was made on " + LogText.Day(born)) : null;
    }

    /// <summary>The home directory, when it is there.</summary>
    public HomeDirectory? HomeOf(UserAccount account) => _homes.GetValueOrDefault(PathText.FromText(account.Home.TrimEnd('/')));

    /// <summary>The account's password entry of the previous state.</summary>
    public PasswordEntry? PreviousPasswordOf(string name) => _previousPasswords[name].FirstOrDefault();

    /// <summary>Groups that amount to root, or to reading every password, and that the account is in.</summary>
    public IReadOnlyList<string> PrivilegesOf(UserAccount account) =>
        [.. Groups.Where(group => IsPrivileged(group) && (group.Members.Contains(account.Name) || group.GroupId == account.GroupId)).Select(group => group.Name).Distinct(StringComparer.Ordinal)];

    public static bool IsPrivileged(UserGroup group) => group.GroupId == 0 || Privileged.Contains(group.Name);

    public static bool IsCloudUser(string name) => CloudUsers.Contains(name);

    private static readonly HashSet<string> Privileged = new(StringComparer.Ordinal) { "root", "sudo", "wheel", "admin", "docker", "lxd", "disk", "shadow" };

    /// <summary>The day on which the account expired lies before what is known to have happened last.</summary>
    public bool IsExpired(UserAccount account) => PasswordOf(account.Name)?.Expires is { } day && (Latest ?? Installed) is { } now && day.CompareTo(now) < 0;

    private Timestamp? Latest => Logs.Last ?? _evidence.OfType<FileFacts>().Where(file => file.Location.Path == "/etc/shadow" && _evidence.TreeOf(file.Location.Volume) == Host).Select(file => file.Entry.Modified).Max();

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
