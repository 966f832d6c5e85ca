using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>What package managers are told to run, and where they take packages from.</summary>
public sealed class PackageManagerTests
{
    [Fact]
    public void Options_of_dpkg_that_run_something_are_commands()
    {
        IReadOnlyList<DpkgHook> hooks = Parse<DpkgHook>(new DpkgConfigParser(), "/etc/dpkg/dpkg.cfg.d/90local",
            "# comment\nforce-unsafe-io\npath-exclude=/usr/share/doc/*\npost-invoke=/usr/local/bin/after\npre-invoke \"logger before\"\n--status-logger='tee /var/log/s'\npost-invoke=\n");

        Assert.Equal(["/usr/local/bin/after", "logger before", "tee /var/log/s"], hooks.Select(hook => hook.Command));
        Assert.Equal(["post-invoke", "pre-invoke", "status-logger"], hooks.Select(hook => hook.Option));
        Assert.Equal([4, 5, 6], hooks.Select(hook => hook.Location.Line!.Value));
        Assert.All(hooks, hook => Assert.True(hook.Commands[0].ThroughShell && hook.DormantBecause is null));
    }

    [Fact]
    public void A_name_that_dpkg_passes_over_makes_a_hook_dormant() =>
        Assert.NotNull(Assert.Single(Parse<DpkgHook>(new DpkgConfigParser(), "/etc/dpkg/dpkg.cfg.d/90local.conf", "post-invoke=/x\n")).Commands[0].DormantBecause);

    [Fact]
    public void A_macro_that_runs_commands_states_each_of_them()
    {
        IReadOnlyList<RpmMacro> macros = Parse<RpmMacro>(new RpmMacroParser(), "/etc/rpm/macros.local",
            "# comment\n%dist .el9\n%packager %(echo a (b) c)\n%two() \\\n  first %(/bin/x) \\\n  %(/bin/y\n%broken %(\nno macro %(z)\n");

        Assert.Equal(["packager", "two"], macros.Select(macro => macro.Macro));
        Assert.Equal("echo a (b) c", Assert.Single(macros[0].Commands).Text);
        Assert.Equal(["/bin/x", "/bin/y"], macros[1].Commands.Select(command => command.Text));
        Assert.Equal(4, macros[1].Location.Line);
    }

    [Fact]
    public void The_lead_of_an_rpm_names_it()
    {
        byte[] lead = new byte[96];
        ((byte[])[0xED, 0xAB, 0xEE, 0xDB, 3]).CopyTo(lead, 0);
        "bash-5.1-1"u8.CopyTo(lead.AsSpan(10));

        RpmPackageFile package = Assert.Single(Parse<RpmPackageFile>(new RpmDatabaseFileParser(), "/var/lib/rpm/a.rpm", lead));
        Assert.True(package.IsPackage);
        Assert.Equal("bash-5.1-1", package.StatedName);
        Assert.False(Assert.Single(Parse<RpmPackageFile>(new RpmDatabaseFileParser(), "/var/lib/rpm/a.rpm", lead[..95])).IsPackage);
    }

    [Theory]
    [InlineData("deb http://host.example/debian bookworm main", "http://host.example/debian", null)]
    [InlineData("deb [trusted=yes] http://203.0.113.9/debian ./", "http://203.0.113.9/debian", "trusted=yes")]
    [InlineData("deb [ arch=amd64  allow-insecure=yes ] https://host.example x # note", "https://host.example", "allow-insecure=yes")]
    [InlineData("deb-src [signed-by=/k.gpg trusted=no] cdrom:[Debian]/ x y", "cdrom:[Debian]/", null)]
    [InlineData("deb http://[2001:db8::1]/debian x", "http://[2001:db8::1]/debian", null)]
    public void A_line_of_apt_names_its_source_and_what_is_not_checked(string line, string url, string? lax)
    {
        PackageRepository repository = Assert.Single(Parse<PackageRepository>(new PackageRepositoryParser(), "/etc/apt/sources.list", "# deb http://no\n" + line + "\n"));

        Assert.Equal([url], repository.Urls);
        Assert.Equal(lax, repository.UncheckedBecause);
        Assert.Equal(lax is null ? null : false, repository.ChecksSignatures);
        Assert.Equal(2, repository.Location.Line);
    }

    [Fact]
    public void Paragraphs_of_apt_are_sources()
    {
        IReadOnlyList<PackageRepository> found = Parse<PackageRepository>(new PackageRepositoryParser(), "/etc/apt/sources.list.d/a.sources",
            "Types: deb\nURIs: http://a.example\n http://b.example\nSuites: x\nEnabled: no\nSigned-By: /k\n\n\n# note\nURIs: http://c.example\nTrusted: yes\n");

        Assert.Equal(2, found.Count);
        Assert.Equal(["http://a.example", "http://b.example"], found[0].Urls);
        Assert.False(found[0].IsEnabled);
        Assert.Null(found[0].ChecksSignatures);
        Assert.Equal("trusted: yes", found[1].UncheckedBecause);
    }

