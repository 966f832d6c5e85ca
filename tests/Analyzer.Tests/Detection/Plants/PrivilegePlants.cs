using System.Text;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>sudo, PAM and the name service.</summary>
internal static class PrivilegePlants
{
    private const string Libraries = "/usr/lib/x86_64-linux-gnu/";
    private const string Security = Libraries + "security/";
    private const int DropIn = 0b100_100_000;

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-SUDO", "web-server-is-root", Loud, tree => tree.File("/etc/sudoers.d/90-web", "www-data ALL=(ALL) NOPASSWD:ALL\n", DropIn)) { Rule = "service-account" },
        new("L-SUDO", "everybody-is-root", Loud, tree => tree.File("/etc/sudoers.d/local", "ALL ALL=(ALL:ALL) NOPASSWD: ALL\n", DropIn)) { Rule = "everything-without-password" },
        new("L-SUDO", "nobody-is-asked", Loud, tree => tree.File("/etc/sudoers.d/10-auth", "Defaults !authenticate\n", DropIn)) { Rule = "weak-setting" },
        new("L-SUDO", "preload-is-kept", Loud, tree => tree.Replace("/etc/sudoers", Encoding.ASCII.GetBytes("Defaults env_reset\nDefaults env_keep += \"LANG LD_PRELOAD\"\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n"))) { Rule = "weak-setting" },
        new("L-SUDO", "quiet-alias", Quiet, tree => tree.File("/etc/sudoers.d/monitoring", "User_Alias MONITOR = nobody, alice\nCmnd_Alias CHECKS = /usr/bin/bash, /usr/bin/df\nMONITOR ALL = (root) NOPASSWD: CHECKS\n", DropIn)) { Entries = ["/etc/sudoers.d/monitoring"] },
        new("L-SUDO", "quiet-replaceable-program", Quiet, tree => tree.File("/etc/sudoers.d/report", "alice ALL = (root) NOPASSWD: /usr/local/bin/report\n", DropIn).File("/usr/local/bin/report", "#!/bin/sh\ndf -h\n", 0b111_101_101, 1000, 1000)) { Entries = ["/etc/sudoers.d/report"], Rule = "replaceable-program" },
        new("L-SUDO", "quiet-hidden-program", Quiet, tree => tree.File("/etc/sudoers.d/cache", "alice ALL = (root) NOPASSWD: /usr/sbin/netmond\n", DropIn).LinkedNetmond()) { Entries = ["/etc/sudoers.d/cache"] },
        new("L-SUDO", "quiet-plugin", Quiet, tree => tree.File("/etc/sudo.conf", "Plugin sudoers_policy sudoers.so\nPlugin sudoers_audit audit_json.so\n").Program("/usr/libexec/sudo/audit_json.so", new PlantedElf { Seed = "plugin", IsLibrary = true })) { Entries = ["/etc/sudo.conf"], Rule = "plugin" },
        new("L-SUDO", "quiet-second-administrator", Quiet, tree => tree.File("/etc/sudoers.d/zz-backup", "postgres ALL=(ALL) NOPASSWD:ALL\n", DropIn)) { Entries = ["/etc/sudoers.d/zz-backup"], AtLeast = Severity.Medium },
        new("L-SUDO", "doas-without-password", Loud, tree => tree.File("/etc/doas.conf", "permit persist :wheel\npermit nopass www-data as root\n")) { Host = PlantHost.Alpine },
        new("L-SUDO", "web-server-name-with-dot", Dormant, tree => tree.File("/etc/sudoers.d/90-web.conf", "www-data ALL=(ALL) NOPASSWD:ALL\n", DropIn)) { TwinOf = "web-server-is-root" },
        new("L-SUDO", "web-server-file-of-another", Dormant, tree => tree.File("/etc/sudoers.d/90-web", "www-data ALL=(ALL) NOPASSWD:ALL\n", DropIn, 33)) { TwinOf = "web-server-is-root" },
        new("L-SUDO", "web-server-later-rule-asks", Dormant, tree => tree.File("/etc/sudoers.d/90-web", "www-data ALL=(ALL) NOPASSWD:ALL\nwww-data ALL=(ALL) PASSWD: ALL, !ALL\n", DropIn)) { TwinOf = "web-server-is-root" },
        new("L-SUDO", "cloud-users", Benign, tree => tree.File("/etc/sudoers.d/90-cloud-init-users", "# Created by cloud-init v. 23.1\n# User rules for debian\ndebian ALL=(ALL) NOPASSWD:ALL\n", DropIn).File("/etc/sudoers.d/google_sudoers", "%google-sudoers ALL=(ALL:ALL) NOPASSWD:ALL\n", DropIn).File("/etc/sudoers.d/waagent", "azureuser ALL=(ALL) NOPASSWD: ALL\n", DropIn)),
        new("L-SUDO", "monitoring-command", Benign, tree => tree.File("/etc/sudoers.d/zabbix", "Defaults:zabbix !requiretty\nzabbix ALL=(root) NOPASSWD: /usr/bin/fail2ban-client status\nzabbix ALL=(root) NOPASSWD: /usr/bin/find /var/log -name *.log\nalice ALL=(root) NOPASSWD: /usr/bin/systemctl restart nginx, /usr/sbin/nginx -t\n", DropIn)),
        new("L-SUDO", "vendor-comments", Benign, tree => tree.Replace("/etc/sudoers", Encoding.ASCII.GetBytes("Defaults env_reset\nDefaults mail_badpass\nDefaults secure_path=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\nDefaults use_pty\n# www-data ALL=(ALL) NOPASSWD: ALL\nDefaults env_keep += \"http_proxy EDITOR\"\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n"))),

