using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class FstabParserTests
{
    private const string Path = "/etc/fstab";

    [Fact]
    public void Reads_the_file_that_an_installer_writes()
    {
        const string text = "# /etc/fstab: static file system information.\n#\n# <file system> <mount point>   <type>  <options>       <dump>  <pass>\n"
            + "UUID=0a1b2c3d-0000-4000-8000-000000000001 /               ext4    errors=remount-ro 0       1\n\n"
            + "\t/dev/mapper/vg0-var\t/var ext4 defaults,noatime 0 2\n/dev/sr0        /media/cdrom0   udf,iso9660 user,noauto     0       0\nUUID=ff none swap sw 0 0\n";
        List<FstabEntry> entries = ArtifactRun.Parse(new FstabParser(), Path, text).Of<FstabEntry>();

        Assert.Equal(
            ["UUID=0a1b2c3d-0000-4000-8000-000000000001 / ext4 errors=remount-ro 0 1", "/dev/mapper/vg0-var /var ext4 defaults+noatime 0 2", "/dev/sr0 /media/cdrom0 udf,iso9660 user+noauto 0 0", "UUID=ff none swap sw 0 0"],
            entries.Select(entry => $"{entry.Source} {entry.MountPoint} {entry.FileSystemType} {string.Join('+', entry.Options)} {entry.DumpFrequency} {entry.CheckPass}"));
        Assert.Equal([4, 6, 7, 8], entries.Select(entry => entry.Location.Line));
        Assert.Equal(text.IndexOf("\t/dev/mapper", StringComparison.Ordinal), entries[1].Location.ByteOffset);
        Assert.Equal([false, false, true, false], entries.Select(entry => entry.IsNoAuto));
        Assert.Equal(MountMedium.Swap, entries[3].Medium);
    }

    [Theory]
    [InlineData(@"LABEL=my\040disk /srv/my\040data ext4", "LABEL=my disk", "/srv/my data")]
    [InlineData(@"LABEL=a\011b /a\134b ext4", "LABEL=a\tb", @"/a\b")]
    [InlineData(@"LABEL=\303\244 /\303\244 ext4", "LABEL=ä", "/ä")]
    [InlineData("""LABEL="root" / ext4""", "LABEL=root", "/")]
    [InlineData(@"LABEL=x\04 /\400\999 ext4", @"LABEL=x\04", "/\0\\999")]
    public void Octal_escapes_and_quotes_of_tags_are_taken_off(string line, string source, string mountPoint)
    {
        FstabEntry entry = Assert.Single(ArtifactRun.Parse(new FstabParser(), Path, line + "\n").Of<FstabEntry>());
        Assert.Equal((source, mountPoint), (entry.Source, entry.MountPoint));
    }

    [Theory]
    [InlineData("/dev/sda1 / ext4", MountMedium.Device)]
    [InlineData("LABEL=a:/b /x auto", MountMedium.Device)]
    [InlineData("tmpfs /tmp tmpfs size=1G", MountMedium.Virtual)]
    [InlineData("/srv/a /srv/b none bind", MountMedium.Bind)]
    [InlineData("overlay /merged overlay lowerdir=/a,upperdir=/b,workdir=/c", MountMedium.Overlay)]
    [InlineData("server:/export /mnt nfs4 ro", MountMedium.Network)]
    [InlineData("server:/export /mnt auto", MountMedium.Network)]
    [InlineData("//server/share /mnt cifs credentials=/root/.c", MountMedium.Network)]
    [InlineData("/images/a.iso /mnt iso9660 loop", MountMedium.ImageFile)]
    [InlineData("/swapfile none swap sw", MountMedium.Swap)]
    public void What_is_mounted_is_told_apart(string line, MountMedium expected) =>
        Assert.Equal(expected, Assert.Single(ArtifactRun.Parse(new FstabParser(), Path, line).Of<FstabEntry>()).Medium);

    [Fact]
    public void Lines_of_too_few_fields_are_said_and_skipped_and_fields_may_be_missing_at_the_end()
    {
        ArtifactList list = ArtifactRun.Parse(new FstabParser(), Path, "/dev/sda1 /\n/dev/sda2 /var ext4\n/dev/sda3 /x ext4 ro # note\n/dev/sda4 /y ext4 ro one two\n");
        Assert.Equal(["/var", "/x", "/y"], list.Of<FstabEntry>().Select(entry => entry.MountPoint));
        Assert.Equal([(0, 0), (0, 0), (null, (int?)null)], list.Of<FstabEntry>().Select(entry => (entry.DumpFrequency, entry.CheckPass)));
        Assert.Equal("linux.fstab.line", Assert.Single(list.Diagnostics).Code);
    }

    [Fact]
    public void Noise_is_survived() => ArtifactRun.SurvivesGarbage(new FstabParser(), Path, @"UUID=1 /var\040x ext4 defaults 0 2" + "\n", "\\0\\04\\04");

    [Fact]
    public void Millions_of_lines_and_one_huge_line_are_bounded() => ArtifactRun.SurvivesHostileSizes(new FstabParser(), Path, "/dev/sda1 /a ext4 defaults 0 0\n");
}
