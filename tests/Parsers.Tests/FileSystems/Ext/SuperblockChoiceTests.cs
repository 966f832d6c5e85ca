using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>
/// E08: one field of the primary superblock is a lie, the backups are sound. Whatever the field, the listing is that of the undamaged volume, and where a backup
/// was needed the diagnostic names it and the field.
/// </summary>
public sealed class SuperblockChoiceTests
{
    private const int Primary = 1024;
    private const int SuperblockSize = 1024;
    private const uint Bits64 = 0x80;
    private const uint MetaBlockGroups = 0x10;
    private const uint FlexibleGroups = 0x200;

    private static readonly (string Name, Action<byte[]> Damage)[] s_lies =
    [
        ("s_log_block_size 30", b => Put32(b, 0x18, 30)),
        ("s_log_block_size other", b => Put32(b, 0x18, Get32(b, 0x18) == 2 ? 0u : 2)),
        ("s_inode_size 0", b => Put16(b, 0x58, 0)),
        ("s_inode_size 3", b => Put16(b, 0x58, 3)),
        ("s_inode_size 128", b => Put16(b, 0x58, 128)),
        ("s_inode_size 512", b => Put16(b, 0x58, 512)),
        ("s_rev_level 0", b => Put32(b, 0x4C, 0)),
        ("s_rev_level 7", b => Put32(b, 0x4C, 7)),
        ("s_inodes_per_group 0", b => Put32(b, 0x28, 0)),
        ("s_inodes_per_group half", b => Put32(b, 0x28, Get32(b, 0x28) / 2)),
        ("s_inodes_per_group 2^31", b => Put32(b, 0x28, 1u << 31)),
        ("s_inodes_count 1", b => Put32(b, 0x00, 1)),
        ("s_inodes_count less", b => Put32(b, 0x00, Get32(b, 0x00) - 8)),
        ("s_blocks_per_group 0", b => Put32(b, 0x20, 0)),
        ("s_blocks_per_group half", b => Put32(b, 0x20, Get32(b, 0x20) / 2)),
        ("s_blocks_count 0", b => Put32(b, 0x04, 0)),
        ("s_blocks_count half", b => Put32(b, 0x04, Get32(b, 0x04) / 2)),
        ("s_blocks_count double", b => Put32(b, 0x04, Get32(b, 0x04) * 2)),
        ("s_first_data_block 2^32-1", b => Put32(b, 0x14, uint.MaxValue)),
        ("s_first_data_block other", b => Put32(b, 0x14, 1 - Get32(b, 0x14))),
        ("s_feature_incompat 64bit", b => Put32(b, 0x60, Get32(b, 0x60) ^ Bits64)),
        ("s_feature_incompat meta_bg", b => Put32(b, 0x60, Get32(b, 0x60) ^ MetaBlockGroups)),
        ("s_feature_incompat flex_bg", b => Put32(b, 0x60, Get32(b, 0x60) ^ FlexibleGroups)),
        ("s_feature_incompat unknown", b => Put32(b, 0x60, Get32(b, 0x60) | 1u << 31)),
        ("s_uuid", b => b[Primary + 0x68] ^= 0x55),
        ("s_checksum_seed", b => b[Primary + 0x270] ^= 0x55),
    ];

    private static readonly (string Name, Action<byte[]> Damage)[] s_liesWithWideDescriptors =
    [
        ("s_blocks_count_hi 2^31", b => Put32(b, 0x150, 1u << 31)),
        ("s_desc_size 0", b => Put16(b, 0xFE, 0)),
        ("s_desc_size 3", b => Put16(b, 0xFE, 3)),
        ("s_desc_size 128", b => Put16(b, 0xFE, 128)),
    ];

    [Theory]
    [InlineData("-t ext4 -b 1024 -g 2048", 40)]
    [InlineData("-t ext4 -b 1024 -g 2048 -O ^metadata_csum", 40)]
    [InlineData("-t ext2 -b 1024 -g 2048", 40)]
    [InlineData("-t ext3 -b 2048 -g 4096 -J size=4", 48)]
    [InlineData("-t ext4 -b 1024 -g 1024 -O meta_bg,^resize_inode,^metadata_csum", 40)]
    [InlineData("-t ext4 -b 1024 -O sparse_super2,^resize_inode,^metadata_csum", 40)]
    [InlineData("-t ext4 -b 4096 -g 2048 -O metadata_csum_seed", 64)]
    public void E08_a_lie_in_the_primary_superblock_changes_nothing_that_is_read(string options, int mebibytes)
    {
        using ExtImage image = ExtImage.Make(options, mebibytes);
        byte[] sound = image.Bytes();
        string[] expected = Listing(ExtWalk.Open(new MemorySource(sound)));
        bool wide = (Get32(sound, 0x60) & Bits64) != 0;
        var failures = new List<string>();
        foreach ((string name, Action<byte[]> damage) in wide ? [.. s_lies, .. s_liesWithWideDescriptors] : s_lies)
        {
            byte[] damaged = (byte[])sound.Clone();
            damage(damaged);
            var diagnostics = new DiagnosticList();
            try
            {
                if (!Listing(ExtWalk.Open(new MemorySource(damaged), diagnostics)).SequenceEqual(expected))
                {
                    failures.Add(name + ": another listing");
                }
            }
            catch (ForensicException failure)
            {
                failures.Add(name + ": " + failure.Message);
            }
            failures.AddRange(diagnostics.Items.Where(d => !d.Code.StartsWith("ext4.superblock.", StringComparison.Ordinal)).Select(d => name + ": " + d.Code + " " + d.Message).Take(3));
        }
        Assert.Empty(failures);
    }

