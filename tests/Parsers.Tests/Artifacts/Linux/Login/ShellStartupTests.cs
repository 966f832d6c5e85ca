using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Login;

public sealed class ShellStartupTests
{
    [Fact]
    public void Lines_variables_aliases_and_functions_of_a_home()
    {
        ArtifactList list = ArtifactRun.Parse(new ShellStartupParser(), "/home/alice/.bashrc",
            "[ -z \"$PS1\" ] && return\nexport PATH=\"$HOME/.gcc:$PATH\" LANG=C\nalias ps='ps | grep -v x' ll=\"ls -l\"\nsudo() {\n  command sudo \"$@\"\n}\nfunction w { :; }\nLD_PRELOAD=/opt/x.so\n/usr/sbin/agent\n");

        StartupScript script = Assert.Single(list.Of<StartupScript>());
        Assert.Equal(StartupPlace.ShellStartup, script.Place);
        Assert.Contains(script.Commands, command => command.Text == "/usr/sbin/agent" && command.DormantBecause is null && command.User == "alice" && command.Environment.Contains("HOME=/home/alice"));
        Assert.Equal(["PATH", "LD_PRELOAD"], list.Of<EnvironmentSetting>().Select(setting => setting.Name));
        Assert.Contains("/home/alice/.gcc/sudo", list.Of<EnvironmentSetting>()[0].NamedFiles);
        Assert.Equal(["/opt/x.so"], list.Of<EnvironmentSetting>()[1].NamedFiles);
        Assert.Equal(["ps=ps | grep -v x", "ll=ls -l"], list.Of<ShellAlias>().Where(alias => !alias.IsFunction).Select(alias => alias.Name + "=" + alias.Body));
        Assert.Equal(["sudo", "w"], list.Of<ShellAlias>().Where(alias => alias.IsFunction).Select(alias => alias.Name));
        Assert.Contains("command sudo", list.Of<ShellAlias>().First(alias => alias.IsFunction).Body, StringComparison.Ordinal);
        Assert.Equal(4, list.Of<ShellAlias>().First(alias => alias.IsFunction).Location.Line);
    }

    [Fact]
    public void A_certain_return_ends_the_file_and_a_guarded_one_does_not()
    {
        StartupScript script = Assert.Single(ArtifactRun.Parse(new ShellStartupParser(), "/root/.profile", "case $- in *i*) ;; *) return;; esac\nls\nreturn\nid\n").Of<StartupScript>());
        Assert.Null(script.Commands.First(command => command.Text == "ls").DormantBecause);
        Assert.NotNull(script.Commands.First(command => command.Text == "id").DormantBecause);
    }

    [Fact]
    public void Names_that_no_shell_reads_and_forms_of_csh_and_fish()
    {
        Assert.NotNull(Assert.Single(ArtifactRun.Parse(new ShellStartupParser(), "/etc/profile.d/x.txt", "ls\n").Of<StartupScript>()).DormantBecause);
        Assert.Null(Assert.Single(ArtifactRun.Parse(new ShellStartupParser(), "/etc/profile.d/x.sh", "ls\n").Of<StartupScript>()).DormantBecause);
        Assert.Equal("/opt/x.so", Assert.Single(ArtifactRun.Parse(new ShellStartupParser(), "/home/a/.cshrc", "setenv LD_PRELOAD /opt/x.so\nalias ls 'ls -F'\n").Of<EnvironmentSetting>()).Value);
        ArtifactList fish = ArtifactRun.Parse(new ShellStartupParser(), "/home/a/.config/fish/config.fish", "set -gx LD_PRELOAD /opt/x.so\nalias ls 'eza -l'\n");
        Assert.Equal("/opt/x.so", Assert.Single(fish.Of<EnvironmentSetting>()).Value);
        Assert.Equal("eza -l", Assert.Single(fish.Of<ShellAlias>()).Body);
    }

    [Theory]
    [InlineData("/etc/environment", "LD_PRELOAD=\"/opt/a.so:/opt/b.so\"", "/opt/a.so /opt/b.so")]
    [InlineData("/etc/environment", "NODE_OPTIONS=--max-old-space-size=1 --require /opt/h.js", "/opt/h.js")]
    [InlineData("/etc/environment", "JAVA_TOOL_OPTIONS=-Xmx1g -javaagent:/opt/a.jar=x=y", "/opt/a.jar")]
    [InlineData("/etc/environment", "PERL5OPT=-I/opt/p -MNet::Hook", "/opt/p/Net/Hook.pm")]
    [InlineData("/etc/environment", "BASH_ENV=/opt/env", "/opt/env")]
    [InlineData("/home/a/.pam_environment", "LD_AUDIT OVERRIDE=/opt/a.so DEFAULT=x", "/opt/a.so")]
    [InlineData("/etc/systemd/system.conf", "DefaultEnvironment=A=b \"LD_PRELOAD=/opt/a.so\"", "/opt/a.so")]
    [InlineData("/root/.ssh/environment", "LD_PRELOAD=/opt/a.so", "/opt/a.so")]
    [InlineData("/etc/default/cron", "export BASH_ENV=/opt/env", "/opt/env")]
    public void A_variable_names_the_files_it_makes_programs_load(string path, string line, string files)
    {
        EnvironmentSetting setting = ArtifactRun.Parse(new EnvironmentFileParser(), path, "# x\n" + line + "\n").Of<EnvironmentSetting>()[0];
        Assert.Equal(files, string.Join(' ', setting.NamedFiles.Take(files.Split(' ').Length)));
        Assert.Equal(2, setting.Location.Line);
    }

    [Fact]
    public void Of_service_files_only_variables_with_a_meaning_are_kept() =>
        Assert.Equal(["LD_LIBRARY_PATH"], ArtifactRun.Parse(new EnvironmentFileParser(), "/etc/sysconfig/x", "OPTIONS=-v\nA=b\nLD_LIBRARY_PATH=/opt/lib\n").Of<EnvironmentSetting>().Select(setting => setting.Name));

    [Fact]
    public void Login_scripts_trusted_hosts_and_key_pairs()
    {
        Assert.Null(Assert.Single(ArtifactRun.Parse(new SshLoginScriptParser(), "/home/a/.ssh/rc", "id\n").Of<StartupScript>()).DormantBecause);
        Assert.NotNull(Assert.Single(ArtifactRun.Parse(new SshLoginScriptParser(), "/home/a/.ssh/rc.off", "id\n").Of<StartupScript>()).DormantBecause);
        Assert.Equal(["+ +", "build "], ArtifactRun.Parse(new TrustedHostsParser(), "/root/.rhosts", "# x\n+ +\nbuild\n-evil\n").Of<TrustedHost>().Select(host => host.Host + " " + host.User));
        SshKeyPair pair = Assert.Single(ArtifactRun.Parse(new SshKeyPairParser(), "/root/.ssh/id_x.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKH85DY4VP+IjP9Ljnh11gDCaCOQQSqM95s30LERSLD6 me@here\n").Of<SshKeyPair>());
        Assert.StartsWith("SHA256:", pair.Fingerprint, StringComparison.Ordinal);
        Assert.Equal(("/root/.ssh/id_x", "me@here"), (Assert.Single(pair.NamedFiles), pair.Comment));
    }
}
