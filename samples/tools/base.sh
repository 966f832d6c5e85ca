# A small Debian 12 server as an administrator might leave it: web shop, node service, docker, backups. Sourced by the recipes
# after tree.sh. It is full of things that look bad to a careless rule and are not: see samples/clean-linux/README.md.
# shellcheck shell=bash disable=SC2153,SC2016

base_directories() {
  dir 755 0:0 /boot /dev /etc /home /mnt /opt /proc /run /srv /sys /usr /var
  dir 700 0:0 /root
  dir 1777 0:0 /tmp
  dir 755 0:0 /usr/{bin,include,lib,lib64,libexec,local,sbin,share} /usr/local/{bin,lib,sbin,share} /usr/share/{doc,zoneinfo,man} /usr/share/zoneinfo/{Etc,Europe}
  dir 755 0:0 /usr/lib/{systemd,sysstat,php,openssh,x86_64-linux-gnu} /usr/lib/systemd/{system,user} /usr/lib/x86_64-linux-gnu/libfakeroot
  dir 755 0:0 /var/{backups,cache,lib,log,opt,spool,www} /var/lib/{dpkg,systemd} /var/lib/dpkg/info /var/spool/{anacron,cron} /var/www/html
  dir 1777 0:0 /var/tmp
  dir 1730 0:104 /var/spool/cron/crontabs
  dir 755 0:0 /etc/{alternatives,apt,cron.d,cron.daily,cron.hourly,cron.monthly,cron.weekly,default,falco,init.d,ld.so.conf.d,logrotate.d,pam.d,profile.d,skel,ssh,suricata,systemd,dnsmasq.d}
  dir 755 0:0 /etc/rc{0,1,2,3,4,5,6,S}.d /etc/ssh/sshd_config.d /etc/suricata/rules /etc/systemd/{system,user}
  link usr/bin /bin
  link usr/lib /lib
  link usr/lib64 /lib64
  link usr/sbin /sbin
  link ../run /var/run
  device /dev/null c 1 3 666
  device /dev/console c 5 1 600
}

base_identity() {
  put 644 0:0 /usr/lib/os-release <<'END'
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
END
  link ../usr/lib/os-release /etc/os-release
  put 644 0:0 /etc/debian_version <<<12.9
  put 644 0:0 /etc/hostname <<<"$HOST"
  put 444 0:0 /etc/machine-id <<<"$MACHINE_ID"
  put 644 0:0 /etc/timezone <<<Europe/Berlin
  { printf TZif2; head -c 39 /dev/zero; printf '\nCET-1CEST,M3.5.0,M10.5.0/3\n'; } | put 644 0:0 /usr/share/zoneinfo/Europe/Berlin
  link /usr/share/zoneinfo/Europe/Berlin /etc/localtime
  put 644 0:0 /etc/hosts <<END
127.0.0.1	localhost
127.0.1.1	$HOST
::1	localhost ip6-localhost ip6-loopback
END
  put 644 0:0 /etc/fstab <<'END'
# /etc/fstab: static file system information
LABEL=root	/	ext4	rw,discard,errors=remount-ro	0	1
END
  put 644 0:0 /etc/ld.so.conf <<<'include /etc/ld.so.conf.d/*.conf'
  put 644 0:0 /etc/ld.so.conf.d/x86_64-linux-gnu.conf <<<'/usr/lib/x86_64-linux-gnu'
  put 644 0:0 /etc/ld.so.conf.d/fakeroot-x86_64-linux-gnu.conf <<<'/usr/lib/x86_64-linux-gnu/libfakeroot'
  put 644 0:0 /etc/shells <<<$'/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n/usr/bin/dash'
  put 644 0:0 /etc/environment <<<'PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"'
  put 644 0:0 /etc/login.defs <<<$'ENCRYPT_METHOD YESCRYPT\nUID_MIN 1000\nUID_MAX 60000'
}

