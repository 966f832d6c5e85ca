using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Kernel;

public sealed class UdevRulesParserTests
{
    private const string Path = "/etc/udev/rules.d/99-x.rules";

    private static List<UdevRule> Read(string text, string path = Path) => ArtifactRun.Parse(new UdevRulesParser(), path, text).Of<UdevRule>();

    [Theory]
    [InlineData("RUN+=\"/bin/sedexp run:+\"", "udev RUN", "/bin/sedexp run:+")]
    [InlineData("RUN{program}+=\"sedexp\"", "udev RUN", "/usr/lib/udev/sedexp")]
    [InlineData("PROGRAM==\"/lib/x %k\"", "udev PROGRAM", "/lib/x %k")]
    [InlineData("IMPORT{program}=\"/usr/bin/blkid -o udev $tempnode\"", "udev IMPORT", "/usr/bin/blkid -o udev $tempnode")]
    [InlineData("RUN+=\"/bin/sh -c 'echo $$HOME 100%% \\\"x\\\"'\"", "udev RUN", "/bin/sh -c 'echo $HOME 100% \"x\"'")]
    [InlineData("RUN+=e\"/bin/a\\tb\"", "udev RUN", "/bin/a b")]
    [InlineData("ACTION==\"add\" , ENV{MAJOR} == \"1\",RUN  +=  \"/bin/x\"", "udev RUN", "/bin/x")]
    public void What_a_rule_starts(string rule, string trigger, string command)
    {
        StartCommand only = Assert.Single(Assert.Single(Read(rule + "\n")).Commands);
        Assert.Equal((trigger, command), (only.Trigger, only.Text));
        Assert.Null(only.DormantBecause);
    }

    [Theory]
    [InlineData("RUN{builtin}+=\"kmod load fuse\"")]
    [InlineData("KERNEL==\"sda\", NAME=\"disk\", MODE=\"0660\"")]
    [InlineData("IMPORT{builtin}=\"net_id\", IMPORT{file}=\"/run/x\"")]
    [InlineData("# RUN+=\"/bin/x\"")]
    [InlineData("RUN-=\"/bin/x\"")]
    public void What_starts_nothing(string rule) => Assert.Empty(Read(rule + "\n"));

    [Fact]
    public void Continued_lines_are_one_rule_at_its_first_line_and_units_are_named()
    {
        UdevRule rule = Assert.Single(Read("# comment\n\nSUBSYSTEM==\"net\", \\\n# in between\n  ENV{SYSTEMD_WANTS}+=\"a.service b@%k.service\", \\\n  RUN+=\"/bin/x\"\n"));
        Assert.Equal(["a.service", "b@%k.service"], rule.Units);
        Assert.Equal("/bin/x", Assert.Single(rule.Commands).Text);
        Assert.Equal(3, rule.Location.Line);
        Assert.Equal(11, rule.Location.ByteOffset);
    }

    [Fact]
    public void A_file_of_another_name_is_not_read_by_udev() =>
        Assert.Contains(".rules", Assert.Single(Read("RUN+=\"/bin/x\"\n", Path + ".bak")).Commands[0].DormantBecause, StringComparison.Ordinal);

    [Fact]
    public void A_link_to_nothing_is_a_mask_and_other_links_are_none()
    {
        Assert.IsType<ConfigurationMask>(Assert.Single(ArtifactRun.ParseLink(new UdevRulesParser(), Path, "/dev/null").Artifacts));
        Assert.Empty(ArtifactRun.ParseLink(new UdevRulesParser(), Path, "/opt/x.rules").Artifacts);
    }

    [Fact]
    public void Hostile_input_costs_little()
    {
        ArtifactRun.SurvivesGarbage(new UdevRulesParser(), Path, "RUN+=\"/bin/x\"\n", "ENV{SYSTEMD_WANTS}=\"", "PROGRAM==\"a\\\n");
        ArtifactRun.SurvivesHostileSizes(new UdevRulesParser(), Path, "RUN+=\"a\"\n");
        ArtifactRun.SurvivesHostileSizes(new UdevRulesParser(), Path, "RUN+=\"a\" \\\n");
    }
}
