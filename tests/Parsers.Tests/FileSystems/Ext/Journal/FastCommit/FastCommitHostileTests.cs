using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ext.Journal;
using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>Committed images with fast commits that no kernel writes.</summary>
public sealed class FastCommitHostileTests
{
    private const int BlockSize = 1024;
    private const uint Root = 2;
    private const uint JournalInode = 8;

    [Fact]
    public void Reserved_and_missing_inodes_are_left_alone()
    {
        FastCommitImage image = FastCommitImage.Fixture("names");
        IFileSystem plain = Open(image, w => w.DelRange(12, 0, 0));
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = Open(image, w => w
            .Inode(JournalInode, new byte[160]).Inode(0, new byte[160]).Inode(5000, new byte[160]).Inode(uint.MaxValue, new byte[160])
            .AddRange(JournalInode, 0, 1, 100).DelRange(JournalInode, 0, uint.MaxValue)
            .Name(FastCommitTagType.Link, Root, JournalInode, "journal").Name(FastCommitTagType.Link, JournalInode, 12, "x").Name(FastCommitTagType.Creat, Root, 5000, "y"), diagnostics);

        Assert.Equal(Listing(plain), Listing(fileSystem));
        Assert.NotEmpty(diagnostics.Items);
        Assert.All(diagnostics.Items, d => Assert.Equal("ext4.fast_commit.inode", d.Code));
    }

    [Fact]
    public void Ranges_outside_the_volume_are_left_out()
    {
        FastCommitImage image = FastCommitImage.Fixture("content");
        uint inode = (uint)ExtWalk.Files(ExtWalk.Open(image.Source)).Single(f => f.Path == "/anchor").Entry.MetadataAddress;
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = Open(image, w => w
            .AddRange(inode, 0, 1, 0).AddRange(inode, 1, 1, 8192).AddRange(inode, 2, 2, 8191).AddRange(inode, 3, 1, (1L << 48) - 1)
            .AddRange(inode, uint.MaxValue, 32767, 100).AddRange(inode, uint.MaxValue, 32768, 100).DelRange(inode, uint.MaxValue, uint.MaxValue).DelRange(inode, 0, 0)
            .AddRange(inode, 0, 0, 100), diagnostics);

        FileEntry entry = fileSystem.Open(inode);
        // What the last full commit left: record.sh wrote the word before it.
        Assert.Equal("anchor\n", Encoding.UTF8.GetString(fileSystem.OpenContent(entry).ReadArray(0, 100)));
        Assert.All(diagnostics.Items, d => Assert.Equal("ext4.fast_commit.range", d.Code));
        Assert.NotEmpty(diagnostics.Items);
    }

    [Fact]
    public void Names_may_form_a_circle()
    {
        FastCommitImage image = FastCommitImage.Fixture("names");
        var files = ExtWalk.Files(ExtWalk.Open(image.Source)).ToDictionary(f => f.Path, f => (uint)f.Entry.MetadataAddress, StringComparer.Ordinal);
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = Open(image, w => w
            .Name(FastCommitTagType.Link, files["/kept"], files["/kept"], "itself").Name(FastCommitTagType.Link, files["/kept/deep"], Root, "root")
            .Name(FastCommitTagType.Link, Root, Root, ".").Name(FastCommitTagType.Unlink, Root, Root, "..").Name(FastCommitTagType.Link, Root, files["/anchor"], "a/b"), diagnostics);

        List<string> paths = [.. ExtWalk.Files(fileSystem).Select(f => f.Path)];
        Assert.Contains("/kept/itself", paths);
        Assert.Contains("/kept/deep/root", paths);
        Assert.All(diagnostics.Items, d => Assert.Equal("ext4.fast_commit.name", d.Code));
    }

    [Fact]
    public void A_fast_link_and_a_device_keep_what_the_inode_holds()
    {
        FastCommitImage image = FastCommitImage.Fixture("names");
        byte[] link = Inode(0xA1FF, 11, "/etc/passwd"u8);
        // A device number of 16 bits: the minor number first.
        byte[] device = Inode(0x21B6, 0, [1, 3, 0, 0]);
        IFileSystem fileSystem = Open(image, w => w
            .Inode(150, link).Name(FastCommitTagType.Creat, Root, 150, "new-link").Inode(150, link)
            .Inode(151, device).Name(FastCommitTagType.Creat, Root, 151, "new-device").Inode(151, device));

        Dictionary<string, FileEntry> files = ExtWalk.Files(fileSystem).ToDictionary(f => f.Path, f => f.Entry, StringComparer.Ordinal);
        Assert.Equal("/etc/passwd", ExtWalk.Target(fileSystem, files["/new-link"]));
        Assert.Equal("3:1", ExtWalk.Target(fileSystem, files["/new-device"]));
        Assert.Equal(1u, files["/new-link"].LinkCount);
    }

