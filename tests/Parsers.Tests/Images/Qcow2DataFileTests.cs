using System.Text;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>External data files: read as QEMU reads them, opened only under the rules for every file an image names.</summary>
public sealed class Qcow2DataFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("off", "off")]
    [InlineData("on", "off")]
    [InlineData("off", "on")]
    public void Image_with_a_data_file_reads_as_qemu_reads_it(string raw, string extended)
    {
        string image = Make($"data_file={_folder.File("data.img")},data_file_raw={raw},extended_l2={extended}");
        byte[] expected = Qemu.Raw(image);
        using var disk = new OpenedDisk(image);
        disk.AssertEquals(expected);
        Assert.Equal(["image.qcow2", "data.img"], disk.Opened);
        Assert.Equal("data.img" + (raw == "on" ? " (raw)" : ""), disk.Fact("external data file"));
        Assert.Empty(disk.Codes);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../canary")]
    [InlineData("json:{\"driver\":\"file\"}")]
    [InlineData("nbd://127.0.0.1/x")]
    [InlineData("near\0")]
    [InlineData("link")]
    public void Data_file_that_is_no_plain_file_beside_the_image_is_refused(string name)
    {
        Directory.CreateDirectory(_folder.File("in"));
        _folder.Write("canary", [1, 2, 3]);
        _folder.Write("in/near", [1, 2, 3]);
        File.CreateSymbolicLink(_folder.File("in/link"), "/etc/passwd");
        string image = _folder.Write("in/evil.qcow2", WithDataFile(name).Build());
        (UnsupportedFeatureException error, string[] opened) = OpenedDisk.Refused<UnsupportedFeatureException>(image);
        Assert.StartsWith("not supported: qcow2 external data file '" + PathText.FromText(name) + "' (", error.Message, StringComparison.Ordinal);
        Assert.Equal(["evil.qcow2"], opened);
    }

    [Fact]
    public void Name_patched_in_an_image_that_qemu_made_opens_nothing()
    {
        string image = Make($"data_file={_folder.File("data.img")},data_file_raw=on");
        byte[] bytes = File.ReadAllBytes(image);
        byte[] name = Encoding.ASCII.GetBytes(_folder.File("data.img"));
        int at = bytes.AsSpan().IndexOf(name);
        Encoding.ASCII.GetBytes(("/etc/" + new string('/', name.Length))[..(name.Length - 6)] + "shadow").CopyTo(bytes, at);
        (UnsupportedFeatureException error, string[] opened) = OpenedDisk.Refused<UnsupportedFeatureException>(_folder.Write("image.qcow2", bytes));
        Assert.Contains("shadow'", error.Message, StringComparison.Ordinal);
        Assert.Equal(["image.qcow2"], opened);
    }

    [Fact]
    public void Image_that_is_its_own_data_file_is_refused()
    {
        string image = _folder.Write("self.qcow2", WithDataFile("self.qcow2").Build());
        Assert.Contains("leads back to itself", OpenedDisk.Refused<UnsupportedFeatureException>(image).Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_file_without_a_name_is_refused() =>
        Assert.Equal("not supported: qcow2 external data file without a name",
            OpenedDisk.Refused<UnsupportedFeatureException>(_folder.Write("x.qcow2", new Qcow2Builder().UInt64(72, 4).Build())).Error.Message);

    [Fact]
    public void Entry_that_is_compressed_or_lies_elsewhere_reads_as_zeros()
    {
        byte[] data = new byte[8 * Qcow2Builder.Cluster];
        data.AsSpan().Fill(0x5A);
        _folder.Write("data", data);
        Qcow2Builder builder = WithDataFile("data");
        for (int i = 0; i < 8; i++)
        {
            builder.UInt64(Qcow2Builder.L2 + i * 8, (ulong)i * Qcow2Builder.Cluster | 1UL << 63);
        }
        builder.UInt64(Qcow2Builder.L2 + 8, 5 * Qcow2Builder.Cluster | 1UL << 63).UInt64(Qcow2Builder.L2 + 16, 1UL << 62 | 4096).UInt64(Qcow2Builder.L2 + 24, 0);
        using var disk = new OpenedDisk(_folder.Write("x.qcow2", builder.Build()));
        byte[] content = disk.Read();
        Assert.Equal([0x5A, 0, 0, 0, 0x5A, 0x5A, 0x5A, 0x5A], content.Where((_, i) => i % Qcow2Builder.Cluster == 0));
        Diagnostic only = Assert.Single(disk.Diagnostics);
        Assert.Equal("qcow2.data-file.entry", only.Code);
        Assert.True(only.LosesContent);
    }

    [Fact]
    public void Data_file_that_is_cut_reads_as_zeros_and_says_so()
    {
        string image = Make($"data_file={_folder.File("data.img")}");
        byte[] whole = Qemu.Raw(image);
        using (FileStream data = File.OpenWrite(_folder.File("data.img")))
        {
            data.SetLength(700 << 10);
        }
        using var disk = new OpenedDisk(image);
        whole.AsSpan(700 << 10).Clear();
        Assert.Equal(whole, disk.Read());
        Assert.Equal(["qcow2.cluster.past-end"], disk.Codes);
    }

    private string Make(string options)
    {
        string image = _folder.File("image.qcow2");
        Qemu.Img("create", "-q", "-f", "qcow2", "-o", options, image, "2M");
        Qemu.Write(image, "write -P 0x41 0 300k", "write -P 0x42 640k 200k", "write -z 128k 64k", "write -P 0x43 1999k 1k", "discard 64k 64k");
        return image;
    }

    private static Qcow2Builder WithDataFile(string name) => new Qcow2Builder().UInt64(72, 4).Extension(0x44415441, Encoding.UTF8.GetBytes(name));
}
