using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Lines of display managers and window managers that start programs: lightdm's <c>session-setup-script</c> and kin, sddm's <c>DisplayCommand</c>, <c>exec</c> of i3 and sway,
/// <c>exec-once</c> of Hyprland, lxsession's autostart. See lightdm's lightdm.conf, sddm.conf(5), the i3 and sway user guides.
/// </summary>
/// <remarks><b>Limitations</b>: commands bound to keys are left out; variables of i3 and Hyprland are not expanded.</remarks>
public sealed class SessionConfigParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/session-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/lightdm/lightdm.conf", "/{etc,usr/share}/lightdm/lightdm.conf.d/*.conf", "/etc/sddm.conf", "/etc/sddm.conf.d/*.conf", "~/.config/{i3,sway}/config", "~/.i3/config", "~/.config/hypr/hyprland.conf",
        "~/.config/lxsession/*/autostart", "/etc/xdg/lxsession/*/autostart", "/etc/{i3,sway}/config", "/etc/sway/config.d/*",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "session-config");
        string path = input.Location.Path;
        bool isManager = path.Contains("/lightdm/", StringComparison.Ordinal) || path.Contains("/sddm", StringComparison.Ordinal);
        bool isLxsession = path.Contains("/lxsession/", StringComparison.Ordinal);
        foreach (ConfigLine line in ConfigLines.Read(file))
        {
            (string trigger, string command) = isManager ? Manager(line.Text) : isLxsession ? ("lxsession", line.Text[0] == '@' ? line.Text[1..] : line.Text) : WindowManager(line.Text);
            if (command.Length > 0 && !file.Add(new HookCommand(input.Location.At(line.First.Number, line.First.ByteOffset))
            {
                Place = StartupPlace.SessionScript, Trigger = trigger, Command = command, User = isManager ? "root" : null, ThroughShell = !isManager && !isLxsession, IsBlock = line.Count > 1,
            }))
            {
                return;
            }
        }
    }

    private static (string Trigger, string Command) Manager(string text)
    {
        (string key, string value) = ConfigLines.Split(text, "=");
        key = key.Trim();
        return key is "session-setup-script" or "session-cleanup-script" or "display-setup-script" or "display-stopped-script" or "greeter-setup-script" or "greeter-wrapper" or "session-wrapper" or "guest-wrapper" or "guest-account-script"
            or "xserver-command" or "DisplayCommand" or "DisplayStopCommand" or "SessionCommand" or "ServerPath" or "XephyrPath" or "CompositorCommand"
            ? (key, value.TrimStart('=', ' ', '\t')) : ("", "");
    }

    private static (string Trigger, string Command) WindowManager(string text)
    {
        (string key, string value) = ConfigLines.Split(text, " \t=");
        value = value.TrimStart('=', ' ', '\t');
        if (key is not ("exec" or "exec_always" or "exec-once" or "exec-shutdown"))
        {
            return ("", "");
        }
        while (value.StartsWith("--no-startup-id", StringComparison.Ordinal))
        {
            value = value["--no-startup-id".Length..].TrimStart();
        }
        return (key, ConfigLines.Unquote(value));
    }
}
