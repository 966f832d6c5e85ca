using System.Globalization;
using Forensics.Parsers;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Servers of all kinds as their administrators leave them.</summary>
internal static class ServerHosts
{
    public static void Certificates(PlantTree tree)
    {
        tree.File("/etc/cron.d/certbot", "SHELL=/bin/sh\nPATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin\n0 */12 * * * root test -x /usr/bin/certbot -a \\! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew --no-random-sleep-on-renew\n")
            .File("/etc/systemd/system/certbot.service", "[Unit]\nDescription=Certbot\n[Service]\nType=oneshot\nExecStart=/snap/bin/certbot -q renew\nPrivateTmp=true\n")
            .File("/etc/systemd/system/certbot.timer", "[Unit]\nDescription=Run certbot twice daily\n[Timer]\nOnCalendar=*-*-* 00,12:00:00\nRandomizedDelaySec=43200\nPersistent=true\n[Install]\nWantedBy=timers.target\n")
            .Link("/etc/systemd/system/timers.target.wants/certbot.timer", "/etc/systemd/system/certbot.timer").Program("/snap/bin/certbot")
            .Script("/etc/letsencrypt/renewal-hooks/deploy/reload.sh", "#!/bin/sh\nset -e\nsystemctl reload nginx\ncurl -fsS -m 10 --retry 5 https://hc-ping.example/4bd1c7aa-1 > /dev/null\n")
            .File("/etc/letsencrypt/renewal/shop.example.conf", "[renewalparams]\nauthenticator = webroot\npost_hook = systemctl reload nginx\nrenew_hook = /usr/local/bin/push-cert.sh\n")
            .Script("/usr/local/bin/push-cert.sh", "#!/bin/bash\nfor host in lb1 lb2; do scp -q /etc/letsencrypt/live/shop.example/fullchain.pem root@$host:/etc/haproxy/certs/; ssh root@$host 'systemctl reload haproxy'; done\n")
            .Crontab("root", "12 3 * * * \"/root/.acme.sh\"/acme.sh --cron --home \"/root/.acme.sh\" > /dev/null\n34 4 * * * /root/.getssl/getssl -u -a -q\n@daily /usr/local/bin/ocsp-refresh >/dev/null 2>&1\n")
            .Script("/root/.acme.sh/acme.sh", "#!/usr/bin/env sh\nVER=3.0.7\nPROJECT_NAME=\"acme.sh\"\nLE_WORKING_DIR=\"$HOME/.$PROJECT_NAME\"\n_dbase64() { openssl base64 -d; }\n_get() { curl -L --silent --user-agent acme \"$1\"; }\ncron() { _get https://acme.example/directory; }\nmain() { cron; }\nmain \"$@\"\n")
            .Script("/root/.getssl/getssl", "#!/usr/bin/env bash\nWORKING_DIR=~/.getssl\ncurl --silent https://acme.example/getssl.version\n").Script("/usr/local/bin/ocsp-refresh", "#!/bin/sh\nopenssl ocsp -issuer /etc/ssl/chain.pem -cert /etc/ssl/cert.pem -url http://ocsp.example > /var/cache/ocsp.der\n");
    }