# passwd, shadow and group in two states: with the last package user (now) and without it (the "-" copies).
passwd_lines() {
  cat <<'END'
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
news:x:9:9:news:/var/spool/news:/usr/sbin/nologin
backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
systemd-network:x:998:998:systemd Network Management:/:/usr/sbin/nologin
messagebus:x:100:107::/nonexistent:/usr/sbin/nologin
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
postgres:x:102:108:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash
git:x:103:109::/srv/git:/usr/bin/git-shell
debian:x:1000:1000:Debian:/home/debian:/bin/bash
deploy:x:1001:1001:Deployment,,,:/home/deploy:/bin/bash
END
}
shadow_lines() {
  local name
  for name in root daemon bin sys sync man mail news backup www-data _apt nobody; do echo "$name:*:20514:0:99999:7:::"; done
  for name in systemd-network messagebus sshd postgres git; do echo "$name:!:20514::::::"; done
  echo 'debian:!:20514:0:99999:7:::'
  echo 'deploy:$y$j9T$Fixture0Fixture0Fixture0$ThisIsNotAHashOfAnyPassword0123456789ABCDEF:20514:0:99999:7:::'
}
group_lines() {
  cat <<'END'
root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:debian
mail:x:8:
news:x:9:
man:x:12:
sudo:x:27:debian
www-data:x:33:
backup:x:34:
shadow:x:42:
nogroup:x:65534:
systemd-network:x:998:
crontab:x:104:
messagebus:x:107:
postgres:x:108:
git:x:109:
docker:x:997:
debian:x:1000:
deploy:x:1001:
END
}

base_accounts() {
  local chrony=_chrony:x:104:110:Chrony\ daemon,,,:/var/lib/chrony:/usr/sbin/nologin
  { passwd_lines; echo "$chrony"; } | put 644 0:0 /etc/passwd
  passwd_lines | put 644 0:0 /etc/passwd-
  { shadow_lines; echo '_chrony:!:20514::::::'; } | put 640 0:42 /etc/shadow
  shadow_lines | put 640 0:42 /etc/shadow-
  { group_lines; echo '_chrony:x:110:'; } | put 644 0:0 /etc/group
  group_lines | put 644 0:0 /etc/group-
  group_lines | awk -F: '{ print $1 ":!::" $4 }' | put 640 0:42 /etc/gshadow
  put 440 0:0 /etc/sudoers <<<$'Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d'
  dir 750 0:0 /etc/sudoers.d
  put 440 0:0 /etc/sudoers.d/90-cloud-init-users <<<'debian ALL=(ALL) NOPASSWD:ALL'

  dir 700 1000:1000 /home/debian
  dir 700 1001:1001 /home/deploy
  dir 700 1000:1000 /home/debian/.ssh
  dir 700 1001:1001 /home/deploy/.ssh
  dir 700 0:0 /root/.ssh
  put 644 0:0 /etc/skel/.bashrc <<<$'case $- in *i*) ;; *) return;; esac\nHISTCONTROL=ignoreboth\nalias ls=\'ls --color=auto\''
  put 644 0:0 /root/.bashrc <<<$'# ~/.bashrc\n# curl -fsSL https://get.example.org/install.sh | bash   (how it was installed, kept as a note)\nalias ll=\'ls -l\''
  put 644 1001:1001 /home/deploy/.bashrc <<<$'export NVM_DIR="$HOME/.nvm"\n[ -s "$NVM_DIR/nvm.sh" ] && . "$NVM_DIR/nvm.sh"'
}

ADMIN_KEY='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIERlYWRib3hTYW1wbGVBZG1pbktleU5vdEFSZWFsT25l admin@example.org'
BACKUP_KEY='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIERlYWRib3hTYW1wbGVCYWNrdXBLZXlOb3RSZWFsMTIz backup@vault.example.org'

