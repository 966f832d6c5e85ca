using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>Settings of database servers.</summary>
public sealed class DatabaseConfigParserTests
{
    [Theory]
    [InlineData("/etc/postgresql/15/main/postgresql.conf", "archive_command = 'cp %p ''/a b''/%f'   # note", "postgresql", "archive_command", "cp %p '/a b'/%f")]
    [InlineData("/etc/postgresql/15/main/postgresql.conf", "Listen_Addresses '*'", "postgresql", "listen_addresses", "*")]
    [InlineData("/var/lib/pgsql/data/postgresql.auto.conf", "shared_preload_libraries = '/x/y, z'", "postgresql", "shared_preload_libraries", "/x/y, z")]
    [InlineData("/etc/postgresql/15/main/pg_hba.conf", "hostssl all all ::/0 trust", "postgresql", "pg_hba", "hostssl all all ::/0 trust")]
    [InlineData("/etc/mysql/conf.d/a.cnf", "plugin-dir=/x # y", "mysql", "plugin_dir", "/x")]
    [InlineData("/etc/mysql/my.cnf", "skip-grant-tables", "mysql", "skip_grant_tables", "")]
    [InlineData("/etc/redis/redis.conf", "DIR \"/var/spool/cron\"", "redis", "dir", "/var/spool/cron")]
    [InlineData("/etc/mongod.conf", "  authorization: disabled", "mongodb", "authorization", "disabled")]
    public void A_setting(string path, string line, string server, string name, string value)
    {
        DatabaseSetting setting = Assert.Single(ArtifactRun.Parse(new DatabaseConfigParser(), path, "# comment\n" + line + "\n").Of<DatabaseSetting>());
        Assert.Equal((server, name, value, 2), (setting.Server, setting.Name, setting.Value, setting.Location.Line));
    }

    [Fact]
    public void What_is_loaded_or_run()
    {
        Assert.Equal(["/x/y.so", "/z.so"], ArtifactRun.Parse(new DatabaseConfigParser(), "/etc/postgresql/15/main/postgresql.conf", "local_preload_libraries = '/x/y, auto_explain, /z.so'\n").Of<DatabaseSetting>()[0].NamedFiles);
        Assert.Equal(["/m.so"], ArtifactRun.Parse(new DatabaseConfigParser(), "/etc/redis.conf", "loadmodule /m.so a b\n").Of<DatabaseSetting>()[0].NamedFiles);
        Assert.Equal("/usr/bin/x", ArtifactRun.Parse(new DatabaseConfigParser(), "/etc/couchdb/local.ini", "[query_servers]\ncmd = /usr/bin/x\n").Of<DatabaseSetting>()[0].Commands[0].Text);
        Assert.Empty(ArtifactRun.Parse(new DatabaseConfigParser(), "/etc/couchdb/local.ini", "[httpd]\nport = 1\n").Artifacts);
    }

    [Fact]
    public void Garbage_is_survived() => ArtifactRun.SurvivesGarbage(new DatabaseConfigParser(), "/etc/postgresql/1/main/postgresql.conf", "archive_command = '''\n", "[query_servers]\n");
}