    public static void PhpApplications(PlantTree tree)
    {
        tree.File("/etc/nginx/sites-enabled/shop", "server {\n  listen 80;\n  root /var/www/shop;\n  index index.php;\n  location ~ \\.php$ { fastcgi_pass unix:/run/php/php8.2-fpm.sock; }\n}\n")
            .File("/var/www/shop/index.php", "<?php\ndefine('WP_USE_THEMES', true);\nrequire __DIR__ . '/wp-blog-header.php';\n", user: 33, group: 33)
            .File("/var/www/shop/wp-includes/functions.php", "<?php\nfunction wp_handle_upload_error() { return base64_decode($_POST['_wpnonce'] ?? ''); }\nfunction maybe_unserialize($data) { return is_serialized($data) ? @unserialize(trim($data)) : $data; }\n", user: 33, group: 33)
            .File("/var/www/shop/wp-content/plugins/deploy/deploy.php", "<?php\n// shows the revision that is live\n$revision = trim(shell_exec('git rev-parse --short HEAD'));\nexec('php ' . escapeshellarg(ABSPATH . 'wp-cron.php') . ' > /dev/null 2>&1 &');\n", user: 33, group: 33)
            .File("/var/www/shop/wp-content/plugins/shop/license.php", "<?php //0046a\nif(!extension_loaded('ionCube Loader')){$__oc=strtolower(substr(php_uname(),0,3));echo('The encoded file requires a loader.');exit(199);}\n?>\nHR+cPx0aGVyZSBpcyBub3RoaW5nIGluIGhlcmUgYnV0IG5vaXNlIG9mIGEgbGljZW5jZQ==\n", user: 33, group: 33)
            .File("/var/www/shop/wp-content/plugins/wordfence/waf.php", "<?php\nforeach ($rules as $pattern) { if (preg_match('/(eval|assert|system|passthru)\\s*\\(\\s*\\$_(GET|POST|REQUEST)/i', $body)) { wfBlock(); } }\n", user: 33, group: 33)
            .File("/var/www/shop/.user.ini", "; Wordfence WAF\nauto_prepend_file = '/var/www/shop/wordfence-waf.php'\n; END Wordfence WAF\n", user: 33).File("/var/www/shop/wordfence-waf.php", "<?php\nif (file_exists(__DIR__.'/wp-content/plugins/wordfence/waf/bootstrap.php')) { include_once __DIR__.'/wp-content/plugins/wordfence/waf/bootstrap.php'; }\n", user: 33)
            .File("/var/www/shop/.htaccess", "RewriteEngine On\nRewriteBase /\nRewriteRule ^index\\.php$ - [L]\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule . /index.php [L]\n", user: 33)
            .File("/var/www/shop/wp-content/uploads/.htaccess", "<Files *.php>\nDeny from all\n</Files>\n", user: 33).File("/var/www/shop/wp-content/uploads/index.php", "<?php\n// Silence is golden.\n", user: 33)
            .File("/usr/share/phpmyadmin/libraries/classes/Util.php", "<?php\nnamespace PhpMyAdmin;\nclass Util { public static function exec(string $c) { return self::isSafe($c) ? `$c` : null; } public static function request() { return $_REQUEST['db'] ?? ''; } }\n")
            .File("/var/www/shop/adminer.php", "<?php\n/** Adminer - Compact database management\n*/\nfunction adminer_errors($errno,$errstr){return!!preg_match('~^(Trying to access array offset on value of type null)~',$errstr);}\n$_GET[\"username\"]=$_GET[\"username\"]??'';\n", user: 33)
            .File("/var/www/shop/vendor/symfony/process/Process.php", "<?php\nnamespace Symfony\\Component\\Process;\nclass Process { public function start(array $env = []) { $this->process = @proc_open($this->commandline, $this->getDescriptors(), $this->pipes, $this->cwd, $env); } }\n", user: 33)
            .Crontab("www-data", "*/5 * * * * php /var/www/shop/wp-cron.php >/dev/null 2>&1\n* * * * * cd /var/www/shop && php artisan schedule:run >> /dev/null 2>&1\n*/15 * * * * /usr/bin/php -f /var/www/nextcloud/cron.php\n");
    }

    public static void Databases(PlantTree tree)
    {
        tree.File("/etc/sysctl.d/99-database.conf", "vm.nr_hugepages = 1280\nvm.swappiness = 1\nkernel.shmmax = 68719476736\nnet.core.somaxconn = 4096\n")
            .Script("/etc/rc.local", "#!/bin/sh -e\necho never > /sys/kernel/mm/transparent_hugepage/enabled\necho never > /sys/kernel/mm/transparent_hugepage/defrag\nsysctl -w vm.nr_hugepages=1280\nulimit -n 65535\niptables-restore < /etc/iptables.rules\nexit 0\n")
            .File("/etc/redis/redis.conf", "bind 127.0.0.1 ::1\nprotected-mode yes\nport 6379\ndir /var/lib/redis\ndbfilename dump.rdb\nappendonly yes\n").File("/etc/mysql/conf.d/tuning.cnf", "[mysqld]\nplugin_dir=/usr/lib/mysql/plugin\ninnodb_buffer_pool_size=8G\nlarge-pages\n")
            .Owned("mariadb-server", "/usr/lib/mysql/plugin/auth_socket.so", new PlantedElf { Seed = "auth_socket", IsLibrary = true }.Build())
            .File("/etc/postgresql/15/main/postgresql.conf", "data_directory = '/var/lib/postgresql/15/main'\nshared_preload_libraries = 'pg_stat_statements,auto_explain'\narchive_mode = on\narchive_command = 'test ! -f /mnt/wal/%f && cp %p /mnt/wal/%f'\n")
            .Crontab("postgres", "0 1 * * * pg_dumpall | gzip > /var/backups/pg/all-$(date +\\%F).sql.gz\n*/10 * * * * psql -c 'select pg_stat_statements_reset()' >/dev/null 2>&1\n")
            .File("/etc/default/mariadb", "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2\n").Owned("libjemalloc2", "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", new PlantedElf { Seed = "jemalloc", IsLibrary = true, Exports = ["malloc", "free", "calloc"] }.Build())
            .File("/etc/systemd/system/mariadb.service.d/limits.conf", "[Service]\nLimitNOFILE=65535\nEnvironmentFile=-/etc/default/mariadb\nNice=-5\n")
            .Script("/usr/local/bin/failover.sh", "#!/bin/bash\n# pgpool failover\nFAILED=$1\nNEW=$2\nssh -T postgres@$NEW \"/usr/lib/postgresql/15/bin/pg_ctl promote -D /var/lib/postgresql/15/main\"\n").Script("/usr/local/bin/kill-idle.sh", "#!/bin/sh\npsql -Atc \"select pid from pg_stat_activity where state='idle in transaction'\" | xargs -r kill\n");
    }

