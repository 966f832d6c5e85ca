using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Deleted;

/// <summary>Lists of orphans made by debugfs, sound ones and lies, against e2fsck where it reads them.</summary>
public sealed class OrphanTests
{
    private static readonly string[] Names = ["f5000", "f300", "medium"];

    [Fact]
    public void The_list_is_followed_in_its_order()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 32);
        uint[] inodes = Chain(image, end: 0);
        Assert.Equal(inodes.Select(inode => (ulong)inode), DeletedFixtureTests.OrphansOfE2fsck(image.Bytes()));
        (DeletedFile[] orphans, Diagnostic[] diagnostics) = Find(image.Bytes());
        Assert.Equal(inodes.Select(inode => (ulong)inode), orphans.Select(file => file.File.MetadataAddress));
        // The names are still in slack, where debugfs left them; of the two names of the last one the first in order is given.
        Assert.Equal(["/f5000", "/f300", "/hard"], orphans.Select(file => file.Path));
        Assert.All(orphans, file => Assert.Equal((Certainty.Intact, Allocation.Orphan), (file.Certainty, file.File.Allocation)));
        Assert.Empty(diagnostics);
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image.Bytes()));
        foreach (DeletedFile orphan in orphans)
        {
            using var content = new FileByteSource(ExtImage.Tree + orphan.Path);
            Assert.Equal(ExtWalk.Md5(content), ExtWalk.Md5(fileSystem.OpenContent(orphan.File)));
        }
        Assert.Empty(((IDeletedFiles)fileSystem).FindDeleted());
    }

    [Fact]
    public void An_orphan_that_has_names_is_a_truncation_and_not_listed()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 32);
        string inode = InodeOf(image, "f5000");
        image.Debugfs(["ssv last_orphan " + inode], write: true);
        (DeletedFile[] orphans, Diagnostic[] diagnostics) = Find(image.Bytes());
        Assert.Empty(orphans);
        Assert.Empty(diagnostics);
        Assert.Empty(DeletedFixtureTests.OrphansOfE2fsck(image.Bytes()));
    }

    [Fact]
    public void A_list_that_comes_back_to_itself_ends()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 32);
        uint[] inodes = Chain(image, end: uint.Parse(InodeOf(image, Names[0]), CultureInfo.InvariantCulture));
        (DeletedFile[] orphans, Diagnostic[] diagnostics) = Find(image.Bytes());
        Assert.Equal(inodes.Select(inode => (ulong)inode), orphans.Select(file => file.File.MetadataAddress));
        Assert.Equal(["ext4.orphan.loop"], diagnostics.Select(d => d.Code));
    }

    [Theory]
    [InlineData(0xFFFFFFFF)]
    [InlineData(1_700_000_000)]
    [InlineData(8)]
    [InlineData(2)]
    public void A_list_that_leads_to_no_orphan_ends(uint end)
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 32);
        uint[] inodes = Chain(image, end);
        (DeletedFile[] orphans, Diagnostic[] diagnostics) = Find(image.Bytes());
        Assert.Equal(inodes.Select(inode => (ulong)inode), orphans.Select(file => file.File.MetadataAddress));
        Assert.Equal(["ext4.orphan.range"], diagnostics.Select(d => d.Code));
    }

    [Fact]
    public void A_free_inode_is_no_orphan()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 32);
        uint[] inodes = Chain(image, end: 0);
        image.Debugfs([$"freei <{inodes[1]}>"], write: true);
        (DeletedFile[] orphans, Diagnostic[] diagnostics) = Find(image.Bytes());
        Assert.Equal([inodes[0], inodes[2]], orphans.Select(file => file.File.MetadataAddress));
        Assert.Contains("ext4.orphan.free", diagnostics.Select(d => d.Code));
    }

    [Fact]
    public void The_orphan_file_is_read_over_lies()
    {
        byte[] image = Replayed("orphan-file");
        int block = OrphanBlock(image);
        Assert.Equal(0x0B10CA04u, BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(block + 1016)));
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(block + 40), 0x7FFFFFFF);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(block + 44), 2);
        (DeletedFile[] orphans, Diagnostic[] diagnostics) = Find(image);
        Assert.Equal("/tmp/miner", Assert.Single(orphans).Path);
        Assert.Equal(["ext4.orphan.checksum", "ext4.orphan.range", "ext4.orphan.range"], diagnostics.Select(d => d.Code));
    }

    [Fact]
    public void A_block_of_the_orphan_file_without_its_magic_is_left_out()
    {
        byte[] image = Replayed("orphan-file");
        image[OrphanBlock(image) + 1016] ^= 1;
        (DeletedFile[] orphans, Diagnostic[] diagnostics) = Find(image);
        Assert.Empty(orphans);
        Assert.Equal(["ext4.orphan.magic"], diagnostics.Select(d => d.Code));
    }

    [Theory]
    [InlineData("f_orphan")]
    [InlineData("f_badorphan")]
    [InlineData("f_orphan_extents_inode")]
    public void Shared_images_have_the_orphans_that_e2fsck_clears(string name)
    {
        SharedImages.Require();
        byte[] image = File.ReadAllBytes(SharedImages.Unpack($"e2fsprogs/{name}/image.gz"));
        Assert.Equal(DeletedFixtureTests.OrphansOfE2fsck(image), Find(image).Orphans.Select(file => file.File.MetadataAddress));
    }

    /// <summary>Unlinks three files without freeing them and chains them; their inodes in the order of the list.</summary>
    private static uint[] Chain(ExtImage image, uint end)
    {
        uint[] inodes = [.. Names.Select(name => uint.Parse(InodeOf(image, name), CultureInfo.InvariantCulture))];
        var commands = new List<string> { "unlink hard", string.Create(CultureInfo.InvariantCulture, $"ssv last_orphan {inodes[0]}") };
        for (int i = 0; i < inodes.Length; i++)
        {
            uint next = i + 1 < inodes.Length ? inodes[i + 1] : end;
            commands.AddRange(["unlink " + Names[i], $"sif <{inodes[i]}> links_count 0", $"sif <{inodes[i]}> dtime {next}"]);
        }
        image.Debugfs(commands, write: true);
        return inodes;
    }

    /// <summary>A fixture of which debugfs has replayed the journal and nothing else.</summary>
    private static byte[] Replayed(string name)
    {
        string folder = Directory.CreateTempSubdirectory("deadbox-replay-").FullName;
        string path = Path.Combine(folder, "image");
        File.WriteAllBytes(path, DeletedFixture.Open(name).Image);
        ExtImage.Tool("debugfs", ["-w", "-R", "journal_run", path]);
        byte[] image = File.ReadAllBytes(path);
        Directory.Delete(folder, recursive: true);
        return image;
    }

    /// <summary>Byte offset of the block of the orphan file that is in use.</summary>
    private static int OrphanBlock(byte[] image)
    {
        string folder = Directory.CreateTempSubdirectory("deadbox-orphan-").FullName;
        string path = Path.Combine(folder, "image");
        File.WriteAllBytes(path, image);
        string blocks = ExtImage.Tool("debugfs", ["-R", "blocks <12>", path]);
        Directory.Delete(folder, recursive: true);
        int[] offsets = [.. blocks.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(number, CultureInfo.InvariantCulture) * 1024)];
        return offsets.First(offset => image.AsSpan(offset, 1016).IndexOfAnyExcept((byte)0) >= 0);
    }

    private static string InodeOf(ExtImage image, string name) => Regex.Match(image.Debugfs(["stat " + name]), @"Inode: (\d+)", RegexOptions.CultureInvariant).Groups[1].Value;

    private static (DeletedFile[] Orphans, Diagnostic[] Diagnostics) Find(byte[] image)
    {
        var diagnostics = new DiagnosticList();
        var fileSystem = (IDeletedFiles)ExtWalk.Open(new MemorySource(image), diagnostics);
        return ([.. fileSystem.FindOrphans()], [.. diagnostics.Items]);
    }
}