base_ssh() {
  put 600 0:0 /root/.ssh/authorized_keys <<END
no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command="echo 'Please login as the user \"debian\" rather than the user \"root\".';echo;sleep 10;exit 142" $ADMIN_KEY
END
  put 600 1000:1000 /home/debian/.ssh/authorized_keys <<<"$ADMIN_KEY"
  put 600 1001:1001 /home/deploy/.ssh/authorized_keys <<END
# the backup host pulls /srv once a night
restrict,command="/usr/bin/rrsync -ro /srv" $BACKUP_KEY
END
  put 644 0:0 /etc/ssh/sshd_config <<'END'
Include /etc/ssh/sshd_config.d/*.conf
#PermitRootLogin prohibit-password
#AuthorizedKeysFile	.ssh/authorized_keys .ssh/authorized_keys2
KbdInteractiveAuthentication no
UsePAM yes
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem	sftp	/usr/lib/openssh/sftp-server
END
  put 600 0:0 /etc/ssh/sshd_config.d/50-cloud-init.conf <<<'PasswordAuthentication no'
}

base_cron() {
  put 644 0:0 /etc/crontab <<'END'
# /etc/crontab: system-wide crontab
SHELL=/bin/sh
# PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

# m h dom mon dow user	command
17 *	* * *	root	cd / && run-parts --report /etc/cron.hourly
25 6	* * *	root	test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }
47 6	* * 7	root	test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; }
52 6	1 * *	root	test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.monthly; }
#
END
  put 644 0:0 /etc/anacrontab <<'END'
# /etc/anacrontab: configuration file for anacron
SHELL=/bin/sh
HOME=/root
LOGNAME=root

# These replace cron's entries
1	5	cron.daily	run-parts --report /etc/cron.daily
7	10	cron.weekly	run-parts --report /etc/cron.weekly
@monthly	15	cron.monthly	run-parts --report /etc/cron.monthly
END
  put 644 0:0 /etc/cron.d/.placeholder <<<'# DO NOT EDIT OR REMOVE'
  put 644 0:0 /etc/cron.d/e2scrub_all <<'END'
30 3 * * 0 root test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron
10 3 * * * root test -e /run/systemd/system || SERVICE_MODE=1 /sbin/e2scrub_all -A -r
END
  put 644 0:0 /etc/cron.d/sysstat <<'END'
# The first element of the path is a directory where the debian-sa1 script is located
PATH=/usr/lib/sysstat:/usr/sbin:/usr/sbin:/usr/bin:/sbin:/bin

# Activity reports every 10 minutes everyday
5-55/10 * * * * root command -v debian-sa1 > /dev/null && debian-sa1 1 1

# Additional run at 23:59 to rotate the statistics file
59 23 * * * root command -v debian-sa1 > /dev/null && debian-sa1 60 2
END
  put 644 0:0 /etc/cron.d/php <<'END'
# Look for and purge old sessions every 30 minutes
09,39 *     * * *     root   [ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi
END
  put 644 0:0 /etc/cron.d/certbot <<'END'
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin
0 */12 * * * root test -x /usr/bin/certbot -a \! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew --no-random-sleep-on-renew
END
  put 755 0:0 /etc/cron.daily/apt-compat <<<$'#!/bin/sh\nset -e\n# Systemd systems use a systemd timer unit which is preferable to run this.\nif [ -d /run/systemd/system ]; then\n    exit 0\nfi\nexec /usr/lib/apt/apt.systemd.daily'
  put 755 0:0 /etc/cron.daily/dpkg <<<$'#!/bin/sh\nif [ -d /run/systemd/system ]; then\n    exit 0\nfi\n/usr/libexec/dpkg/dpkg-db-backup'
  put 755 0:0 /etc/cron.daily/logrotate <<<$'#!/bin/sh\n# skip in favour of systemd timer\nif [ -d /run/systemd/system ]; then\n    exit 0\nfi\n/usr/sbin/logrotate /etc/logrotate.conf'
  put 755 0:0 /etc/cron.daily/man-db <<<$'#!/bin/sh\nset -e\nif [ -d /run/systemd/system ]; then\n    exit 0\nfi\ncd /\nnice -n 15 mandb --no-purge --quiet || :'
  put 755 0:0 /etc/cron.weekly/man-db <<<$'#!/bin/sh\nset -e\nif [ -d /run/systemd/system ]; then\n    exit 0\nfi\nmandb --quiet || true'
  put 755 0:0 /etc/cron.daily/local-backup <<<$'#!/bin/sh\n# nightly dump, pulled by the backup host\nset -e\numask 077\nout=/var/backups/shop-$(date +%F).tar.gz\ntar -czf "$out.part" /srv /var/www && mv "$out.part" "$out"\nfind /var/backups -name "shop-*.tar.gz" -mtime +14 -delete'

  local header=$'# DO NOT EDIT THIS FILE - edit the master and reinstall.\n# (- installed on Mon Mar  2 09:40:11 2026)\n# (Cron version -- $Id: crontab.c,v 2.13 1994/01/17 03:20:37 vixie Exp $)\n# m h  dom mon dow   command'
  put 600 33:104 /var/spool/cron/crontabs/www-data <<<"$header"$'\n*/5 * * * * wget -q -O /dev/null https://shop.example/wp-cron.php?doing_wp_cron'
  put 600 1001:104 /var/spool/cron/crontabs/deploy <<<"$header"$'\n* * * * * cd /srv/app && php artisan schedule:run >> /dev/null 2>&1\n@reboot sleep 30 && /usr/bin/php /srv/app/artisan cache:warm'
  put 600 0:104 /var/spool/cron/crontabs/root <<<"$header"$'\nMAILTO=admin@example.org\n12 3 * * * "/root/.acme.sh"/acme.sh --cron --home "/root/.acme.sh" > /dev/null\n30 2 * * 6 tar -czf /var/backups/etc-$(date +\\%F).tgz /etc > /tmp/etc-backup.log 2>&1'
  dir 700 0:0 /root/.acme.sh
  put 755 0:0 /root/.acme.sh/acme.sh <<<$'#!/usr/bin/env sh\nVER=3.0.7\nPROJECT_NAME="acme.sh"\n_get() {\n  curl --silent --dump-header "$HTTP_HEADER" -L "$1"\n}\nmain() {\n  case "$1" in --cron) echo "no certificate is due" ;; esac\n}\nmain "$@"'
}

