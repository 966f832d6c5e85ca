using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class TmpfilesParserTests
{
    private const string Path = "/etc/tmpfiles.d/a.conf";

    private static TmpfilesEntry Entry(string line, string path = Path) => Assert.Single(ArtifactRun.Parse(new TmpfilesParser(), path, line + "\n").Of<TmpfilesEntry>());

    [Fact]
    public void A_line_has_seven_fields_and_the_last_is_the_rest()
    {
        TmpfilesEntry entry = Entry("f+!  \"/etc/my file\"  04755 root - - one  two\\nthree\\x41");
        Assert.Equal(("f+!", "/etc/my file", 0x9ED, "root", "one  two\nthreeA"), (entry.Type, entry.Path, entry.Mode, entry.User, entry.Argument));
        Assert.Equal(TmpfilesTarget.Other, entry.Target);
        Assert.Null(Entry("d /run/x").Mode);
        Assert.Equal(0x1FF, Entry("d /run/x ~0777 - - -").Mode);
    }

    [Theory]
    [InlineData("f+ /etc/cron.d/a 0644 root root - 5 * * * * root /usr/bin/x\\\\%y%z\\n", TmpfilesTarget.CronTable, "/usr/bin/x%y\nz")]
    [InlineData("f /var/spool/cron/crontabs/root - - - - @reboot /usr/bin/x", TmpfilesTarget.CronTable, "/usr/bin/x")]
    [InlineData("w+ /etc/systemd/system/a.service - - - - [Service]\\nExecStart=-/usr/bin/x y\\n", TmpfilesTarget.Unit, "/usr/bin/x y")]
    [InlineData("f /etc/profile.d/a.sh - - - - /usr/bin/x &", TmpfilesTarget.StartupScript, "/usr/bin/x &")]
    public void What_is_written_into_a_place_that_starts_things_is_a_command(string line, TmpfilesTarget target, string command)
    {
        TmpfilesEntry entry = Entry(line);
        Assert.Equal(target, entry.Target);
        Assert.Equal(command, Assert.Single(entry.Commands).Text);
    }

    [Fact]
    public void Base64_is_decoded_and_what_is_none_stays()
    {
        Assert.Equal("a b", Entry("f+~ /etc/ld.so.preload - - - - YSBi").Argument);
        Assert.Equal("%%%", Entry("f+~ /etc/ld.so.preload - - - - %%%%%%").Argument);
    }

    [Theory]
    [InlineData("L+ /etc/systemd/system/a.service - - - - /opt/a.service", "/opt/a.service")]
    [InlineData("C /etc/cron.daily/a 0755 - - - /usr/share/a", "/usr/share/a")]
    public void Links_and_copies_into_such_places_name_their_source(string line, string source) => Assert.Equal([source], Entry(line).NamedFiles);

    [Theory]
    [InlineData("L /run/app.sock - - - - /srv/app.sock")]
    [InlineData("C! /etc/pam.d - - - -")]
    [InlineData("w /sys/kernel/mm/transparent_hugepage/enabled - - - - never")]
    [InlineData("d /var/spool/cron/crontabs 1730 root crontab -")]
    public void Everyday_lines_start_nothing(string line)
    {
        Assert.Empty(Entry(line).NamedFiles);
        Assert.Empty(Entry(line).Commands);
    }

    [Fact]
    public void Only_files_ending_in_conf_are_read_and_content_of_credentials_is_not_here()
    {
        Assert.Contains(".conf", Entry("d /run/x", "/etc/tmpfiles.d/a.bak").DormantBecause);
        Assert.Null(Entry("d /run/x").DormantBecause);
        TmpfilesEntry credential = Entry("f^ /root/.ssh/authorized_keys 600 root root - ssh.keys");
        Assert.Equal((true, TmpfilesTarget.AuthorizedKeys), (credential.IsFromCredential, credential.Target));
    }

    [Fact]
    public void Hostile_files_are_bounded()
    {
        ArtifactRun.SurvivesGarbage(new TmpfilesParser(), Path, "f+ /etc/cron.d/a - - - - * * * * * root x\\n\n", "L+ \"/a b\" - - - - /x\n", "f~ /etc/x - - - - YSBi\n");
        ArtifactRun.SurvivesHostileSizes(new TmpfilesParser(), Path, "d /r\n");
    }
}
