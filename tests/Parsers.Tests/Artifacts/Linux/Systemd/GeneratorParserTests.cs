using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>Generators, lingering users and environment files.</summary>
public sealed class GeneratorParserTests
{
    private const string Path = "/etc/systemd/system-generators/x";

    [Fact]
    public void A_generator_is_a_script_or_a_program()
    {
        StartupScript script = StartupInput.Script(new GeneratorParser(), Path, "#!/bin/sh\n/usr/bin/a \"$1\"\n");
        Assert.Equal((StartupPlace.Generator, null), (script.Place, script.DormantBecause));
        Assert.Equal("system-generator", Assert.Single(script.Commands).Trigger);
        Assert.True(StartupInput.Script(new GeneratorParser(), "/usr/lib/systemd/system-generators/x", "\u007fELF\0\0").IsBinary);
    }

    [Theory]
    [InlineData("#!/bin/sh\ntrue\n", StartupInput.Public, "not executable")]
    [InlineData("true\n", StartupInput.Executable, "shebang")]
    [InlineData("", StartupInput.Executable, "empty file")]
    public void What_systemd_cannot_run_is_dormant(string text, int mode, string why) => Assert.Contains(why, StartupInput.Script(new GeneratorParser(), Path, text, mode).DormantBecause);

    [Fact]
    public void A_link_to_dev_null_switches_off_and_other_links_are_read_as_what_they_lead_to()
    {
        Assert.Contains("/dev/null", Assert.Single(ArtifactRun.ParseLink(new GeneratorParser(), Path, "/dev/null").Of<StartupScript>()).DormantBecause);
        Assert.Empty(ArtifactRun.ParseLink(new GeneratorParser(), Path, "/opt/x").Artifacts);
    }

    [Theory]
    [InlineData("/etc/systemd/system-generators/x", 0)]
    [InlineData("/usr/local/lib/systemd/user-generators/x", 2)]
    [InlineData("/usr/lib/systemd/system-generators/x", 3)]
    [InlineData("/lib/systemd/system-generators/x", 3)]
    [InlineData("/opt/x", -1)]
    public void Directories_are_ranked(string path, int rank) => Assert.Equal(rank, GeneratorParser.Rank(path));

    [Fact]
    public void A_file_in_linger_is_an_account()
    {
        Assert.Equal("www-data", Assert.Single(ArtifactRun.Parse(new LingerParser(), "/var/lib/systemd/linger/www-data", "").Of<LingeringUser>()).User);
        Assert.Empty(ArtifactRun.Parse(new LingerParser(), "/var/lib/systemd/linger/.x", "").Artifacts);
    }

    [Fact]
    public void An_environment_file_tells_what_it_preloads()
    {
        PreloadingEnvironment found = Assert.Single(ArtifactRun.Parse(new PreloadingEnvironmentParser(), "/etc/default/ssh", "LANG=C\n# LD_PRELOAD=/no\nexport LD_PRELOAD=\"/usr/lib/a.so b.so:/c.so\"\nLD_LIBRARY_PATH=/opt/lib\n").Of<PreloadingEnvironment>());
        Assert.Equal(("LD_PRELOAD", 3), (found.Variable, found.Location.Line));
        Assert.Equal(["/usr/lib/a.so", "/c.so"], found.NamedFiles);
    }

    [Fact]
    public void Hostile_files_are_bounded()
    {
        ArtifactRun.SurvivesGarbage(new GeneratorParser(), Path, "#!/bin/sh\nx\n");
        ArtifactRun.SurvivesGarbage(new PreloadingEnvironmentParser(), "/etc/default/x", "LD_PRELOAD=/a\n");
        Parsers.Artifacts.ArtifactList list = ArtifactRun.Parse(new PreloadingEnvironmentParser(), "/etc/default/x", System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("LD_AUDIT=/a\n", 200_000))));
        Assert.Equal(Diagnostics.ScanLimits.Default.ArtifactsPerFile, list.Artifacts.Count);
        Assert.Contains(list.Diagnostics, diagnostic => diagnostic.LosesContent);
    }
}