unit() { # unit NAME LINE...: a vendor unit
  local name=$1
  shift
  printf '%s\n' "$@" | put 644 0:0 "/usr/lib/systemd/system/$name"
}

base_systemd() {
  local target name
  unit ssh.service '[Unit]' 'Description=OpenBSD Secure Shell server' 'After=network.target auditd.service' '' '[Service]' 'EnvironmentFile=-/etc/default/ssh' \
    'ExecStartPre=/usr/sbin/sshd -t' 'ExecStart=/usr/sbin/sshd -D $SSHD_OPTS' 'ExecReload=/usr/sbin/sshd -t' 'ExecReload=/bin/kill -HUP $MAINPID' 'KillMode=process' 'Restart=on-failure' \
    'Type=notify' '' '[Install]' 'WantedBy=multi-user.target' 'Alias=sshd.service'
  unit cron.service '[Unit]' 'Description=Regular background program processing daemon' '' '[Service]' 'EnvironmentFile=-/etc/default/cron' 'ExecStart=/usr/sbin/cron -f $EXTRA_OPTS' \
    'IgnoreSIGPIPE=false' 'KillMode=process' 'Restart=on-failure' '' '[Install]' 'WantedBy=multi-user.target'
  unit docker.service '[Unit]' 'Description=Docker Application Container Engine' 'Requires=docker.socket' '' '[Service]' 'Type=notify' \
    'ExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock' 'ExecReload=/bin/kill -s HUP $MAINPID' 'Restart=always' '' '[Install]' 'WantedBy=multi-user.target'
  unit docker.socket '[Unit]' 'Description=Docker Socket for the API' '' '[Socket]' 'ListenStream=/run/docker.sock' 'SocketMode=0660' 'SocketGroup=docker' '' '[Install]' 'WantedBy=sockets.target'
  unit nginx.service '[Unit]' 'Description=A high performance web server and a reverse proxy server' '' '[Service]' 'Type=forking' 'PIDFile=/run/nginx.pid' \
    "ExecStartPre=/usr/sbin/nginx -t -q -g 'daemon on; master_process on;'" "ExecStart=/usr/sbin/nginx -g 'daemon on; master_process on;'" \
    "ExecStop=-/sbin/start-stop-daemon --quiet --stop --retry QUIT/5 --pidfile /run/nginx.pid" '' '[Install]' 'WantedBy=multi-user.target'
  unit getty@.service '[Unit]' 'Description=Getty on %I' '' '[Service]' "ExecStart=-/sbin/agetty -o '-p -- \\\\u' --noclear - \$TERM" 'Type=idle' 'Restart=always' 'TTYPath=/dev/%I' '' \
    '[Install]' 'WantedBy=getty.target' 'DefaultInstance=tty1'
  unit apt-daily.service '[Unit]' 'Description=Daily apt download activities' '' '[Service]' 'Type=oneshot' 'ExecStart=/usr/lib/apt/apt.systemd.daily update'
  unit apt-daily.timer '[Unit]' 'Description=Daily apt download activities' '' '[Timer]' 'OnCalendar=*-*-* 6,18:00' 'RandomizedDelaySec=12h' 'Persistent=true' '' '[Install]' 'WantedBy=timers.target'
  unit logrotate.service '[Unit]' 'Description=Rotate log files' '' '[Service]' 'Type=oneshot' 'ExecStart=/usr/sbin/logrotate /etc/logrotate.conf' 'Nice=19'
  unit logrotate.timer '[Unit]' 'Description=Daily rotation of log files' '' '[Timer]' 'OnCalendar=daily' 'AccuracySec=1h' 'Persistent=true' '' '[Install]' 'WantedBy=timers.target'
  unit fstrim.service '[Unit]' 'Description=Discard unused blocks on filesystems from /etc/fstab' '' '[Service]' 'Type=oneshot' \
    'ExecStart=/sbin/fstrim --listed-in /etc/fstab:/proc/self/mountinfo --verbose --quiet-unsupported'
  unit fstrim.timer '[Unit]' 'Description=Discard unused blocks once a week' '' '[Timer]' 'OnCalendar=weekly' 'Persistent=true' '' '[Install]' 'WantedBy=timers.target'
  unit certbot.service '[Unit]' 'Description=Certbot' '' '[Service]' 'Type=oneshot' 'ExecStart=/usr/bin/certbot -q renew --no-random-sleep-on-renew' 'PrivateTmp=true'
  unit certbot.timer '[Unit]' 'Description=Run certbot twice daily' '' '[Timer]' 'OnCalendar=*-*-* 00,12:00:00' 'RandomizedDelaySec=43200' 'Persistent=true' '' '[Install]' 'WantedBy=timers.target'
  for target in multi-user timers sockets getty graphical; do
    unit "$target.target" '[Unit]' "Description=$target"
  done
  link graphical.target /usr/lib/systemd/system/default.target
  link /dev/null /usr/lib/systemd/system/hwclock.service
  link /dev/null /usr/lib/systemd/system/x11-common.service
  dir 755 0:0 /usr/lib/systemd/system/multi-user.target.wants
  link ../getty.target /usr/lib/systemd/system/multi-user.target.wants/getty.target

  dir 755 0:0 /etc/systemd/system/{multi-user,timers,sockets,getty}.target.wants /etc/systemd/system/docker.service.d
  for name in ssh.service cron.service docker.service nginx.service; do link "/lib/systemd/system/$name" "/etc/systemd/system/multi-user.target.wants/$name"; done
  for name in apt-daily logrotate fstrim certbot; do link "/lib/systemd/system/$name.timer" "/etc/systemd/system/timers.target.wants/$name.timer"; done
  link /lib/systemd/system/docker.socket /etc/systemd/system/sockets.target.wants/docker.socket
  link /lib/systemd/system/getty@.service /etc/systemd/system/getty.target.wants/getty@tty1.service
  link /lib/systemd/system/ssh.service /etc/systemd/system/sshd.service
  link /dev/null /etc/systemd/system/sleep.target
  link /dev/null /etc/systemd/system/ctrl-alt-del.target
  put 644 0:0 /etc/systemd/system/docker.service.d/override.conf <<'END'
[Service]
Environment="HTTPS_PROXY=http://proxy.example.org:3128"
LimitNOFILE=1048576
ExecStart=
ExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock --log-driver=journald
END
  put 644 0:0 /etc/systemd/system/shop-api.service <<'END'
[Unit]
Description=Shop API
After=network.target

[Service]
User=deploy
WorkingDirectory=/srv/api
Environment=NODE_ENV=production PORT=3333
ExecStart=/home/deploy/.nvm/versions/node/v20.11.1/bin/node server.js
Restart=always

[Install]
WantedBy=multi-user.target
END
  link /etc/systemd/system/shop-api.service /etc/systemd/system/multi-user.target.wants/shop-api.service
  put 644 0:0 /etc/systemd/system/actions-runner.service <<'END'
[Unit]
Description=CI runner

[Service]
ExecStart=/opt/actions-runner/run.sh
User=deploy
WorkingDirectory=/opt/actions-runner
KillMode=process

[Install]
WantedBy=multi-user.target
END
  link /etc/systemd/system/actions-runner.service /etc/systemd/system/multi-user.target.wants/actions-runner.service
  dir 755 1001:1001 /opt/actions-runner /srv/api /srv/app
  put 755 1001:1001 /opt/actions-runner/run.sh <<<$'#!/bin/bash\n# Runs the listener again when it asks for it.\nDIR=$(cd "$(dirname "$0")" && pwd)\nwhile :; do\n  "$DIR/bin/Runner.Listener" run "$@"\n  [ $? -eq 2 ] || break\n  sleep 5\ndone'
  dir 755 1001:1001 /opt/actions-runner/bin
  elf 755 1001:1001 /opt/actions-runner/bin/Runner.Listener --kind pie --string 'Runner.Listener'
  put 644 1001:1001 /srv/api/server.js <<<$'const http = require("http");\nhttp.createServer((request, response) => response.end("ok")).listen(process.env.PORT);'
  put 644 1001:1001 /srv/app/artisan <<<$'#!/usr/bin/env php\n<?php\nrequire __DIR__."/vendor/autoload.php";\nexit((new Kernel)->handle($argv));'
  dir 755 1001:1001 /home/deploy/.nvm /home/deploy/.nvm/versions /home/deploy/.nvm/versions/node /home/deploy/.nvm/versions/node/v20.11.1 /home/deploy/.nvm/versions/node/v20.11.1/bin
  put 644 1001:1001 /home/deploy/.nvm/nvm.sh <<<$'# Node version manager\nnvm() { echo "v20.11.1"; }'
  elf 755 1001:1001 /home/deploy/.nvm/versions/node/v20.11.1/bin/node --kind pie --string 'node v20.11.1'
}

