using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Backing chains: read as QEMU reads them, and what a chain can make the program open.</summary>
public sealed class Qcow2BackingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cluster_size=512")]
    [InlineData("cluster_size=65536")]
    [InlineData("cluster_size=2097152")]
    [InlineData("cluster_size=65536,extended_l2=on")]
    public void Chain_of_three_reads_as_qemu_reads_it(string options)
    {
        string top = Chain(options);
        using var disk = new OpenedDisk(top);
        disk.AssertEquals(Qemu.Raw(top));
        Assert.Equal(["top.qcow2", "mid.qcow2", "base.raw"], disk.Opened);
        Assert.Equal("mid.qcow2 (qcow2), base.raw (raw)", disk.Fact("backing chain"));
        Assert.Empty(disk.Codes);
    }

    [Fact]
    public void Chain_in_another_format_each_reads_as_qemu_reads_it()
    {
        byte[] raw = TestDisk.Mixed(3 << 20, 11);
        string from = _folder.Write("base.raw", raw);
        Qemu.Img("convert", "-f", "raw", "-O", "vdi", from, _folder.File("0.vdi"));
        string previous = "vdi";
        foreach (string format in new[] { "qcow2", "qed", "qcow" })
        {
            string image = _folder.File(format + ".img");
            Qemu.Img(["create", "-q", "-f", format, "-F", previous, "-b", previous == "vdi" ? "0.vdi" : previous + ".img", image]);
            Qemu.Write(image, $"write -P 0x{format.Length + 1}1 {format.Length}00k 3k", $"write -P 0x55 {format.Length * 300}k 70k");
            previous = format;
        }
        using var disk = new OpenedDisk(_folder.File("qcow.img"));
        disk.AssertEquals(Qemu.Raw(_folder.File("qcow.img")));
        Assert.Equal(["qcow.img", "qed.img", "qcow2.img", "0.vdi"], disk.Opened);
        // Neither QED nor qcow name the format of what is behind them.
        Assert.Equal(["qed.backing.probed", "qcow.backing.probed"], disk.Codes);
    }

    [Theory]
    [InlineData("vpc", "subformat=dynamic,force_size=on")]
    [InlineData("vpc", "subformat=fixed,force_size=on")]
    [InlineData("vhdx", "subformat=dynamic")]
    [InlineData("parallels", "cluster_size=1048576")]
    public void Overlay_of_an_image_of_another_system_reads_as_qemu_reads_it(string format, string options)
    {
        string from = _folder.Write("disk.raw", TestDisk.Mixed(3 << 20, 13));
        Qemu.Img("convert", "-f", "raw", "-O", format, "-o", options, from, _folder.File("base.img"));
        string top = _folder.File("top.qcow2");
        Qemu.Img("create", "-q", "-f", "qcow2", "-F", format, "-b", "base.img", top, "3M");
        Qemu.Write(top, "write -P 0x41 1000k 100k", "write -z 2M 64k");
        using var disk = new OpenedDisk(top);
        disk.AssertEquals(Qemu.Raw(top));
        Assert.Empty(disk.Codes);
    }

    [Fact]
    public void Compressed_overlay_and_rebased_chain_read_as_qemu_reads_them()
    {
        string top = Chain("cluster_size=4096");
        string packed = _folder.File("packed.qcow2");
        Qemu.Img("convert", "-c", "-O", "qcow2", "-o", "cluster_size=4096", "-F", "qcow2", "-B", "mid.qcow2", top, packed);
        using (var disk = new OpenedDisk(packed))
        {
            disk.AssertEquals(Qemu.Raw(top));
        }
        Qemu.Img("rebase", "-u", "-F", "raw", "-b", "base.raw", top);
        using var rebased = new OpenedDisk(top);
        rebased.AssertEquals(Qemu.Raw(top));
        Assert.Equal(["top.qcow2", "base.raw"], rebased.Opened);
    }

    [Theory]
    [InlineData(1_000_000, 3 << 20)]
    [InlineData(512, 3 << 20)]
    [InlineData(5 << 20, 3 << 20)]
    public void Backing_file_shorter_or_longer_than_the_overlay_is_padded_or_cut(int length, int size)
    {
        _folder.Write("base.raw", TestDisk.Mixed(length & ~511, 3));
        string top = _folder.File("top.qcow2");
        Qemu.Img("create", "-q", "-f", "qcow2", "-F", "raw", "-b", "base.raw", top, size.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Qemu.Write(top, "write -P 0x77 2900k 3k");
        using var disk = new OpenedDisk(top);
        disk.AssertEquals(Qemu.Raw(top));
    }

    [Fact]
    public void Zero_clusters_hide_the_backing_file()
    {
        byte[] raw = new byte[1 << 20];
        raw.AsSpan().Fill(0x61);
        _folder.Write("base.raw", raw);
        foreach (string options in new[] { "cluster_size=65536", "cluster_size=65536,extended_l2=on" })
        {
            string top = _folder.File("top.qcow2");
            Qemu.Img("create", "-q", "-f", "qcow2", "-o", options, "-F", "raw", "-b", "base.raw", top);
            Qemu.Write(top, "write -z 128k 128k", "write -z 400k 2k", "write -z -u 512k 64k", "discard 640k 64k");
            using var disk = new OpenedDisk(top);
            disk.AssertEquals(Qemu.Raw(top));
            Assert.Equal(0, disk.Read()[130 << 10]);
            Assert.Equal(0x61, disk.Read()[0]);
        }
    }

    [Fact]
    public void Raw_backing_file_is_never_probed()
    {
        // A guest wrote a qcow2 header with a backing file of its own into the first sector of its raw disk.
        byte[] raw = new byte[1 << 20];
        Evil("canary").CopyTo(raw, 0);
        _folder.Write("base.raw", raw);
        _folder.Write("canary", Encoding.ASCII.GetBytes(new string('S', 4096)));
        string top = _folder.File("top.qcow2");
        Qemu.Img("create", "-q", "-f", "qcow2", "-F", "raw", "-b", "base.raw", top, "1M");
        using var disk = new OpenedDisk(top);
        disk.AssertEquals(raw);
        Assert.Equal(["top.qcow2", "base.raw"], disk.Opened);
        Assert.Empty(disk.Codes);
    }

    [Fact]
    public void Probed_backing_file_is_reported()
    {
        byte[] raw = TestDisk.Mixed(1 << 20, 5);
        _folder.Write("base.img", raw);
        string top = _folder.Write("top.qcow2", Evil("base.img", format: null, size: 1 << 20));
        using (var disk = new OpenedDisk(top))
        {
            disk.AssertEquals(raw);
            Assert.Equal(["qcow2.backing.probed"], disk.Codes);
            Assert.EndsWith("'base.img'; it was found by content: raw", disk.Diagnostics[0].Message, StringComparison.Ordinal);
        }
        // The same with a disk that a guest made look like qcow2: what it names is refused as from any image.
        Evil("/etc/passwd").CopyTo(raw, 0);
        _folder.Write("base.img", raw);
        (UnsupportedFeatureException error, string[] opened) = OpenedDisk.Refused<UnsupportedFeatureException>(top);
        Assert.Contains("'/etc/passwd'", error.Message, StringComparison.Ordinal);
        Assert.Equal(["top.qcow2", "base.img"], opened);
    }

    [Theory]
    [InlineData("canary-outside/canary")]
    [InlineData("/etc/passwd")]
    [InlineData("../canary")]
    [InlineData("json:{\"driver\":\"file\",\"filename\":\"/etc/passwd\"}")]
    [InlineData("json:{\"file.filename\":\"near\"}")]
    [InlineData("nbd://127.0.0.1:10809/x")]
    [InlineData("nbd:unix:/run/x:exportname=near")]
    [InlineData("http://127.0.0.1/near")]
    [InlineData("file:near")]
    [InlineData("\\\\127.0.0.1\\share\\near")]
    [InlineData("near\0")]
    [InlineData("link")]
    [InlineData("folder")]
    [InlineData("/dev/zero")]
    public void Name_that_leads_out_of_the_folder_is_refused_and_nothing_else_is_opened(string name)
    {
        Directory.CreateDirectory(_folder.File("in/folder"));
        _folder.Write("canary", [1, 2, 3]);
        _folder.Write("in/near", [1, 2, 3]);
        File.CreateSymbolicLink(_folder.File("in/link"), "/etc/passwd");
        string image = _folder.Write("in/evil.qcow2", Evil(name));
        (UnsupportedFeatureException error, string[] opened) = OpenedDisk.Refused<UnsupportedFeatureException>(image);
        Assert.StartsWith("not supported: qcow2 backing file '" + PathText.FromText(name) + "' (", error.Message, StringComparison.Ordinal);
        Assert.Equal(["evil.qcow2"], opened);
    }

    [Fact]
    public void Name_of_the_greatest_length_is_refused_as_not_there()
    {
        string image = _folder.Write("evil.qcow2", Evil(new string('x', 1023)));
        Assert.Contains("xxx", OpenedDisk.Refused<UnsupportedFeatureException>(image).Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Image_of_another_folder_is_found_beside_the_overlay_or_in_an_allowed_folder()
    {
        Directory.CreateDirectory(_folder.File("a"));
        Directory.CreateDirectory(_folder.File("b"));
        byte[] raw = TestDisk.Mixed(1 << 20, 6);
        _folder.Write("b/base.raw", raw);
        string top = _folder.File("a/top.qcow2");
        Qemu.Img("create", "-q", "-f", "qcow2", "-F", "raw", "-b", _folder.File("b/base.raw"), top, "1M");
        OpenedDisk.Refused<UnsupportedFeatureException>(top);
        using (var disk = new OpenedDisk(top, null, _folder.File("b")))
        {
            disk.AssertEquals(raw);
        }
        File.Move(_folder.File("b/base.raw"), _folder.File("a/base.raw"));
        using var beside = new OpenedDisk(top);
        beside.AssertEquals(raw);
    }

    [Fact]
    public void Chain_that_comes_back_to_itself_is_refused()
    {
        _folder.Write("a.qcow2", Evil("b.qcow2"));
        _folder.Write("b.qcow2", Evil("a.qcow2"));
        _folder.Write("self.qcow2", Evil("self.qcow2"));
        Assert.Contains("leads back to itself", OpenedDisk.Refused<UnsupportedFeatureException>(_folder.File("a.qcow2")).Error.Message, StringComparison.Ordinal);
        Assert.Contains("leads back to itself", OpenedDisk.Refused<UnsupportedFeatureException>(_folder.File("self.qcow2")).Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Chain_of_32_is_read_and_a_longer_one_is_refused()
    {
        for (int i = 0; i < 40; i++)
        {
            _folder.Write($"{i}.qcow2", Evil($"{i + 1}.qcow2"));
        }
        (UnsupportedFeatureException error, string[] opened) = OpenedDisk.Refused<UnsupportedFeatureException>(_folder.File("0.qcow2"));
        Assert.Contains("too long", error.Message, StringComparison.Ordinal);
        Assert.Equal(EvidenceFiles.LongestChain, opened.Length);
        _folder.Write("39.qcow2", new Qcow2Builder().Build());
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var disk = new OpenedDisk(_folder.File("8.qcow2"));
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (byte)i), disk.Read().Where((_, i) => i % Qcow2Builder.Cluster == 0));
        var content = (Parsers.Bytes.ISparseByteSource)disk.Disk.Content;
        Assert.True(content.NextData(0, out long start, out long length));
        Assert.Equal((0, disk.Disk.Content.Length), (start, length));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Chain_of_the_largest_tables_is_bounded_in_memory()
    {
        // 4,194,304 entries each, all holes of the file: two fit the bound, a third does not.
        for (int i = 0; i < 4; i++)
        {
            using FileStream file = File.Create(_folder.File($"{i}.qcow2"));
            file.Write(Evil($"{i + 1}.qcow2", clusterBits: 9, size: 1UL << 37, entries: 4194304));
            file.SetLength(64 << 20);
        }
        Assert.Contains("tables of a chain of images", OpenedDisk.Refused<LimitExceededException>(_folder.File("0.qcow2")).Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stated_format_that_is_not_read_or_not_there_is_refused_by_name()
    {
        _folder.Write("base", TestDisk.Mixed(4096, 1));
        Assert.Equal("not supported: qcow2 backing file 'base' of the format 'blkdebug\\x1b'",
            OpenedDisk.Refused<UnsupportedFeatureException>(_folder.Write("a.qcow2", Evil("base", format: "blkdebug\u001b"))).Error.Message);
        Assert.Equal("qcow2.backing", OpenedDisk.Refused<CorruptDataException>(_folder.Write("b.qcow2", Evil("base", format: "qcow2"))).Error.Structure);
    }

    [Fact]
    public void Damage_of_a_backing_file_says_where_it_is()
    {
        _folder.Write("base.qcow2", new Qcow2Builder().UInt64(Qcow2Builder.L2, 1UL << 40).Build());
        using var disk = new OpenedDisk(_folder.Write("top.qcow2", Evil("base.qcow2", format: "qcow2")));
        disk.Read();
        Diagnostic only = Assert.Single(disk.Diagnostics);
        Assert.Equal("qcow2.cluster.past-end", only.Code);
        Assert.StartsWith("in the backing file 'base.qcow2': ", only.Message, StringComparison.Ordinal);
        Assert.True(only.LosesContent);
    }

    [Fact]
    public void Damage_of_the_overlay_never_shows_the_backing_file()
    {
        _folder.Write("base.qcow2", new Qcow2Builder().Build());
        byte[] top = Evil("base.qcow2", format: "qcow2");
        BinaryPrimitives.WriteUInt64BigEndian(top.AsSpan(40), 1UL << 40);
        using var disk = new OpenedDisk(_folder.Write("top.qcow2", top));
        Assert.False(disk.Read().AsSpan().ContainsAnyExcept((byte)0));
        Assert.Equal(["qcow2.l1.past-end"], disk.Codes);
    }

    /// <summary>raw, then two overlays of it: written, zeroed, discarded, and parts shorter than a cluster.</summary>
    private string Chain(string options)
    {
        _folder.Write("base.raw", TestDisk.Mixed((5 << 20) + 1536, 4));
        Qemu.Img("create", "-q", "-f", "qcow2", "-o", options, "-F", "raw", "-b", "base.raw", _folder.File("mid.qcow2"));
        Qemu.Write(_folder.File("mid.qcow2"), "write -P 0x6d 100k 300k", "write -z 1M 200k", "write -P 0x6e 3333k 1k", "write -z 4000k 1k");
        Qemu.Img("create", "-q", "-f", "qcow2", "-o", options, "-F", "qcow2", "-b", "mid.qcow2", _folder.File("top.qcow2"));
        Qemu.Write(_folder.File("top.qcow2"), "write -P 0x74 200k 10k", "write -z 350k 100k", "write -P 0x75 1100k 1k", "write -P 0x76 5120k 1k");
        return _folder.File("top.qcow2");
    }

    /// <summary>An image of which nothing is stored and that names a backing file, by hand: no tool writes such names.</summary>
    private static byte[] Evil(string name, string? format = "qcow2", uint clusterBits = 12, ulong size = 8 * Qcow2Builder.Cluster, uint entries = 1)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        var builder = new Qcow2Builder();
        builder.UInt64(8, 256).UInt32(16, (uint)bytes.Length).UInt32(20, clusterBits).UInt64(24, size).UInt32(36, entries).Bytes(256, new byte[256]).Bytes(256, bytes);
        builder.UInt64(Qcow2Builder.L1, 0);
        return (format is null ? builder : builder.Extension(0xE2792ACA, Encoding.UTF8.GetBytes(format))).Build();
    }
}
