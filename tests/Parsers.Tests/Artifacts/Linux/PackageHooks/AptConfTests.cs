using System.Diagnostics;
using System.Text;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.PackageHooks;

public sealed class AptConfTests
{
    private const string Path = "/etc/apt/apt.conf.d/50x";

    private static string[] Commands(string text, string path = Path) => [.. ArtifactRun.Parse(new AptConfParser(), path, text).Of<HookCommand>().Select(hook => $"{hook.Trigger[4..]}|{hook.Command}")];

    [Theory]
    [InlineData("DPkg::Post-Invoke {\"a\";};", "DPkg::Post-Invoke|a")]
    [InlineData("DPkg::Post-Invoke:: \"a\";", "DPkg::Post-Invoke|a")]
    [InlineData("DPkg\n{\n Post-Invoke { \"a b\"; \"c;d\"; };\n Pre-Invoke { \"e\" };\n};\n", "DPkg::Post-Invoke|a b", "DPkg::Post-Invoke|c;d", "DPkg::Pre-Invoke|e")]
    [InlineData("dpkg::pre-install-pkgs {\"/usr/sbin/x --apt || true\";};", "dpkg::pre-install-pkgs|/usr/sbin/x --apt || true")]
    [InlineData("// DPkg::Post-Invoke {\"a\";};\n# DPkg::Post-Invoke {\"b\";};\n/* DPkg::Post-Invoke {\"c\";};\n */ DPkg::Post-Invoke {\"http://d//e#f\";};", "DPkg::Post-Invoke|http://d//e#f")]
    [InlineData("Acquire::http::Proxy-Auto-Detect \"/bin/p\"; Acquire::https::ProxyAutoDetect \"/bin/q\";", "Acquire::http::Proxy-Auto-Detect|/bin/p", "Acquire::https::ProxyAutoDetect|/bin/q")]
    [InlineData("binary::apt::AptCli::Hooks::Upgrade { \"[ -f /x ] && /x || true\"; };", "AptCli::Hooks::Upgrade|[ -f /x ] && /x || true")]
    [InlineData("Dir::Bin::dpkg \"/tmp/dpkg\"; Dir::Bin { gzip \"gzip\"; xz \"/x/xz\"; };", "Dir::Bin::dpkg|/tmp/dpkg", "Dir::Bin::xz|/x/xz")]
    [InlineData("DPkg::Options { \"--force-confold\"; \"--post-invoke=/bin/x\"; };", "DPkg::Options|/bin/x")]
    [InlineData("APT::Compressor::zz::Binary \"/opt/zz\";", "APT::Compressor::zz::Binary|/opt/zz")]
    [InlineData("APT::Periodic::Enable \"1\"; Acquire::http::Proxy \"http://cache:3142\";")]
    public void Keys_that_run_something_yield_commands(string text, params string[] expected) => Assert.Equal(expected, Commands(text));

    [Fact]
    public void A_later_clear_takes_earlier_entries_back()
    {
        HookCommand[] hooks = [.. ArtifactRun.Parse(new AptConfParser(), Path, "DPkg::Post-Invoke {\"a\";};\n#clear DPkg::Post-Invoke;\nDPkg::Post-Invoke {\"b\";};\n").Of<HookCommand>()];
        Assert.Equal(["a later #clear of the same file takes it back", null], hooks.Select(hook => hook.DormantBecause));
        Assert.Equal((3, 52L), (hooks[1].Location.Line, hooks[1].Location.ByteOffset));
    }

    [Theory]
    [InlineData("50x", true)]
    [InlineData("50x.conf", true)]
    [InlineData("50x.disabled", false)]
    [InlineData("50x~", false)]
    [InlineData(".50x", false)]
    [InlineData("50x.conf.dpkg-old", false)]
    public void Names_decide_what_apt_reads(string name, bool isRead) =>
        Assert.Equal(isRead, ArtifactRun.Parse(new AptConfParser(), "/etc/apt/apt.conf.d/" + name, "DPkg::Post-Invoke {\"a\";};").Of<HookCommand>().Single().DormantBecause is null);

