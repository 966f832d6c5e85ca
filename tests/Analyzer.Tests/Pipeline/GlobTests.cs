using Forensics.Analyzer.Pipeline;
using Xunit;

namespace Forensics.Analyzer.Tests.Pipeline;

public sealed class GlobTests
{
    [Theory]
    [InlineData("/**", "/", true)]
    [InlineData("/**", "/a/b", true)]
    [InlineData("/etc/*", "/etc/passwd", true)]
    [InlineData("/etc/*", "/etc/ssh/sshd_config", false)]
    [InlineData("/usr/**/*.so", "/usr/lib/x/y.so", true)]
    [InlineData("/usr/**/*.so", "/usr/y.so", true)]
    [InlineData("/usr/**/bin/*", "/usr/a/bin/b/bin/c", true)]
    [InlineData("/usr/b?n/x", "/usr/bin/x", true)]
    public void Paths(string glob, string path, bool expected) => Assert.Equal(expected, Glob.MatchesPath(glob, path));

    [Fact]
    public void Many_stars_do_not_explode()
    {
        string name = new('a', 4000);
        Assert.False(Glob.Matches(string.Concat(Enumerable.Repeat("*a", 40)) + "b", name));
    }
}
