using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace Forensics.Parsers.Tests.Images.Vmdk;

/// <summary>The kinds of extent that only ESX writes read as QEMU reads them.</summary>
public sealed class EsxDiskTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SeSparse_extent_reads_as_qemu_reads_it()
    {
        byte[] raw = TestDisk.Mixed(40 << 20, seed: 31);
        raw.AsSpan(17 << 20, 2 << 20).Clear();
        string image = EsxDiskWriter.Write(_folder, "d.vmdk", EsxDiskWriter.Descriptor("seSparse", raw.Length, "SESPARSE", "d-sesparse.vmdk"), "d-sesparse.vmdk", EsxDiskWriter.SeSparse(raw));
        AssertQemuAgrees(image, raw);
        using OpenedDisk disk = new OpenedDisk(image);
        disk.AssertEquals(raw);
        Assert.Empty(disk.Diagnostics);
        Assert.Equal("seSparse 2.1", disk.Fact("extent version"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(128)]
    public void Cowd_delta_over_a_flat_parent_reads_as_qemu_reads_it(int grainSectors)
    {
        byte[] below = TestDisk.Mixed(12 << 20, seed: 5);
        byte[] above = TestDisk.Mixed(12 << 20, seed: 6);
        var random = new Random(grainSectors);
        int grain = grainSectors * 512;
        bool[] stored = [.. Enumerable.Range(0, above.Length / grain).Select(i => i is < 2500 or > 9000 && random.Next(4) > 0)];
        byte[] expected = [.. below];
        for (int i = 0; i < stored.Length; i++)
        {
            if (stored[i])
            {
                above.AsSpan(i * grain, grain).CopyTo(expected.AsSpan(i * grain));
            }
        }
        string parent = EsxDiskWriter.Descriptor("vmfs", below.Length, "VMFS", "base-flat.vmdk");
        EsxDiskWriter.Write(_folder, "base.vmdk", parent, "base-flat.vmdk", below);
        string delta = EsxDiskWriter.Descriptor("vmfsSparse", above.Length, "VMFSSPARSE", "top-delta.vmdk", "parentFileNameHint=\"base.vmdk\"\n")
            .Replace("parentCID=ffffffff", "parentCID=11223344", StringComparison.Ordinal);
        string image = EsxDiskWriter.Write(_folder, "top.vmdk", delta, "top-delta.vmdk", EsxDiskWriter.Cowd(above, grainSectors, i => stored[i]));
        AssertQemuAgrees(image, expected);
        using OpenedDisk disk = new OpenedDisk(image);
        disk.AssertEquals(expected);
        Assert.Empty(disk.Diagnostics);
    }

    [Fact]
    public void SeSparse_delta_shows_the_parent_where_a_grain_is_absent_and_zeros_where_it_says_so()
    {
        byte[] below = TestDisk.Mixed(4 << 20, seed: 8);
        below.AsSpan().Replace((byte)0, (byte)1);
        byte[] above = new byte[below.Length];
        above.AsSpan(1 << 20, 1 << 20).Fill(0x55);
        EsxDiskWriter.Write(_folder, "base.vmdk", EsxDiskWriter.Descriptor("vmfs", below.Length, "VMFS", "base-flat.vmdk"), "base-flat.vmdk", below);
        string delta = EsxDiskWriter.Descriptor("seSparse", above.Length, "SESPARSE", "top-sesparse.vmdk", "parentFileNameHint=\"base.vmdk\"\n")
            .Replace("parentCID=ffffffff", "parentCID=11223344", StringComparison.Ordinal);
        string image = EsxDiskWriter.Write(_folder, "top.vmdk", delta, "top-sesparse.vmdk", EsxDiskWriter.SeSparse(above));
        TestTools.Run("qemu-img", "convert", "-f", "vmdk", "-O", "raw", image, _folder.File("qemu.raw"));
        byte[] expected = File.ReadAllBytes(_folder.File("qemu.raw"));
        Assert.Equal(below.AsSpan(0, 4096).ToArray(), expected.AsSpan(0, 4096).ToArray());
        Assert.False(expected.AsSpan(4096, 8192).ContainsAnyExcept((byte)0));
        using OpenedDisk disk = new OpenedDisk(image);
        disk.AssertEquals(expected);
        Assert.Empty(disk.Diagnostics);
    }

    [Theory]
    [InlineData(24, 16L, "grains of 16 sectors")]
    [InlineData(32, 128L, "grain tables of 128 sectors")]
    [InlineData(40, 1L, "flags 1")]
    [InlineData(8, 0x0000000200000002L, "version 200000002")]
    public void SeSparse_of_a_kind_nobody_documents_is_refused_by_name(int offset, long value, string reason)
    {
        byte[] raw = new byte[1 << 20];
        byte[] extent = EsxDiskWriter.SeSparse(raw);
        BinaryPrimitives.WriteInt64LittleEndian(extent.AsSpan(offset), value);
        string image = EsxDiskWriter.Write(_folder, "d.vmdk", EsxDiskWriter.Descriptor("seSparse", raw.Length, "SESPARSE", "e.vmdk"), "e.vmdk", extent);
        var refusal = Assert.Throws<Forensics.Parsers.Diagnostics.UnsupportedFeatureException>(() => new OpenedDisk(image));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Journal_that_was_not_replayed_is_reported()
    {
        byte[] raw = TestDisk.Mixed(1 << 20, seed: 4);
        byte[] extent = EsxDiskWriter.SeSparse(raw);
        extent[512 + 24] = 1;
        string image = EsxDiskWriter.Write(_folder, "d.vmdk", EsxDiskWriter.Descriptor("seSparse", raw.Length, "SESPARSE", "e.vmdk"), "e.vmdk", extent);
        using OpenedDisk disk = new OpenedDisk(image);
        disk.AssertEquals(raw);
        Assert.Equal(["vmdk.sesparse.journal"], disk.Codes);
        Assert.True(disk.Diagnostics[0].LosesContent);
    }

    [Fact]
    public void Extents_of_all_kinds_and_zeros_make_one_disk()
    {
        byte[] raw = TestDisk.Mixed(8 << 20, seed: 14);
        raw.AsSpan(1 << 20, 1 << 20).Clear();
        string source = _folder.Write("part.raw", raw[(2 << 20)..(4 << 20)]);
        TestTools.Run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", source, _folder.File("b.vmdk"));
        source = _folder.Write("part.raw", raw[(4 << 20)..(5 << 20)]);
        TestTools.Run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", source, _folder.File("c.vmdk"));
        _folder.Write("a.raw", raw[..(1 << 20)]);
        _folder.Write("d.vmdk", EsxDiskWriter.Cowd(raw[(5 << 20)..(6 << 20)], 8, _ => true));
        _folder.Write("e.raw", [.. new byte[1024], .. raw[(6 << 20)..]]);
        string image = _folder.Write("disk.vmdk", Encoding.UTF8.GetBytes("""
            # Disk DescriptorFile
            version = 1
            CID = 00000001
            parentCID = ffffffff
            createType = "custom"

              RW 2048   FLAT "a.raw" 0
            RDONLY 2048 ZERO
            rw 4096 SPARSE "/vmfs/volumes/x/b.vmdk"
            RW 2048 SPARSE "C:\disks\c.vmdk"
            RW 2048 VMFSSPARSE "d.vmdk"
            RW 4096 FLAT "e.raw" 2
            """.ReplaceLineEndings("\r\n")));
        using OpenedDisk disk = new OpenedDisk(image);
        disk.AssertEquals(raw);
        Assert.Empty(disk.Diagnostics);
        Assert.Equal("6", disk.Fact("extents"));
    }

    private void AssertQemuAgrees(string image, byte[] expected)
    {
        TestTools.Run("qemu-img", "convert", "-f", "vmdk", "-O", "raw", image, _folder.File("qemu.raw"));
        Assert.True(expected.AsSpan().SequenceEqual(File.ReadAllBytes(_folder.File("qemu.raw"))), "QEMU reads it otherwise");
    }
}