init_script() { # init_script NAME DAEMON DESCRIPTION
  put 755 0:0 "/etc/init.d/$1" <<END
#!/bin/sh
### BEGIN INIT INFO
# Provides:          $1
# Required-Start:    \$remote_fs \$syslog
# Required-Stop:     \$remote_fs \$syslog
# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: $3
### END INIT INFO
DAEMON=$2
test -x "\$DAEMON" || exit 0
. /lib/lsb/init-functions
case "\$1" in
  start) start-stop-daemon --start --quiet --oknodo --exec "\$DAEMON" ;;
  stop) start-stop-daemon --stop --quiet --oknodo --exec "\$DAEMON" ;;
  *) echo "Usage: /etc/init.d/$1 {start|stop}"; exit 2 ;;
esac
END
}

base_init() {
  local name level
  init_script cron /usr/sbin/cron 'Regular background program processing daemon'
  init_script ssh /usr/sbin/sshd 'OpenBSD Secure Shell server'
  init_script nginx /usr/sbin/nginx 'web server'
  init_script hwclock.sh /sbin/hwclock 'Sets the hardware clock'
  init_script procps /sbin/sysctl 'Kernel parameters'
  for name in cron ssh nginx; do
    for level in 2 3 4 5; do link "../init.d/$name" "/etc/rc$level.d/S01$name"; done
    for level in 0 1 6; do link "../init.d/$name" "/etc/rc$level.d/K01$name"; done
  done
  link ../init.d/procps /etc/rcS.d/S01procps
  link ../init.d/hwclock.sh /etc/rcS.d/S01hwclock.sh
  put 644 0:0 /etc/rcS.d/README <<<'The scripts in this directory are executed once when booting the system.'
  put 644 0:0 /etc/default/ssh <<<'SSHD_OPTS='
  put 644 0:0 /etc/default/cron <<<'# EXTRA_OPTS="-L 2"'
}