    [Fact]
    public void What_was_unlinked_while_open_is_known()
    {
        FastCommitImage image = FastCommitImage.Fixture("orphans");
        var journal = new JournalBytes((byte[])image.Bytes.Clone());
        FastCommitOverlay overlay = FastCommitLog.Find(journal.Log, journal.Plan, journal.Layout, CancellationToken.None)
            .Replay(journal.Layout, new ExtDiagnostics(NullDiagnosticSink.Instance), CancellationToken.None)!;

        ulong unlinked = Assert.Single(overlay.Unlinked);
        var fileSystem = (ExtFileSystem)ExtWalk.Open(image.Source);
        FileEntry entry = fileSystem.Open(unlinked);
        Assert.Equal(0u, entry.LinkCount);
        Assert.Equal("removed\n", Encoding.UTF8.GetString(fileSystem.OpenContent(entry).ReadArray(0, 8)));
        Assert.True(fileSystem.IsTouchedByReplay(entry));
    }

    [Theory]
    [InlineData("names")]
    [InlineData("content")]
    [InlineData("inline")]
    [InlineData("orphans")]
    public void Mutants_with_fitting_checksums_never_crash_or_hang(string name)
    {
        FastCommitImage image = FastCommitImage.Fixture(name);
        for (int seed = 0; seed < 150; seed++)
        {
            var journal = new JournalBytes((byte[])image.Bytes.Clone());
            byte[] area = journal.ReadArea();
            Mutate(area, new Random(seed));
            if (seed % 4 != 0)
            {
                Reseal(area, journal.Layout.InodeSize);
            }
            journal.WriteArea(area);
            var clock = Stopwatch.StartNew();
            ReadAll(journal.Image);
            Assert.True(clock.Elapsed.TotalSeconds < 10, $"seed {seed} of {name} took {clock.Elapsed}");
        }
    }

    private static void Mutate(byte[] area, Random random)
    {
        byte[] extremes = [0, 1, 2, 8, 0x7F, 0x80, 0xFF, 0xFE];
        int used = area.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        for (int i = 1 + random.Next(30); i > 0; i--)
        {
            int at = random.Next(used);
            int length = Math.Min(1 + random.Next(8), used - at);
            switch (random.Next(3))
            {
                case 0:
                    area[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    area.AsSpan(at, length).Fill(extremes[random.Next(extremes.Length)]);
                    break;
                default:
                    int from = random.Next(used);
                    area.AsSpan(from, Math.Min(length * 4, used - Math.Max(from, at))).CopyTo(area.AsSpan(at));
                    break;
            }
        }
    }

    /// <summary>Makes every TAIL fit again, so that the mutation reaches the replay.</summary>
    private static void Reseal(byte[] area, int inodeSize)
    {
        uint crc = 0;
        for (int block = 0; block + BlockSize <= area.Length; block += BlockSize)
        {
            for (int at = block; FastCommitTag.TryRead(area.AsSpan(at, block + BlockSize - at), inodeSize, out FastCommitTag tag); at += tag.Size)
            {
                if (tag.Type != FastCommitTagType.Tail)
                {
                    crc = Checksums.Crc32C(crc, tag.Bytes);
                    continue;
                }
                crc = Checksums.Crc32C(crc, tag.Bytes[..8]);
                BinaryPrimitives.WriteUInt32LittleEndian(area.AsSpan(at + 8), crc);
                crc = 0;
            }
        }
    }

    private static void ReadAll(byte[] image)
    {
        try
        {
            IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image), new DiagnosticList());
            foreach (WalkedFile file in ExtWalk.Files(fileSystem, []))
            {
                Exercise.One(fileSystem, file.Entry);
            }
        }
        catch (ForensicException failure)
        {
            Assert.NotEmpty(failure.Message);
        }
    }

    /// <summary>The image with one fast commit of the given records in the place of its own.</summary>
    private static IFileSystem Open(FastCommitImage image, Action<FastCommitWriter> write, IDiagnosticSink? diagnostics = null)
    {
        var journal = new JournalBytes((byte[])image.Bytes.Clone());
        uint tid = journal.Plan.EndSequence;
        FastCommitWriter writer = new FastCommitWriter(BlockSize).Head(tid);
        write(writer);
        journal.WriteArea(writer.Tail(tid).ToArray());
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(journal.Image), diagnostics);
        Assert.Equal(1, fileSystem.Facts.Journal?.FastCommits);
        return fileSystem;
    }

    private static List<string> Listing(IFileSystem fileSystem) => [.. ExtWalk.Files(fileSystem)
        .Select(f => $"{f.Path} {f.Entry.MetadataAddress} {f.Entry.Size} {f.Entry.LinkCount} {(f.Entry.Type == FileType.Regular ? ExtWalk.Md5(fileSystem.OpenContent(f.Entry)) : "")}")];

    private static byte[] Inode(ushort mode, uint size, ReadOnlySpan<byte> area)
    {
        var inode = new byte[160];
        BinaryPrimitives.WriteUInt16LittleEndian(inode, mode);
        BinaryPrimitives.WriteUInt32LittleEndian(inode.AsSpan(4), size);
        BinaryPrimitives.WriteUInt16LittleEndian(inode.AsSpan(0x1A), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(inode.AsSpan(0x80), 32);
        area.CopyTo(inode.AsSpan(InodeView.BlockAreaOffset));
        return inode;
    }
}
