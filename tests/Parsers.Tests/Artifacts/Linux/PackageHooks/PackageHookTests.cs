using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.PackageHooks;

public sealed class PackageHookTests
{
    private const string Plugins = "/usr/lib/python3.9/site-packages/dnf-plugins/";

    private static string[] Actions(string path, string text) => [.. ArtifactRun.Parse(new PackageActionParser(), path, text).Of<HookCommand>().Select(hook => $"{hook.Trigger}|{hook.Subject}|{hook.Command}|{hook.DormantBecause}")];

    [Theory]
    [InlineData("/etc/dnf/plugins/post-transaction-actions.d/a.action", "# x\n*:any:/bin/a -b:c\nbash:install:touch /tmp/x\n", "dnf transaction any|*|/bin/a -b:c|", "dnf transaction install|bash|touch /tmp/x|")]
    [InlineData("/etc/dnf/libdnf5-plugins/actions.d/a.actions", "post_transaction:*:in:enabled=1:/bin/a b:c\npre_base_setup::::/bin/d\n", "libdnf5 post_transaction|*|/bin/a b:c|", "libdnf5 pre_base_setup||/bin/d|")]
    [InlineData("/etc/dnf/libdnf5-plugins/actions.d/a.off", "pre_base_setup::::/bin/d\n", "libdnf5 pre_base_setup||/bin/d|files whose name does not end in .actions are ignored")]
    [InlineData("/etc/pacman.d/hooks/a.hook", "[Trigger]\nExec = no\n[Action]\nWhen = PostTransaction\nExec = /bin/a\n", "pacman PostTransaction||/bin/a|")]
    [InlineData("/etc/letsencrypt/renewal/a.conf", "[renewalparams]\nrenew_hook = systemctl reload nginx\npost_hook = None\n", "certbot renew_hook|a.conf|systemctl reload nginx|")]
    public void Actions_are_read_in_each_grammar(string path, string text, params string[] expected) => Assert.Equal(expected, Actions(path, text));

    [Theory]
    [InlineData("    os.system('curl -s http://x | sh')\n", "os.system", "curl -s http://x | sh")]
    [InlineData("p = subprocess.Popen([\"/usr/sbin/x\", \"-a b\"], stdout='no')\n", "subprocess", "/usr/sbin/x '-a b'")]
    [InlineData("subprocess.call(\"/usr/sbin/x\", shell=True)\n", "subprocess", "/usr/sbin/x")]
    [InlineData("# os.system('x')\nprint('hello')\n", "", null)]
    [InlineData("import socket\ns = socket.socket()\n", "socket", null)]
    public void A_plugin_says_what_it_reaches_for_and_starts(string text, string interfaces, string? command)
    {
        PackageManagerPlugin plugin = Assert.Single(ArtifactRun.Parse(new PackageManagerPluginParser(), Plugins + "stats.py", text).Of<PackageManagerPlugin>());
        Assert.Equal(("dnf", "stats", interfaces, false), (plugin.Manager, plugin.Plugin, string.Join(',', plugin.Interfaces), plugin.IsHelper));
        Assert.Equal("python3 " + Plugins + "stats.py", plugin.Commands[0].Text);
        Assert.Equal(command is null ? [] : [command], plugin.Commands.Skip(1).Select(start => start.Text));
    }

    [Theory]
    [InlineData("/etc/yum/pluginconf.d/a.conf", "[main]\nenabled=1\n", "yum|a|True")]
    [InlineData("/etc/dnf/plugins/a.conf", "[main]\nenabled = no\n[x]\nenabled=1\n", "dnf|a|False")]
    [InlineData("/etc/dnf/plugins/a.conf", "[main]\n", "dnf|a|")]
    [InlineData("/etc/yum.conf", "[main]\nplugins=0\n", "yum||False")]
    public void Settings_switch_plugins(string path, string text, string expected)
    {
        PluginSetting setting = Assert.Single(ArtifactRun.Parse(new PackageManagerPluginParser(), path, text).Of<PluginSetting>());
        Assert.Equal(expected, $"{setting.Manager}|{setting.Plugin}|{setting.IsEnabled}");
    }

    [Fact]
    public void A_program_among_plugins_is_a_helper_and_harmless_perl_is_nothing()
    {
        Assert.True(Assert.Single(ArtifactRun.Parse(new PackageManagerPluginParser(), Plugins + "dnfcon", [0x7F, (byte)'E', (byte)'L', (byte)'F', 0, 0]).Of<PackageManagerPlugin>()).IsHelper);
        Assert.Empty(ArtifactRun.Parse(new PackageManagerPluginParser(), "/etc/needrestart/conf.d/a.conf", "# system('x')\n$nrconf{restart} = 'a';\n").Artifacts);
        PackageManagerPlugin perl = Assert.Single(ArtifactRun.Parse(new PackageManagerPluginParser(), "/etc/needrestart/conf.d/a.conf", "system('/usr/lib/x -a');\n").Of<PackageManagerPlugin>());
        Assert.Equal(["perl /etc/needrestart/conf.d/a.conf", "/usr/lib/x -a"], perl.Commands.Select(command => command.Text));
    }

    [Theory]
    [InlineData("/etc/apk/commit_hooks.d/a", StartupPlace.PackageManagerHook, null)]
    [InlineData("/etc/apk/commit_hooks.d/.a", StartupPlace.PackageManagerHook, "apk ignores files whose name begins with a dot")]
    [InlineData("/usr/lib/zypp/plugins/commit/a", StartupPlace.PackageManagerHook, null)]
    [InlineData("/etc/needrestart/hook.d/10-dpkg", StartupPlace.AptHook, null)]
    [InlineData("/etc/letsencrypt/renewal-hooks/deploy/a~", StartupPlace.CertificateHook, "certbot ignores files whose name ends in ~")]
    public void Directories_of_hooks_hold_scripts(string path, StartupPlace place, string? reason)
    {
        StartupScript script = StartupInput.Script(new PackageHookScriptParser(), path, "#!/bin/sh\n/x\n");
        Assert.Equal((place, reason), (script.Place, script.DormantBecause));
    }

    [Fact]
    public void Hostile_input_is_bounded()
    {
        ArtifactRun.SurvivesHostileSizes(new PackageActionParser(), "/etc/pacman.d/hooks/a.hook", "[Action]\nExec=x\n");
        ArtifactRun.SurvivesHostileSizes(new PackageManagerPluginParser(), Plugins + "a.py", "os.system(system(");
        ArtifactRun.SurvivesHostileSizes(new PackageManagerPluginParser(), Plugins + "a.py", "os.system('x')\n");
        ArtifactRun.SurvivesGarbage(new PackageManagerPluginParser(), Plugins + "a.py", "os.system('x')", "subprocess.Popen([\"");
        ArtifactRun.SurvivesGarbage(new PackageActionParser(), "/etc/dnf/libdnf5-plugins/actions.d/a.actions", "post_transaction::::x\n");
        ArtifactRun.SurvivesGarbage(new PackageHookScriptParser(), "/etc/apk/commit_hooks.d/a", "#!/bin/sh\n");
    }
}
