using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Differencing VHD and VHDX with their parents: content as 7-Zip reads it, and which files are opened.</summary>
public sealed class VhdDifferencingTests : IDisposable
{
    private const int Size = 6 << 20;

    private readonly TempFolder _folder = new();
    private readonly byte[] _base = TestDisk.Mixed(Size, 31);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2 << 20)]
    [InlineData(512 << 10)]
    [InlineData(8 << 20)]
    public void Vhd_takes_clear_sectors_from_its_parents(int blockSize)
    {
        var parent = new VhdBuilder(Size, blockSize).Write(0, _base);
        VhdBuilder middle = new VhdBuilder(Size, blockSize).ChildOf(parent.UniqueId, "base.vhd").Locator("W2ru", @".\base.vhd");
        VhdBuilder child = new VhdBuilder(Size, blockSize).ChildOf(middle.UniqueId, "middle.vhd").Locator("W2ku", @"C:\vm\middle.vhd").Locator("W2ru", @".\middle.vhd");
        byte[] expected = Scatter(1, 512, middle.Write, _base);
        expected = Scatter(2, 512, child.Write, expected);
        string[] paths = [_folder.Write("child.vhd", child.Build()), _folder.Write("middle.vhd", middle.Build()), _folder.Write("base.vhd", parent.Build())];
        using VhdTestImage image = VhdTestImage.Open(paths[0]);
        image.AssertIs(expected);
        Assert.Equal(["child.vhd", "middle.vhd", "base.vhd"], image.Opened);
        Assert.Equal("differencing", image.Fact("type"));
        Assert.Equal("middle.vhd", image.Fact("parent"));
        Assert.Empty(image.Codes);
        Assert.Equal(expected, SevenZip.Read(paths[0]));
    }

    [Theory]
    [InlineData(512, 1 << 20)]
    [InlineData(4096, 1 << 20)]
    [InlineData(512, 4 << 20)]
    public void Vhdx_takes_clear_sectors_from_its_parents(int sectorSize, int blockSize)
    {
        var parent = new VhdxBuilder(Size, blockSize, sectorSize).Write(0, _base);
        VhdxBuilder middle = new VhdxBuilder(Size, blockSize, sectorSize).ChildOf(parent.DataWriteGuid, @".\base.vhdx");
        VhdxBuilder child = new VhdxBuilder(Size, blockSize, sectorSize).ChildOf(middle.DataWriteGuid, @".\middle.vhdx", @"\\?\C:\x\middle.vhdx");
        byte[] expected = Scatter(3, sectorSize, middle.Write, _base);
        expected = Scatter(4, sectorSize, child.Write, expected);
        string[] paths = [_folder.Write("child.vhdx", child.Build()), _folder.Write("middle.vhdx", middle.Build()), _folder.Write("base.vhdx", parent.Build())];
        using VhdTestImage image = VhdTestImage.Open(paths[0]);
        image.AssertIs(expected);
        Assert.Equal(["child.vhdx", "middle.vhdx", "base.vhdx"], image.Opened);
        Assert.Equal("differencing", image.Fact("type"));
        Assert.Equal("middle.vhdx", image.Fact("parent"));
        Assert.Empty(image.Codes);
        Assert.Equal(expected, SevenZip.Read(paths[0]));
    }

    /// <summary>Blocks behind the first chunk: their bitmaps are in another sector bitmap block.</summary>
    [Fact]
    public void Vhdx_bitmaps_of_later_chunks_are_found()
    {
        const long Far = (4L << 30) + (5 << 20);
        var parent = new VhdxBuilder(5L << 30).Write(Far, _base[..(1 << 20)]);
        VhdxBuilder child = new VhdxBuilder(5L << 30).ChildOf(parent.DataWriteGuid, "base.vhdx").Write(Far + 1024, Fill(512, 0x7A)).Write(0, Fill(512, 0x7B));
        _folder.Write("base.vhdx", parent.Build());
        using VhdTestImage image = VhdTestImage.Open(_folder.Write("child.vhdx", child.Build()));
        byte[] expected = _base[..(1 << 20)];
        Fill(512, 0x7A).CopyTo(expected, 1024);
        byte[] actual = new byte[1 << 20];
        Assert.Equal(actual.Length, image.Content.ReadAt(Far, actual));
        Assert.Equal(expected, actual);
        Assert.Equal(0x7B, actual[image.Content.ReadAt(0, actual.AsSpan(0, 1)) - 1]);
        Assert.Empty(image.Codes);
    }

    [Fact]
    public void Vhdx_block_marked_as_zero_hides_the_parent()
    {
        var parent = new VhdxBuilder(Size).Write(0, _base);
        byte[] image = new VhdxBuilder(Size).ChildOf(parent.DataWriteGuid, "base.vhdx").State(1, 2).State(2, 3).State(3, 1).Build();
        _folder.Write("base.vhdx", parent.Build());
        using VhdTestImage disk = VhdTestImage.Open(_folder.Write("child.vhdx", image));
        byte[] expected = [.. _base];
        expected.AsSpan(1 << 20, 3 << 20).Clear();
        disk.AssertIs(expected);
    }

    [Theory]
    [InlineData("W2ru", @"..\..\etc\base.vhd")]
    [InlineData("W2ku", @"C:\vm\base.vhd")]
    [InlineData("W2ku", @"\\?\C:\vm\base.vhd")]
    [InlineData("MacX", "file://localhost/Users/x/base.vhd")]
    [InlineData("MacX", "file:///Users/x/b%61se.vhd")]
    [InlineData("Wi2r", @".\BASE.VHD")]
    [InlineData("Wi2k", @"D:\base.vhd")]
    public void Vhd_parent_is_found_by_the_last_component_of_any_locator(string platform, string name)
    {
        var parent = new VhdBuilder(Size).Write(0, _base);
        _folder.Write("base.vhd", parent.Build());
        using VhdTestImage image = VhdTestImage.Open(_folder.Write("child.vhd", new VhdBuilder(Size).ChildOf(parent.UniqueId, "").Locator(platform, name).Build()));
        image.AssertIs(_base);
        Assert.Empty(image.Codes);
    }

    [Fact]
    public void Larger_child_ends_in_zeros()
    {
        var parent = new VhdBuilder(1 << 20).Write(0, _base[..(1 << 20)]);
        _folder.Write("base.vhd", parent.Build());
        using VhdTestImage image = VhdTestImage.Open(_folder.Write("child.vhd", new VhdBuilder(Size).ChildOf(parent.UniqueId, "base.vhd").Build()));
        image.AssertIs([.. _base[..(1 << 20)], .. new byte[Size - (1 << 20)]]);
    }

    [Fact]
    public void Fixed_vhd_is_a_parent_too()
    {
        byte[] footer = VhdBuilder.FixedFooter(Size);
        _folder.Write("base.vhd", [.. _base, .. footer]);
        var id = new Guid(footer.AsSpan(68, 16), bigEndian: true);
        using VhdTestImage image = VhdTestImage.Open(_folder.Write("child.vhd", new VhdBuilder(Size).ChildOf(id, "base.vhd").Build()));
        image.AssertIs(_base);
        Assert.Empty(image.Codes);
    }

    [Fact]
    public void Other_parent_of_the_same_name_is_said()
    {
        _folder.Write("base.vhd", new VhdBuilder(Size).Write(0, _base).Build());
        using VhdTestImage vhd = VhdTestImage.Open(_folder.Write("child.vhd", new VhdBuilder(Size).ChildOf(Guid.NewGuid(), "base.vhd").Build()));
        Assert.Equal(["vhd.parent.identifier"], vhd.Codes);
        Assert.True(vhd.LosesContent);
        _folder.Write("base.vhdx", new VhdxBuilder(Size).Write(0, _base).Build());
        using VhdTestImage vhdx = VhdTestImage.Open(_folder.Write("child.vhdx", new VhdxBuilder(Size).ChildOf(Guid.NewGuid(), "base.vhdx").Build()));
        Assert.Equal(["vhdx.parent.identifier"], vhdx.Codes);
        Assert.True(vhdx.LosesContent);
    }

    [Fact]
    public void Parent_that_is_younger_than_what_its_child_noted_is_said()
    {
        var parent = new VhdBuilder(Size) { TimeStamp = 800_000_000 };
        _folder.Write("base.vhd", parent.Build());
        using VhdTestImage image = VhdTestImage.Open(_folder.Write("child.vhd", new VhdBuilder(Size).ChildOf(parent.UniqueId, "base.vhd").Build()));
        Assert.Equal(["vhd.parent.time"], image.Codes);
        Assert.False(image.LosesContent);
    }

    [Theory]
    [InlineData("/etc/shadow", "'/etc/shadow'")]
    [InlineData(@"\\server\share\base.vhd", @"a network path is refused")]
    [InlineData("nbd://h/base.vhd", "a name with a scheme is refused")]
    [InlineData("gone.vhd", "no such plain file")]
    [InlineData("..", "it names no file")]
    public void Parent_elsewhere_is_refused_and_nothing_is_opened(string name, string reason)
    {
        var vhd = VhdTestImage.Refused<UnsupportedFeatureException>(_folder.Write("child.vhd", new VhdBuilder(Size).ChildOf(Guid.NewGuid(), name).Locator("W2ru", name).Build()));
        Assert.Contains(reason, vhd.Message, StringComparison.Ordinal);
        Assert.Equal(["child.vhd"], vhd.Opened);
        var vhdx = VhdTestImage.Refused<UnsupportedFeatureException>(_folder.Write("child.vhdx", new VhdxBuilder(Size).ChildOf(Guid.NewGuid(), name).Build()));
        Assert.Contains(reason, vhdx.Message, StringComparison.Ordinal);
        Assert.Equal(["child.vhdx"], vhdx.Opened);
    }

    [Fact]
    public void Parent_that_is_a_link_to_a_file_outside_is_not_opened()
    {
        string outside = _folder.Write("outside", new VhdBuilder(Size).Build());
        Directory.CreateDirectory(_folder.File("case"));
        File.CreateSymbolicLink(_folder.File("case/base.vhd"), outside);
        Assert.Equal(["child.vhd"], VhdTestImage.Refused<UnsupportedFeatureException>(_folder.Write("case/child.vhd", new VhdBuilder(Size).ChildOf(Guid.NewGuid(), "base.vhd").Build())).Opened);
    }

    [Fact]
    public void Parent_in_an_allowed_folder_is_opened()
    {
        var parent = new VhdxBuilder(Size).Write(0, _base);
        Directory.CreateDirectory(_folder.File("a"));
        Directory.CreateDirectory(_folder.File("b"));
        _folder.Write("a/base.vhdx", parent.Build());
        using VhdTestImage image = VhdTestImage.Open(_folder.Write("b/child.vhdx", new VhdxBuilder(Size).ChildOf(parent.DataWriteGuid, @".\base.vhdx").Build()), _folder.File("a"));
        image.AssertIs(_base);
    }

    [Fact]
    public void Parent_of_another_format_is_refused()
    {
        _folder.Write("base.vhd", _base);
        string vhd = VhdTestImage.Refused<UnsupportedFeatureException>(_folder.Write("child.vhd", new VhdBuilder(Size).ChildOf(Guid.NewGuid(), "base.vhd").Build())).Message;
        Assert.Contains("VHD parent 'base.vhd' that is no VHD", vhd, StringComparison.Ordinal);
        string vhdx = VhdTestImage.Refused<UnsupportedFeatureException>(_folder.Write("child.vhdx", new VhdxBuilder(Size).ChildOf(Guid.NewGuid(), "base.vhd").Build())).Message;
        Assert.Contains("VHDX parent 'base.vhd' that is no VHDX", vhdx, StringComparison.Ordinal);
    }

    [Fact]
    public void Disk_that_is_its_own_parent_is_refused()
    {
        var self = new VhdBuilder(Size);
        var vhd = VhdTestImage.Refused<UnsupportedFeatureException>(_folder.Write("self.vhd", self.ChildOf(self.UniqueId, "self.vhd").Build()));
        Assert.Contains("leads back to itself", vhd.Message, StringComparison.Ordinal);
        var other = new VhdxBuilder(Size);
        var vhdx = VhdTestImage.Refused<UnsupportedFeatureException>(_folder.Write("self.vhdx", other.ChildOf(other.DataWriteGuid, "self.vhdx").Build()));
        Assert.Contains("leads back to itself", vhdx.Message, StringComparison.Ordinal);
        Assert.Equal(["self.vhdx"], vhdx.Opened);
    }

    [Fact]
    public void Two_disks_that_are_parents_of_each_other_are_refused()
    {
        _folder.Write("b.vhd", new VhdBuilder(Size).ChildOf(Guid.NewGuid(), "a.vhd").Build());
        var vhd = VhdTestImage.Refused<UnsupportedFeatureException>(_folder.Write("a.vhd", new VhdBuilder(Size).ChildOf(Guid.NewGuid(), "b.vhd").Build()));
        Assert.Contains("leads back to itself", vhd.Message, StringComparison.Ordinal);
        Assert.Equal(["a.vhd", "b.vhd"], vhd.Opened);
    }

    [Fact]
    public void Chain_of_a_thousand_parents_ends_at_32()
    {
        for (int i = 0; i < 1000; i++)
        {
            _folder.Write($"{i}.vhd", new VhdBuilder(1 << 20).ChildOf(Guid.NewGuid(), $"{i + 1}.vhd").Build());
        }
        (string message, string[] opened) = VhdTestImage.Refused<UnsupportedFeatureException>(_folder.File("0.vhd"));
        Assert.Contains("too long", message, StringComparison.Ordinal);
        Assert.Equal(32, opened.Length);
    }

    private static byte[] Fill(int length, byte value)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    /// <summary>Writes noise of one to many sectors here and there; returns what the disk is then.</summary>
    private static byte[] Scatter<T>(int seed, int sectorSize, Func<long, byte[], T> write, byte[] below)
    {
        var random = new Random(seed);
        byte[] disk = [.. below];
        for (int i = 0; i < 40; i++)
        {
            byte[] data = new byte[sectorSize * (i % 4 == 0 ? random.Next(1, 200) : random.Next(1, 12))];
            random.NextBytes(data);
            long at = (long)random.Next((disk.Length - data.Length) / sectorSize) * sectorSize;
            write(at, data);
            data.CopyTo(disk, at);
        }
        return disk;
    }
}
