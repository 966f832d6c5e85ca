namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Scripts that a graphical session runs or sources: of X, of display managers, of KDE, and of window managers. See Xsession(5), startx(1), the manuals of gdm and Plasma
/// ("Startup scripts").
/// </summary>
/// <remarks><b>Limitations</b>: whether the desktop in question is installed is not looked at; configuration of window managers is in <see cref="SessionConfigParser"/>.</remarks>
public sealed class SessionScriptParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/session-script";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "~/.{xinitrc,xsession,xprofile,xsessionrc,Xclients,xserverrc,gnomerc}", "~/.vnc/xstartup", "~/.config/plasma-workspace/{env,shutdown}/*", "~/.config/autostart-scripts/*", "~/.kde{,4}/{Autostart,env,shutdown}/*",
        "~/.config/openbox/{autostart,autostart.sh,environment}", "~/.fluxbox/startup", "~/.config/bspwm/bspwmrc", "~/.config/herbstluftwm/autostart", "~/.config/qtile/autostart.sh", "~/.dwm/autostart.sh",
        "/etc/X11/Xsession", "/etc/X11/Xsession.d/*", "/etc/X11/xinit/{xinitrc,xserverrc,Xsession,Xclients}", "/etc/X11/xinit/{xinitrc.d,Xclients.d}/*", "/etc/X11/xdm/{Xsetup,Xsession,Xstartup,Xreset,Xwilling}*",
        "/etc/X11/Xsetup.d/*", "/etc/X11/Xreset.d/*", "/etc/{gdm,gdm3,X11/gdm}/{Init,PostLogin,PreSession,PostSession}/*", "/etc/{gdm,gdm3}/Xsession", "/etc/lightdm/Xsession", "/etc/sddm/{Xsession,Xsetup,Xstop,wayland-session}",
        "/usr/share/sddm/scripts/*", "/etc/xdg/plasma-workspace/{env,shutdown}/*", "/etc/xdg/openbox/{autostart,environment}", "/etc/skel/.{xinitrc,xsession,xprofile}",
    ];

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.Regular or FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        string name = input.Location.Name;
        // KDE's Autostart holds desktop entries too; they have a parser of their own.
        if (name.EndsWith(".desktop", StringComparison.Ordinal) || name.StartsWith("README", StringComparison.Ordinal) || name.EndsWith(".sample", StringComparison.Ordinal))
        {
            return;
        }
        bool isDisplayManager = path.Contains("/gdm", StringComparison.Ordinal) || path.Contains("/xdm/", StringComparison.Ordinal);
        bool isExecuted = path.Contains("/autostart-scripts/", StringComparison.Ordinal) || path.Contains("/Autostart/", StringComparison.Ordinal) || path.Contains("/xinitrc.d/", StringComparison.Ordinal)
            || isDisplayManager || name is "bspwmrc";
        bool isXsession = path.Contains("/Xsession.d/", StringComparison.Ordinal);
        HookDirectory.Read(input, sink, new StartupScriptReader
        {
            Place = StartupPlace.SessionScript,
            Trigger = isDisplayManager ? "display manager" : "graphical session",
            NeedsNoExecuteBit = !isExecuted,
            DormantBecause = (isXsession ? HookDirectory.RunPartsRefusal(name) : HookDirectory.Backup(name)) ?? (path.Contains("/plasma-workspace/", StringComparison.Ordinal) && !name.EndsWith(".sh", StringComparison.Ordinal) ? "Plasma sources only files whose name ends in .sh" : null),
        });
    }
}
