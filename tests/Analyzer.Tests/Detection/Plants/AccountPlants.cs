using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;
using static Forensics.Analyzer.Tests.Detection.PlantTree;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Accounts, passwords, shells and groups.</summary>
internal static class AccountPlants
{
    private const string Modern = "$y$j9T$abcdefghijklmnopqrstuv$0123456789abcdefghijklmnopqrstuvwxyz0123456";
    private static readonly string[] s_passwd = ["/etc/passwd"];

    public static IReadOnlyList<Plant> All { get; } =
    [
        // Second roots.
        new("L-ACC-UID0", "named-account", Quiet, tree => User(tree, "sysadm", 0, "/root", hash: Modern)) { Entries = s_passwd, AtLeast = Severity.Critical },
        new("L-ACC-UID0", "with-zeros", Quiet, tree => User(tree, "ntpd2", "00", "/var/lib/ntp", hash: Modern)) { Entries = s_passwd, AtLeast = Severity.Critical },
        new("L-ACC-UID0", "service-name-changed", Quiet, tree => Edit(tree, "/etc/passwd", "news:x:9:9::/var/spool/news:/usr/sbin/nologin", "news:x:0:0::/root:/bin/bash")) { Entries = s_passwd, AtLeast = Severity.Critical },
        new("L-ACC-UID0", "hash-in-passwd", Loud, tree => tree.Append("/etc/passwd", "support:$1$xyz$0123456789abcdefghijkl:0:0:root:/root:/bin/bash\n")) { AtLeast = Severity.Critical },
        new("L-ACC-UID0", "made-and-removed-by-logs", Quiet, tree => tree.OrdinaryLogs(PlantedLogs.Line(Planted + 60, "useradd[910]", "new user: name=toor, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/1"))) { Entries = s_passwd },
        new("L-ACC-UID0", "locked-and-without-shell", Dormant, tree => User(tree, "sysadm", 0, "/root", "/usr/sbin/nologin", hash: "!")) { TwinOf = "named-account" },
        new("L-ACC-UID0", "only-root", Benign, tree => tree.OrdinaryLogs()),
        new("L-ACC-UID0", "nis-lines", Benign, tree => tree.Append("/etc/passwd", "+::0:0:::\n-nobody:x:0:0:::\n")),

        // Passwords.
        new("L-ACC-HASH", "hash-in-passwd", Quiet, tree => tree.Append("/etc/passwd", "backup2:$1$xyz$0123456789abcdefghijkl:1004:1004::/home/backup2:/bin/bash\n")) { Entries = s_passwd },
        new("L-ACC-HASH", "empty-in-shadow", Quiet, tree => User(tree, "guest", 1005, "/home/guest", hash: "")) { Entries = s_passwd },
        new("L-ACC-HASH", "empty-in-passwd", Quiet, tree => tree.Append("/etc/passwd", "guest::1005:1005::/home/guest:/bin/bash\n")) { Entries = s_passwd },
        new("L-ACC-HASH", "root-without-password", Quiet, tree => Edit(tree, "/etc/shadow", "root:*:", "root::")) { Entries = s_passwd, AtLeast = Severity.Critical },
        new("L-ACC-HASH", "des-among-yescrypt", Quiet, tree => User(tree, "hilde", 1006, "/home/hilde", hash: "abJnggxhB/yWI", day: 20600)) { Entries = s_passwd },
        new("L-ACC-HASH", "empty-without-shell", Dormant, tree => User(tree, "guest", 1005, "/home/guest", "/usr/sbin/nologin", "")) { TwinOf = "empty-in-shadow" },
        new("L-ACC-HASH", "expired", Dormant, tree => User(tree, "guest", 1005, "/home/guest", hash: "", expires: "1")) { TwinOf = "empty-in-shadow" },
        new("L-ACC-HASH", "locked-in-all-ways", Benign, tree => { User(tree, "a1", 1101, "/home/a1", hash: "!"); User(tree, "a2", 1102, "/home/a2", hash: "!!"); User(tree, "a3", 1103, "/home/a3", hash: "*"); User(tree, "a4", 1104, "/home/a4", hash: "!*"); }),
        new("L-ACC-HASH", "old-account-after-upgrade", Benign, tree => User(tree, "emeritus", 1002, "/home/emeritus", hash: "$1$xyz$0123456789abcdefghijkl", day: 12000)),

        // New accounts.
        new("L-ACC-NEW", "administrator-since-last-change", Quiet, tree => { User(tree, "bob2", 1007, "/home/bob2", hash: Modern, previous: false); Edit(tree, "/etc/group", "sudo:x:27:alice", "sudo:x:27:alice,bob2"); }) { Entries = s_passwd, AtLeast = Severity.Medium },
        new("L-ACC-NEW", "young-home", Quiet, tree => { User(tree, "svc-deploy", 1008, "/home/svc-deploy", hash: Modern); Both(tree, "/etc/group", "sudo:x:27:alice", "sudo:x:27:alice,svc-deploy"); Home(tree, "/home/svc-deploy", 1008, Planted); }) { Entries = s_passwd, AtLeast = Severity.Medium },
        new("L-ACC-NEW", "after-guessed-password", Quiet, tree =>
        {
            User(tree, "helper", 1009, "/home/helper", hash: Modern);
            Both(tree, "/etc/group", "sudo:x:27:alice", "sudo:x:27:alice,helper");
            tree.OrdinaryLogs(PlantedLogs.Storm(Planted, 60, "203.0.113.50") + PlantedLogs.Line(Planted + 400, "sshd[99]", "Accepted password for root from 203.0.113.50 port 40100 ssh2")
                + PlantedLogs.Line(Planted + 500, "useradd[912]", "new user: name=helper, UID=1009, GID=1009, home=/home/helper, shell=/bin/bash, from=/dev/pts/1"));
        }) { Entries = s_passwd },
        new("L-ACC-NEW", "home-in-shm", Quiet, tree => User(tree, "fontd", 1010, "/dev/shm/f", hash: Modern, previous: false)) { Entries = s_passwd },
        new("L-ACC-NEW", "twin-of-alice", Quiet, tree => User(tree, "alice2", 1000, "/home/alice", hash: Modern)) { Entries = s_passwd, AtLeast = Severity.Medium },
        new("L-ACC-NEW", "used-for-hours", Quiet, tree => tree.OrdinaryLogs(PlantedLogs.Line(Planted + 60, "useradd[910]", "new user: name=tmpuser, UID=1011, GID=1011, home=/home/tmpuser, shell=/bin/bash, from=none")
            + PlantedLogs.Line(Planted + 90, "sshd[99]", "Accepted password for tmpuser from 203.0.113.50 port 40100 ssh2") + PlantedLogs.Line(Planted + 4000, "userdel[930]", "delete user 'tmpuser'"))) { Entries = s_passwd, AtLeast = Severity.Medium },
        new("L-ACC-NEW", "ordinary-new-user", Benign, tree => { User(tree, "carol", 1012, "/home/carol", hash: Modern, previous: false); Home(tree, "/home/carol", 1012, Planted); }),
        new("L-ACC-NEW", "cloud-user", Benign, tree => { User(tree, "ubuntu", 1001, "/home/ubuntu", hash: "!", previous: false); Edit(tree, "/etc/group", "sudo:x:27:alice", "sudo:x:27:alice,ubuntu"); }),
        new("L-ACC-NEW", "accounts-of-packages", Benign, tree => { User(tree, "_chrony", 112, "/var/lib/chrony", "/usr/sbin/nologin", "!", previous: false); User(tree, "systemd-oom", 996, "/", "/usr/sbin/nologin", "!", previous: false); }),
        new("L-ACC-NEW", "account-removed-by-the-book", Benign, tree => tree.OrdinaryLogs(PlantedLogs.Line(Planted - 30 * 86400, "useradd[910]", "new user: name=intern, UID=1011, GID=1011, home=/home/intern, shell=/bin/bash, from=none") + PlantedLogs.Line(Planted + 4000, "userdel[930]", "delete user 'intern'"))),

        // Services with shells, and shells that are none.
        new("L-ACC-SYS", "news-with-password", Quiet, tree => { Edit(tree, "/etc/passwd", "/var/spool/news:/usr/sbin/nologin", "/var/spool/news:/bin/bash"); Edit(tree, "/etc/shadow", "news:*:", "news:" + Modern + ":"); }) { Entries = s_passwd },
        new("L-ACC-SYS", "www-data-with-key", Quiet, tree => { Edit(tree, "/etc/passwd", "/var/www:/usr/sbin/nologin", "/var/www:/bin/bash"); tree.File("/var/www/.ssh/authorized_keys", Key + "\n", 0b110_000_000, 33, 33); }) { Entries = s_passwd },
        new("L-ACC-SYS", "blank-behind-nologin", Quiet, tree => { Edit(tree, "/etc/passwd", "/var/spool/news:/usr/sbin/nologin", "/var/spool/news:/usr/sbin/nologin "); tree.Program("/usr/sbin/nologin "); }) { Entries = s_passwd },
        new("L-ACC-SYS", "shell-of-nobody-knows", Quiet, tree => { Edit(tree, "/etc/passwd", "/var/mail:/usr/sbin/nologin", "/var/mail:/usr/sbin/nologind"); tree.Program("/usr/sbin/nologind"); }) { Entries = s_passwd },
        new("L-ACC-SYS", "nologin-replaced", Quiet, tree => tree.Replace("/usr/sbin/nologin", tree["/usr/bin/dash"].Content)) { Entries = s_passwd },
        new("L-ACC-SYS", "shells-allows-it", Quiet, tree => tree.File("/etc/shells", "/bin/sh\n/bin/bash\n/usr/sbin/nologin \n").Program("/usr/sbin/nologin ")) { Entries = ["/etc/shells"] },
        new("L-ACC-SYS", "login-in-logs", Quiet, tree => tree.OrdinaryLogs(PlantedLogs.Line(Planted + 60, "sshd[99]", "Accepted publickey for www-data from 203.0.113.50 port 40100 ssh2: RSA SHA256:4yJm3dJ1cQ9mQ0n5Fz7b1r5tK1l6m8o0p2quHz2kC0m"))) { Entries = s_passwd },
        new("L-ACC-SYS", "shell-as-root-in-logs", Quiet, tree => tree.OrdinaryLogs(PlantedLogs.Line(Planted + 60, "sudo", " www-data : PWD=/var/www ; USER=root ; COMMAND=/usr/bin/bash"))) { Entries = s_passwd },
        new("L-ACC-SYS", "expired", Dormant, tree => { Edit(tree, "/etc/passwd", "/var/spool/news:/usr/sbin/nologin", "/var/spool/news:/bin/bash"); Edit(tree, "/etc/shadow", "news:*:20000:0:99999:7:::", "news:" + Modern + ":20000:0:99999:7::1:"); }) { TwinOf = "news-with-password" },
        new("L-ACC-SYS", "git-and-postgres", Benign, tree =>
        {
            User(tree, "git", 118, "/srv/git", "/usr/bin/git-shell", "!");
            User(tree, "sync", 4, "/bin", "/bin/sync", "*");
            tree.OwnedProgram(BaseHost.Package, "/usr/bin/git-shell").OwnedProgram(BaseHost.Package, "/usr/bin/sync").File("/var/lib/postgresql/.ssh/authorized_keys", Key + "\n", 0b110_000_000, 110, 110)
                .File("/etc/shells", "# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/rbash\n/usr/bin/dash\n");
        }),
        new("L-ACC-SYS", "shell-built-by-hand", Benign, tree => { Edit(tree, "/etc/passwd", "/home/alice:/bin/bash", "/home/alice:/usr/local/bin/fish"); tree.Program("/usr/local/bin/fish").File("/etc/shells", "/bin/sh\n/bin/bash\n/usr/local/bin/fish\n"); }),
        new("L-ACC-SYS", "web-server-restarts-itself", Benign, tree => tree.OrdinaryLogs(PlantedLogs.Line(Planted + 60, "sudo", " www-data : PWD=/var/www ; USER=root ; COMMAND=/usr/bin/systemctl reload nginx"))),
        new("L-ACC-SYS", "alpine", Benign, tree => tree.Append("/etc/passwd", "guest:x:405:100:guest:/dev/null:/sbin/nologin\n")) { Host = PlantHost.Alpine },

        // Groups.
        new("L-ACC-GRP", "service-in-sudo", Quiet, tree => Both(tree, "/etc/group", "sudo:x:27:alice", "sudo:x:27:alice,www-data")) { Entries = ["/etc/group"] },
        new("L-ACC-GRP", "primary-group-of-root", Quiet, tree => User(tree, "bob3", 1013, "/home/bob3", hash: Modern, group: 0)) { Entries = s_passwd, AtLeast = Severity.Medium },
        new("L-ACC-GRP", "reads-shadow", Quiet, tree => { User(tree, "dave", 1014, "/home/dave", hash: Modern); Edit(tree, "/etc/group", "shadow:x:42:", "shadow:x:42:dave"); Late(tree, "/etc/group"); }) { Entries = ["/etc/group"], AtLeast = Severity.Medium },
        new("L-ACC-GRP", "primary-group-of-shadow", Quiet, tree => User(tree, "erin", 1015, "/home/erin", hash: Modern, group: 42)) { Entries = s_passwd, AtLeast = Severity.Medium },
        new("L-ACC-GRP", "group-with-password", Quiet, tree => tree.File("/etc/gshadow", "root:*::\nsudo:" + Modern + "::alice\n", 0b110_100_000)) { Entries = ["/etc/group"] },
        new("L-ACC-GRP", "edited-by-hand", Quiet, tree => { User(tree, "frank", 1016, "/home/frank", hash: Modern); Both(tree, "/etc/group", "sudo:x:27:alice", "sudo:x:27:alice,frank"); Late(tree, "/etc/group"); tree.File("/etc/gshadow", "root:*::\nsudo:*::alice\n", 0b110_100_000); }) { Entries = ["/etc/group"], AtLeast = Severity.Medium },
        new("L-ACC-GRP", "added-in-logs", Quiet, tree => { User(tree, "grace", 1017, "/home/grace", hash: Modern); Both(tree, "/etc/group", "sudo:x:27:alice", "sudo:x:27:alice,grace"); tree.OrdinaryLogs(PlantedLogs.Line(Planted + 60, "usermod[77]", "add 'grace' to group 'sudo'")); }) { Entries = ["/etc/group"], AtLeast = Severity.Medium },
        new("L-ACC-GRP", "cloud-user", Benign, tree => { User(tree, "ec2-user", 1001, "/home/ec2-user", hash: "!"); Edit(tree, "/etc/group", "sudo:x:27:alice", "sudo:x:27:alice,ec2-user"); Late(tree, "/etc/group"); }),
        new("L-ACC-GRP", "docker-for-alice", Benign, tree => { tree.Append("/etc/group", "docker:x:998:alice\n").Append("/etc/group-", "docker:x:998:\n"); Late(tree, "/etc/group"); }),
        new("L-ACC-GRP", "red-hat-base-accounts", Benign, tree => tree.Append("/etc/passwd", "sync:x:5:0:sync:/sbin:/bin/sync\nhalt:x:7:0:halt:/sbin:/sbin/halt\noperator:x:11:0:operator:/root:/sbin/nologin\n")) { Host = PlantHost.RedHat },
    ];

