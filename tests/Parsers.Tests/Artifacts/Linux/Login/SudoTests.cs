using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Login;

public sealed class SudoTests
{
    private static readonly FileEntry s_root = new() { Type = FileType.Regular, Permissions = 0b100_100_000 };

    [Fact]
    public void A_rule_has_users_hosts_and_commands_whose_tags_stay_in_force()
    {
        ArtifactList list = Parse("alice, bob  web01 = (root : adm) NOPASSWD: SETENV: /usr/bin/id, /bin/ls -l *, PASSWD: /bin/su, !/bin/sh\n");

        SudoRule rule = Assert.Single(list.Of<SudoRule>());
        Assert.Equal(["alice", "bob"], rule.Users);
        Assert.Equal(["web01"], rule.Hosts);
        Assert.Equal(["/usr/bin/id", "/bin/ls -l *", "/bin/su", "/bin/sh"], rule.Commands.Select(command => command.Text));
        Assert.Equal([true, true, false, false], rule.Commands.Select(command => command.NeedsNoPassword));
        Assert.All(rule.Commands, command => Assert.Equal("root : adm", command.RunAs));
        Assert.True(rule.Commands[0].KeepsEnvironment);
        Assert.True(rule.Commands[3].IsNegated);
        Assert.Equal(["/usr/bin/id", "/bin/ls", "/bin/su"], rule.NamedFiles);
    }

    [Fact]
    public void Comments_ids_includes_and_continued_lines()
    {
        ArtifactList list = Parse("#includedir /etc/sudoers.d\n@includedir /etc/other.d\n# root ALL=(ALL) ALL\n#1001 ALL = NOPASSWD: ALL # a user id\n%#27,\\\n  +net ALL=(ALL) \\\n ALL\nDOMAIN\\\\joe ALL=ALL\n");

        Assert.Equal(["#1001", "%#27 +net", "DOMAINjoe"], list.Of<SudoRule>().Select(rule => string.Join(' ', rule.Users)));
        Assert.Equal([4, 5, 8], list.Of<SudoRule>().Select(rule => rule.Location.Line));
    }

    [Fact]
    public void Defaults_and_aliases()
    {
        ArtifactList list = Parse("Defaults:alice !authenticate, timestamp_timeout=-1\nDefaults env_keep += \"LANG LD_PRELOAD\"\nDefaults env_keep -= HOME\nUser_Alias ADMINS = a, b : OPS = c\nCmnd_Alias CHECKS = /bin/df, /bin/du -s\n");

        Assert.Equal([(":alice", "authenticate", null, true), (":alice", "timestamp_timeout", "-1", false), ("", "env_keep", "LANG LD_PRELOAD", false), ("", "env_keep", "HOME", true)],
            list.Of<SudoDefault>().Select(setting => (setting.Scope, setting.Name, setting.Value, setting.IsNegated)));
        Assert.Equal(["ADMINS=a,b", "OPS=c", "CHECKS=/bin/df,/bin/du -s"], list.Of<SudoAlias>().Select(alias => alias.Name + "=" + string.Join(',', alias.Members)));
    }

    [Theory]
    [InlineData("/etc/sudoers.d/web.conf", 0, 0b100_100_000, "dot")]
    [InlineData("/etc/sudoers.d/web~", 0, 0b100_100_000, "tilde")]
    [InlineData("/etc/sudoers.d/web", 33, 0b100_100_000, "does not own")]
    [InlineData("/etc/sudoers.d/web", 0, 0b110_110_110, "anybody may write")]
    [InlineData("/etc/sudoers.d/web", 0, 0b110_100_100, null)]
    public void What_sudo_refuses_is_dormant(string path, uint owner, int mode, string? reason)
    {
        SudoRule rule = Assert.Single(ArtifactRun.Parse(new SudoersParser(), path, "www-data ALL=(ALL) NOPASSWD:ALL\n", new FileEntry { Type = FileType.Regular, UserId = owner, Permissions = mode }).Of<SudoRule>());
        Assert.Equal(reason is null, rule.DormantBecause is null);
        Assert.Contains(reason ?? "", rule.DormantBecause ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Doas_and_its_options()
    {
        ArtifactList list = ArtifactRun.Parse(new DoasParser(), "/etc/doas.conf", "# permit nopass nobody\npermit persist :wheel\npermit nopass setenv { A B=c } www-data as root cmd /bin/sh args -c id\ndeny bob\n", s_root);
        Assert.Equal(["%wheel ALL False", "www-data /bin/sh -c id True"], list.Of<SudoRule>().Select(rule => $"{rule.Users[0]} {rule.Commands[0].Text} {rule.Commands[0].NeedsNoPassword}"));
        Assert.Equal("root", list.Of<SudoRule>()[1].Commands[0].RunAs);
    }

    [Fact]
    public void Plugins_of_sudo_conf()
    {
        ArtifactList list = ArtifactRun.Parse(new SudoConfParser(), "/etc/sudo.conf", "#Plugin x y.so\nPlugin sudoers_policy sudoers.so\nPath askpass /usr/libexec/openssh/gnome-ssh-askpass\nSet disable_coredump false\nPlugin p /opt/p.so\n", s_root);
        Assert.Equal(["sudoers.so", "/usr/libexec/openssh/gnome-ssh-askpass", "/opt/p.so"], list.Of<SudoPlugin>().Select(plugin => plugin.Path));
        Assert.Contains("/usr/libexec/sudo/sudoers.so", list.Of<SudoPlugin>()[0].NamedFiles);
    }

    private static ArtifactList Parse(string text) => ArtifactRun.Parse(new SudoersParser(), "/etc/sudoers", text, s_root);
}
