using Forensics.Parsers;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Hosting control panels: unowned programs in places of their own, many jobs, locked files, output thrown away everywhere.</summary>
internal static class ControlPanels
{
    public static void Fill(PlantTree tree)
    {
        Cpanel(tree);
        Plesk(tree);
        Bt(tree);
        tree.File("/etc/cron.d/directadmin_cron", """
            * * * * * root /usr/local/directadmin/dataskq
            2 0-23/6 * * * root echo 'action=vacation&value=all' >> /usr/local/directadmin/data/task.queue;
            5 0 * * * root /usr/sbin/quotaoff -a; /sbin/quotacheck -avugm; /usr/sbin/quotaon -a;
            30 0 * * * root echo 'action=tally&value=all' >> /usr/local/directadmin/data/task.queue
            0 4 * * * root test -x /usr/local/directadmin/scripts/backup.sh && /usr/local/directadmin/scripts/backup.sh > /dev/null 2>&1

            """).Program("/usr/local/directadmin/dataskq", new PlantedElf { Seed = "dataskq", IsStatic = true })
            .Script("/etc/init.d/directadmin", "#!/bin/sh\n# chkconfig: 345 96 6\n### BEGIN INIT INFO\n# Provides: directadmin\n### END INIT INFO\ncase $1 in start) /usr/local/directadmin/directadmin d & ;; stop) kill $(cat /run/directadmin.pid) ;; esac\n")
            .Program("/usr/local/directadmin/directadmin", new PlantedElf { Seed = "directadmin", IsStatic = true });
        foreach (string path in (string[])["/etc/resolv.conf", "/usr/local/cpanel/version", "/www/server/panel/data/admin_path.pl"])
        {
            tree.File(path, "nameserver 192.0.2.53\n").Change(path, file => file with { Flags = InodeFlags.Immutable });
        }
    }

    private static void Cpanel(PlantTree tree)
    {
        tree.Crontab("root", """
            SHELL=/bin/sh
            0 6 * * * /usr/local/cpanel/scripts/exim_tidydb > /dev/null 2>&1
            30 5 * * * /usr/local/cpanel/scripts/optimize_eximstats > /dev/null 2>&1
            2,58 * * * * /usr/local/bandmin/bandmin
            0 0 * * * /usr/local/bandmin/ipaddrmap
            */5 * * * * /usr/local/cpanel/bin/dcpumon >/dev/null 2>&1
            56 0 * * * /usr/local/cpanel/whostmgr/bin/dnsqueue > /dev/null 2>&1
            */15 * * * * /usr/local/cpanel/scripts/update_apachectl_status > /dev/null 2>&1
            35 * * * * /usr/bin/test -x /usr/local/cpanel/bin/tail-check && /usr/local/cpanel/bin/tail-check
            11,26,41,56 * * * * /usr/local/cpanel/bin/vps_optimizer >/dev/null 2>&1
            25 1 * * * ( /usr/local/cpanel/scripts/fix-cpanel-perl ; /usr/local/cpanel/scripts/upcp --cron ) > /dev/null
            @reboot /usr/local/cpanel/bin/onboot_handler

            """);
        foreach (string name in (string[])["scripts/exim_tidydb", "scripts/optimize_eximstats", "scripts/upcp", "scripts/fix-cpanel-perl", "scripts/update_apachectl_status", "bin/tail-check", "bin/vps_optimizer", "bin/onboot_handler"])
        {
            tree.Script("/usr/local/cpanel/" + name, "#!/usr/local/cpanel/3rdparty/bin/perl\nuse strict;\nuse Cpanel::SafeRun ();\nCpanel::SafeRun::saferun('/usr/bin/find', '/var/spool/exim/db', '-mtime', '+7');\nsystem('/bin/rm', '-f', '/tmp/.cpanel_lock');\n");
        }
        tree.Program("/usr/local/cpanel/3rdparty/bin/perl").Program("/usr/local/cpanel/bin/dcpumon").Program("/usr/local/bandmin/bandmin").Program("/usr/local/bandmin/ipaddrmap").Program("/usr/local/cpanel/whostmgr/bin/dnsqueue")
            .Service("cpanel", "/usr/local/cpanel/libexec/cpservd --systemd", "Type=forking\nRestart=always\n").Program("/usr/local/cpanel/libexec/cpservd")
            .Service("imunify360", "/opt/alt/python311/bin/python3 -m im360.run --pidfile /var/run/imunify360.pid").Program("/opt/alt/python311/bin/python3")
            .File("/etc/cron.d/imunify-antivirus", "*/5 * * * * root /usr/share/imunify360/cleanup.sh >/dev/null 2>&1\n").Script("/usr/share/imunify360/cleanup.sh", "#!/bin/sh\nfind /var/imunify360/tmp -type f -mmin +60 -delete\n");
    }