    public const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1dOQFJ2tN4mY8mK0lq0mVw8xNfQ1m2n3o4p5q6r7s8 ops@bastion";

    /// <summary>An account with its shadow line, also in the previous state unless it came with the last change.</summary>
    private static void User(PlantTree tree, string name, object id, string home, string shell = "/bin/bash", string hash = "*", bool previous = true, object? group = null, int day = 20000, string expires = "")
    {
        string line = $"{name}:x:{id}:{group ?? id}::{home}:{shell}\n";
        string shadow = $"{name}:{hash}:{day}:0:99999:7::{expires}:\n";
        tree.Append("/etc/passwd", line).Append("/etc/shadow", shadow);
        if (previous)
        {
            tree.Append("/etc/passwd-", line).Append("/etc/shadow-", shadow);
        }
    }

    private static void Edit(PlantTree tree, string path, string from, string to)
    {
        string text = System.Text.Encoding.UTF8.GetString(tree[path].Content);
        if (!text.Contains(from, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{path} does not hold {from}");
        }
        tree.Change(path, file => file with { Content = System.Text.Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)) });
    }

    private static void Both(PlantTree tree, string path, string from, string to)
    {
        Edit(tree, path, from, to);
        Edit(tree, path + "-", from, to);
    }

    private static void Late(PlantTree tree, string path) => tree.Change(path, file => file with { Modified = Planted, Created = Planted });

    private static void Home(PlantTree tree, string path, int user, long created) => tree.Add(new PlantedFile(path, Forensics.Parsers.FileType.Directory) { Mode = 0b111_101_101, User = user, Group = user, Created = created, Modified = created });
}
