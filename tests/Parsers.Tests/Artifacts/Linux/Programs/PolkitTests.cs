using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Programs;

public sealed class PolkitTests
{
    private static PolkitRule Rule(string body) => Assert.Single(ArtifactRun.Parse(new PolkitRulesParser(), "/etc/polkit-1/rules.d/10-x.rules", "polkit.addRule(function(action, subject) {" + body + "});").Of<PolkitRule>());

    [Theory]
    [InlineData("return polkit.Result.YES;", false, false)]
    [InlineData("return \"yes\";", false, false)]
    [InlineData("if (true) { return polkit.Result.YES; }", false, false)]
    [InlineData("if (action.id.indexOf(\"\") == 0) { return polkit.Result.YES; }", false, false)]
    [InlineData("if (action.id == \"a.b.c\") return polkit.Result.NO; return polkit.Result.YES;", false, false)]
    [InlineData("if (action.id == \"a.b.c\") { return polkit.Result.NO; } else { return polkit.Result.YES; }", false, false)]
    [InlineData("if (action.id != \"a.b.c\") { return polkit.Result.YES; }", false, false)]
    [InlineData("if (action.id == \"a.b.c\") { return polkit.Result.YES; }", true, false)]
    [InlineData("if (action.id == \"a.b.c\" && subject.isInGroup(\"g1\")) { return polkit.Result.YES; }", true, true)]
    [InlineData("if (action.id == \"a.b.c\") if (subject.user == \"bob\") return polkit.Result.YES;", true, true)]
    [InlineData("if (!subject.isInGroup(\"wheel\")) return; return polkit.Result.YES;", false, true)]
    [InlineData("if (!subject.isInGroup(\"wheel\")) { return polkit.Result.NOT_HANDLED; } if (action.id != \"a.b.c\") { return; } return polkit.Result.YES;", true, true)]
    [InlineData("var id = action.id; if (id == \"a.b.c\") { return polkit.Result.YES; }", true, false)]
    [InlineData("switch (action.id) { case \"a.b.c\": return polkit.Result.YES; }", true, false)]
    [InlineData("var ids = [\"a.b.c\"]; if (ids.indexOf(action.id) >= 0) { return polkit.Result.YES; }", true, false)]
    [InlineData("if (/^org\\.libvirt\\./.test(action.id)) { return polkit.Result.YES; }", true, false)]
    [InlineData("return subject.isInGroup(\"wheel\") ? polkit.Result.YES : polkit.Result.NO;", false, true)]
    [InlineData("if (action.id == \"a.b.c\") { polkit.log(\"x\"); } return polkit.Result.YES;", false, false)]
    [InlineData("/* if (action.id == \"a.b.c\") */ return polkit.Result.YES; // subject.user", false, false)]
    public void A_grant_is_as_wide_as_its_conditions(string body, bool action, bool subject)
    {
        PolkitRule rule = Rule(body);
        Assert.Equal((true, action, subject), (rule.Grants, rule.TestsAction, rule.TestsSubject));
    }

    [Theory]
    [InlineData("return polkit.Result.NO;")]
    [InlineData("polkit.log(\"polkit.Result.YES\");")]
    [InlineData("return polkit.Result.AUTH_ADMIN_KEEP;")]
    [InlineData("")]
    public void What_is_no_grant(string body) => Assert.False(Rule(body).Grants);

    [Fact]
    public void Names_are_kept_and_parameters_may_have_any_name()
    {
        PolkitRule[] rules = [.. ArtifactRun.Parse(new PolkitRulesParser(), "/etc/polkit-1/rules.d/a.rules",
            "// x\npolkit.addRule(function(a, s) {\n if (a.id == 'org.x.y' && s.user == 'bob') return polkit.Result.YES;\n});\npolkit.addAdminRule(function(a,s){ return ['unix-group:wheel', 'unix-user:eve']; });\npolkit.addRule((q, w) => { polkit.spawn(['/bin/sh', '-c', 'x y']); });\n").Of<PolkitRule>()];
        Assert.Equal((2, "org.x.y", "unix-user:bob"), (rules[0].Location.Line ?? 0, string.Join(',', rules[0].Actions), string.Join(',', rules[0].Identities)));
        Assert.Equal((PolkitForm.AdminRule, "unix-group:wheel,unix-user:eve", 5), (rules[1].Form, string.Join(',', rules[1].Identities), rules[1].Location.Line ?? 0));
        Assert.Equal(["'/bin/sh' '-c' 'x y'"], rules[2].Commands.Select(command => command.Text));
    }