    [Fact]
    public void E08_the_choice_is_explained()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -g 2048 -O ^metadata_csum", 40);
        byte[] damaged = image.Bytes();
        Put16(damaged, 0x58, 128);
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(damaged), diagnostics);
        Diagnostic choice = Assert.Single(diagnostics.Items);
        Assert.Equal("ext4.superblock.backup", choice.Code);
        // Group 1 of 2,048 blocks of 1 KiB, the first block being 1.
        Assert.Contains("backup at byte 2098176", choice.Message, StringComparison.Ordinal);
        Assert.Contains("s_inode_size", choice.Message, StringComparison.Ordinal);
        Assert.Contains("only it leads to a root directory", choice.Message, StringComparison.Ordinal);
        Assert.Equal(("256", "128"), (choice.Expected, choice.Actual));
        Assert.Equal(2098176, fileSystem.Facts.StoredAt);
    }

    [Fact]
    public void E08_the_backup_is_the_one_debugfs_and_dumpe2fs_read()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -g 2048", 40);
        byte[] damaged = image.Bytes();
        damaged.AsSpan(Primary, SuperblockSize).Clear();
        File.WriteAllBytes(image.Path, damaged);
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(damaged));
        string header = ExtImage.Tool("dumpe2fs", ["-h", "-o", "superblock=2049", "-o", "blocksize=1024", image.Path]);
        Assert.Contains("UUID:          " + fileSystem.Facts.Uuid, header, StringComparison.Ordinal);
        string[] theirs = [.. ExtImage.Tool("debugfs", ["-c", "-b", "1024", "-s", "2049", "-R", "ls -p /few", image.Path]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('/')[1]).Skip(2).Order(StringComparer.Ordinal)];
        string[] ours = [.. ExtWalk.Files(fileSystem).Where(f => f.Path.StartsWith("/few/", StringComparison.Ordinal)).Select(f => f.Entry.MetadataAddress.ToString(CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(ours);
        Assert.Equal(theirs, ours);
        // e2fsck repairs it from the same backup and finds nothing else.
        ExtImage.Tool("e2fsck", ["-fy", "-b", "2049", "-B", "1024", image.Path], mostExitCode: 1);
        // It rebuilds the hashes of directories, whose sizes may change, and drops inodes that the backup of the descriptors did not know yet.
        string[] repaired = Listing(ExtWalk.Open(new MemorySource(image.Bytes())), directorySizes: false);
        Assert.True(repaired.Length > 1200);
        Assert.Empty(repaired.Except(Listing(fileSystem, directorySizes: false)));
    }

    [Theory]
    [InlineData("-t ext4 -b 1024 -g 2048")]
    [InlineData("-t ext2 -b 1024 -g 2048")]
    public void E08_a_stale_backup_of_an_earlier_file_system_is_not_preferred(string options)
    {
        using ExtImage old = ExtImage.Make("-t ext4 -b 1024 -g 4096 -N 3000", 40, withTree: false);
        using ExtImage image = ExtImage.Make(options, 40);
        byte[] bytes = image.Bytes();
        string[] expected = Listing(ExtWalk.Open(new MemorySource(bytes)));
        // Group 3 of 4,096 blocks: a block of content, or a free one, of the new file system.
        const int Stale = 12289 * 1024;
        old.Bytes().AsSpan(Stale, SuperblockSize).CopyTo(bytes.AsSpan(Stale));
        bytes[Primary + 0x78] ^= 1;
        Assert.Equal(expected, Listing(ExtWalk.Open(new MemorySource(bytes))));
    }

    [Fact]
    public void A_later_feature_of_tune2fs_is_no_damage()
    {
        using ExtImage image = ExtImage.Make("-t ext3 -b 1024 -g 2048 -J size=4", 40);
        ExtImage.Tool("tune2fs", ["-O", "extents,uninit_bg,dir_index,mmp", image.Path]);
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image.Bytes()), diagnostics);
        Assert.Contains("extent", fileSystem.Facts.Features);
        Assert.DoesNotContain(diagnostics.Items, d => d.Code.StartsWith("ext4.superblock.", StringComparison.Ordinal));
    }

    [Fact]
    public void E08_the_used_copy_of_a_descriptor_is_named()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -g 8192", 40);
        byte[] damaged = image.Bytes();
        damaged[2 * 1024 + 8] ^= 1;
        var diagnostics = new DiagnosticList();
        ExtWalk.Files(ExtWalk.Open(new MemorySource(damaged), diagnostics));
        Diagnostic found = Assert.Single(diagnostics.Items, d => d.Code == "ext4.group_descriptor.checksum");
        // Group 1 begins at block 8193 with its superblock; the descriptors follow.
        Assert.Contains("its backup in block 8194 is used", found.Message, StringComparison.Ordinal);
    }

    private static string[] Listing(IFileSystem fileSystem, bool directorySizes = true) =>
    [
        .. ExtWalk.Files(fileSystem).Select(f => string.Create(CultureInfo.InvariantCulture,
            $"{f.Path} {f.Entry.MetadataAddress} {(directorySizes || f.Entry.Type != FileType.Directory ? f.Entry.Size : 0)} {f.Entry.Modified}")),
    ];

    private static uint Get32(byte[] image, int field) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(Primary + field));

    private static void Put32(byte[] image, int field, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(Primary + field), value);

    private static void Put16(byte[] image, int field, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(Primary + field), value);
}