    public static void Backups(PlantTree tree)
    {
        tree.Crontab("root", """
            MAILTO=ops@shop.example
            30 2 * * * /usr/local/sbin/backup.sh >/var/log/backup.log 2>&1
            0 5 * * * BORG_PASSCOMMAND='cat /root/.borg-pass' nice -n 19 ionice -c3 borg create --compression zstd ssh://borg@backup.example/./repo::'{hostname}-{now}' /etc /home
            15 5 * * 0 rclone sync /srv remote:srv --config /root/.config/rclone/rclone.conf --log-file /tmp/rclone.log
            45 * * * * flock -n /run/lock/mirror.lock rsync -a --delete rsync://mirror.example/debian/ /srv/mirror/ >/dev/null 2>&1
            5 4 * * * find /var/backups -name '*.gz' -mtime +30 -delete; (cd /tmp && tar czf /var/backups/etc-$(date +\%F).tgz /etc)

            """).Script("/usr/local/sbin/backup.sh", """
                #!/bin/bash
                set -euo pipefail
                umask 077
                TMP=$(mktemp -d /tmp/backup.XXXXXX)
                trap 'rm -rf "$TMP"' EXIT
                mysqldump --all-databases | gzip > "$TMP/all.sql.gz"
                tar -C / -czf "$TMP/etc.tgz" etc
                openssl enc -aes-256-cbc -pbkdf2 -pass file:/root/.backup-pass -in "$TMP/etc.tgz" -out "$TMP/etc.tgz.enc"
                curl -fsS -T "$TMP/etc.tgz.enc" -u "$(cat /root/.webdav)" https://cloud.example/remote.php/dav/files/backup/
                find /var/backups -type f -mtime +14 -exec rm -f {} \;
                curl -fsS -m 10 https://hc-ping.example/uuid >/dev/null

                """)
            .File("/root/.ssh/authorized_keys", "command=\"borg serve --restrict-to-path /srv/borg/web01\",restrict ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEk0zO0WbLk0aDkqqk0VJd0q8r8bq3nG1t9Jt0y6b0aA borg@web01\ncommand=\"/usr/bin/rrsync -ro /srv\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGh rsync@mirror\n", 0b110_000_000)
            .Service("tunnel", "/usr/bin/ssh -NT -o ServerAliveInterval=60 -o ExitOnForwardFailure=yes -L 3307:127.0.0.1:3306 tunnel@db.example", "User=alice\nRestart=always\n")
            .File("/etc/wireguard/wg0.conf", "[Interface]\nAddress = 10.8.0.2/24\nPostUp = iptables -A FORWARD -i %i -j ACCEPT; iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE\nPostDown = iptables -D FORWARD -i %i -j ACCEPT\n[Peer]\nEndpoint = vpn.example:51820\n", 0b110_000_000)
            .File("/etc/openvpn/client.conf", "client\ndev tun\nremote vpn.example 1194\nscript-security 2\nup /etc/openvpn/update-resolv-conf\ndown /etc/openvpn/update-resolv-conf\n").Owned("openvpn", "/etc/openvpn/update-resolv-conf", "#!/bin/bash\n[ -x /sbin/resolvconf ] || exit 0\n", 0b111_101_101, config: true)
            .File("/etc/logrotate.d/app", "/var/log/app/*.log {\n  daily\n  rotate 7\n  compress\n  postrotate\n    [ -f /run/app.pid ] && kill -USR1 $(cat /run/app.pid)\n    curl -fsS https://metrics.example/rotated > /dev/null || true\n  endscript\n}\n")
            .File("/etc/network/interfaces", "auto eth0\niface eth0 inet static\n  address 192.0.2.10/24\n  post-up iptables-restore < /etc/iptables.rules\n  up ip route add 10.0.0.0/8 via 192.0.2.1 || true\n");
    }