        new("L-PAM", "password-to-script-in-log", Loud, tree => tree.File("/etc/pam.d/common-auth", Stack + "auth optional pam_exec.so quiet expose_authtok /var/log/spy.sh\n").Script("/var/log/spy.sh", "#!/bin/sh\nread p\necho $p >> /var/log/.x\n")) { Rule = "password-to-program" },
        new("L-PAM", "everybody-may-in", Loud, tree => tree.File("/etc/pam.d/common-auth", "auth sufficient pam_permit.so\n" + Stack)) { Rule = "open-door" },
        new("L-PAM", "only-permit-decides", Loud, tree => tree.Replace("/etc/pam.d/sshd", Encoding.ASCII.GetBytes("auth required pam_env.so\nauth required pam_permit.so\naccount required pam_unix.so\n"))) { Rule = "open-door" },
        new("L-PAM", "quiet-unowned-module", Quiet, tree => tree.File("/etc/pam.d/common-auth", Stack + "auth optional pam_cap2.so\n").Program(Security + "pam_cap2.so", Module("cap2"))) { Entries = ["/etc/pam.d/common-auth"], Rule = "module" },
        new("L-PAM", "quiet-replaced-pam-unix", Quiet, tree => tree.Replace(Security + "pam_unix.so", Module("patched").Build())) { Entries = ["/etc/pam.d/common-auth"], Rule = "module" },
        new("L-PAM", "quiet-module-elsewhere", Quiet, tree => tree.File("/etc/pam.d/common-session", "session required pam_unix.so\nsession optional /usr/lib/systemd/.s/pam_home.so\n").Program("/usr/lib/systemd/.s/pam_home.so", Module("home"))) { Entries = ["/etc/pam.d/common-session"] },
        new("L-PAM", "quiet-password-to-plain-program", Quiet, tree => tree.File("/etc/pam.d/common-auth", Stack + "auth optional pam_exec.so quiet expose_authtok /usr/sbin/authlogd\n").Program("/usr/sbin/authlogd")) { Entries = ["/etc/pam.d/common-auth"] },
        new("L-PAM", "quiet-session-program", Quiet, tree => tree.Append("/etc/pam.d/sshd", "session optional pam_exec.so seteuid /usr/sbin/sess-notify\n").Program("/usr/sbin/sess-notify")) { Entries = ["/etc/pam.d/sshd"] },
        new("L-PAM", "module-in-leftover-file", Dormant, tree => tree.File("/etc/pam.d/common-auth.bak", Stack + "auth optional pam_cap2.so\n").Program(Security + "pam_cap2.so", Module("cap2"))) { TwinOf = "quiet-unowned-module" },
        new("L-PAM", "door-in-leftover-file", Dormant, tree => tree.File("/etc/pam.d/sshd.bak", "auth required pam_permit.so\n").File("/etc/pam.d/common-auth.old", "auth sufficient pam_permit.so\n" + Stack)) { TwinOf = "everybody-may-in-other" },
        new("L-PAM", "everybody-may-in-other", Loud, tree => tree.File("/etc/pam.d/netmon", "auth sufficient pam_permit.so\n" + Stack)) { Rule = "open-door" },
        new("L-PAM", "google-authenticator", Benign, tree => tree.Append("/etc/pam.d/sshd", "auth required pam_google_authenticator.so nullok\n").OwnedProgram("libpam-google-authenticator", Security + "pam_google_authenticator.so", Module("google"))),
        new("L-PAM", "stock-stacks", Benign, tree => tree.File("/etc/pam.d/common-account", "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\naccount requisite pam_deny.so\naccount required pam_permit.so\n")
            .File("/etc/pam.d/common-session", "session [default=1] pam_permit.so\nsession requisite pam_deny.so\nsession required pam_permit.so\nsession required pam_unix.so\nsession optional pam_systemd.so\n").File("/etc/pam.d/su", "auth sufficient pam_rootok.so\n@include common-auth\n@include common-account\n")
            .File("/etc/pam.d/lightdm-autologin", "auth required pam_permit.so\naccount required pam_unix.so\n")),
        new("L-PAM", "login-notification", Benign, tree => tree.Append("/etc/pam.d/sshd", "session optional pam_exec.so seteuid /usr/local/sbin/login-notify.sh\n").Script("/usr/local/sbin/login-notify.sh", "#!/bin/sh\n[ \"$PAM_TYPE\" = open_session ] || exit 0\necho \"$PAM_USER logged in\" | logger -t login\n")),