    [Fact]
    public void An_include_names_its_file() =>
        Assert.Equal(["/etc/apt/more.d/", "/tmp/x"], ArtifactRun.Parse(new AptConfParser(), Path, "#include \"more.d/\";\n#include \"/tmp/x\";\n").Of<HookFile>().Select(file => file.Target + (file.Target.EndsWith("more.d", StringComparison.Ordinal) ? "/" : "")));

    /// <summary>The same files, read by apt itself.</summary>
    [Theory]
    [InlineData("A::B \"1\"; A::C {\"x\";\"y\";};\n")]
    [InlineData("A { B \"1\"; C { D \"2\"; E { \"p\"; \"q\"; }; }; };\nA::C::E:: \"r\";\n")]
    [InlineData("/* one\n two */ A::B \"v\"; // tail\nF { \"http://x//y\"; };\n")]
    [InlineData("DPkg::Post-Invoke { \"rm -f /var/cache/apt/*.deb || true\"; };\nDir::Cache::pkgcache2 \"\"; A::Z \"z\";\n")]
    [InlineData("A\n{\n  B\n  {\n    \"one\";\n    \"two; { } // three\";\n  };\n};\n")]
    [InlineData("A::B \"1\";#clear A::B;\nA::C \"2\";\n")]
    public void It_reads_what_apt_config_reads(string text)
    {
        const string Tool = "/usr/bin/apt-config";
        if (!File.Exists(Tool))
        {
            Assert.Skip("no apt on this machine");
        }
        string file = System.IO.Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "Dir::Etc::parts \"/nonexistent\";\nDir::Etc::main \"/nonexistent\";\n" + text);
            var start = new ProcessStartInfo(Tool, ["dump"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["APT_CONFIG"] = file;
            using Process process = Process.Start(start)!;
            string[] dump = process.StandardOutput.ReadToEnd().Split('\n');
            // "A::C:: "x";" is an element of a list, "A::C "";" the list itself.
            string[] theirs = [.. dump.Where(line => (line.StartsWith("A", StringComparison.Ordinal) && !line.StartsWith("AP", StringComparison.Ordinal) && !line.StartsWith("Ac", StringComparison.Ordinal)) || line.StartsWith('F') || line.StartsWith("DPkg::Post", StringComparison.Ordinal))
                .Where(line => !line.EndsWith(" \"\";", StringComparison.Ordinal)).Select(line => line.Replace(":: ", " ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
            IReadOnlyList<AptSetting> settings = AptConfiguration.Read(TextLines.Read(Encoding.UTF8.GetBytes(text), ScanLimits.Default), 1000, out bool isCut);
            var cleared = settings.Where(setting => setting.Statement == AptStatement.Clear).Select(setting => setting.Value).ToHashSet(StringComparer.Ordinal);
            string[] ours = [.. settings.Where(setting => setting.Statement == AptStatement.Set && setting.Value.Length > 0 && !cleared.Contains(setting.Key)).Select(setting => $"{setting.Key} \"{setting.Value}\";").Order(StringComparer.Ordinal)];
            Assert.False(isCut);
            Assert.Equal(theirs, ours);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Nesting_and_size_are_bounded()
    {
        var deep = new StringBuilder();
        for (int i = 0; i < 100_000; i++)
        {
            deep.Append("a{");
        }
        Assert.Contains(ArtifactRun.Parse(new AptConfParser(), Path, deep.Append("DPkg::Post-Invoke {\"a\";};").ToString()).Diagnostics, diagnostic => diagnostic.LosesContent);
        ArtifactRun.SurvivesHostileSizes(new AptConfParser(), Path, "DPkg::Post-Invoke{\"a\";};\n");
        ArtifactRun.SurvivesHostileSizes(new AptConfParser(), Path, "a{\"\n");
        ArtifactRun.SurvivesGarbage(new AptConfParser(), Path, "DPkg::Post-Invoke {\"a\";};", "#clear A;", "/*", "//");
    }
}
