using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>The account files beside passwd, shadow and group.</summary>
public sealed class AccountFileTests
{
    [Fact]
    public void A_line_of_gshadow_names_members_and_the_kind_of_its_password()
    {
        ArtifactList found = ArtifactRun.Parse(new GshadowParser(), "/etc/gshadow", "sudo:*:root:alice,bob\nops:$6$salt$hash:: carol \nplain:::\n");

        List<GroupShadow> groups = found.Of<GroupShadow>();
        Assert.Equal(["sudo", "ops", "plain"], groups.Select(group => group.Name));
        Assert.Equal(["locked", "sha512", "none"], groups.Select(group => group.HashType));
        Assert.Equal(["alice", "bob"], groups[0].Members);
        Assert.Equal(["root"], groups[0].Administrators);
        Assert.Equal(["carol"], groups[1].Members);
        Assert.All(groups, group => Assert.False(group.IsPrevious));
        Assert.True(ArtifactRun.Parse(new GshadowParser(), "/etc/gshadow-", "sudo:*::\n").Of<GroupShadow>().Single().IsPrevious);
    }

    [Fact]
    public void A_shell_keeps_the_blank_behind_its_name()
    {
        List<LoginShell> shells = ArtifactRun.Parse(new LoginShellsParser(), "/etc/shells", "# valid\n/bin/sh\n/usr/sbin/nologin \nno path\n").Of<LoginShell>();

        Assert.Equal(["/bin/sh", "/usr/sbin/nologin "], shells.Select(shell => shell.Path));
        Assert.Equal(["/usr/sbin/nologin "], shells[1].NamedFiles);
        Assert.Equal(3, shells[1].Location.Line);
    }

    [Fact]
    public void Subordinate_ids_name_their_account()
    {
        List<SubordinateIds> ids = ArtifactRun.Parse(new SubordinateIdParser(), "/etc/subuid-", "alice:100000:65536\n:1:1\n").Of<SubordinateIds>();

        Assert.Equal("alice", Assert.Single(ids).Account);
        Assert.True(ids[0].IsPrevious);
    }

    [Fact]
    public void A_home_directory_tells_when_it_was_made()
    {
        var made = new Timestamp(1_780_272_000, 0);
        HomeDirectory home = ArtifactRun.Parse(new HomeDirectoryParser(), "/home/alice", "", new FileEntry { Type = FileType.Directory, Created = made, UserId = 1000 }).Of<HomeDirectory>().Single();

        Assert.Equal(made, home.Created);
        Assert.Equal(1000u, home.OwnerId);
        Assert.True(new HomeDirectoryParser().Accepts(FileType.Directory));
        Assert.False(new HomeDirectoryParser().Accepts(FileType.Regular));
    }

    [Fact]
    public void A_user_names_its_shell_and_a_previous_state_names_none()
    {
        Assert.Equal(["/bin/bash"], ArtifactRun.Parse(new PasswdParser(), "/etc/passwd", "a:x:1:1::/home/a:/bin/bash\n").Of<UserAccount>().Single().NamedFiles);
        Assert.Empty(ArtifactRun.Parse(new PasswdParser(), "/etc/passwd-", "a:x:1:1::/home/a:/bin/bash\n").Of<UserAccount>().Single().NamedFiles);
    }

    [Fact]
    public void Hostile_files_are_read_within_bounds()
    {
        ArtifactRun.SurvivesGarbage(new GshadowParser(), "/etc/gshadow", "sudo:*::a,b\n");
        ArtifactRun.SurvivesGarbage(new LoginShellsParser(), "/etc/shells", "/bin/sh\n");
        ArtifactRun.SurvivesGarbage(new SubordinateIdParser(), "/etc/subuid", "a:1:2\n");
        ArtifactRun.SurvivesHostileSizes(new GshadowParser(), "/etc/gshadow", "sudo:*::a,b\n");
        ArtifactRun.SurvivesHostileSizes(new LoginShellsParser(), "/etc/shells", "/bin/sh\n");
        ArtifactRun.SurvivesHostileSizes(new SubordinateIdParser(), "/etc/subuid", "a:1:2\n");
    }
}
