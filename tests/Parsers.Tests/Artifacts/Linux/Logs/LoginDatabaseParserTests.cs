using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>lastlog2 and wtmpdb: databases made by SQLite itself with the tables that their programs make.</summary>
public sealed class LoginDatabaseParserTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_last_login_of_each_account_is_read()
    {
        LogEventList found = Read("lastlog2.db", """
            db.execute('CREATE TABLE Lastlog2(Name TEXT PRIMARY KEY, Time INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT')
            db.execute("INSERT INTO Lastlog2 VALUES('alice',1710072000,'pts/0','203.0.113.9','sshd')")
            db.execute("INSERT INTO Lastlog2 VALUES('never',0,NULL,NULL,NULL)")
            """);

        LogEvent login = Assert.Single(found.Events);
        Assert.Equal((LogEventKind.Login, "alice", "pts/0", "203.0.113.9", "lastlog2"), (login.Event, login.User, login.Terminal, login.RemoteAddress, login.Method));
        Assert.Equal("2024-03-10T12:00:00", LogRun.TimeOf(login));
    }

    [Fact]
    public void Sessions_and_boots_of_wtmpdb_are_read()
    {
        LogEventList found = Read("wtmp.db", """
            db.execute('CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT')
            db.execute("INSERT INTO wtmp VALUES(NULL,1,'reboot',1710072000000000,NULL,'~','6.12.0',NULL)")
            db.execute("INSERT INTO wtmp VALUES(NULL,3,'root',1710072060000000,1710072120000000,'pts/1','198.51.100.7','sshd')")
            """);

        Assert.Equal([LogEventKind.Boot, LogEventKind.Login, LogEventKind.SessionClosed], found.Events.Select(one => one.Event));
        Assert.Equal(["2024-03-10T12:00:00", "2024-03-10T12:01:00", "2024-03-10T12:02:00"], found.Events.Select(LogRun.TimeOf));
        Assert.Equal(("root", "198.51.100.7"), (found.Events[1].User, found.Events[1].RemoteAddress));
    }

    [Fact]
    public void What_is_no_database_is_refused_and_damage_ends_within_bounds()
    {
        Assert.Throws<UnknownFormatException>(() => LogRun.Read(new LoginDatabaseParser(), LogRun.Input(new MemorySource(new byte[4096]), "/var/lib/wtmpdb/wtmp.db")));
        byte[] good = Make("wtmp.db", """
            db.execute('CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT')
            for n in range(500): db.execute("INSERT INTO wtmp VALUES(NULL,3,'root',?,NULL,'pts/1','198.51.100.7','sshd')", (1710072060000000 + n,))
            """);
        var random = new Random(4);
        for (int round = 0; round < 300; round++)
        {
            byte[] bad = [.. good[..random.Next(200, good.Length)]];
            for (int i = 0; i < 8; i++)
            {
                bad[random.Next(100, bad.Length)] = (byte)random.Next(256);
            }
            try
            {
                Assert.True(LogRun.Read(new LoginDatabaseParser(), LogRun.Input(new MemorySource(bad), "/var/lib/wtmpdb/wtmp.db")).Events.Count < 10_000);
            }
            catch (ForensicException)
            {
                continue;
            }
        }
    }

    private LogEventList Read(string name, string script) => LogRun.Read(new LoginDatabaseParser(), LogRun.Input(new MemorySource(Make(name, script)), "/var/lib/x/" + name));

    private byte[] Make(string name, string script)
    {
        File.WriteAllText(_folder.File("make.py"), $"import sqlite3\ndb = sqlite3.connect('{name}', isolation_level=None)\n" + script + "\n");
        TestTools.Run("sh", "-c", $"cd '{_folder.Root}' && rm -f {name} && python3 make.py");
        return File.ReadAllBytes(_folder.File(name));
    }
}
