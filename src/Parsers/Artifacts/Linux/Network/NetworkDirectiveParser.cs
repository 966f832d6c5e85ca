using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Settings of network daemons that name programs: OpenVPN (<c>up</c>, <c>route-up</c>, <c>plugin</c> ...), WireGuard (<c>PostUp</c> ...), pppd (<c>connect</c>, <c>pty</c>, <c>plugin</c>),
/// dhclient (<c>script</c>), strongSwan (<c>leftupdown</c>), keepalived (<c>notify_master</c>). See openvpn(8), wg-quick(8), pppd(8), dhclient.conf(5), ipsec.conf(5), keepalived.conf(5).
/// </summary>
/// <remarks><b>Limitations</b>: whether the tunnel or daemon is enabled is not looked at.</remarks>
public sealed class NetworkDirectiveParser : ArtifactParser
{
    private enum Dialect { OpenVpn, WireGuard, Ppp, Dhcp, StrongSwan, Keepalived }

    /// <inheritdoc/>
    public override string Name => "linux/network-directives";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/openvpn/*.{conf,ovpn}", "/etc/openvpn/{client,server}/*.{conf,ovpn}", "/etc/openvpn/ccd/*", "/etc/wireguard/*.conf", "/etc/ppp/options", "/etc/ppp/options.*", "/etc/ppp/peers/*",
        "/etc/dhcp/dhclient*.conf", "/etc/dhclient*.conf", "/etc/dhcpcd.conf", "/etc/ipsec.conf", "/etc/ipsec.d/*.conf", "/etc/keepalived/*.conf",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        Dialect dialect = DialectOf(input.Location.Path);
        var file = new ArtifactFile(input, sink, "network-directives");
        var found = new List<HookCommand>();
        int security = 1;
        string? user = null;
        bool isInline = false;
        string? subject = null;
        foreach (ConfigLine line in ConfigLines.Read(file, semicolonComments: dialect is Dialect.OpenVpn))
        {
            // <ca> ... </ca>: keys and certificates within an OpenVPN profile.
            if (dialect == Dialect.OpenVpn && line.Text[0] == '<')
            {
                isInline = !line.Text.StartsWith("</", StringComparison.Ordinal);
                continue;
            }
            if (isInline)
            {
                continue;
            }
            EvidenceLocation location = input.Location.At(line.First.Number, line.First.ByteOffset);
            (string key, string value) = Setting(line.Text, dialect);
            if (dialect == Dialect.OpenVpn && key == "script-security" && value.Length > 0 && char.IsAsciiDigit(value[0]))
            {
                security = value[0] - '0';
            }
            user = dialect == Dialect.OpenVpn && key == "user" ? value : user;
            subject = key is "conn" or "vrrp_instance" or "vrrp_script" ? ConfigLines.Split(value, " \t{").Word : subject;
            if (key == "plugin" && dialect is Dialect.OpenVpn or Dialect.Ppp && ConfigLines.Unquote(ConfigLines.Split(value).Word) is { Length: > 0 } plugin)
            {
                if (plugin.StartsWith('/') && !file.Add(new HookFile(location) { Place = StartupPlace.InterfaceHook, Trigger = Label(dialect) + " plugin", Target = RunlevelLinkParser.Absolute("/", plugin) }))
                {
                    return;
                }
                continue;
            }
            if (value.Length > 0 && StartsProgram(dialect, key))
            {
                found.Add(new HookCommand(location)
                {
                    Place = StartupPlace.InterfaceHook, Trigger = Label(dialect) + " " + key, Command = dialect == Dialect.WireGuard ? value : ConfigLines.Unquote(value), Subject = subject,
                    User = "root", ThroughShell = dialect is Dialect.WireGuard or Dialect.Ppp or Dialect.StrongSwan or Dialect.Keepalived,
                });
                if (found.Count >= input.Limits.ArtifactsPerFile)
                {
                    file.Report("limit", "the file holds more entries than the limit, the rest was not read", line.First, losesContent: true);
                    break;
                }
            }
        }
        // OpenVPN starts scripts of the user only at level 2, wherever in the file that stands.
        string? dormant = dialect == Dialect.OpenVpn && security < 2 && !input.Location.Path.Contains("/ccd/", StringComparison.Ordinal) ? "OpenVPN runs no scripts below script-security 2" : null;
        foreach (HookCommand command in found)
        {
            if (!file.Add(command with { DormantBecause = command.Trigger == "openvpn iproute" ? null : dormant }))
            {
                return;
            }
        }
    }

    private static (string Key, string Value) Setting(string text, Dialect dialect)
    {
        (string key, string value) = dialect is Dialect.WireGuard or Dialect.StrongSwan ? ConfigLines.Split(text, "=") : ConfigLines.Split(text);
        return (key.Trim().TrimStart('-').ToLowerInvariant(), value.TrimStart('=', ' ', '\t').TrimEnd(';', ' ', '\t', '{'));
    }

    private static bool StartsProgram(Dialect dialect, string key) => dialect switch
    {
        Dialect.OpenVpn => key is "up" or "down" or "route-up" or "route-pre-down" or "ipchange" or "tls-verify" or "tls-crypt-v2-verify" or "client-connect" or "client-disconnect" or "client-crresponse"
            or "auth-user-pass-verify" or "learn-address" or "iproute" or "dns-updown",
        Dialect.WireGuard => key is "preup" or "postup" or "predown" or "postdown",
        Dialect.Ppp => key is "connect" or "disconnect" or "init" or "pty" or "welcome" or "ip-up-script" or "ip-down-script" or "ipv6-up-script" or "ipv6-down-script",
        Dialect.Dhcp => key is "script",
        Dialect.StrongSwan => key is "leftupdown" or "rightupdown" or "leftfirewall_script",
        _ => key is "notify" or "notify_master" or "notify_backup" or "notify_fault" or "notify_stop" or "notify_deleted" or "notify_up" or "notify_down" or "script" or "misc_path" or "quorum_up" or "quorum_down",
    };

    private static Dialect DialectOf(string path) => path switch
    {
        _ when path.StartsWith("/etc/openvpn/", StringComparison.Ordinal) => Dialect.OpenVpn,
        _ when path.StartsWith("/etc/wireguard/", StringComparison.Ordinal) => Dialect.WireGuard,
        _ when path.StartsWith("/etc/ppp/", StringComparison.Ordinal) => Dialect.Ppp,
        _ when path.StartsWith("/etc/ipsec", StringComparison.Ordinal) => Dialect.StrongSwan,
        _ when path.StartsWith("/etc/keepalived/", StringComparison.Ordinal) => Dialect.Keepalived,
        _ => Dialect.Dhcp,
    };

    private static string Label(Dialect dialect) => dialect switch
    {
        Dialect.OpenVpn => "openvpn", Dialect.WireGuard => "wg-quick", Dialect.Ppp => "pppd", Dialect.StrongSwan => "strongSwan", Dialect.Keepalived => "keepalived", _ => "dhclient",
    };
}
