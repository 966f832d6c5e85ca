using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>Message of the day, power hooks, acpid, OpenRC configuration, Upstart.</summary>
public sealed class BootHookTests
{
    [Theory]
    [InlineData("00-header", true)]
    [InlineData("137-python-upgrades", true)]
    [InlineData("_x.example.com-tool", true)]
    [InlineData("UPPER_case", true)]
    [InlineData("60-usage.sh", false)]
    [InlineData("98-x.dpkg-old", false)]
    [InlineData(".hidden", false)]
    [InlineData("x~", false)]
    [InlineData("a.b-C", false)]
    public void Run_parts_with_lsb_names_takes_some(string name, bool isTaken) =>
        Assert.Equal(isTaken, StartupInput.Script(new MotdParser(), "/etc/update-motd.d/" + name, "#!/bin/sh\ntrue\n").DormantBecause is null);

    [Fact]
    public void Motd_scripts_need_the_x_bit_and_a_shebang_and_helpers_any_name()
    {
        Assert.NotNull(StartupInput.Script(new MotdParser(), "/etc/update-motd.d/10-x", "#!/bin/sh\ntrue\n", StartupInput.Public).DormantBecause);
        Assert.NotNull(StartupInput.Script(new MotdParser(), "/etc/update-motd.d/10-x", "true\n").DormantBecause);
        Assert.Null(StartupInput.Script(new MotdParser(), "/usr/lib/update-notifier/apt-check.sh", "#!/bin/sh\ntrue\n").DormantBecause);
    }

    [Theory]
    [InlineData("/usr/lib/systemd/system-sleep/net", "system-sleep", true)]
    [InlineData("/etc/systemd/system-shutdown/net", "system-shutdown", true)]
    [InlineData("/etc/pm/sleep.d/20_net", "sleep.d", true)]
    [InlineData("/etc/pm/sleep.d/20_net~", "sleep.d", false)]
    [InlineData("/etc/acpi/actions/power", "actions", true)]
    public void Hooks_of_power_events_name_their_trigger(string path, string trigger, bool isLive)
    {
        StartupScript script = StartupInput.Script(new PowerHookParser(), path, "#!/bin/sh\n/usr/bin/x\n");
        Assert.Equal((StartupPlace.PowerHook, trigger, isLive), (script.Place, script.Commands[0].Trigger, script.DormantBecause is null));
    }

    [Fact]
    public void An_acpi_rule_is_event_and_action()
    {
        AcpiEvent rule = Assert.Single(ArtifactRun.Parse(new AcpiEventParser(), "/etc/acpi/events/lid", "# x\nevent=button/lid.*\naction = /etc/acpi/lid.sh %e\n").Of<AcpiEvent>());
        Assert.Equal(("button/lid.*", "/etc/acpi/lid.sh %e", null, 3), (rule.Event, rule.Action, rule.DormantBecause, rule.Location.Line));
        Assert.NotNull(Assert.Single(ArtifactRun.Parse(new AcpiEventParser(), "/etc/acpi/events/lid.bak", "event=a\naction=b\n").Of<AcpiEvent>()).DormantBecause);
    }

    [Fact]
    public void Configuration_of_openrc_is_shell_text_without_an_x_bit()
    {
        StartupScript script = StartupInput.Script(new ServiceConfigurationParser(), "/etc/conf.d/sshd", "# note\nOPTS=\"-D\"\n/usr/bin/x &\n", StartupInput.Public);
        Assert.Equal((StartupPlace.ServiceConfiguration, null, 2), (script.Place, script.DormantBecause, script.ActiveLines));
    }

    [Fact]
    public void An_upstart_job_has_exec_and_script_stanzas()
    {
        UpstartJob job = Assert.Single(ArtifactRun.Parse(new UpstartJobParser(), "/etc/init/net/usage.conf",
            "description \"exec /no\"\nstart on (started sshd\nsetuid news\nenv A=\"b\"\nrespawn\npre-start script\n  mkdir -p /run/x\n  # exec /no\nend script\nexec /usr/sbin/usaged \\\n  --quiet\npost-stop exec /bin/rm -f /run/x\nscript\n  /usr/bin/y\n").Of<UpstartJob>());
        Assert.Equal(("net/usage", "(started sshd", true, false), (job.Name, job.StartOn, job.Respawns, job.IsOverride));
        Assert.Equal(["  mkdir -p /run/x\n  # exec /no", "/usr/sbin/usaged    --quiet", "/bin/rm -f /run/x", "  /usr/bin/y"], job.Commands.Select(command => command.Text));
        Assert.Equal(["upstart pre-start", "upstart", "upstart post-stop", "upstart"], job.Commands.Select(command => command.Trigger));
        Assert.All(job.Commands, command => Assert.Equal(("news", "A=b"), (command.User, command.Environment[0])));
        Assert.Equal([7, 10, 12, 14], job.Commands.Select(command => command.Line!.Value));
    }

    [Fact]
    public void An_override_may_say_manual()
    {
        UpstartJob job = Assert.Single(ArtifactRun.Parse(new UpstartJobParser(), "/etc/init/usage.override", "manual\n").Of<UpstartJob>());
        Assert.Equal(("usage", true, true, null), (job.Name, job.IsOverride, job.IsManual, job.StartOn));
        Assert.True(Assert.Single(ArtifactRun.Parse(new UpstartJobParser(), "/home/a/.config/upstart/x.conf", "exec x\n").Of<UpstartJob>()).IsSession);
    }

    [Fact]
    public void Hostile_files_are_bounded()
    {
        foreach (Parsers.Artifacts.ArtifactParser parser in (Parsers.Artifacts.ArtifactParser[])[new MotdParser(), new PowerHookParser(), new ServiceConfigurationParser()])
        {
            ArtifactRun.SurvivesGarbage(parser, "/etc/x/y/z", "#!/bin/sh\nx\n");
        }
        ArtifactRun.SurvivesGarbage(new AcpiEventParser(), "/etc/acpi/events/x", "event=a\naction=b\n");
        ArtifactRun.SurvivesHostileSizes(new AcpiEventParser(), "/etc/acpi/events/x", "action=b\n");
        ArtifactRun.SurvivesGarbage(new UpstartJobParser(), "/etc/init/x.conf", "pre-start script\nx\nend script\n", "exec a \\\n");
        ArtifactRun.SurvivesHostileSizes(new UpstartJobParser(), "/etc/init/x.conf", "exec a\n");
        ArtifactRun.SurvivesHostileSizes(new UpstartJobParser(), "/etc/init/x.conf", "script\na\nend script\n");
    }
}
