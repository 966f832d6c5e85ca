using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>Names the host resolves by itself, protections that are off, and histories that are not kept.</summary>
public sealed class HostSettingTests
{
    [Fact]
    public void A_line_of_hosts_gives_its_names_up_to_the_comment()
    {
        List<HostsEntry> entries = ArtifactRun.Parse(new HostsFileParser(), "/etc/hosts", "127.0.0.1\tlocalhost db # not this\n# 1.2.3.4 no\n::1\n10.0.0.5   a  b\tc\r\n").Of<HostsEntry>();

        Assert.Equal(["127.0.0.1", "10.0.0.5"], entries.Select(entry => entry.Address));
        Assert.Equal(["localhost", "db"], entries[0].Names);
        Assert.Equal(["a", "b", "c"], entries[1].Names);
        Assert.Equal(4, entries[1].Location.Line);
    }

    [Fact]
    public void Resolv_conf_gives_name_servers()
    {
        Assert.Equal("192.0.2.53", ArtifactRun.Parse(new HostsFileParser(), "/etc/resolv.conf", "search example\n; comment\nnameserver 192.0.2.53\noptions rotate\n").Of<NameServer>().Single().Address);
    }

    [Theory]
    [InlineData("/etc/selinux/config", "SELINUX=disabled", ProtectionEffect.AccessControlOff)]
    [InlineData("/etc/selinux/config", "SELINUX = Permissive", ProtectionEffect.AccessControlOff)]
    [InlineData("/etc/ufw/ufw.conf", "ENABLED=no", ProtectionEffect.FirewallOff)]
    [InlineData("/etc/iptables/rules.v4", ":INPUT ACCEPT [0:0]", ProtectionEffect.FirewallOff)]
    [InlineData("/etc/audit/rules.d/x.rules", "-e 0", ProtectionEffect.AuditOff)]
    [InlineData("/etc/audit/audit.rules", "-a exclude,always -F msgtype=USER_LOGIN", ProtectionEffect.AuditOff)]
    [InlineData("/etc/systemd/journald.conf", "Storage=none", ProtectionEffect.JournalOff)]
    [InlineData("/etc/rsyslog.conf", "auth,authpriv.* ~", ProtectionEffect.LoginsNotLogged)]
    [InlineData("/etc/rsyslog.d/x.conf", "authpriv.*\t/dev/null", ProtectionEffect.LoginsNotLogged)]
    [InlineData("/etc/rsyslog.d/x.conf", ":msg, contains, \"Accepted\" stop", ProtectionEffect.LoginsNotLogged)]
    [InlineData("/etc/rsyslog.d/x.conf", "if $programname == 'sshd' then { stop }", ProtectionEffect.LoginsNotLogged)]
    [InlineData("/etc/rsyslog.d/x.conf", ":msg, contains, \"pam_unix(cron:session)\" stop", ProtectionEffect.MessagesNotLogged)]
    public void A_protection_that_is_off_is_told(string path, string line, ProtectionEffect effect) =>
        Assert.Equal(effect, ArtifactRun.Parse(new ProtectionParser(), path, "# comment\n" + line + "\n").Of<ProtectionSetting>().Single().Effect);

    [Theory]
    [InlineData("/etc/selinux/config", "SELINUX=enforcing\n# SELINUX=disabled\nSELINUXTYPE=targeted")]
    [InlineData("/etc/iptables/rules.v4", ":INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -j DROP")]
    [InlineData("/etc/iptables/rules.v4", ":INPUT DROP [0:0]")]
    [InlineData("/etc/audit/rules.d/audit.rules", "-D\n-b 8192\n-a never,task")]
    [InlineData("/etc/rsyslog.conf", "auth,authpriv.*\t/var/log/auth.log\n*.*;auth,authpriv.none\t-/var/log/syslog\nmodule(load=\"imuxsock\")")]
    [InlineData("/etc/ufw/ufw.conf", "ENABLED=yes\nLOGLEVEL=low")]
    [InlineData("/etc/systemd/journald.conf", "#Storage=none\nStorage=persistent")]
    public void What_distributions_ship_turns_nothing_off(string path, string text) => Assert.Empty(ArtifactRun.Parse(new ProtectionParser(), path, text + "\n").Artifacts);

    [Theory]
    [InlineData("export HISTFILE=/dev/null")]
    [InlineData("unset HISTFILE")]
    [InlineData("  HISTSIZE=0; export HISTSIZE")]
    [InlineData("readonly HISTFILESIZE=0")]
    [InlineData("set +o history")]
    [InlineData("HISTIGNORE='*'")]
    [InlineData("SAVEHIST=0")]
    [InlineData("true && history -c")]
    [InlineData("HISTFILE=/dev/shm/.h")]
    public void A_start_up_file_that_keeps_no_history_is_told(string line) => Assert.True(ArtifactRun.Parse(new HistorySettingParser(), "/root/.bashrc", line + "\n").Of<HistorySetting>().Single().KeepsNothing);

    [Theory]
    [InlineData("HISTSIZE=1000\nHISTFILESIZE=2000\nHISTCONTROL=ignoreboth\nshopt -s histappend")]
    [InlineData("# export HISTFILE=/dev/null")]
    [InlineData("HISTFILE=~/.bash_eternal_history")]
    [InlineData("echo \"HISTFILE is $HISTFILE\"")]
    [InlineData("HISTIGNORE='ls:cd:pwd'")]
    public void Usual_settings_of_histories_are_silent(string text) => Assert.Empty(ArtifactRun.Parse(new HistorySettingParser(), "/root/.bashrc", text + "\n").Artifacts);

    [Fact]
    public void Hostile_files_are_read_within_bounds()
    {
        ArtifactRun.SurvivesGarbage(new HostsFileParser(), "/etc/hosts", "0.0.0.0 a b\n");
        ArtifactRun.SurvivesGarbage(new HostsFileParser(), "/etc/resolv.conf", "nameserver x\n");
        ArtifactRun.SurvivesGarbage(new ProtectionParser(), "/etc/rsyslog.conf", "auth.* ~\n", "} stop }", ";;;");
        ArtifactRun.SurvivesGarbage(new HistorySettingParser(), "/root/.bashrc", "HISTFILE=/dev/null\n", "unset HISTFILE;");
        ArtifactRun.SurvivesHostileSizes(new HostsFileParser(), "/etc/hosts", "0.0.0.0 a b c d e f\n");
        ArtifactRun.SurvivesHostileSizes(new ProtectionParser(), "/etc/rsyslog.conf", "auth.* ~\n");
        ArtifactRun.SurvivesHostileSizes(new HistorySettingParser(), "/root/.bashrc", "HISTFILE=/dev/null\n");
    }
}
