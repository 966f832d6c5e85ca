using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Login;

public sealed class PamTests
{
    [Fact]
    public void Lines_have_type_control_module_and_arguments()
    {
        ArtifactList list = ArtifactRun.Parse(new PamParser(), "/etc/pam.d/sshd", "# comment\n@include common-auth\n-auth [success=1 default=ignore]  pam_unix.so nullok # tail\naccount required \\\n  pam_access.so [accessfile=/etc/a b]\nauth include system-auth\nbroken line\nAUTH substack password-auth\n");

        PamRule[] rules = [.. list.Of<PamRule>()];
        Assert.Equal(["@include common-auth", "[success=1 default=ignore] pam_unix.so", "required pam_access.so", "include system-auth", "substack password-auth"], rules.Select(rule => rule.Control + " " + rule.Module));
        Assert.Equal(["nullok"], rules[1].Arguments);
        Assert.True(rules[1].IsOptional);
        Assert.Equal(["accessfile=/etc/a b"], rules[2].Arguments);
        Assert.Equal(4, rules[2].Location.Line);
        Assert.Equal([true, false, false, true, true], rules.Select(rule => rule.IsInclude));
        Assert.Contains("/usr/lib/x86_64-linux-gnu/security/pam_unix.so", rules[1].NamedFiles);
        Assert.All(rules, rule => Assert.Equal("sshd", rule.Service));
    }

    [Fact]
    public void Pam_exec_starts_its_first_argument_that_is_no_option()
    {
        PamRule rule = Assert.Single(ArtifactRun.Parse(new PamParser(), "/etc/pam.d/common-auth", "auth optional pam_exec.so quiet expose_authtok log=/var/log/x type=auth /usr/bin/sh /opt/x.sh --debug\n").Of<PamRule>());
        Assert.Equal("/usr/bin/sh /opt/x.sh --debug", rule.Program);
        Assert.True(rule.ExposesPassword);
        Assert.Equal("/usr/bin/sh /opt/x.sh --debug", Assert.Single(rule.Commands).Text);
    }

    [Fact]
    public void The_single_file_names_the_service_first_and_leftovers_are_dormant()
    {
        PamRule rule = Assert.Single(ArtifactRun.Parse(new PamParser(), "/etc/pam.conf", "login auth sufficient /opt/pam_x.so\n").Of<PamRule>());
        Assert.Equal(("login", "/opt/pam_x.so"), (rule.Service, Assert.Single(rule.NamedFiles)));
        Assert.NotNull(Assert.Single(ArtifactRun.Parse(new PamParser(), "/etc/pam.d/sshd.rpmsave", "auth required pam_x.so\n").Of<PamRule>()).DormantBecause);
    }

    [Fact]
    public void Name_services_behind_an_action_that_ends_all_are_never_asked()
    {
        ArtifactList list = ArtifactRun.Parse(new NsswitchParser(), "/etc/nsswitch.conf", "passwd: files systemd # x\nhosts:  files mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] dns\nbad\n");
        Assert.Equal(["passwd files", "passwd systemd", "hosts files", "hosts mdns4_minimal", "hosts resolve", "hosts dns (never)"],
            list.Of<NssService>().Select(service => service.Database + " " + service.Service + (service.DormantBecause is null ? "" : " (never)")));
        Assert.Contains("/usr/lib64/libnss_systemd.so.2", list.Of<NssService>()[1].NamedFiles);
    }
}
