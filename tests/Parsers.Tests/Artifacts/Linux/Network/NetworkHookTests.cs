using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Network;

public sealed class NetworkHookTests
{
    private const string Dispatcher = "/etc/NetworkManager/dispatcher.d/";

    [Theory]
    [InlineData("10-x", 0b111_101_101, 0u, null)]
    [InlineData("10-x", 0b111_000_000, 0u, null)]
    [InlineData("10-x", 0b110_100_100, 0u, "the file is not executable")]
    [InlineData("10-x", 0b110_101_101, 0u, "the file is not executable")]
    [InlineData("10-x", 0b111_111_101, 0u, "NetworkManager refuses files that others may write")]
    [InlineData("10-x", 0b111_101_111, 0u, "NetworkManager refuses files that others may write")]
    [InlineData("10-x", 0b100_111_101_101, 0u, "NetworkManager refuses files with the set-user-id bit")]
    [InlineData("10-x", 0b111_101_101, 1000u, "NetworkManager refuses files that root does not own")]
    [InlineData(".10-x", 0b111_101_101, 0u, "NetworkManager ignores files whose name begins with a dot")]
    [InlineData("10-x~", 0b111_101_101, 0u, "files whose name ends in ~ are ignored")]
    [InlineData("10-x.rpmnew", 0b111_101_101, 0u, "files whose name ends in .rpmnew are ignored")]
    public void NetworkManager_takes_what_root_alone_controls(string name, int mode, uint owner, string? reason)
    {
        var script = (StartupScript)StartupInput.Run(new NetworkManagerDispatcherParser(), Dispatcher + name, "#!/bin/sh\n/usr/sbin/x \"$1\"\n", mode, owner).Artifacts.Single();
        Assert.Equal((StartupPlace.NetworkDispatcher, reason), (script.Place, script.DormantBecause));
        Assert.Equal(reason, script.Commands[0].DormantBecause);
        Assert.Equal("NetworkManager dispatcher", script.Commands[0].Trigger);
    }

    [Fact]
    public void A_link_names_its_target_and_a_link_to_nothing_switches_off()
    {
        HookFile link = Assert.Single(ArtifactRun.ParseLink(new NetworkManagerDispatcherParser(), Dispatcher + "10-x", "../../../opt/x/hook").Of<HookFile>());
        Assert.Equal(["/opt/x/hook"], link.NamedFiles);
        Assert.Empty(ArtifactRun.ParseLink(new NetworkManagerDispatcherParser(), Dispatcher + "10-x", "/dev/null").Artifacts);
        Assert.Empty(ArtifactRun.ParseLink(new NetworkManagerDispatcherParser(), Dispatcher + "10-x", "no-wait.d/10-x").Artifacts);
    }

    [Theory]
    [InlineData("/etc/network/if-up.d/probe", 0b111_101_101, null)]
    [InlineData("/etc/network/if-up.d/probe", 0b110_100_100, "the file is not executable")]
    [InlineData("/etc/network/if-up.d/probe.sh", 0b111_101_101, "run-parts ignores files with a dot in their name")]
    [InlineData("/etc/dhcp/dhclient-exit-hooks.d/probe", 0b110_100_100, null)]
    [InlineData("/etc/dhcp/dhclient-exit-hooks.d/probe.sh", 0b110_100_100, "run-parts ignores files with a dot in their name")]
    [InlineData("/lib/dhcpcd/dhcpcd-hooks/50-probe", 0b110_100_100, null)]
    [InlineData("/etc/ppp/ip-up.d/0probe", 0b111_101_101, null)]
    [InlineData("/usr/sbin/ifup-local", 0b111_101_101, null)]
    [InlineData("/usr/sbin/ifup-local", 0b110_100_100, "the file is not executable")]
    public void Scripts_run_or_are_sourced_as_their_program_does_it(string path, int mode, string? reason) =>
        Assert.Equal(reason, StartupInput.Script(new NetworkHookScriptParser(), path, "#!/bin/sh\n/usr/sbin/probe\n", mode).DormantBecause);

    [Fact]
    public void Networkd_dispatcher_refuses_what_root_does_not_own() =>
        Assert.Equal("networkd-dispatcher refuses files that root does not own", ((StartupScript)StartupInput.Run(new NetworkHookScriptParser(), "/etc/networkd-dispatcher/routable.d/x", "#!/bin/sh\ntrue\n", StartupInput.Executable, 1000).Artifacts.Single()).DormantBecause);

    [Fact]
    public void Interfaces_yield_commands_of_stanzas_and_files_that_are_sourced()
    {
        const string Text = """
            # post-up /tmp/commented
            source /etc/network/interfaces.d/*
            source /opt/net/*.conf
            auto eth0
            iface eth0 inet static
                address 192.0.2.1/24
                post-up iptables-restore \
                    < /etc/iptables.rules
                pre-up  /usr/sbin/x $IFACE
            mapping eth1
                script /usr/local/bin/map
            """;
        ArtifactList list = ArtifactRun.Parse(new InterfacesParser(), "/etc/network/interfaces", Text);
        Assert.Equal(["interfaces post-up|eth0|7|iptables-restore < /etc/iptables.rules", "interfaces pre-up|eth0|9|/usr/sbin/x $IFACE", "interfaces mapping script|eth1|11|/usr/local/bin/map"],
            list.Of<HookCommand>().Select(hook => $"{hook.Trigger}|{hook.Subject}|{hook.Location.Line}|{hook.Command}"));
        Assert.Equal(["/opt/net/*.conf"], list.Of<HookFile>().Select(file => file.Target));
    }