    private static void Plesk(PlantTree tree)
    {
        tree.File("/etc/cron.d/plesk-backup-manager-task", "SHELL=/bin/sh\n15,45 * * * * root [ -x /opt/psa/admin/sbin/backupmng ] && /opt/psa/admin/sbin/backupmng >/dev/null 2>&1\n")
            .File("/etc/cron.d/plesk-mysqldump", "@daily root /bin/bash -c '[ -d /var/lib/psa/dumps ] && (umask 077; MYSQL_PWD=$(cat /etc/psa/.psa.shadow) mysqldump -uadmin psa | gzip > /var/lib/psa/dumps/mysql.daily.dump.gz)'\n")
            .Script("/etc/cron.daily/50plesk-daily", "#!/bin/sh\nif [ -x /opt/psa/bin/sw-engine-pleskrun ]; then\n  /opt/psa/bin/sw-engine-pleskrun /opt/psa/admin/plib/DailyMaintainance/script.php >/dev/null 2>&1\nfi\n")
            .Program("/opt/psa/admin/sbin/backupmng").Program("/opt/psa/bin/sw-engine-pleskrun")
            .Crontab("www-data", "MAILTO=\"\"\nSHELL=\"/bin/bash\"\n*/5 * * * * /opt/plesk/php/8.2/bin/php -f '/var/www/vhosts/shop.example/httpdocs/wp-cron.php' > /dev/null 2>&1\n0 2 * * * wget -q -O - 'https://shop.example/cron.php?key=4f1c' > /dev/null 2>&1\n")
            .Program("/opt/plesk/php/8.2/bin/php").File("/var/www/vhosts/shop.example/httpdocs/wp-cron.php", "<?php\nignore_user_abort( true );\nrequire_once __DIR__ . '/wp-load.php';\n", user: 33, group: 33);
    }

    private static void Bt(PlantTree tree)
    {
        tree.Script("/etc/init.d/bt", """
            #!/bin/bash
            # chkconfig: 2345 55 25
            # description: panel service
            ### BEGIN INIT INFO
            # Provides:          bt
            # Required-Start:    $all
            # Default-Start:     2 3 4 5
            # Short-Description: starts the panel
            ### END INIT INFO
            panel_path=/www/server/panel
            pidfile=$panel_path/logs/panel.pid
            cd $panel_path
            env_path=$panel_path/pyenv/bin/activate
            [ -f $env_path ] && source $env_path
            panel_start()
            {
              isStart=$(ps aux | grep -E 'gunicorn|BT-Panel' | grep -v grep | awk '{print $2}')
              if [ "$isStart" == '' ]; then
                rm -f $pidfile
                nohup $panel_path/BT-Panel >> $panel_path/logs/error.log 2>&1 &
              fi
            }
            case "$1" in
              start) panel_start ;;
              stop) kill -9 $(cat $pidfile) ;;
              restart) $0 stop; $0 start ;;
              default) port=$(cat $panel_path/data/port.pl); address=$(curl -sS --connect-timeout 5 -m 10 https://www.panel.example/api/getIpAddress); echo "http://$address:$port" ;;
            esac

            """).Link("/etc/rc3.d/S55bt", "../init.d/bt").Link("/etc/rc5.d/S55bt", "../init.d/bt")
            .Script("/www/server/panel/BT-Panel", "#!/www/server/panel/pyenv/bin/python\nimport os, sys\nos.chdir('/www/server/panel')\nsys.path.insert(0, 'class/')\nfrom BTPanel import app\napp.run(host='0.0.0.0', port=8888)\n")
            .Program("/www/server/panel/pyenv/bin/python").File("/www/server/panel/pyenv/bin/activate", "VIRTUAL_ENV=/www/server/panel/pyenv\nexport VIRTUAL_ENV\nPATH=\"$VIRTUAL_ENV/bin:$PATH\"\nexport PATH\n");
        foreach (string job in (string[])["4b1fd1ef2a9c8e6f0a7f3ad3fd1c7a55", "9a87fd2d6c0fe1f0c5b2e0a9f7d3b611"])
        {
            tree.Script("/www/server/cron/" + job, "#!/bin/bash\nPATH=/bin:/sbin:/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin:~/bin\nexport PATH\n/www/server/panel/pyenv/bin/python -u /www/server/panel/script/backup.py site shop.example 3\necho \"★[$(date +\"%Y-%m-%d %H:%M:%S\")] Successful\"\n");
        }
        string path = tree.Host == PlantHost.RedHat ? "/var/spool/cron/root" : "/var/spool/cron/crontabs/root";
        tree.Append(path, "30 1 * * * /www/server/cron/4b1fd1ef2a9c8e6f0a7f3ad3fd1c7a55 >> /www/server/cron/4b1fd1ef2a9c8e6f0a7f3ad3fd1c7a55.log 2>&1\n0 3 * * 0 /www/server/cron/9a87fd2d6c0fe1f0c5b2e0a9f7d3b611 >> /www/server/cron/9a87fd2d6c0fe1f0c5b2e0a9f7d3b611.log 2>&1\n");
    }
}
