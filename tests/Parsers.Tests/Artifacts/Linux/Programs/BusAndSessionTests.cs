using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Programs;

public sealed class BusAndSessionTests
{
    private const string System = "/usr/share/dbus-1/system-services/";

    [Theory]
    [InlineData(System + "a.service", "[D-BUS Service]\nName=a.B\nExec=/usr/bin/x -y\nUser=root\n", "a.B|/usr/bin/x -y|root||True|")]
    [InlineData(System + "a.service", "[D-BUS Service]\nName=a.B\nExec=/bin/false\nSystemdService=b.service\n", "a.B|/bin/false||b.service|True|")]
    [InlineData(System + "a.service", "[D-BUS Service]\nName=a.B\nExec=/usr/bin/x\n", "a.B|/usr/bin/x|||True|the system bus starts no service without a User")]
    [InlineData(System + "a.service.bak", "[D-BUS Service]\nName=a.B\nExec=/usr/bin/x\nUser=root\n", "a.B|/usr/bin/x|root||True|the bus reads only files whose name ends in .service")]
    [InlineData("/home/u/.local/share/dbus-1/services/a.service", "# c\n[Other]\nExec=/no\n[D-BUS Service]\nName = a.B\nExec = /usr/bin/x\n", "a.B|/usr/bin/x|||False|")]
    public void Services_of_the_bus(string path, string text, string expected)
    {
        DbusService service = Assert.Single(ArtifactRun.Parse(new DbusServiceParser(), path, text).Of<DbusService>());
        Assert.Equal(expected, $"{service.BusName}|{service.Exec}|{service.User}|{service.SystemdService}|{service.IsSystemBus}|{service.DormantBecause}");
    }

    [Fact]
    public void Policies_that_open_the_bus()
    {
        const string Text = "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig>\n<!-- <allow own=\"no\"/> -->\n"
            + "<policy user=\"root\"><allow own=\"a.B\"/></policy>\n<policy context=\"default\"><deny own=\"*\"/><allow own_prefix=\"c.D\"/><allow send_destination=\"*\"/><allow send_destination=\"a.B\" send_interface=\"x\"/></policy></busconfig>";
        Assert.Equal(["user root|a.B||4", "default|c.D.*||5", "default||*|5"], ArtifactRun.Parse(new DbusPolicyParser(), "/etc/dbus-1/system.d/a.conf", Text).Of<DbusPolicy>().Select(policy => $"{policy.Context}|{policy.Own}|{policy.SendDestination}|{policy.Location.Line}"));
    }

    [Fact]
    public void Broken_XML_is_said() => Assert.Contains(ArtifactRun.Parse(new DbusPolicyParser(), "/etc/dbus-1/system.d/a.conf", "<busconfig><policy").Diagnostics, diagnostic => diagnostic is { Code: "dbus-policy.xml", LosesContent: true });

    [Theory]
    [InlineData("a.desktop", "[Desktop Entry]\nType=Application\nName=A\nExec=/usr/bin/x %U --i %i 100%%\n[Desktop Action n]\nExec=/no\n", "/usr/bin/x  --i  100%|")]
    [InlineData("a.desktop", "[Desktop Entry]\nExec=x\nHidden=true\n", "x|Hidden=true")]
    [InlineData("a.desktop", "[Desktop Entry]\nExec=x\nX-GNOME-Autostart-enabled=false\n", "x|X-GNOME-Autostart-enabled=false")]
    [InlineData("a.desktop", "[Desktop Entry]\nType=Link\nExec=x\n", "x|its Type is not Application")]
    [InlineData("a.sh", "[Desktop Entry]\nExec=x\n", "x|sessions read only files whose name ends in .desktop")]
    public void Autostart_entries(string name, string text, string expected)
    {
        AutostartEntry entry = Assert.Single(ArtifactRun.Parse(new AutostartParser(), "/home/u/.config/autostart/" + name, text).Of<AutostartEntry>());
        Assert.Equal(expected, $"{entry.Exec}|{entry.DormantBecause}");
    }

    [Theory]
    [InlineData("/home/u/.xprofile", 0b110_100_100, null)]
    [InlineData("/home/u/.config/autostart-scripts/a", 0b110_100_100, "the file is not executable")]
    [InlineData("/home/u/.config/plasma-workspace/env/a.sh", 0b110_100_100, null)]
    [InlineData("/home/u/.config/plasma-workspace/env/a", 0b110_100_100, "Plasma sources only files whose name ends in .sh")]
    [InlineData("/etc/X11/Xsession.d/50a", 0b110_100_100, null)]
    [InlineData("/etc/X11/Xsession.d/50a.dpkg-old", 0b110_100_100, "run-parts ignores files with a dot in their name")]
    [InlineData("/etc/gdm3/PostLogin/Default", 0b111_101_101, null)]
    [InlineData("/etc/gdm3/PostLogin/Default", 0b110_100_100, "the file is not executable")]
    public void Scripts_of_sessions(string path, int mode, string? reason) => Assert.Equal(reason, StartupInput.Script(new SessionScriptParser(), path, "/usr/bin/x &\n", mode).DormantBecause);

    [Theory]
    [InlineData("/etc/lightdm/lightdm.conf", "[Seat:*]\n#session-setup-script=/no\nsession-setup-script=/usr/bin/x -a\n", "session-setup-script|/usr/bin/x -a")]
    [InlineData("/home/u/.config/i3/config", "bindsym $mod+d exec no\nexec --no-startup-id \"x -a\"\nexec_always y\n", "exec|x -a", "exec_always|y")]
    [InlineData("/home/u/.config/hypr/hyprland.conf", "exec-once = waybar & x\nbind = SUPER, Q, exec, no\n", "exec-once|waybar & x")]
    [InlineData("/home/u/.config/lxsession/LXDE/autostart", "@lxpanel --profile LXDE\nx\n", "lxsession|lxpanel --profile LXDE", "lxsession|x")]
    public void Lines_of_session_settings(string path, string text, params string[] expected) => Assert.Equal(expected, ArtifactRun.Parse(new SessionConfigParser(), path, text).Of<HookCommand>().Select(hook => $"{hook.Trigger}|{hook.Command}"));

    [Fact]
    public void Hostile_input_is_bounded()
    {
        ArtifactRun.SurvivesHostileSizes(new AutostartParser(), "/home/u/.config/autostart/a.desktop", "[Desktop Entry]\nExec=%\n");
        ArtifactRun.SurvivesHostileSizes(new DbusServiceParser(), System + "a.service", "[D-BUS Service]\nExec=a\n");
        ArtifactRun.SurvivesHostileSizes(new SessionConfigParser(), "/home/u/.config/i3/config", "exec x\n");
        ArtifactRun.SurvivesHostileSizes(new DbusPolicyParser(), "/etc/dbus-1/system.d/a.conf", "<a><allow own=\"b\"/>");
        ArtifactRun.SurvivesGarbage(new AutostartParser(), "/home/u/.config/autostart/a.desktop", "[Desktop Entry]\nExec=x %\n");
        ArtifactRun.SurvivesGarbage(new DbusServiceParser(), System + "a.service", "[D-BUS Service]\nExec=x\n");
        ArtifactRun.SurvivesGarbage(new DbusPolicyParser(), "/etc/dbus-1/system.d/a.conf", "<policy context=\"default\"><allow own=\"*\"/>");
        ArtifactRun.SurvivesGarbage(new SessionConfigParser(), "/home/u/.config/i3/config", "exec \"x\n");
        ArtifactRun.SurvivesGarbage(new SessionScriptParser(), "/home/u/.xprofile", "x &\n");
    }
}
