using System.Text;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Images.Vmdk;

/// <summary>A descriptor names files, never places: what lies elsewhere, is no plain file or leads back is never opened. Canaries lie where a name points.</summary>
public sealed class VmdkReferenceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Names()
    {
        var data = new TheoryData<string, string>();
        foreach (string type in new[] { "FLAT", "VMFS", "SPARSE", "SESPARSE", "parent" })
        {
            foreach (string name in new[]
            {
                "/etc/shadow", @"..\..\canary", "../canary", "/dev/sda", "/dev/zero", "pipe", "/proc/self/mem", "link", @"\\.\PhysicalDrive0", @"\\server\share\canary", "//server/canary",
                "nbd://host/canary", "json:{'driver':'raw'}", "file:///etc/shadow", "..", ".", "", "folder", "empty", "here\\", "\u001b[31mcanary",
            })
            {
                data.Add(type, name);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void File_elsewhere_device_link_pipe_or_address_is_refused_and_never_opened(string type, string name)
    {
        string inner = Directory.CreateDirectory(_folder.File("a/b")).FullName;
        File.WriteAllText(_folder.File("canary"), "secret");
        File.WriteAllText(_folder.File("a/canary"), "secret");
        File.CreateSymbolicLink(Path.Combine(inner, "link"), _folder.File("canary"));
        Directory.CreateDirectory(Path.Combine(inner, "folder"));
        File.WriteAllBytes(Path.Combine(inner, "empty"), []);
        TestTools.Run("mkfifo", Path.Combine(inner, "pipe"));
        string image = Path.Combine(inner, "disk.vmdk");
        string text = type == "parent"
            ? $"# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=22222222\nparentFileNameHint=\"{name}\"\ncreateType=\"monolithicFlat\"\nRW 2 ZERO\n"
            : $"# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 2 {type} \"{name}\" 0\n";
        File.WriteAllText(image, text);
        (UnsupportedFeatureException refusal, string[] opened) = OpenedDisk.Refused<UnsupportedFeatureException>(image);
        Assert.DoesNotContain('\u001b', refusal.Message);
        Assert.Equal(["disk.vmdk"], opened);
    }

    [Fact]
    public void Extent_that_is_refused_beside_sound_ones_is_zeros_and_a_loss()
    {
        _folder.Write("a.raw", [.. Enumerable.Repeat((byte)7, 1024)]);
        string image = _folder.Write("disk.vmdk", "# Disk DescriptorFile\nversion=1\nRW 2 FLAT \"a.raw\" 0\nRW 2 FLAT \"/etc/shadow\" 0\nNOACCESS 2 FLAT \"a.raw\" 0\nRW 2 VMFSRDM \"a.raw\"\n"u8.ToArray());
        using OpenedDisk disk = new OpenedDisk(image);
        byte[] content = disk.Read();
        Assert.Equal(4096, content.Length);
        Assert.False(content.AsSpan(0, 1024).ContainsAnyExcept((byte)7));
        Assert.False(content.AsSpan(1024).ContainsAnyExcept((byte)0));
        Assert.Equal(3, disk.Diagnostics.Count(diagnostic => diagnostic is { Code: "vmdk.extent.unreadable", LosesContent: true }));
        Assert.Equal(["disk.vmdk", "a.raw"], disk.Opened);
    }

    [Theory]
    [InlineData("fullDevice")]
    [InlineData("partitionedDevice")]
    [InlineData("vmfsRaw")]
    [InlineData("vmfsRDM")]
    [InlineData("vmfsPassthroughRawDeviceMap")]
    public void Disk_on_a_device_is_refused_by_its_type(string createType)
    {
        _folder.Write("a.raw", new byte[1024]);
        string image = _folder.Write("disk.vmdk", Encoding.UTF8.GetBytes($"# Disk DescriptorFile\nversion=1\ncreateType=\"{createType}\"\nRW 2 FLAT \"a.raw\" 0\n"));
        Assert.Contains(createType, OpenedDisk.Refused<UnsupportedFeatureException>(image).Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Delta_that_is_its_own_parent_or_its_grandparent_is_refused()
    {
        WriteDelta("self.vmdk", "self.vmdk");
        WriteDelta("a.vmdk", "b.vmdk");
        WriteDelta("b.vmdk", "x/a.vmdk");
        foreach (string name in new[] { "self.vmdk", "a.vmdk", "b.vmdk" })
        {
            Assert.Contains("leads back to itself", OpenedDisk.Refused<UnsupportedFeatureException>(_folder.File(name)).Error.Message, StringComparison.Ordinal);
        }
        string extent = _folder.Write("e.vmdk", "# Disk DescriptorFile\nversion=1\nRW 2 FLAT \"e.vmdk\" 0\n"u8.ToArray());
        Assert.Contains("leads back to itself", OpenedDisk.Refused<UnsupportedFeatureException>(extent).Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    [InlineData(1000, false)]
    public void Chain_of_deltas_ends_at_thirty_two_files(int files, bool isRead)
    {
        for (int i = 1; i < files; i++)
        {
            WriteDelta($"d{i}.vmdk", $"d{i + 1}.vmdk");
        }
        _folder.Write($"d{files}.vmdk", "# Disk DescriptorFile\nversion=1\nCID=00000001\nparentCID=ffffffff\nRW 2 ZERO\n"u8.ToArray());
        if (isRead)
        {
            using OpenedDisk disk = new OpenedDisk(_folder.File("d1.vmdk"));
            Assert.Equal(new byte[1024], disk.Read());
            Assert.Empty(disk.Diagnostics);
            return;
        }
        Assert.Contains("too long", OpenedDisk.Refused<UnsupportedFeatureException>(_folder.File("d1.vmdk")).Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parent_is_found_in_a_folder_the_user_allowed()
    {
        string other = Directory.CreateDirectory(_folder.File("parents")).FullName;
        TestTools.Run("qemu-img", "create", "-q", "-f", "vmdk", Path.Combine(other, "base.vmdk"), "1M");
        TestTools.Run("qemu-io", "-c", "write -P 0x33 0 64k", Path.Combine(other, "base.vmdk"));
        TestTools.Run("qemu-img", "create", "-q", "-f", "vmdk", "-F", "vmdk", "-b", Path.Combine(other, "base.vmdk"), _folder.File("top.vmdk"));
        Assert.Throws<UnsupportedFeatureException>(() => new OpenedDisk(_folder.File("top.vmdk")));
        using OpenedDisk disk = new OpenedDisk(_folder.File("top.vmdk"), null, other);
        Assert.Equal(0x33, disk.Read()[65535]);
        Assert.Empty(disk.Diagnostics);
    }

    [Fact]
    public void Parent_that_is_no_vmdk_is_refused()
    {
        _folder.Write("base.vmdk", new byte[4096]);
        WriteDelta("top.vmdk", "base.vmdk");
        Assert.Contains("no VMDK", OpenedDisk.Refused<UnsupportedFeatureException>(_folder.File("top.vmdk")).Error.Message, StringComparison.Ordinal);
    }

    private void WriteDelta(string name, string parent) => _folder.Write(name, Encoding.UTF8.GetBytes(
        $"# Disk DescriptorFile\nversion=1\nCID=00000001\nparentCID=00000001\nparentFileNameHint=\"{parent}\"\nRW 2 ZERO\n"));
}
