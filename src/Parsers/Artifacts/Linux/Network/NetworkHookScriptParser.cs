namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Scripts that run, or are sourced, because an interface comes up, goes down or gets an address: ifupdown, networkd-dispatcher, DHCP clients, pppd, the network scripts of Red Hat and SUSE,
/// resolvconf, wpa_supplicant. See interfaces(5), networkd-dispatcher(8), dhclient-script(8), dhcpcd-run-hooks(8), pppd(8).
/// </summary>
/// <remarks><b>Limitations</b>: whether the program in question is installed and used is not looked at.</remarks>
public sealed class NetworkHookScriptParser : ArtifactParser
{
    private const string States = "{routable,off,no-carrier,dormant,degraded,degraded-carrier,carrier,configuring,configured,initialized,unmanaged,linger}";

    // Sourced by their client, so the x bit does not matter.
    private static readonly string[] s_sourced = ["dhclient-enter-hooks", "dhclient-exit-hooks", "dhcpcd-hooks", "dhcpcd.enter-hook", "dhcpcd.exit-hook", "dhclient-up-hooks", "dhclient-down-hooks"];

    /// <inheritdoc/>
    public override string Name => "linux/network-hook-script";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/network/if-{pre-up,up,down,post-down}.d/*", "/usr/{lib,libexec}/ifupdown-ng/*", "/{etc,usr/lib,lib}/networkd-dispatcher/" + States + ".d/*",
        "/etc/dhcp/dhclient-{enter,exit}-hooks", "/etc/dhcp/dhclient-{enter,exit}-hooks.d/*", "/etc/dhclient-{enter,exit}-hooks", "/etc/dhcp/dhclient.d/*.sh", "/etc/dhcp/dhclient-{up,down}-hooks",
        "/etc/dhcp3/dhclient-{enter,exit}-hooks.d/*", "/sbin/dhclient-script", "/usr/sbin/dhclient-script", "/etc/dhcpcd.{enter,exit}-hook", "/{lib,usr/lib,usr/libexec,etc}/dhcpcd/dhcpcd-hooks/*",
        "/{lib,usr/lib,usr/libexec,etc}/dhcpcd-hooks/*", "/etc/udhcpc/*", "/etc/udhcpc/{pre,post}-{bound,renew,deconfig,leasefail,nak}/*", "/usr/share/udhcpc/default.script",
        "/{sbin,usr/sbin}/if{up,down}-{local,pre-local}", "/etc/sysconfig/network-scripts/if{up,down}*", "/etc/sysconfig/network/{scripts,if-up.d,if-down.d}/*",
        "/etc/ppp/ip-{up,down,pre-up}{,.local}", "/etc/ppp/ipv6-{up,down}{,.local}", "/etc/ppp/{ip,ipv6}-{up,down}.d/*", "/etc/ppp/auth-{up,down}",
        "/etc/resolvconf/{update.d,update-libc.d}/*", "/etc/wpa_supplicant/*.sh", "/etc/avahi/avahi-autoipd.action", "/etc/openvpn/*.{sh,up,down}", "/etc/openvpn/update-{resolv-conf,systemd-resolved}",
        "/etc/vpnc/{pre-init,connect,post-connect,disconnect,post-disconnect,reconnect}.d/*",
    ];

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.Regular or FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        string name = input.Location.Name;
        string directory = HookDirectory.Of(path);
        if (name is "README" || (directory == "/etc/udhcpc" && (name.EndsWith(".conf", StringComparison.Ordinal) || !name.Contains("script", StringComparison.Ordinal))))
        {
            return;
        }
        bool isDispatcher = directory.Contains("/networkd-dispatcher/", StringComparison.Ordinal);
        bool isRunParts = directory.StartsWith("/etc/network/", StringComparison.Ordinal) || directory.EndsWith("-hooks.d", StringComparison.Ordinal) || directory.StartsWith("/etc/ppp/", StringComparison.Ordinal)
            || directory.StartsWith("/etc/resolvconf/", StringComparison.Ordinal);
        HookDirectory.Read(input, sink, new StartupScriptReader
        {
            Place = StartupPlace.InterfaceHook,
            Trigger = directory is "/etc" or "/sbin" or "/usr/sbin" or "/etc/dhcp" or "/etc/ppp" or "/etc/openvpn" ? name : directory[(directory.LastIndexOf('/') + 1)..],
            NeedsNoExecuteBit = IsSourced(path),
            DormantBecause = (isRunParts ? HookDirectory.RunPartsRefusal(name) : HookDirectory.Backup(name)) ?? (isDispatcher ? HookDirectory.Untrusted(input.Entry, "networkd-dispatcher") : null),
            WithoutShebang = isRunParts && !IsSourced(path) ? ("no shebang line: run-parts cannot execute it", false) : null,
        });
    }

    private static bool IsSourced(string path)
    {
        foreach (string part in s_sourced)
        {
            if (path.Contains("/" + part, StringComparison.Ordinal))
            {
                return true;
            }
        }
        return path.StartsWith("/etc/sysconfig/network-scripts/", StringComparison.Ordinal);
    }
}
