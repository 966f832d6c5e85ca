using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class SshServerConfigTests
{
    private const string Main = "/etc/ssh/sshd_config";

    private static List<SshServerOption> Options(string path, string text) => ArtifactRun.Parse(new SshServerConfigParser(), path, text).Of<SshServerOption>();

    [Fact]
    public void Debian_default_gives_its_five_options()
    {
        const string Text = """
            # This is the sshd server system-wide configuration file.
            Include /etc/ssh/sshd_config.d/*.conf

            #Port 22
            KbdInteractiveAuthentication no
            UsePAM yes
            X11Forwarding yes
            PrintMotd no
            AcceptEnv LANG LC_*
            Subsystem	sftp	/usr/lib/openssh/sftp-server
            # Example of overriding settings on a per-user basis
            #Match User anoncvs
            #	X11Forwarding no

            """;
        ArtifactList list = ArtifactRun.Parse(new SshServerConfigParser(), Main, Text);
        Assert.Empty(list.Diagnostics);
        List<SshServerOption> options = list.Of<SshServerOption>();
        Assert.Equal(["Include", "KbdInteractiveAuthentication", "UsePAM", "X11Forwarding", "PrintMotd", "AcceptEnv", "Subsystem"], options.Select(option => option.Keyword));
        Assert.Equal(["sftp", "/usr/lib/openssh/sftp-server"], options[6].Arguments);
        Assert.Equal(10, options[6].Location.Line);
        Assert.Equal(Text.IndexOf("Subsystem", StringComparison.Ordinal), options[6].Location.ByteOffset);
        Assert.All(options, option => Assert.Null(option.Match));
    }

    [Theory]
    [InlineData("Port 22", "Port", "22")]
    [InlineData("Port=22", "Port", "22")]
    [InlineData("  Port = 22  ", "Port", "22")]
    [InlineData("\tport\t=22 # comment", "port", "22")]
    [InlineData("\"Port\" \"22\"", "Port", "22")]
    [InlineData("AuthorizedKeysCommand \"/opt/a b/x\" %u", "AuthorizedKeysCommand", "/opt/a b/x|%u")]
    [InlineData("Banner '/etc/is sue'", "Banner", "/etc/is sue")]
    [InlineData("Banner a\\ b\\\"c", "Banner", "a b\"c")]
    [InlineData("AllowUsers a#b #c", "AllowUsers", "a#b")]
    [InlineData("ForceCommand", "ForceCommand", "")]
    public void Keyword_and_arguments_are_split_as_sshd_does(string line, string keyword, string arguments)
    {
        SshServerOption option = Assert.Single(Options(Main, line + "\n"));
        Assert.Equal(keyword, option.Keyword);
        Assert.Equal(arguments, string.Join('|', option.Arguments));
    }

    [Fact]
    public void Match_lasts_to_the_next_match()
    {
        List<SshServerOption> options = Options(Main, "A 1\nMatch User bob Address 10.*\nB 2\n  C 3\nmatch all\nD 4\n");
        Assert.Equal([null, "User bob Address 10.*", "User bob Address 10.*", "all"], options.Select(option => option.Match));
    }

    [Fact]
    public void First_value_wins_across_includes_in_place()
    {
        List<SshServerOption> all =
        [
            .. Options("/etc/ssh/sshd_config.d/50-cloud-init.conf", "PasswordAuthentication yes\n"),
            .. Options("/etc/ssh/sshd_config.d/10-a.conf", "PermitRootLogin prohibit-password\nMatch User x\nPermitEmptyPasswords yes\n"),
            .. Options("/etc/ssh/sshd_config.d/.hidden.conf", "MaxAuthTries 99\n"),
            .. Options(Main, "Port 22\nInclude sshd_config.d/*.conf\nPasswordAuthentication no\nPermitRootLogin yes\nPort 2222\nMatch Group w\nForceCommand /x\nMatch all\nUsePAM yes\n"),
        ];
        IReadOnlyList<SshServerOption> effective = SshServerConfig.Effective(all);
        Assert.Equal("yes", SshServerConfig.Find(effective, "passwordauthentication")!.Arguments[0]);
        Assert.Equal("prohibit-password", SshServerConfig.Find(effective, "PermitRootLogin")!.Arguments[0]);
        Assert.Equal("yes", SshServerConfig.Find(effective, "UsePAM")!.Arguments[0]);
        Assert.Null(SshServerConfig.Find(effective, "ForceCommand"));
        Assert.Null(SshServerConfig.Find(effective, "PermitEmptyPasswords"));
        Assert.Null(SshServerConfig.Find(effective, "MaxAuthTries"));
        Assert.Equal(["22", "2222"], effective.Where(option => option.Keyword == "Port").Select(option => option.Arguments[0]));
    }

    [Fact]
    public void Includes_that_loop_end()
    {
        List<SshServerOption> all =
        [
            .. Options(Main, "Include sshd_config\nInclude sshd_config.d/*.conf\nA 1\n"),
            .. Options("/etc/ssh/sshd_config.d/a.conf", "Include /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config\nB 2\n"),
        ];
        Assert.Equal(["B", "A"], SshServerConfig.Effective(all).Select(option => option.Keyword));
    }

    [Fact]
    public void Vendor_file_counts_only_when_the_local_one_is_absent()
    {
        List<SshServerOption> vendor = Options("/usr/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n");
        List<SshServerOption> dropIn = Options("/etc/ssh/sshd_config.d/x.conf", "UsePAM no\n");
        Assert.Equal("no", SshServerConfig.Find(SshServerConfig.Effective([.. vendor, .. dropIn]), "UsePAM")!.Arguments[0]);
        Assert.DoesNotContain(SshServerConfig.Effective([.. vendor, .. Options(Main, "Port 22\n")]), option => option.Keyword == "UsePAM");
        Assert.Empty(SshServerConfig.Effective(dropIn));
    }

    [Theory]
    [InlineData(".ssh/authorized_keys .ssh/authorized_keys2", "~/.ssh/authorized_keys|~/.ssh/authorized_keys2")]
    [InlineData("%h/.ssh/keys", "~/.ssh/keys")]
    [InlineData("/etc/ssh/authorized_keys/%u", "/etc/ssh/authorized_keys/*")]
    [InlineData("/etc/keys/%U/100%%", "/etc/keys/*/100%")]
    [InlineData("none", "")]
    [InlineData("/usr/share/man/.k", "/usr/share/man/.k")]
    [InlineData("/**", "/*")]
    [InlineData("/{a,b}/../../etc/x", "/etc/x")]
    [InlineData("../../etc/shadow", "/etc/shadow")]
    [InlineData("~/x", "~/~/x")]
    [InlineData("/", "")]
    public void Keys_files_become_claims_that_cannot_widen(string value, string expected)
    {
        IReadOnlyList<string> globs = SshServerConfig.AuthorizedKeysGlobs(Options(Main, "AuthorizedKeysFile " + value + "\n"));
        Assert.Equal(expected, string.Join('|', globs));
    }

    [Fact]
    public void Includes_become_claims()
    {
        Assert.Equal(["/etc/ssh/x.d/*", "/opt/.c/ssh*"], SshServerConfig.IncludeGlobs(Options(Main, "Include x.d/* /opt/.c/ssh[0-9]*\n")));
    }

    [Fact]
    public void Malicious_and_vendor_key_commands_are_told_apart_by_their_arguments_only()
    {
        Assert.Equal(["/usr/lib/.ak", "%u"], Options(Main, "AuthorizedKeysCommand /usr/lib/.ak %u\n")[0].Arguments);
        Assert.Equal(["/opt/aws/bin/eic_run_authorized_keys", "%u", "%f"],
            Options("/etc/ssh/sshd_config.d/60-ec2.conf", "AuthorizedKeysCommand /opt/aws/bin/eic_run_authorized_keys %u %f\n")[0].Arguments);
    }

    [Fact]
    public void Open_quote_is_reported_and_the_line_still_read()
    {
        ArtifactList list = ArtifactRun.Parse(new SshServerConfigParser(), Main, "Banner \"a b\nPort 22\n");
        Assert.Equal(2, list.Artifacts.Count);
        Assert.Equal("linux.sshd-config.quotes", Assert.Single(list.Diagnostics).Code);
    }

    [Fact]
    public void Garbage_and_hostile_sizes_end_quickly()
    {
        ArtifactRun.SurvivesGarbage(new SshServerConfigParser(), Main, "Match User a\nInclude *\n", "Port \"2\\\"");
        ArtifactRun.SurvivesHostileSizes(new SshServerConfigParser(), Main, "Include *\n");
        ArtifactRun.SurvivesHostileSizes(new SshServerConfigParser(), Main, "a b \" \\ ");
    }

    [Fact]
    public void Many_includes_of_hard_patterns_end_quickly()
    {
        string pattern = string.Concat(Enumerable.Repeat("*a", 200));
        string text = string.Concat(Enumerable.Repeat($"Include /etc/ssh/{pattern}b\n", 2000));
        List<SshServerOption> all = [.. Options(Main, text), .. Options("/etc/ssh/" + new string('a', 4000), "A 1\n")];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Empty(SshServerConfig.Effective(all));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), clock.Elapsed.ToString());
    }
}
