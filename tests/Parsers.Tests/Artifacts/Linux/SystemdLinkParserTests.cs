using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class SystemdLinkParserTests
{
    [Theory]
    [InlineData("/etc/systemd/system/multi-user.target.wants/ssh.service", "/lib/systemd/system/ssh.service",
        "ssh.service", UnitLinkEffect.Enables, "multi-user.target (wants)", "/lib/systemd/system/ssh.service", 4)]
    [InlineData("/etc/systemd/system/getty.target.wants/getty@tty1.service", "../../../../lib/systemd/system/getty@.service",
        "getty@tty1.service", UnitLinkEffect.Enables, "getty.target (wants)", "/lib/systemd/system/getty@.service", 4)]
    [InlineData("/usr/lib/systemd/system/sockets.target.requires/a.socket", "../a.socket",
        "a.socket", UnitLinkEffect.Enables, "sockets.target (requires)", "/usr/lib/systemd/system/a.socket", 10)]
    [InlineData("/etc/systemd/system/a.target.upholds/b.service", "/opt/.x/b.service",
        "b.service", UnitLinkEffect.Enables, "a.target (upholds)", "/opt/.x/b.service", 4)]
    [InlineData("/etc/systemd/system/sshd.service", "/lib/systemd/system/ssh.service",
        "sshd.service", UnitLinkEffect.Alias, null, "/lib/systemd/system/ssh.service", 4)]
    [InlineData("/etc/systemd/system/auditd.service", "/dev/null", "auditd.service", UnitLinkEffect.Masks, null, "/dev/null", 4)]
    [InlineData("/usr/lib/systemd/system/hwclock.service", "../../../../dev/./null", "hwclock.service", UnitLinkEffect.Masks, null, "/dev/null", 10)]
    [InlineData("/etc/systemd/system/x.target.wants/auditd.service", "/dev/null",
        "x.target.wants/auditd.service", UnitLinkEffect.Masks, null, "/dev/null", 4)]
    [InlineData("/etc/systemd/system/ssh.service.d/x.conf", "/var/tmp/.c",
        "ssh.service.d/x.conf", UnitLinkEffect.Alias, null, "/var/tmp/.c", 4)]
    public void Link_is_classified(string path, string target, string name, UnitLinkEffect effect, string? wantedBy, string absolute, int rank)
    {
        SystemdLink link = Assert.Single(ArtifactRun.ParseLink(new SystemdLinkParser(), path, target).Of<SystemdLink>());
        Assert.Equal((name, effect, wantedBy, absolute, rank), (link.Name, link.Effect, link.WantedBy, link.Target, link.SearchRank));
        Assert.False(link.IsUserUnit);
        Assert.Equal(effect == UnitLinkEffect.Masks ? [] : [absolute], link.NamedFiles);
    }

    [Fact]
    public void User_link_is_enabled_for_the_user()
    {
        SystemdLink link = ArtifactRun.ParseLink(new SystemdLinkParser(), "/home/bob/.config/systemd/user/default.target.wants/dbus-org.freedesktop.resolved.service",
            "/home/bob/.config/systemd/user/dbus-org.freedesktop.resolved.service").Of<SystemdLink>()[0];
        Assert.True(link.IsUserUnit);
        Assert.Equal(4, link.SearchRank);
    }

    [Theory]
    [InlineData("/opt/x/a.service", "/b")]
    [InlineData("/etc/systemd/system/odd/a.service", "/b")]
    [InlineData("/etc/systemd/system/a.service", "")]
    public void Links_elsewhere_are_left_alone(string path, string target) =>
        Assert.Empty(ArtifactRun.ParseLink(new SystemdLinkParser(), path, target).Artifacts);

    [Fact]
    public void Only_links_are_taken()
    {
        Assert.True(new SystemdLinkParser().Accepts(FileType.SymbolicLink));
        Assert.False(new SystemdLinkParser().Accepts(FileType.Regular));
        Assert.False(new SystemdUnitParser().Accepts(FileType.SymbolicLink));
    }

    [Fact]
    public void Way_up_beyond_the_root_ends_there() =>
        Assert.Equal("/x", ArtifactRun.ParseLink(new SystemdLinkParser(), "/etc/systemd/system/a.service", string.Concat(Enumerable.Repeat("../", 5000)) + "x").Of<SystemdLink>()[0].Target);
}