base_programs() {
  local name
  for name in bash dash cat ls cp mv rm ps top find curl wget tar gzip perl php git git-shell rrsync dockerd kill sync true tmux systemctl run-parts \
    date env mandb nice nohup python3.11 sleep timeout; do
    elf 755 0:0 "/usr/bin/$name" --kind pie --string "$name (Debian sample)"
  done
  link dash /usr/bin/sh
  link python3.11 /usr/bin/python3
  for name in sshd cron nginx anacron logrotate agetty fstrim nologin hwclock sysctl start-stop-daemon e2scrub_all; do
    elf 755 0:0 "/usr/sbin/$name" --kind pie --string "$name (Debian sample)"
  done
  for name in su sudo mount umount passwd chsh chfn gpasswd newgrp; do
    elf 4755 0:0 "/usr/bin/$name" --kind pie --string "$name (Debian sample)"
  done
  elf 2755 0:104 /usr/bin/crontab --kind pie --string crontab
  elf 2755 0:42 /usr/sbin/unix_chkpwd --kind pie --string unix_chkpwd
  elf 4755 0:0 /usr/lib/openssh/ssh-keysign --kind pie --string ssh-keysign
  elf 755 0:0 /usr/lib/openssh/sftp-server --kind pie --string sftp-server
  elf 755 0:0 /usr/bin/ping --kind pie --string ping
  attribute /usr/bin/ping security.capability 0100000200200000000000000000000000000000   # cap_net_raw=ep
  elf 755 0:0 /usr/lib64/ld-linux-x86-64.so.2 --kind shared --soname ld-linux-x86-64.so.2 --string /etc/ld.so.preload --export _dl_start
  elf 755 0:0 /usr/lib/x86_64-linux-gnu/libc.so.6 --kind shared --soname libc.so.6 --string 'GNU C Library (Debian GLIBC 2.36-9) sample' \
    --export readdir --export readdir64 --export fopen --export open --export stat --export accept --export dlsym
  # Libraries that interpose functions for good reasons.
  elf 644 0:0 /usr/lib/x86_64-linux-gnu/libfakeroot/libfakeroot-sysv.so --kind shared --soname libfakeroot-0.so --import dlsym \
    --export chown --export fchown --export lchown --export chmod --export stat --export lstat --export unlink --export rename --export getuid --export geteuid --export setuid
  elf 644 0:0 /usr/lib/x86_64-linux-gnu/libjemalloc.so.2 --kind shared --soname libjemalloc.so.2 --import dlsym \
    --export malloc --export calloc --export realloc --export free --export posix_memalign
  elf 644 0:0 /usr/lib/x86_64-linux-gnu/libeatmydata.so --kind shared --soname libeatmydata.so --import dlsym --export fsync --export fdatasync --export sync --export msync
  put 755 0:0 /usr/bin/certbot <<<$'#!/usr/bin/python3\nimport sys\nfrom certbot.main import main\nsys.exit(main())'
  put 755 0:0 /usr/bin/ldd <<<$'#! /bin/bash\n# ldd is a script by design\nexec /lib64/ld-linux-x86-64.so.2 --list "$@"'
  put 755 0:0 /usr/lib/sysstat/debian-sa1 <<<$'#!/bin/sh\n# vim:ft=sh:et\nset -e\nexec /usr/lib/sysstat/sa1 "$@"'
  put 755 0:0 /usr/lib/php/sessionclean <<<$'#!/bin/sh -e\nfind -O3 "/var/lib/php/sessions/" -ignore_readdir_race -depth -mindepth 1 -name "sess_*" -type f -cmin +24 -delete'
  dir 755 0:0 /usr/lib/apt /usr/libexec/dpkg /usr/lib/x86_64-linux-gnu/e2fsprogs
  put 755 0:0 /usr/lib/apt/apt.systemd.daily <<<$'#!/bin/sh\nset -e\n# runs "apt-get update" and unattended upgrades as configured\nexit 0'
  put 755 0:0 /usr/libexec/dpkg/dpkg-db-backup <<<$'#!/bin/sh\nset -e\ncd /var/backups\ntar -czf dpkg.tar.gz /var/lib/dpkg/status'
  put 755 0:0 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron <<<$'#!/bin/sh\nexec /sbin/e2scrub_all'
  put 755 0:0 /usr/lib/sysstat/sa1 <<<$'#!/bin/sh\nexit 0'
  put 755 0:0 /usr/local/bin/wait-for-db <<<$'#!/bin/bash\n# waits for the database of the shop\nuntil timeout 1 bash -c "</dev/tcp/db.example.org/5432" 2>/dev/null; do sleep 1; done\nexec "$@"'
}