        new("L-NSS", "hidden-module", Loud, tree => tree.Replace("/etc/nsswitch.conf", "passwd: files systemd x\nshadow: files\n"u8.ToArray()).Program("/usr/local/lib/libnss_x.so.2", new PlantedElf { Seed = "x", IsLibrary = true, Exports = ["readdir", "fopen", "stat"], Imports = ["dlsym"] })),
        new("L-NSS", "quiet-unowned-module", Quiet, tree => tree.Replace("/etc/nsswitch.conf", "passwd: files systemd cache2\nshadow: files\n"u8.ToArray()).Program(Libraries + "libnss_cache2.so.2", new PlantedElf { Seed = "c", IsLibrary = true })) { Entries = ["/etc/nsswitch.conf"] },
        new("L-NSS", "quiet-replaced-files", Quiet, tree => tree.Replace(Libraries + "libnss_files.so.2", new PlantedElf { Seed = "evil", IsLibrary = true }.Build())) { Entries = ["/etc/nsswitch.conf"] },
        new("L-NSS", "quiet-hosts-module", Quiet, tree => tree.Replace("/etc/nsswitch.conf", "passwd: files systemd\nhosts: files resolve2 [!UNAVAIL=return] dns\n"u8.ToArray()).Program("/usr/lib/libnss_resolve2.so.2", new PlantedElf { Seed = "r", IsLibrary = true })) { Entries = ["/etc/nsswitch.conf"] },
        new("L-NSS", "never-asked", Dormant, tree => tree.Replace("/etc/nsswitch.conf", "passwd: files [!UNAVAIL=return] cache2\nshadow: files\n"u8.ToArray()).Program(Libraries + "libnss_cache2.so.2", new PlantedElf { Seed = "c", IsLibrary = true })) { TwinOf = "quiet-unowned-module" },
        new("L-NSS", "sssd", Benign, tree => tree.Replace("/etc/nsswitch.conf", "passwd: files sss systemd\nshadow: files sss\nhosts: files mdns4_minimal [NOTFOUND=return] dns myhostname\n"u8.ToArray()).OwnedProgram("sssd", Libraries + "libnss_sss.so.2", new PlantedElf { Seed = "sss", IsLibrary = true })),
        new("L-NSS", "cloud-login", Benign, tree => tree.Replace("/etc/nsswitch.conf", "passwd: files cache_oslogin oslogin systemd\ngroup: files cache_oslogin oslogin\n"u8.ToArray()).OwnedProgram("google-compute-engine-oslogin", Libraries + "libnss_oslogin.so.2", new PlantedElf { Seed = "oslogin", IsLibrary = true })),
    ];

    private const string Stack = "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n";

    private static PlantedElf Module(string seed) => new() { Seed = seed, IsLibrary = true, Exports = ["pam_sm_authenticate", "pam_sm_setcred"] };
}
