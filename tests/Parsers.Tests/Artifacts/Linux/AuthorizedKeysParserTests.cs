using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class AuthorizedKeysParserTests
{
    private const string Path = "/root/.ssh/authorized_keys";

    private static AuthorizedKey One(string text) =>
        Assert.IsType<AuthorizedKey>(Assert.Single(ArtifactRun.Parse(new AuthorizedKeysParser(), Path, text).Artifacts));

    // The fingerprints are what ssh-keygen -lf printed for these keys.
    [Theory]
    [InlineData("ssh-ed25519", SshKeySamples.Ed25519, "SHA256:2zXRO4wbvHN3pzwrNHLFi4BVCQA5JwI8zX3/rWDOYL0")]
    [InlineData("ssh-rsa", SshKeySamples.Rsa2048, "SHA256:a0QDXptXBZ4ORLE77H/S2kQkt9scFC9J4xAgnCVBLQc")]
    [InlineData("ecdsa-sha2-nistp256", SshKeySamples.Ecdsa256, "SHA256:aWOQdvvHw0nIhXFdgLmf3utArkNwbMwOm8F+x0di8ic")]
    [InlineData("ecdsa-sha2-nistp521", SshKeySamples.Ecdsa521, "SHA256:iC1mrxEnl8JDpJ8raGlyo6mnjZ0nGFvB4i5xLto53So")]
    [InlineData("ssh-dss", SshKeySamples.Dsa, "SHA256:+WoY0job2M0zTTQ148eFDwc1OAmwMt7fWt3Nyfk5yCU")]
    [InlineData("sk-ssh-ed25519@openssh.com", SshKeySamples.SkEd25519, "SHA256:/p0CbeE3dk2SyW1OXXsThGc12ezDVD8eGw2/vtztDfk")]
    [InlineData("ssh-ed25519-cert-v01@openssh.com", SshKeySamples.Ed25519Certificate, "SHA256:2zXRO4wbvHN3pzwrNHLFi4BVCQA5JwI8zX3/rWDOYL0")]
    [InlineData("ecdsa-sha2-nistp256-cert-v01@openssh.com", SshKeySamples.Ecdsa256Certificate, "SHA256:aWOQdvvHw0nIhXFdgLmf3utArkNwbMwOm8F+x0di8ic")]
    public void Fingerprint_is_the_one_of_ssh_keygen(string type, string data, string fingerprint)
    {
        AuthorizedKey key = One($"{type} {data} someone@host\n");
        Assert.Equal(fingerprint, key.Fingerprint);
        Assert.Equal(type, key.KeyType);
        Assert.Equal("someone@host", key.Comment);
        Assert.Null(key.Defect);
        Assert.Empty(key.Options);
        Assert.Empty(key.Commands);
    }

    [Fact]
    public void Cloud_init_line_of_root_has_its_forced_command()
    {
        const string Options = "no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command=\"echo 'Please login as the user \\\"ubuntu\\\" rather than "
            + "the user \\\"root\\\".';echo;sleep 10;exit 142\"";
        AuthorizedKey key = One($"{Options} ssh-rsa {SshKeySamples.Rsa2048} ops key\n");
        Assert.Equal("echo 'Please login as the user \"ubuntu\" rather than the user \"root\".';echo;sleep 10;exit 142", key.ForcedCommand);
        Assert.Equal(["no-port-forwarding", "no-agent-forwarding", "no-X11-forwarding"], key.Options.Take(3));
        Assert.Equal(4, key.Options.Count);
        Assert.Equal("ops key", key.Comment);
        Assert.Null(key.Defect);
        StartCommand command = Assert.Single(key.Commands);
        Assert.True(command.ThroughShell);
        Assert.Equal(key.ForcedCommand, command.Text);
    }

    [Fact]
    public void Known_miner_key_and_its_benign_neighbours_are_read_alike()
    {
        string text = $"# managed by ansible\n\nssh-rsa {SshKeySamples.Rsa2048} mdrfckr\n"
            + $"command=\"/usr/bin/rrsync -ro /srv\",restrict ssh-ed25519 {SshKeySamples.Ed25519} backup\n"
            + $"command=\"/opt/gitlab/embedded/service/gitlab-shell/bin/gitlab-shell key-17\",no-pty ssh-ed25519 {SshKeySamples.Ed25519} a@b\n";
        var entry = new FileEntry { Type = FileType.Regular, UserId = 1000, Permissions = 0x180, Flags = InodeFlags.Immutable };
        List<AuthorizedKey> keys = ArtifactRun.Parse(new AuthorizedKeysParser(), Path, text, entry).Of<AuthorizedKey>();
        Assert.Equal(["mdrfckr", "backup", "a@b"], keys.Select(key => key.Comment));
        Assert.Equal(3, keys[0].Location.Line);
        Assert.Equal(text.IndexOf("ssh-rsa", StringComparison.Ordinal), keys[0].Location.ByteOffset);
        Assert.Equal("/usr/bin/rrsync -ro /srv", keys[1].ForcedCommand);
        Assert.All(keys, key => Assert.Equal((1000u, 0x180, (uint?)InodeFlags.Immutable, null), (key.OwnerId, key.FilePermissions, key.FileFlags, key.Defect)));
    }

    [Theory]
    [InlineData("RESTRICT,PTY,From=\"10.0.0.0/8,!10.1.1.1\",Environment=\"A=b,c \\\"d\\\"\"", 4)]
    [InlineData("cert-authority,principals=\"ops\",permitopen=\"a:1\",permitlisten=\"2\",tunnel=\"0\",expiry-time=\"20300101\"", 6)]
    [InlineData("no-touch-required,verify-required", 2)]
    public void Options_of_any_case_are_split_outside_quotes(string options, int count)
    {
        AuthorizedKey key = One($"{options}\tssh-ed25519\t{SshKeySamples.Ed25519}\n");
        Assert.Equal(count, key.Options.Count);
        Assert.Equal(options, string.Join(',', key.Options));
        Assert.Null(key.Defect);
    }

    [Theory]
    [InlineData("frobnicate ssh-ed25519 " + SshKeySamples.Ed25519)]
    [InlineData("no-pty, ssh-ed25519 " + SshKeySamples.Ed25519)]
    [InlineData("command=/bin/x ssh-ed25519 " + SshKeySamples.Ed25519)]
    [InlineData("command=\"a\",command=\"b\" ssh-ed25519 " + SshKeySamples.Ed25519)]
    [InlineData("command ssh-ed25519 " + SshKeySamples.Ed25519)]
    [InlineData("ssh-rsa " + SshKeySamples.Ed25519)]
    [InlineData("ssh-ed25519 AAAA????")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==")]
    [InlineData("ssh-ed25519 AAAA")]
    [InlineData("1024 35 1298374987123498712349 root@old")]
    public void Key_that_sshd_refuses_says_why(string line)
    {
        AuthorizedKey key = One(line + "\n");
        Assert.NotNull(key.Defect);
        Assert.All(key.Commands, command => Assert.Equal(key.Defect, command.DormantBecause));
    }

    [Fact]
    public void Unknown_ssh_types_are_accepted()
    {
        string blob = Convert.ToBase64String([0, 0, 0, 12, .. "ssh-mldsa65x"u8, 0, 0, 0, 1, 7]);
        AuthorizedKey key = One($"ssh-mldsa65x {blob} new\n");
        Assert.Null(key.Defect);
        Assert.StartsWith("SHA256:", key.Fingerprint, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_in_a_redis_dump_is_found()
    {
        byte[] content = [.. "REDIS0009\xfa\tredis-ver"u8, 0, 255, 254, .. System.Text.Encoding.ASCII.GetBytes($"\n\n\nssh-rsa {SshKeySamples.Rsa2048} x@y\n\n\n\n"), 255, 3];
        ArtifactList list = ArtifactRun.Parse(new AuthorizedKeysParser(), Path, content);
        Assert.Equal("x@y", Assert.Single(list.Of<AuthorizedKey>()).Comment);
        Assert.Equal(2, list.Diagnostics.Count);
    }

    [Fact]
    public void Carriage_returns_and_leading_blanks_do_no_harm()
    {
        AuthorizedKey key = One($"   ssh-ed25519   {SshKeySamples.Ed25519} a b\r\n");
        Assert.Equal("a b", key.Comment);
        Assert.Null(key.Defect);
    }

    [Fact]
    public void Garbage_and_hostile_sizes_end_quickly()
    {
        string line = $"command=\"a\\\"b\",no-pty ssh-ed25519 {SshKeySamples.Ed25519} x\n";
        ArtifactRun.SurvivesGarbage(new AuthorizedKeysParser(), Path, line, "ssh-rsa AAAA");
        ArtifactRun.SurvivesHostileSizes(new AuthorizedKeysParser(), Path, "ssh-ed25519 AAAA\n");
        ArtifactRun.SurvivesHostileSizes(new AuthorizedKeysParser(), Path, "a,b,c,d,\"");
    }
}