    [Fact]
    public void Sections_of_yum_and_lines_of_apk_are_sources()
    {
        IReadOnlyList<PackageRepository> yum = Parse<PackageRepository>(new PackageRepositoryParser(), "/etc/yum.repos.d/a.repo",
            "[main]\nkey=1\n[a]\nname=A\nbaseurl=http://a.example\n        http://b.example\ngpgcheck=0\nenabled = 1\n[b]\nmirrorlist=https://c.example\ngpgcheck=1\nenabled=0\n");
        Assert.Equal(["a", "b"], yum.Select(repository => repository.Name));
        Assert.Equal(["http://a.example", "http://b.example"], yum[0].Urls);
        Assert.Equal((false, true), (yum[0].ChecksSignatures, yum[1].ChecksSignatures));
        Assert.Equal((true, false), (yum[0].IsEnabled, yum[1].IsEnabled));

        IReadOnlyList<PackageRepository> apk = Parse<PackageRepository>(new PackageRepositoryParser(), "/etc/apk/repositories", "#http://no\nhttps://a.example/main\n@edge http://b.example/x\n/media/cdrom/apks\n");
        Assert.Equal(["https://a.example/main", "http://b.example/x", "/media/cdrom/apks"], apk.Select(repository => repository.Urls[0]));
    }

    [Fact]
    public void A_maintainer_script_names_its_package_and_runs_without_an_execute_bit()
    {
        StartupScript script = Assert.Single(Parse<StartupScript>(new PackageScriptParser(), "/var/lib/dpkg/info/libc6:amd64.postinst", "#!/bin/sh\nset -e\n/usr/sbin/ldconfig\n"));

        Assert.Equal((StartupPlace.PackageScript, "libc6", "dpkg"), (script.Place, script.Package, script.PackageManager));
        Assert.Contains(script.Commands, command => command is { Text: "/usr/sbin/ldconfig", Trigger: "postinst of the package libc6", DormantBecause: null });
    }

    public static TheoryData<ArtifactParser> All => [new DpkgConfigParser(), new RpmMacroParser(), new RpmDatabaseFileParser(), new PackageRepositoryParser(), new PackageScriptParser(), new SystemProgramParser()];

    [Theory]
    [MemberData(nameof(All))]
    public void Hostile_content_ends_soon_and_within_bounds(ArtifactParser parser)
    {
        string[] pieces = ["%a %(", "[a]\nbaseurl=http://x,", "deb [trusted=yes", "post-invoke=\"", "\0/", "%x \\\n", "URIs: a b c\n\n", "(((("];
        foreach (string piece in pieces)
        {
            byte[] content = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(piece, (256 << 10) / piece.Length)));
            foreach (string path in new[] { "/etc/dpkg/dpkg.cfg", "/etc/apt/sources.list", "/etc/apt/sources.list.d/a.sources", "/etc/yum.repos.d/a.repo", "/etc/apk/repositories", "/usr/sbin/sshd" })
            {
                var found = new ArtifactList();
                parser.Parse(new ArtifactInput(new EvidenceLocation("d", "v", 0, path, 1), new FileEntry { Type = FileType.Regular }, content) { Limits = new ScanLimits() }, new Bounded(found));
                Assert.True(found.Artifacts.Count <= ScanLimits.Default.ArtifactsPerFile);
            }
        }
    }

    /// <summary>As the pipeline does: a file of more artefacts than the limit ends.</summary>
    private sealed class Bounded(ArtifactList list) : IArtifactSink
    {
        public void Add(Artifact artifact)
        {
            if (list.Artifacts.Count < ScanLimits.Default.ArtifactsPerFile)
            {
                list.Add(artifact);
            }
        }

        public void Report(Diagnostic diagnostic) => list.Report(diagnostic);
    }

    private static IReadOnlyList<T> Parse<T>(ArtifactParser parser, string path, string text) where T : Artifact => Parse<T>(parser, path, Encoding.UTF8.GetBytes(text));

    private static IReadOnlyList<T> Parse<T>(ArtifactParser parser, string path, byte[] content) where T : Artifact
    {
        var found = new ArtifactList();
        parser.Parse(new ArtifactInput(new EvidenceLocation("disk.raw", "gpt1@1048576", 1048576, path, 12), new FileEntry { Type = FileType.Regular }, content), found);
        Assert.All(found.Artifacts, artifact => Assert.IsType<T>(artifact));
        return [.. found.Artifacts.Cast<T>()];
    }
}
