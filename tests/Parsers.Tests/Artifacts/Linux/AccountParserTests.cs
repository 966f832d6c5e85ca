using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class AccountParserTests
{
    private const string DebianPasswd = """
        root:x:0:0:root:/root:/bin/bash
        daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
        sync:x:4:65534:sync:/bin:/bin/sync
        www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
        _apt:x:42:65534::/nonexistent:/usr/sbin/nologin
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
        systemd-network:x:998:998:systemd Network Management:/:/usr/sbin/nologin
        admin:x:1000:1000:Debian:/home/admin:/bin/bash

        """;

    private const string RhelPasswd = """
        root:x:0:0:root:/root:/bin/bash
        bin:x:1:1:bin:/bin:/sbin/nologin
        shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown
        operator:x:11:0:operator:/root:/sbin/nologin
        sshd:x:74:74:Privilege-separated SSH:/usr/share/empty.sshd:/sbin/nologin
        ec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:/bin/bash

        """;

    [Theory]
    [InlineData(DebianPasswd, 8)]
    [InlineData(RhelPasswd, 6)]
    public void Distribution_passwd_gives_every_account_and_no_complaint(string text, int count)
    {
        ArtifactList list = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", text);
        List<UserAccount> accounts = list.Of<UserAccount>();
        Assert.Equal(count, accounts.Count);
        Assert.Empty(list.Diagnostics);
        Assert.Equal("root", Assert.Single(accounts, account => account.UserId == 0).Name);
        Assert.All(accounts, account => Assert.Equal("x", account.Password));
    }

    [Fact]
    public void Account_fields_carry_line_and_offset()
    {
        UserAccount account = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", DebianPasswd).Of<UserAccount>()[3];
        Assert.Equal("www-data", account.Name);
        Assert.Equal(33u, account.UserId);
        Assert.Equal(33u, account.GroupId);
        Assert.Equal("/var/www", account.Home);
        Assert.Equal("/usr/sbin/nologin", account.Shell);
        Assert.Equal(4, account.Location.Line);
        Assert.Equal(DebianPasswd.IndexOf("www-data:x", StringComparison.Ordinal), account.Location.ByteOffset);
        Assert.False(account.IsPrevious);
    }

    [Fact]
    public void Second_uid_zero_account_with_a_hash_is_read()
    {
        UserAccount account = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", "sysadm:$1$ab$cd:0:0:root:/root:/bin/bash\n").Of<UserAccount>()[0];
        Assert.Equal(0u, account.UserId);
        Assert.StartsWith("$1$", account.Password, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0u)]
    [InlineData("00", 0u)]
    [InlineData("+0", 0u)]
    [InlineData(" 0", 0u)]
    [InlineData("-0", 0u)]
    [InlineData("01000", 1000u)]
    [InlineData("4294967295", 4294967295u)]
    [InlineData("4294967296", 4294967295u)]
    [InlineData("-1", 4294967295u)]
    [InlineData("", null)]
    [InlineData("0x0", null)]
    [InlineData("0 ", null)]
    public void User_id_is_read_as_the_c_library_does(string field, uint? expected)
    {
        ArtifactList list = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", $"a:x:{field}:5::/:/bin/sh\n");
        Assert.Equal(expected, list.Of<UserAccount>()[0].UserId);
        Assert.Equal(expected is null ? 1 : 0, list.Diagnostics.Count);
    }

    [Fact]
    public void Blanks_in_name_and_shell_are_kept()
    {
        ArtifactList list = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd",
            "news:x:9:9:news:/var/spool/news:/usr/sbin/nologin \n games:x:5:60:games:/usr/games:/usr/sbin/nologin\n");
        Assert.Equal("/usr/sbin/nologin ", list.Of<UserAccount>()[0].Shell);
        Assert.Equal(" games", list.Of<UserAccount>()[1].Name);
    }

    [Fact]
    public void Carriage_return_stays_in_the_shell_because_login_sees_it()
    {
        UserAccount account = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", "a:x:1:1::/:/bin/sh\r\n").Of<UserAccount>()[0];
        Assert.Equal("/bin/sh\r", account.Shell);
    }

    [Fact]
    public void Nis_comment_and_blank_lines_are_skipped()
    {
        ArtifactList list = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", "# x\n\n+::::::\n+@staff::::::\n-evil::::::\n  \nroot:x:0:0::/root:/bin/sh\n");
        Assert.Single(list.Artifacts);
        Assert.Empty(list.Diagnostics);
    }

    [Fact]
    public void Short_line_gives_the_fields_that_exist_and_a_diagnostic()
    {
        ArtifactList list = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nevil:x:0:0:/tmp:/bin/sh\n");
        UserAccount account = list.Of<UserAccount>()[1];
        Assert.Equal(0u, account.UserId);
        Assert.Equal("/tmp", account.Comment);
        Assert.Equal("/bin/sh", account.Home);
        Assert.Equal("", account.Shell);
        Assert.Equal("linux.passwd.fields", Assert.Single(list.Diagnostics).Code);
    }

    [Fact]
    public void Further_colons_belong_to_the_shell()
    {
        ArtifactList list = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", "a:x:1:1::/:/bin/sh:x\n");
        Assert.Equal("/bin/sh:x", list.Of<UserAccount>()[0].Shell);
        Assert.Single(list.Diagnostics);
    }

    [Fact]
    public void Duplicates_are_kept_and_passwd_dash_is_the_previous_state()
    {
        List<UserAccount> accounts = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd-", "root:x:0:0::/root:/bin/sh\nroot:x:0:0::/root:/bin/sh").Of<UserAccount>();
        Assert.Equal(2, accounts.Count);
        Assert.All(accounts, account => Assert.True(account.IsPrevious));
    }

    [Fact]
    public void Invalid_utf8_does_not_stop_the_reading()
    {
        byte[] content = [.. "a:x:1:1:"u8, 0xFF, 0xFE, .. ":/:/bin/sh\nb:x:2:2::/:/bin/sh\n"u8];
        Assert.Equal(2, ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", content).Of<UserAccount>().Count);
    }

    [Theory]
    [InlineData("", "none", false)]
    [InlineData("!", "locked", true)]
    [InlineData("!!", "locked", true)]
    [InlineData("*", "locked", false)]
    [InlineData("!*", "locked", true)]
    [InlineData("*LK*", "locked", false)]
    [InlineData("x", "locked", false)]
    [InlineData("abJnggxhB/yWI", "des", false)]
    [InlineData("_J9..rasmBYk8r9AiWNc", "bsdi", false)]
    [InlineData("$1$salt$qJH7.N4xYta3aEG/dfqo/0", "md5", false)]
    [InlineData("$2a$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe", "bcrypt", false)]
    [InlineData("$2b$05$x", "bcrypt", false)]
    [InlineData("$2y$05$x", "bcrypt", false)]
    [InlineData("$5$salt$x", "sha256", false)]
    [InlineData("$6$salt$x", "sha512", false)]
    [InlineData("!$6$salt$x", "sha512", true)]
    [InlineData("$7$DU..../....salt$x", "scrypt", false)]
    [InlineData("$y$j9T$salt$x", "yescrypt", false)]
    [InlineData("$gy$j9T$salt$x", "gost-yescrypt", false)]
    [InlineData("$sm3$salt$x", "sm3", false)]
    [InlineData("$md5,rounds=904$iPPKEBnEkp3JV8uX$x", "sunmd5", false)]
    [InlineData("$md5$salt$x", "sunmd5", false)]
    [InlineData("$3$x", "unknown", false)]
    [InlineData("hunter2", "unknown", false)]
    public void Hash_type_is_named(string field, string type, bool locked)
    {
        PasswordEntry entry = ArtifactRun.Parse(new ShadowParser(), "/etc/shadow", $"u:{field}:19900:0:99999:7:::\n").Of<PasswordEntry>()[0];
        Assert.Equal(type, entry.HashType);
        Assert.Equal(locked, entry.IsLocked);
    }

    [Fact]
    public void Shadow_of_debian_and_rhel_is_read_without_complaint()
    {
        const string Debian = "root:*:19962:0:99999:7:::\ndaemon:*:19962:0:99999:7:::\nsystemd-network:!*:19962::::::\nadmin:!:20100:0:99999:7:::\n";
        const string Rhel = "root:!!$6$a$b:19500:0:99999:7:::\nbin:*:19347:0:99999:7:::\ntss:!!:19500::::::\nec2-user:$6$a$b:20000:0:99999:7::20454:\n";
        foreach (string text in new[] { Debian, Rhel })
        {
            ArtifactList list = ArtifactRun.Parse(new ShadowParser(), "/etc/shadow", text);
            Assert.Equal(4, list.Artifacts.Count);
            Assert.Empty(list.Diagnostics);
        }
        PasswordEntry user = ArtifactRun.Parse(new ShadowParser(), "/etc/shadow", Rhel).Of<PasswordEntry>()[3];
        Assert.Equal("2024-10-04T00:00:00.000000000Z", user.LastChanged.ToString());
        Assert.Equal("2026-01-01T00:00:00.000000000Z", user.Expires.ToString());
    }

    [Fact]
    public void Absent_and_absurd_days_are_no_dates()
    {
        List<PasswordEntry> entries = ArtifactRun.Parse(new ShadowParser(), "/etc/shadow",
            "guest::::::::\na:*:99999999999999999999:0:99999:7::-1:\nb:*:0:0:99999:7:::\n").Of<PasswordEntry>();
        Assert.Null(entries[0].LastChanged);
        Assert.Equal("none", entries[0].HashType);
        Assert.Null(entries[1].LastChanged);
        Assert.Null(entries[1].Expires);
        Assert.Equal(new Timestamp(0, 0), entries[2].LastChanged);
    }

    [Theory]
    [InlineData("root:$6$saltsalt$SECRETHASH:19900:0:99999:7:::\n")]
    [InlineData("root:!$y$j9T$saltsalt$SECRETHASH:19900\n")]
    [InlineData("root$6$saltsalt$SECRETHASH\n")]
    [InlineData("root:19900:0:$6$saltsalt$SECRETHASH:7:::\n")]
    public void No_shadow_hash_leaves_the_parser(string text)
    {
        ArtifactList list = ArtifactRun.Parse(new ShadowParser(), "/etc/shadow", text);
        Assert.Single(list.Artifacts);
        Assert.DoesNotContain("SECRETHASH", list.Artifacts[0].ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(list.Diagnostics, diagnostic => diagnostic.ToString().Contains("SECRETHASH", StringComparison.Ordinal));
    }

    [Fact]
    public void Groups_list_their_members()
    {
        ArtifactList list = ArtifactRun.Parse(new GroupParser(), "/etc/group", "root:x:0:\nsudo:x:27:admin,bob2\ndocker:x:998: jenkins ,,x\n+:::\nbroken:x\n");
        List<UserGroup> groups = list.Of<UserGroup>();
        Assert.Equal(4, groups.Count);
        Assert.Empty(groups[0].Members);
        Assert.Equal(["admin", "bob2"], groups[1].Members);
        Assert.Equal(27u, groups[1].GroupId);
        Assert.Equal(["jenkins", "x"], groups[2].Members);
        Assert.Null(groups[3].GroupId);
        Assert.Single(list.Diagnostics);
        Assert.True(ArtifactRun.Parse(new GroupParser(), "/etc/group-", "root:x:0:\n").Of<UserGroup>()[0].IsPrevious);
    }

    [Fact]
    public void Garbage_and_hostile_sizes_end_quickly()
    {
        (ArtifactParser Parser, string Path, string Line)[] cases =
        [
            (new PasswdParser(), "/etc/passwd", "a:x:0:0:::\n"),
            (new ShadowParser(), "/etc/shadow", "a:*:1::::::\n"),
            (new GroupParser(), "/etc/group", "g:x:0:a,b,c,d\n"),
        ];
        foreach ((ArtifactParser parser, string path, string line) in cases)
        {
            ArtifactRun.SurvivesGarbage(parser, path, line);
            ArtifactRun.SurvivesHostileSizes(parser, path, line);
        }
    }

    [Fact]
    public void Nul_bytes_are_ordinary_bytes()
    {
        ArtifactList list = ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", Encoding.ASCII.GetBytes("ro\0ot:x:0:0::/:/bin/sh\n"));
        Assert.Equal("ro\0ot", list.Of<UserAccount>()[0].Name);
    }
}