# Text that names miners because somebody defends against them.
base_defence() {
  dir 755 0:0 /usr/share/doc/threat-intel
  put 644 0:0 /usr/share/doc/threat-intel/README.md <<'END'
# Cryptojacking indicators

Hosts that talk `stratum+tcp://` to port 3333, 4444 or 14444 are worth a look. Typical tools: xmrig, xmr-stak, cpuminer, with options such as
`--donate-level 1`, `--cpu-max-threads-hint` or an algorithm name like `rx/0` (randomx) or cryptonight. Known file names: kdevtmpfsi, kinsing.
Pools often seen: pool.supportxmr.com, gulf.moneroocean.stream, xmr.nanopool.org.
END
  put 644 0:0 /etc/suricata/rules/local.rules <<'END'
alert tcp $HOME_NET any -> $EXTERNAL_NET any (msg:"LOCAL CoinMiner stratum login"; flow:established,to_server; content:"{\"id\":"; content:"\"method\":\"login\""; content:"xmrig"; nocase; sid:1000001; rev:2;)
alert dns $HOME_NET any -> any any (msg:"LOCAL CoinMiner pool lookup"; dns.query; content:"supportxmr.com"; nocase; sid:1000002; rev:1;)
END
  put 644 0:0 /etc/falco/falco_rules.local.yaml <<'END'
- list: miner_domains
  items: ["pool.supportxmr.com", "xmr.nanopool.org", "gulf.moneroocean.stream", "donate.v2.xmrig.com"]
- rule: Detect crypto miners using the Stratum protocol
  condition: spawned_process and (proc.cmdline contains "stratum+tcp" or proc.cmdline contains "stratum2+tcp")
  output: Possible miner running (command=%proc.cmdline)
  priority: CRITICAL
END
  {
    echo '# ad and miner block list'
    local i
    for i in $(seq 1 400); do printf '0.0.0.0 ads%03d.example.net\n' "$i"; done
    printf '0.0.0.0 %s\n' coinhive.com coin-hive.com pool.minexmr.com xmr.pool.minergate.com pool.supportxmr.com
  } | put 644 0:0 /etc/dnsmasq.d/adblock.hosts
  # An administrator's "vaccine": the name is taken, empty, without any permission and immutable.
  put 000 0:0 /tmp/kdevtmpfsi </dev/null
  flags 10 /tmp/kdevtmpfsi
  dir 1777 0:0 /tmp/.X11-unix /tmp/.ICE-unix /tmp/.font-unix
}

