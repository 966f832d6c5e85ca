using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Forensics.Parsers.Images.Qcow2;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Internal snapshots of images that QEMU wrote read as what QEMU reads after it went back to them.</summary>
public sealed class Qcow2SnapshotTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("compat=1.1,cluster_size=512")]
    [InlineData("compat=1.1,cluster_size=65536")]
    [InlineData("compat=1.1,cluster_size=65536,extended_l2=on")]
    [InlineData("compat=0.10,cluster_size=4096")]
    public void Each_snapshot_reads_as_qemu_reads_it_after_going_back(string options)
    {
        string image = Make(options, grow: true);
        foreach ((string id, string name) in new[] { ("1", "clean install"), ("2", "2") })
        {
            string copy = _folder.File("copy.qcow2");
            File.Copy(image, copy, overwrite: true);
            Qemu.Img("snapshot", "-a", name, copy);
            using var disk = new OpenedDisk(image, id);
            disk.AssertEquals(Qemu.Raw(copy));
            Assert.Equal(name, disk.Disk.Snapshot?.Name);
            Assert.Empty(disk.Codes);
        }
        using var active = new OpenedDisk(image);
        active.AssertEquals(Qemu.Raw(image));
        Assert.Null(active.Disk.Snapshot);
    }

    [Fact]
    public void Snapshots_are_listed_with_id_name_time_and_size()
    {
        string image = Make("compat=1.1", grow: true);
        using var disk = new OpenedDisk(image);
        Assert.Equal(["1", "2", "3"], disk.Disk.Snapshots.Select(snapshot => snapshot.Id));
        Assert.Equal(["clean install", "2", "1"], disk.Disk.Snapshots.Select(snapshot => snapshot.Name));
        Assert.Equal([1 << 20, 3 << 20, 3 << 20], disk.Disk.Snapshots.Select(snapshot => snapshot.VirtualSize));
        Assert.All(disk.Disk.Snapshots, snapshot => Assert.InRange(snapshot.Taken!.Value, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(1)));
    }

    [Fact]
    public void Snapshot_is_found_by_id_before_name()
    {
        string image = Make("compat=1.1", grow: false);
        using var byId = new OpenedDisk(image, "1");
        Assert.Equal("clean install", byId.Disk.Snapshot?.Name);
        using var byName = new OpenedDisk(image, "clean install");
        Assert.Equal("1", byName.Disk.Snapshot?.Id);
    }

    [Fact]
    public void Unknown_snapshot_is_refused_naming_those_that_exist()
    {
        string image = Make("compat=1.1", grow: false);
        (UnsupportedFeatureException error, _) = OpenedDisk.Refused<UnsupportedFeatureException>(image, "nosuch\u001b[2J");
        Assert.Equal("not supported: internal snapshot 'nosuch\\x1b[2J', which the image does not have (it has 1 'clean install', 2 '2', 3 '1')", error.Message);
        Qemu.Img("create", "-q", "-f", "qcow2", _folder.File("none.qcow2"), "1M");
        Assert.EndsWith("(it has none)", OpenedDisk.Refused<UnsupportedFeatureException>(_folder.File("none.qcow2"), "1").Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Snapshot_of_an_overlay_shows_the_backing_file_of_the_image()
    {
        Qemu.Img("create", "-q", "-f", "qcow2", _folder.File("base.qcow2"), "2M");
        Qemu.Write(_folder.File("base.qcow2"), "write -P 0x61 0 1M");
        string image = _folder.File("over.qcow2");
        Qemu.Img("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", "base.qcow2", image, "2M");
        Qemu.Write(image, "write -P 0x62 512k 256k");
        Qemu.Img("snapshot", "-c", "s", image);
        Qemu.Write(image, "write -P 0x63 0 2M");
        using var disk = new OpenedDisk(image, "s");
        byte[] expected = new byte[2 << 20];
        expected.AsSpan(0, 1 << 20).Fill(0x61);
        expected.AsSpan(512 << 10, 256 << 10).Fill(0x62);
        disk.AssertEquals(expected);
    }

    [Fact]
    public void Entry_with_more_extra_data_or_none_is_read()
    {
        // Entries: none (as old images have), and 40 bytes whose later fields nobody knows.
        byte[] image = WithTable(2, [.. Entry("7", "old", 0), .. Entry("8", "new", 40, diskSize: 4096)]);
        DiskImage disk = Open(image, null, out _);
        Assert.Equal([new ImageSnapshot("7", "old", null, 32768), new ImageSnapshot("8", "new", null, 4096)], disk.Snapshots);
        Assert.Equal(4096, Open(image, "new", out _).Content.Length);
    }

    [Theory]
    [InlineData(3u)]
    [InlineData(65536u)]
    public void Table_that_ends_early_lists_what_is_there_and_the_active_state_opens(uint stated)
    {
        DiskImage disk = Open(WithTable(stated, [.. Entry("1", "a", 16, 4096), .. Entry("2", "b", uint.MaxValue)]), null, out DiagnosticList diagnostics);
        Assert.Equal("a", Assert.Single(disk.Snapshots).Name);
        Diagnostic cut = Assert.Single(diagnostics.Items);
        Assert.Equal("qcow2.snapshots.cut", cut.Code);
        Assert.False(cut.LosesContent);
        Assert.Equal(1, disk.Content.ReadAt(0, new byte[1]));
    }

    [Fact]
    public void Table_outside_the_file_is_reported()
    {
        byte[] image = new Qcow2Builder().UInt32(60, 1).UInt64(64, ulong.MaxValue).Build();
        Assert.Empty(Open(image, null, out DiagnosticList diagnostics).Snapshots);
        Assert.Equal("qcow2.snapshots.cut", Assert.Single(diagnostics.Items).Code);
    }

    [Fact]
    public void Names_are_shown_escaped()
    {
        DiskImage disk = Open(WithTable(1, Entry("1", "a/b\u001b]0;x\u0007\u202e", 0)), null, out _);
        Assert.Equal("a/b\\x1b]0;x\\x07\\xe2\\x80\\xae", Assert.Single(disk.Snapshots).Name);
        Assert.NotNull(Open(WithTable(1, Entry("1", "a\u202eb", 0)), "a\u202eb", out _).Snapshot);
    }

    [Fact]
    public void Snapshot_with_an_l1_table_that_cannot_be_is_refused_or_reads_as_zeros()
    {
        byte[] misaligned = WithTable(1, Entry("1", "a", 16, 4096, l1: 512));
        Assert.Equal("qcow2.snapshot.l1_table_offset", Assert.Throws<CorruptDataException>(() => Open(misaligned, "1", out _)).Structure);
        byte[] huge = WithTable(1, Entry("1", "a", 16, (1UL << 63) - 512));
        Assert.Equal("qcow2.header.size", Assert.Throws<CorruptDataException>(() => Open(huge, "1", out _)).Structure);
        Assert.Equal(long.MaxValue - 511, Assert.Single(Open(huge, null, out _).Snapshots).VirtualSize);

        DiskImage small = Open(WithTable(1, Entry("1", "a", 16, 32768, entries: 0)), "1", out DiagnosticList diagnostics);
        byte[] content = new byte[32768];
        Assert.Equal(32768, small.Content.ReadAt(0, content));
        Assert.False(content.AsSpan().ContainsAnyExcept((byte)0));
        Assert.Equal("qcow2.snapshot.l1-short", Assert.Single(diagnostics.Items).Code);

        DiskImage outside = Open(WithTable(1, Entry("1", "a", 16, 32768, l1: 1UL << 50)), "1", out diagnostics);
        Assert.Equal(32768, outside.Content.ReadAt(0, content));
        Assert.Equal("qcow2.snapshot.l1.past-end", Assert.Single(diagnostics.Items).Code);
    }

    [Fact]
    public void Names_of_very_many_snapshots_are_bounded()
    {
        byte[] entry = Entry("1", new string('n', 60000), 0);
        byte[] table = new byte[entry.Length * 1000];
        for (int i = 0; i < 1000; i++)
        {
            entry.CopyTo(table, i * entry.Length);
        }
        DiskImage disk = Open(WithTable(1000, table), null, out DiagnosticList diagnostics);
        Assert.InRange(disk.Snapshots.Count, 200, 400);
        Assert.Equal("qcow2.snapshots.cut", Assert.Single(diagnostics.Items).Code);
    }

    private string Make(string options, bool grow)
    {
        string image = _folder.File("s.qcow2");
        Qemu.Img("create", "-q", "-f", "qcow2", "-o", options, image, "1M");
        Qemu.Write(image, "write -P 0x41 0 300k", "write -P 0x42 700k 10k");
        Qemu.Img("snapshot", "-c", "clean install", image);
        if (grow && !options.Contains("0.10", StringComparison.Ordinal))
        {
            Qemu.Img("resize", "-q", image, "3M");
        }
        Qemu.Write(image, "write -P 0x43 100k 64k", "write -z 640k 128k", "discard 0 64k", "write -P 0x44 1020k 4k");
        Qemu.Img("snapshot", "-c", "2", image);
        Qemu.Write(image, "write -P 0x45 0 1M");
        Qemu.Img("snapshot", "-c", "1", image);
        Qemu.Write(image, "write -P 0x46 500k 1k");
        return image;
    }

    private static DiskImage Open(byte[] image, string? snapshot, out DiagnosticList diagnostics)
    {
        diagnostics = new DiagnosticList();
        var context = new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None) { Images = new ImageAccess { Snapshot = snapshot } };
        return new Qcow2Format().Open(new MemorySource(image), context);
    }

    /// <summary>The builder's image with a snapshot table behind its clusters.</summary>
    private static byte[] WithTable(uint count, byte[] table)
    {
        byte[] image = new Qcow2Builder().UInt32(60, count).UInt64(64, 11 * Qcow2Builder.Cluster).Build();
        return [.. image, .. table];
    }

    private static byte[] Entry(string id, string name, uint extra, ulong diskSize = 0, ulong l1 = Qcow2Builder.L1, uint entries = 1)
    {
        byte[] names = System.Text.Encoding.UTF8.GetBytes(id + name);
        int stored = (int)Math.Min(extra, 64);
        byte[] entry = new byte[(40 + stored + names.Length + 7) & ~7];
        BinaryPrimitives.WriteUInt64BigEndian(entry, l1);
        BinaryPrimitives.WriteUInt32BigEndian(entry.AsSpan(8), entries);
        BinaryPrimitives.WriteUInt16BigEndian(entry.AsSpan(12), (ushort)id.Length);
        BinaryPrimitives.WriteUInt16BigEndian(entry.AsSpan(14), (ushort)(names.Length - id.Length));
        BinaryPrimitives.WriteUInt32BigEndian(entry.AsSpan(36), extra);
        if (stored >= 16)
        {
            BinaryPrimitives.WriteUInt64BigEndian(entry.AsSpan(48), diskSize);
        }
        names.CopyTo(entry, 40 + stored);
        return entry;
    }
}
