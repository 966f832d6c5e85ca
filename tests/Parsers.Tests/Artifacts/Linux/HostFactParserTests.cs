using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class HostFactParserTests
{
    private static string Facts(string path, string text) =>
        string.Join('|', ArtifactRun.Parse(new HostFactParser(), path, text).Of<HostFact>().Select(fact => fact.Name + "=" + fact.Value));

    [Fact]
    public void Os_release_of_debian_and_alibaba_cloud_linux()
    {
        Assert.Equal("os.prettyName=Debian GNU/Linux 12 (bookworm)|os.name=Debian GNU/Linux|os.versionId=12|os.versionCodename=bookworm|os.id=debian",
            Facts("/usr/lib/os-release", """
                PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
                NAME="Debian GNU/Linux"
                VERSION_ID="12"
                VERSION="12 (bookworm)"
                VERSION_CODENAME=bookworm
                ID=debian
                HOME_URL="https://www.debian.org/"

                """));
        Assert.Equal("os.name=Alibaba Cloud Linux|os.id=alinux|os.idLike=rhel fedora centos anolis|os.versionId=3|os.prettyName=Alibaba Cloud Linux 3 (Soaring Falcon)",
            Facts("/etc/os-release", "NAME=\"Alibaba Cloud Linux\"\nID=\"alinux\"\nID_LIKE=\"rhel fedora centos anolis\"\nVERSION_ID=\"3\"\n"
                + "PRETTY_NAME=\"Alibaba Cloud Linux 3 (Soaring Falcon)\"\nANSI_COLOR=\"0;31\"\n"));
    }

    [Theory]
    [InlineData("NAME='a b'", "a b")]
    [InlineData("NAME=\"a \\\"b\\\" \\$c \\\\ \\x\"", "a \"b\" $c \\ \\x")]
    [InlineData("NAME=a\\ b", "a b")]
    [InlineData("NAME=\"open", "open")]
    public void Quotes_and_escapes_of_os_release(string line, string value) => Assert.Equal("os.name=" + value, Facts("/etc/os-release", line + "\n"));

    [Theory]
    [InlineData("/etc/hostname", "\n# c\nweb-01\n", "hostName=web-01")]
    [InlineData("/etc/machine-id", "0123456789ABCDEF0123456789abcdef\n", "machineId=0123456789abcdef0123456789abcdef")]
    [InlineData("/etc/machine-id", "uninitialized\n", "")]
    [InlineData("/etc/machine-id", "", "")]
    [InlineData("/etc/timezone", "Asia/Shanghai\n", "timeZone=Asia/Shanghai")]
    [InlineData("/etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n", "os.release=CentOS Linux release 7.9.2009 (Core)")]
    [InlineData("/etc/debian_version", "12.5\n", "os.release=12.5")]
    [InlineData("/etc/alpine-release", "3.19.1\n", "os.release=3.19.1")]
    public void Small_files(string path, string text, string expected) => Assert.Equal(expected, Facts(path, text));

    [Theory]
    [InlineData("/usr/share/zoneinfo/Asia/Shanghai", "Asia/Shanghai")]
    [InlineData("../usr/share/zoneinfo/Etc/UTC", "Etc/UTC")]
    [InlineData("/usr/share/zoneinfo/posix/Europe/Berlin", "Europe/Berlin")]
    public void Time_zone_is_the_target_of_localtime(string target, string zone)
    {
        HostFact fact = Assert.Single(ArtifactRun.ParseLink(new HostFactParser(), "/etc/localtime", target).Of<HostFact>());
        Assert.Equal(("timeZone", zone), (fact.Name, fact.Value));
    }

    [Fact]
    public void Links_elsewhere_give_nothing()
    {
        Assert.Empty(ArtifactRun.ParseLink(new HostFactParser(), "/etc/localtime", "/tmp/x").Artifacts);
        Assert.Empty(ArtifactRun.ParseLink(new HostFactParser(), "/etc/os-release", "../usr/lib/os-release").Artifacts);
    }

    [Fact]
    public void Bad_machine_id_is_reported()
    {
        ArtifactList list = ArtifactRun.Parse(new HostFactParser(), "/etc/machine-id", "xyz\n");
        Assert.Empty(list.Artifacts);
        Assert.Single(list.Diagnostics);
    }

    [Fact]
    public void Garbage_ends_quickly()
    {
        foreach (string path in new HostFactParser().Claims)
        {
            ArtifactRun.SurvivesGarbage(new HostFactParser(), path, "ID=\"a\\\n", "NAME='");
        }
        ArtifactRun.SurvivesHostileSizes(new HostFactParser(), "/etc/os-release", "ID=a\n");
    }
}