base_rest() {
  put 644 0:0 /var/www/html/index.html <<<'<!doctype html><title>Shop</title><p>It works.</p>'
  put 644 1001:33 /var/www/html/version.php <<<$'<?php\n// shows which revision is deployed\n$revision = trim((string) shell_exec("git rev-parse --short HEAD"));\nheader("Content-Type: text/plain");\necho htmlspecialchars($revision);'
  put 644 0:0 /var/lib/dpkg/status <<'END'
Package: cron
Status: install ok installed
Priority: important
Section: admin
Maintainer: Javier Fernandez-Sanguino Pen~a <jfs@debian.org>
Architecture: amd64
Version: 3.0pl1-162
Description: process scheduling daemon

Package: libfakeroot
Status: install ok installed
Priority: optional
Section: utils
Architecture: amd64
Multi-Arch: same
Version: 1.31-1.2
Description: tool for simulating superuser privileges - shared libraries

Package: openssh-server
Status: install ok installed
Priority: optional
Section: net
Architecture: amd64
Version: 1:9.2p1-2+deb12u4
Description: secure shell (SSH) server, for secure access from remote machines

END
  put 644 0:0 /var/lib/dpkg/info/cron.list <<<$'/.\n/etc\n/etc/cron.d\n/etc/crontab\n/etc/init.d\n/etc/init.d/cron\n/lib/systemd/system/cron.service\n/usr/bin/crontab\n/usr/sbin/cron'
  put 644 0:0 /var/lib/dpkg/info/libfakeroot:amd64.list <<<$'/.\n/etc/ld.so.conf.d/fakeroot-x86_64-linux-gnu.conf\n/usr/lib/x86_64-linux-gnu/libfakeroot\n/usr/lib/x86_64-linux-gnu/libfakeroot/libfakeroot-sysv.so'
  put 644 0:0 /var/lib/dpkg/info/openssh-server.list <<<$'/.\n/etc/init.d/ssh\n/lib/systemd/system/ssh.service\n/usr/sbin/sshd\n/usr/lib/openssh/sftp-server'
  put 640 0:4 /var/log/syslog <<<"2026-03-02T09:41:03.120000+01:00 $HOST systemd[1]: Started cron.service - Regular background program processing daemon."
  put 644 0:0 /etc/logrotate.conf <<<$'weekly\nrotate 4\ncreate\ninclude /etc/logrotate.d'
  put 644 0:0 /var/spool/anacron/cron.daily <<<20260302
  put 644 0:0 /etc/apt/sources.list <<<'deb http://mirror.example.org/debian bookworm main'
}

base_tree() {
  base_directories
  base_identity
  base_accounts
  base_ssh
  base_cron
  base_systemd
  base_init
  base_programs
  base_defence
  base_rest
}