    public static void Hardened(PlantTree tree)
    {
        tree.File("/etc/modprobe.d/cis.conf", "install cramfs /bin/true\ninstall usb-storage /bin/true\ninstall dccp /bin/false\nblacklist firewire-core\n").File("/etc/audit/rules.d/stig.rules", "-w /etc/passwd -p wa -k identity\n-w /etc/ld.so.preload -p wa -k preload\n-a always,exit -F arch=b64 -S init_module -k modules\n-e 2\n")
            .File("/etc/gshadow", "root:*::\n", 0b110_100_000)
            .Change("/etc/passwd", Locked).Change("/etc/shadow", Locked).Change("/etc/group", Locked).Change("/etc/gshadow", Locked)
            .File("/etc/ssh/sshd_config.d/00-hardening.conf", "PermitRootLogin prohibit-password\nPasswordAuthentication no\nMaxAuthTries 3\nMatch Group sftponly\n  ChrootDirectory /srv/sftp/%u\n  ForceCommand internal-sftp\n")
            .File("/etc/hosts.deny", "sshd: ALL EXCEPT 192.0.2.0/24\n").File("/etc/profile.d/tmout.sh", "TMOUT=900\nreadonly TMOUT\nexport TMOUT\nif [ \"$(id -u)\" -eq 0 ]; then umask 077; fi\n")
            .File("/etc/fstab", "LABEL=root / ext4 rw 0 1\nproc /proc proc defaults,hidepid=2 0 0\ntmpfs /dev/shm tmpfs defaults,nodev,nosuid,noexec 0 0\n/tmp /var/tmp none rw,noexec,nosuid,nodev,bind 0 0\n")
            .File("/etc/sudoers.d/deploy", "Defaults:deploy !requiretty\ndeploy ALL=(root) NOPASSWD: /usr/bin/systemctl restart app, /usr/bin/systemctl reload nginx\n%wheel ALL=(ALL) ALL\n", 0b100_100_000)
            .File("/etc/pam.d/common-password", "password requisite pam_pwquality.so retry=3\npassword [success=1 default=ignore] pam_unix.so obscure use_authtok try_first_pass yescrypt\npassword requisite pam_deny.so\npassword required pam_permit.so\n")
            .File("/etc/cron.allow", "root\n").File("/etc/cron.d/aide", "0 5 * * * root /usr/bin/nice -n 19 /usr/bin/aide --check | mail -s 'AIDE' root\n10 4 * * * root /usr/bin/freshclam --quiet; /usr/bin/clamscan -ri /home /tmp --log=/var/log/clam.log\n")
            .Link("/etc/systemd/system/ctrl-alt-del.target", "/dev/null").Link("/etc/systemd/system/systemd-coredump.socket", "/dev/null").Link("/etc/systemd/system/sleep.target", "/dev/null")
            .File("/etc/security/limits.d/core.conf", "* hard core 0\n").File("/etc/sysctl.d/60-hardening.conf", "kernel.core_pattern=|/bin/false\nkernel.yama.ptrace_scope=1\nkernel.kptr_restrict=2\nfs.suid_dumpable=0\n")
            .File("/etc/ld.so.preload", "/usr/lib/x86_64-linux-gnu/libsnoopy.so\n").Owned("snoopy", "/usr/lib/x86_64-linux-gnu/libsnoopy.so", new PlantedElf { Seed = "snoopy", IsLibrary = true, Exports = ["execve", "execv"], Imports = ["dlsym"] }.Build());
        // A preload library that a package brings is worth knowing and no alarm.
    }

    private static PlantedFile Locked(PlantedFile file) => file with { Flags = InodeFlags.Immutable };

    public static void Alpine(PlantTree tree)
    {
        foreach (string period in (string[])["15min", "hourly", "daily", "weekly", "monthly"])
        {
            tree.Folder("/etc/periodic/" + period);
        }
        tree.File("/etc/crontabs/root", string.Concat(((string[])["15min", "hourly", "daily", "weekly", "monthly"]).Select((period, i) => string.Create(CultureInfo.InvariantCulture, $"{i} 2 * * *\trun-parts /etc/periodic/{period}\n"))), 0b110_000_000)
            .Script("/etc/periodic/daily/acme-client", "#!/bin/sh\n/usr/local/bin/lego renew && rc-service nginx reload\n").Program("/usr/local/bin/lego", new PlantedElf { Seed = "lego", IsStatic = true })
            .Owned("nginx", "/etc/init.d/nginx", "#!/sbin/openrc-run\ncommand=/usr/sbin/nginx\npidfile=/run/nginx/nginx.pid\ndepend() { need net; }\n", 0b111_101_101).Link("/etc/runlevels/default/nginx", "/etc/init.d/nginx")
            .Script("/etc/init.d/app", "#!/sbin/openrc-run\ncommand=/srv/app/run\ncommand_user=alice\ncommand_background=true\npidfile=/run/app.pid\n").Link("/etc/runlevels/default/app", "/etc/init.d/app").Program("/srv/app/run", new PlantedElf { Seed = "app", IsStatic = true })
            .File("/etc/conf.d/app", "APP_OPTS=\"--port 8080\"\nrc_ulimit=\"-n 65535\"\n").Script("/etc/local.d/thp.start", "#!/bin/sh\necho never > /sys/kernel/mm/transparent_hugepage/enabled\n");
    }
}
