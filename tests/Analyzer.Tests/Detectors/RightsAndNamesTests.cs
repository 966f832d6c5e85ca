using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Formats;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

/// <summary><see cref="SetIdDetector"/>, <see cref="CapabilityDetector"/>, <see cref="HiddenNameDetector"/>, <see cref="MinerConfigurationDetector"/>: L-SUID, L-CAPS, L-HIDDEN, L-MINERCFG.</summary>
public sealed class RightsAndNamesTests
{
    private const int SetUser = 0x9ED;

    private static Severity? Of(Case host, string id) => host.Judge().Where(finding => finding.Rule.Id.StartsWith(id + ".", StringComparison.Ordinal)).Select(finding => (Severity?)finding.Severity).Max();

    [Theory]
    [InlineData("/usr/bin/bash", Severity.Critical)]
    [InlineData("/usr/bin/python3.11", Severity.Critical)]
    [InlineData("/usr/bin/vim.basic", Severity.Critical)]
    [InlineData("/var/lib/docker/overlay2/1/diff/bin/bash", Severity.High)]
    [InlineData("/usr/bin/sudo", null)]
    [InlineData("/var/lib/docker/overlay2/1/diff/bin/su", null)]
    [InlineData("/snap/core22/1/usr/bin/mount", null)]
    [InlineData("/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/12/fs/usr/bin/newgrp", null)]
    [InlineData("/tmp/x", Severity.Critical)]
    [InlineData("/usr/local/share/.x", Severity.Critical)]
    [InlineData("/var/spool/x", Severity.High)]
    public void Setuid_of_root_is_judged_by_name_and_place(string path, Severity? expected) => Assert.Equal(expected, Of(Case.Debian().File(path, ContentKind.ElfExecutable, mode: SetUser), "L-SUID"));

    [Fact]
    public void A_copy_of_a_shell_is_told_by_its_content()
    {
        Case host = Case.Debian().Elf("/usr/bin/dash").File("/usr/local/bin/sysinfo", ContentKind.ElfExecutable, mode: SetUser);
        Finding finding = Assert.Single(host.Judge(), finding => finding.Rule.Id == "L-SUID.copied-shell");
        Assert.Contains("/usr/bin/dash", finding.Message);
        Assert.Equal(["chattr -ia /usr/local/bin/sysinfo", "rm /usr/local/bin/sysinfo"], finding.Remediation);
    }

    [Theory]
    [InlineData("/usr/bin/python3.11", 7, Severity.Critical)]
    [InlineData("/usr/bin/python3.11", 10, Severity.Info)]
    [InlineData("/usr/bin/ping", 13, null)]
    [InlineData("/usr/bin/newuidmap", 7, null)]
    [InlineData("/tmp/x", 21, Severity.Critical)]
    [InlineData("/srv/tool", 21, Severity.Medium)]
    [InlineData("/usr/local/bin/caddy", 10, null)]
    public void Capabilities_are_judged_by_what_they_grant(string path, int capability, Severity? expected)
    {
        Case host = Case.Debian().File(path, ContentKind.ElfExecutable).Change(path, file => file with { Capabilities = new FileCapabilities(1UL << capability, 0, true, 0) });
        Assert.Equal(expected, Of(host, "L-CAPS"));
    }

    [Fact]
    public void Capabilities_of_a_user_namespace_count_less()
    {
        Case host = Case.Debian().File("/usr/bin/python3", ContentKind.ElfExecutable).Change("/usr/bin/python3", file => file with { Capabilities = new FileCapabilities(1UL << 7, 0, true, 100_000) });
        Assert.Equal(Severity.High, Of(host, "L-CAPS"));
    }

    [Theory]
    [InlineData("/tmp/.../a", Deception.DotsAndBlanks)]
    [InlineData("/usr/lib/.. /a", Deception.DotsAndBlanks)]
    [InlineData("/etc/passwd ", Deception.TrailingBlank)]
    [InlineData(@"/root/a\xe2\x80\xaegpj.sh", Deception.Direction)]
    [InlineData(@"/usr/bin/l\xe2\x80\x8bs", Deception.Invisible)]
    [InlineData("/tmp/.X25-unix/a", Deception.SocketDirectory)]
    [InlineData("/var/tmp/.X11-unix", Deception.SocketDirectory)]
    [InlineData("/tmp/.X11-unix/a", Deception.InSocketDirectory)]
    [InlineData("/tmp/.X11-unix", Deception.None)]
    [InlineData("/home/a/notes ", Deception.None)]
    [InlineData("/home/a/.config/x.y", Deception.None)]
    [InlineData("/usr/share/a b/c", Deception.None)]
    [InlineData("/srv/.git/HEAD", Deception.None)]
    public void Deceptive_names_are_told(string path, Deception expected) => Assert.Equal(expected, DeceptiveNames.Find(path)?.Why ?? Deception.None);

    [Theory]
    [InlineData("rsyslodg", "rsyslogd")]
    [InlineData("systemd-loginc", "systemd-logind")]
    [InlineData("dockrd", "dockerd")]
    [InlineData("rsyslogd", null)]
    [InlineData("apache2", null)]
    [InlineData("httpd2", null)]
    [InlineData("postgrest", null)]
    public void A_name_that_misses_a_daemon_by_one_letter_is_told(string name, string? expected) => Assert.Equal(expected, MasqueradeNames.OneLetterFrom(name));

    [Fact]
    public void Several_weak_signs_make_one_finding_also_when_nothing_starts_the_program()
    {
        static Case Host(string path, bool alien)
        {
            Case host = Case.Debian().File(path, ContentKind.ElfExecutable, size: 100_000, flags: 0x80010);
            host.Add(new ExecutableFacts(host.At(path)) { Machine = "x86-64", IsLibrary = false, IsStatic = true, IsStripped = true, HasNoSections = false, Entropy = 7.9, MinerWords = ["rx/0", "job_id"] });
            return alien ? host.Alien(path) : host;
        }
        Assert.Equal(Severity.High, Of(Host("/usr/lib/modprobe-helper", alien: true), "L-EXECLOC"));
        Assert.Null(Of(Host("/usr/lib/modprobe-helper", alien: false), "L-EXECLOC"));
        Assert.Null(Of(Host("/opt/tool/tool", alien: true), "L-EXECLOC"));
    }

    [Fact]
    public void A_program_with_pool_and_words_of_miners_is_told_wherever_it_lies_but_a_list_of_pools_is_none()
    {
        static Case Host(params string[] pools)
        {
            Case host = Case.Debian().File("/opt/app/worker", ContentKind.ElfExecutable);
            return host.Add(new ExecutableFacts(host.At("/opt/app/worker")) { Machine = "x86-64", IsLibrary = false, IsStatic = false, HasNoSections = false, MinerWords = ["rx/0"], Pools = pools });
        }
        Assert.Equal(Severity.High, Of(Host("pool.supportxmr.com"), "L-EXECLOC"));
        Assert.Null(Of(Host([.. Enumerable.Range(0, 9).Select(i => $"p{i}.example")]), "L-EXECLOC"));
    }
}