    [Fact]
    public void Local_authority_is_read_by_groups()
    {
        PolkitRule[] rules = [.. ArtifactRun.Parse(new PolkitAuthorityParser(), "/etc/polkit-1/localauthority/50-local.d/a.pkla",
            "[One]\nIdentity=unix-user:*\nAction=*\nResultAny=yes\n[Two]\nIdentity=unix-group:sudo;unix-user:bob\nAction=org.a;org.b\nResultActive=yes\n[Three]\nIdentity=unix-user:*\nAction=*\nResultAny=auth_admin\n").Of<PolkitRule>()];
        Assert.Equal([(false, false, 2), (true, true, 6)], rules.Select(rule => (rule.TestsAction, rule.TestsSubject, rule.Location.Line ?? 0)));
    }

    [Fact]
    public void Declared_actions_are_facts_when_they_grant()
    {
        const string Text = "<?xml version=\"1.0\"?><!DOCTYPE policyconfig PUBLIC \"-//x\" \"http://x/y.dtd\" [<!ENTITY a \"aaaa\">]><policyconfig>"
            + "<action id=\"a.one\"><defaults><allow_any>auth_admin</allow_any><allow_active>yes</allow_active></defaults></action>"
            + "<action id=\"a.two\"><defaults><allow_any>yes</allow_any></defaults><annotate key=\"org.freedesktop.policykit.exec.path\">/usr/bin/x</annotate></action></policyconfig>";
        PolkitRule rule = Assert.Single(ArtifactRun.Parse(new PolkitAuthorityParser(), "/usr/share/polkit-1/actions/a.policy", Text).Of<PolkitRule>());
        Assert.Equal(("a.two", "/usr/bin/x", "allow_any=yes"), (rule.Actions[0], rule.Spawned[0], rule.Condition));
    }

    [Fact]
    public void Hostile_input_is_bounded()
    {
        ArtifactRun.SurvivesHostileSizes(new PolkitRulesParser(), "/etc/polkit-1/rules.d/a.rules", "polkit.addRule(function(a){if(a){return polkit.Result.YES;");
        ArtifactRun.SurvivesHostileSizes(new PolkitRulesParser(), "/etc/polkit-1/rules.d/a.rules", "polkit.addRule(if(a.id == \"a.b\")");
        ArtifactRun.SurvivesHostileSizes(new PolkitRulesParser(), "/etc/polkit-1/rules.d/a.rules", "polkit.addRule(a b c ");
        ArtifactRun.SurvivesHostileSizes(new PolkitAuthorityParser(), "/etc/polkit-1/localauthority/50-local.d/a.pkla", "[a]\nResultAny=yes\n[b]\nResultAny=yes\n");
        ArtifactRun.SurvivesGarbage(new PolkitRulesParser(), "/etc/polkit-1/rules.d/a.rules", "polkit.addRule(function(a,s){return polkit.Result.YES;});", "if (", "/a[/]/", "`");
        ArtifactRun.SurvivesGarbage(new PolkitAuthorityParser(), "/usr/share/polkit-1/actions/a.policy", "<policyconfig><action id=\"a\"><allow_any>yes</allow_any></action>");
        string deep = string.Concat(Enumerable.Repeat("<a>", 200_000));
        Assert.Contains(ArtifactRun.Parse(new PolkitAuthorityParser(), "/usr/share/polkit-1/actions/a.policy", Encoding.UTF8.GetBytes(deep)).Diagnostics, diagnostic => diagnostic.LosesContent);
    }
}
