using Forensics.Analyzer.Pipeline;
using Forensics.Parsers.Artifacts;
using Xunit;

namespace Forensics.Analyzer.Tests.Pipeline;

public sealed class PathClaimsTests
{
    [Theory]
    [InlineData("/etc/crontab", "/etc/crontab", true)]
    [InlineData("/etc/crontab", "/etc/crontab2", false)]
    [InlineData("/etc/crontab", "/x/etc/crontab", false)]
    [InlineData("/etc/cron.d/*", "/etc/cron.d/a", true)]
    [InlineData("/etc/cron.d/*", "/etc/cron.d", false)]
    [InlineData("/etc/cron.d/*", "/etc/cron.d/a/b", false)]
    [InlineData("/etc/cron.{daily,weekly}/*", "/etc/cron.weekly/x", true)]
    [InlineData("/etc/cron.{daily,weekly}/*", "/etc/cron.hourly/x", false)]
    [InlineData("/var/spool/cron/**", "/var/spool/cron/crontabs/root", true)]
    [InlineData("/var/spool/cron/**", "/var/spool/cron/root", true)]
    [InlineData("/var/spool/cron/**", "/var/spool/anacron/x", false)]
    [InlineData("/a/**/b.json", "/a/b.json", true)]
    [InlineData("/a/**/b.json", "/a/x/y/b.json", true)]
    [InlineData("/a/**/b.json", "/a/x/b.jsonx", false)]
    [InlineData("/a/**/c/*.x", "/a/c/c/q.x", true)]
    [InlineData("~/.ssh/authorized_keys", "/root/.ssh/authorized_keys", true)]
    [InlineData("~/.ssh/authorized_keys", "/home/alice/.ssh/authorized_keys", true)]
    [InlineData("~/.ssh/authorized_keys", "/home/bob/.ssh/authorized_keys", false)]
    [InlineData("/etc/rc?.d/*", "/etc/rc3.d/S01x", true)]
    public void A_glob_claims_exactly_the_paths_it_names(string glob, string path, bool expected)
    {
        var claims = new PathClaims([new Claimant(glob)], ["/root", "/home/alice"]);
        Assert.Equal(expected, claims.ClaimantsOf(path).Count == 1);
    }

    [Fact]
    public void A_directory_no_claim_reaches_has_no_state()
    {
        var claims = new PathClaims([new Claimant("/etc/cron.d/*")], []);
        Assert.Null(claims.Root.Enter("usr"));
        Assert.NotNull(claims.Root.Enter("etc"));
        Assert.Null(claims.Root.Enter("etc")!.Enter("ssl"));
    }

    [Fact]
    public void A_parser_that_claims_a_path_twice_is_named_once()
    {
        var claims = new PathClaims([new Claimant("/etc/*", "/etc/passwd", "/**")], []);
        Assert.Single(claims.ClaimantsOf("/etc/passwd"));
    }

    [Fact]
    public void A_home_with_glob_characters_in_a_thousand_accounts_stays_cheap()
    {
        string[] homes = [.. Enumerable.Range(0, 2000).Select(i => "/home/u" + i.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        var claims = new PathClaims([new Claimant("~/.ssh/authorized_keys", "~/.config/systemd/user/**")], homes);
        Assert.Single(claims.ClaimantsOf("/home/u1999/.ssh/authorized_keys"));
    }

    private sealed class Claimant(params string[] globs) : ArtifactParser
    {
        public override string Name => "test/claimant";
        public override IReadOnlyList<string> Claims => globs;

        public override void Parse(ArtifactInput input, IArtifactSink sink)
        {
        }
    }
}