    [Theory]
    [InlineData("NAME=Network /bin/id\n", "/bin/id")]
    [InlineData("NAME=\"System eth0\"\nDEVICE=eth0\n", null)]
    [InlineData("DNS1=192.0.2.1 192.0.2.2\n", "192.0.2.2")]
    [InlineData("DOMAIN=$(curl -s example.net)\n", "curl -s example.net")]
    [InlineData("POST_UP_SCRIPT='wicked:/usr/sbin/x'\n", "/usr/sbin/x")]
    [InlineData("# NAME=x /bin/id\nONBOOT=yes\n", null)]
    public void Interface_settings_are_shell_text(string text, string? command) =>
        Assert.Equal(command is null ? [] : [command], ArtifactRun.Parse(new IfcfgParser(), "/etc/sysconfig/network-scripts/ifcfg-eth0", text).Of<HookCommand>().Select(hook => hook.Command));

    [Fact]
    public void Arguments_of_routes_are_no_commands() => Assert.Empty(ArtifactRun.Parse(new IfcfgParser(), "/etc/sysconfig/network-scripts/route-eth0", "192.0.2.0/24 via 198.51.100.1\ndefault via 198.51.100.9\n").Artifacts);

    [Theory]
    [InlineData("script-security 2\nup \"/etc/openvpn/up.sh tun\"\n", "/etc/openvpn/up.sh tun", null)]
    [InlineData("up /etc/openvpn/up.sh\nscript-security 3\n", "/etc/openvpn/up.sh", null)]
    [InlineData("up /etc/openvpn/up.sh\n", "/etc/openvpn/up.sh", "OpenVPN runs no scripts below script-security 2")]
    [InlineData("<key>\nup /bin/x\n</key>\nscript-security 2\nclient-connect /bin/y\n", "/bin/y", null)]
    public void OpenVPN_runs_scripts_at_its_security_level(string text, string command, string? reason)
    {
        HookCommand hook = Assert.Single(ArtifactRun.Parse(new NetworkDirectiveParser(), "/etc/openvpn/server/a.conf", text).Of<HookCommand>());
        Assert.Equal((command, reason), (hook.Command, hook.DormantBecause));
    }

    [Theory]
    [InlineData("/etc/wireguard/wg0.conf", "[Interface]\nPostUp = iptables -A FORWARD -i %i -j ACCEPT; /x\nPrivateKey = AAAA=\n", "wg-quick postup: iptables -A FORWARD -i %i -j ACCEPT; /x")]
    [InlineData("/etc/ppp/peers/dsl", "connect \"/usr/sbin/chat -v\"\nnoauth\n", "pppd connect: /usr/sbin/chat -v")]
    [InlineData("/etc/dhcp/dhclient.conf", "#script \"/a\";\nscript \"/sbin/b\";\n", "dhclient script: /sbin/b")]
    [InlineData("/etc/ipsec.conf", "conn x\n leftupdown=/usr/lib/ipsec/_updown\n", "strongSwan leftupdown: /usr/lib/ipsec/_updown")]
    [InlineData("/etc/keepalived/keepalived.conf", "vrrp_instance a {\n notify_master \"/etc/keepalived/m.sh\"\n}\n", "keepalived notify_master: /etc/keepalived/m.sh")]
    public void Other_daemons_name_programs_too(string path, string text, string expected) =>
        Assert.Equal([expected], ArtifactRun.Parse(new NetworkDirectiveParser(), path, text).Of<HookCommand>().Select(hook => $"{hook.Trigger}: {hook.Command}"));

    [Fact]
    public void Plugins_are_files() => Assert.Equal(["/usr/lib/openvpn/auth.so"], ArtifactRun.Parse(new NetworkDirectiveParser(), "/etc/openvpn/a.conf", "plugin /usr/lib/openvpn/auth.so login\n").Of<HookFile>().Select(file => file.Target));

    [Fact]
    public void Hostile_input_is_bounded()
    {
        ArtifactRun.SurvivesHostileSizes(new InterfacesParser(), "/etc/network/interfaces", " post-up x\\\n");
        ArtifactRun.SurvivesHostileSizes(new NetworkDirectiveParser(), "/etc/wireguard/a.conf", "PostUp=x\n");
        ArtifactRun.SurvivesHostileSizes(new IfcfgParser(), "/etc/sysconfig/network-scripts/ifcfg-a", "A=b c\n");
        ArtifactRun.SurvivesGarbage(new InterfacesParser(), "/etc/network/interfaces", "iface a inet dhcp\n up x\n");
        ArtifactRun.SurvivesGarbage(new NetworkDirectiveParser(), "/etc/openvpn/a.conf", "script-security 2\nup x\n<ca>\n");
        ArtifactRun.SurvivesGarbage(new IfcfgParser(), "/etc/sysconfig/network-scripts/ifcfg-a", "NAME=a b\n");
        ArtifactRun.SurvivesGarbage(new NetworkManagerDispatcherParser(), Dispatcher + "a", "#!/bin/sh\nx\n");
        ArtifactRun.SurvivesGarbage(new NetworkHookScriptParser(), "/etc/network/if-up.d/a", "#!/bin/sh\nx\n");
    }
}
