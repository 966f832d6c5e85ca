using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>Journals that lie (E10): what can be replayed is, the rest is named; nothing crashes, loops or takes memory without end.</summary>
public sealed class HostileJournalTests
{
    private const int BlockSize = 1024;
    private const int Primary = 1024;
    private const uint Sequence = 77;
    private const int Ring = 1023;
    private static readonly JournalWriter Writer = new(BlockSize, 0, checksumV3: false);

    [Theory]
    [InlineData(0x14, 0u, "ext4.journal.superblock")]
    [InlineData(0x14, 1024u, "ext4.journal.superblock")]
    [InlineData(0x14, uint.MaxValue, "ext4.journal.superblock")]
    [InlineData(0x10, uint.MaxValue, "ext4.journal.superblock")]
    [InlineData(0x10, 0u, "ext4.journal.superblock")]
    [InlineData(0x10, 900u, "ext4.journal.superblock")]
    [InlineData(0x0C, 4096u, "ext4.journal.superblock")]
    [InlineData(0x00, 0u, "ext4.journal.superblock")]
    [InlineData(0x04, 9u, "ext4.journal.superblock")]
    [InlineData(0x1C, uint.MaxValue, "ext4.journal.unreadable")]
    [InlineData(0x1C, 1024u, "ext4.journal.unreadable")]
    [InlineData(0x28, 0x80000000u, "ext4.journal.features")]
    [InlineData(0x2C, 1u, "ext4.journal.features")]
    [InlineData(0x28, 0x18u, "ext4.journal.superblock")]
    [InlineData(0x28, 0x10u, "ext4.journal.superblock_checksum")]
    [InlineData(0x40, 2u, "ext4.journal.users")]
    public void A_lie_in_the_superblock_leaves_the_plain_view(int field, uint value, string code)
    {
        using JournalFixture fixture = JournalFixture.Open("revoke");
        byte[] image = fixture.Image;
        BinaryPrimitives.WriteUInt32BigEndian(new JournalDamage(image).Block(image, 0)[field..], value);
        AssertFallsBack(fixture, image, code);
    }

    [Fact]
    public void A_start_inside_the_superblock_is_the_end_of_the_log()
    {
        byte[] image = JournalFixture.Open("revoke").Image;
        BinaryPrimitives.WriteUInt32BigEndian(new JournalDamage(image).Block(image, 0)[0x14..], 500);
        BinaryPrimitives.WriteUInt32BigEndian(new JournalDamage(image).Block(image, 0)[0x1C..], 499);
        Assert.Equal("clean", ExtWalk.Open(new MemorySource(image)).Facts.Journal?.View);
    }

    [Fact]
    public void A_journal_that_ran_into_an_error_is_replayed_and_the_error_named()
    {
        using JournalFixture fixture = JournalFixture.Open("revoke");
        byte[] image = fixture.Image;
        BinaryPrimitives.WriteInt32BigEndian(new JournalDamage(image).Block(image, 0)[0x20..], -5);
        var diagnostics = new DiagnosticList();
        Assert.Empty(KernelListing.Differences(fixture.Replayed, ExtWalk.Open(new MemorySource(image), diagnostics)));
        Assert.Equal(["ext4.journal.error"], diagnostics.Items.Select(d => d.Code));
    }

    [Fact]
    public void Transactions_that_the_superblock_does_not_ask_for_are_left_alone_and_named()
    {
        using JournalFixture fixture = JournalFixture.Open("revoke");
        byte[] image = fixture.Image;
        image[Primary + 0x60] &= 0xFB;
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image), diagnostics);
        Assert.Empty(KernelListing.Differences(fixture.Plain, fileSystem));
        Assert.Equal("clean", fileSystem.Facts.Journal?.View);
        Assert.Contains(diagnostics.Items, d => d is { Code: "ext4.journal.stale", LosesContent: false });
    }

    [Fact]
    public void A_backup_superblock_does_not_ask_for_recovery_but_the_journal_is_replayed()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -g 8192 -O ^orphan_file", 16, withTree: false);
        byte[] content = [.. Enumerable.Range(0, BlockSize).Select(i => (byte)(i * 7))];
        image.Debugfs(["jo", $"jw -b 9000 {image.NewFile("content", content)}", "jc"], write: true);
        byte[] damaged = image.Bytes();
        damaged.AsSpan(Primary, 1024).Clear();
        var diagnostics = new DiagnosticList();
        var fileSystem = (ExtFileSystem)ExtWalk.Open(new MemorySource(damaged), diagnostics);
        Assert.Contains(diagnostics.Items, d => d.Code == "ext4.superblock.backup");
        Assert.Equal("replayed", fileSystem.Facts.Journal?.View);
        Assert.Equal(content, fileSystem.Volume.ReadArray(9000 * BlockSize, BlockSize));
    }

    [Theory]
    [InlineData("clri <8>")]
    [InlineData("sif <8> links_count 0")]
    [InlineData("sif <8> size 4096")]
    [InlineData("sif <8> block[2] 0")]
    public void A_damaged_journal_inode_is_replaced_by_its_backup_in_the_superblock(string command)
    {
        using JournalFixture fixture = JournalFixture.Open("no-csum-ext3");
        byte[] image = Debugfs(fixture.Image, command);
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image));
        Assert.Equal("replayed", fileSystem.Facts.Journal?.View);
        Assert.Empty(KernelListing.Differences(fixture.Replayed, fileSystem));
    }

    [Theory]
    [InlineData("sif <8> size 0x7FFFFFFFFFFFFFFF")]
    [InlineData("sif <8> block[IND] 70000")]
    [InlineData("sif <8> block[0] 4000000000")]
    [InlineData("sif <8> mode 040755")]
    public void A_journal_inode_without_backup_that_cannot_be_used_leaves_the_plain_view(string command)
    {
        using JournalFixture fixture = JournalFixture.Open("no-csum-ext3");
        byte[] image = Debugfs(fixture.Image, "ssv jnl_backup_type 0", command);
        AssertFallsBack(fixture, image, "ext4.journal.inode");
    }

    [Fact]
    public void A_journal_inode_that_maps_the_same_blocks_again_and_again_is_followed_once_round()
    {
        byte[] image = JournalFixture.Open("csum-v1").Image;
        var places = new JournalDamage(image);
        int first = Enumerable.Range(0, image.Length / BlockSize).First(places.IsJournal);
        var commands = new List<string> { "sif <8> block[0] 0x0004F30A", "sif <8> block[1] 4", "sif <8> block[2] 0" };
        string[] words = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "IND", "DIND", "TIND"];
        for (int run = 0; run < 4; run++)
        {
            // Four runs of 256 blocks, all at the same place.
            commands.AddRange([$"sif <8> block[{words[3 + run * 3]}] {run * 256}", $"sif <8> block[{words[4 + run * 3]}] 256", $"sif <8> block[{words[5 + run * 3]}] {first}"]);
        }
        byte[] damaged = Debugfs(image, [.. commands]);
        var clock = Stopwatch.StartNew();
        ReadAll(damaged);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Fact]
    public void Tags_without_end_name_no_more_blocks_than_fit()
    {
        byte[] content = new byte[BlockSize];
        (long, byte[])[] blocks = [.. Enumerable.Range(0, Writer.MostTags).Select(i => (7000L + i, content))];
        byte[] image = WithJournal(
        [
            Writer.Descriptor(Sequence, blocks, isOpenEnded: true), .. Enumerable.Repeat(content, Writer.MostTags), Writer.Commit(Sequence, 1_700_000_000),
        ]);
        JournalFacts facts = Facts(image);
        Assert.Equal(("replayed", 1, (long)Writer.MostTags), (facts.View, facts.Transactions, facts.Blocks));
    }

    [Fact]
    public void A_tag_that_points_outside_is_left_out_and_the_rest_replayed()
    {
        byte[] content = new byte[BlockSize];
        byte[] image = WithJournal(
        [
            Writer.Descriptor(Sequence, [(uint.MaxValue, content), (7000, content), (8192, content)]), content, content, content, Writer.Commit(Sequence, 1_700_000_000),
        ]);
        var diagnostics = new DiagnosticList();
        JournalFacts facts = Facts(image, diagnostics);
        Assert.Equal(("replayed", 1L), (facts.View, facts.Blocks));
        Assert.Contains(diagnostics.Items, d => d is { Code: "ext4.journal.range", LosesContent: true });
    }

    [Fact]
    public void A_transaction_without_commit_block_is_not_replayed()
    {
        byte[] content = new byte[BlockSize];
        byte[] image = WithJournal(
        [
            Writer.Descriptor(Sequence, [(7000, content)]), content, Writer.Commit(Sequence, 1_700_000_000), Writer.Descriptor(Sequence + 1, [(7001, content)]), content,
        ]);
        JournalFacts facts = Facts(image);
        Assert.Equal((1, 1L), (facts.Transactions, facts.Blocks));
    }

    [Fact]
    public void A_ring_of_revoke_blocks_without_end_is_passed_once()
    {
        byte[] revoke = Writer.Revoke(Sequence, [.. Enumerable.Range(1, 252).Select(i => (uint)i)]);
        byte[] image = WithJournal(Enumerable.Repeat(revoke, Ring));
        var clock = Stopwatch.StartNew();
        Assert.Equal("clean", Facts(image).View);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Fact]
    public void A_bomb_of_revoked_blocks_takes_no_memory()
    {
        byte[] content = new byte[BlockSize];
        IEnumerable<byte[]> blocks = Enumerable.Range(0, Ring - 3).Select(i => Writer.Revoke(Sequence, [.. Enumerable.Range(i * 252, 252).Select(block => (uint)block)]));
        byte[] image = WithJournal([Writer.Descriptor(Sequence, [(7000, content)]), content, .. blocks, Writer.Commit(Sequence, 1_700_000_000)]);
        var volume = new MemorySource(image);
        ExtWalk.Open(volume);
        long before = GC.GetAllocatedBytesForCurrentThread();
        JournalFacts facts = Assert.IsType<JournalFacts>(ExtWalk.Open(volume).Facts.Journal);
        Assert.Equal((0L, 1L), (facts.Blocks, facts.RevokedBlocks));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 << 20);
    }

    [Theory]
    [InlineData(1025u)]
    [InlineData(uint.MaxValue)]
    public void A_revoke_block_that_claims_more_than_it_holds_ends_recovery(uint used)
    {
        byte[] content = new byte[BlockSize];
        byte[] image = WithJournal([Writer.Descriptor(Sequence, [(7000, content)]), content, Writer.Revoke(Sequence, [5], used), Writer.Commit(Sequence, 1_700_000_000)]);
        var diagnostics = new DiagnosticList();
        Assert.Equal("not replayable", Facts(image, diagnostics).View);
        Assert.Contains(diagnostics.Items, d => d is { Code: "ext4.journal.revoke", LosesContent: true });
    }

    [Fact]
    public void A_journal_that_would_replace_the_superblock_by_garbage_is_not_replayed()
    {
        using JournalFixture fixture = JournalFixture.Open("revoke");
        byte[] content = new byte[BlockSize];
        byte[] image = WithJournal([Writer.Descriptor(Sequence, [(1, content)]), content, Writer.Commit(Sequence, 1_700_000_000)]);
        AssertFallsBack(fixture, image, "ext4.journal.superblock_lost");
    }

    [Theory]
    [InlineData("wrap")]
    [InlineData("no-csum-ext3")]
    [InlineData("csum-v1")]
    public void An_image_cut_anywhere_in_its_journal_is_read_as_far_as_it_goes(string name)
    {
        byte[] image = JournalFixture.Open(name).Image;
        var damage = new JournalDamage(image);
        int[] blocks = [.. Enumerable.Range(0, image.Length / BlockSize).Where(damage.IsJournal)];
        foreach (int block in (int[])[blocks[0], blocks[1], blocks[10], blocks[30], blocks[^1]])
        {
            var diagnostics = new DiagnosticList();
            IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image.AsMemory(0, block * BlockSize)), diagnostics);
            Assert.NotNull(fileSystem.Facts.Journal);
            Assert.Contains(diagnostics.Items, d => d.Code == "ext4.volume.truncated");
            ReadAll(image[..(block * BlockSize)]);
        }
    }

    [Theory]
    [InlineData("csum-v3-64bit")]
    [InlineData("no-csum-ext3")]
    [InlineData("revoke")]
    public void Mutants_of_a_journal_are_read_completely_in_bounded_time(string name)
    {
        byte[] original = JournalFixture.Open(name).Image;
        var damage = new JournalDamage(original);
        for (int seed = 1000; seed < 1060; seed++)
        {
            byte[] mutant = (byte[])original.Clone();
            damage.Apply(mutant, new Random(seed));
            var clock = Stopwatch.StartNew();
            ReadAll(mutant);
            Assert.True(clock.Elapsed.TotalSeconds < 10, string.Create(CultureInfo.InvariantCulture, $"{name}, seed {seed}: {clock.Elapsed}"));
        }
    }

    private static void ReadAll(byte[] image)
    {
        var fileSystem = (ExtFileSystem)ExtWalk.Open(new MemorySource(image), new DiagnosticList());
        try
        {
            foreach (WalkedFile file in ExtWalk.Files(fileSystem, []))
            {
                Exercise.One(fileSystem, file.Entry);
                fileSystem.IsTouchedByReplay(file.Entry);
            }
        }
        catch (ForensicException failure)
        {
            // The root directory itself may be gone.
            Assert.NotEmpty(failure.Message);
        }
        foreach (long block in fileSystem.History.Blocks)
        {
            Assert.All(fileSystem.History.CopiesOf(block), copy => Assert.Equal(BlockSize, fileSystem.History.Read(copy).Length));
        }
    }

    private static void AssertFallsBack(JournalFixture fixture, byte[] image, string code)
    {
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image), diagnostics);
        Assert.Equal("not replayable", fileSystem.Facts.Journal?.View);
        Assert.NotNull(fileSystem.Facts.Journal?.Problem);
        Assert.True(fileSystem.Facts.NeedsRecovery);
        Assert.Contains(diagnostics.Items, d => d.Code == code && d.LosesContent);
        Assert.Empty(KernelListing.Differences(fixture.Plain, fileSystem, []));
    }

    private static JournalFacts Facts(byte[] image, IDiagnosticSink? diagnostics = null) =>
        Assert.IsType<JournalFacts>(ExtWalk.Open(new MemorySource(image), diagnostics).Facts.Journal);

    /// <summary>A file system without checksums whose journal holds these blocks from its first on.</summary>
    private static byte[] WithJournal(IEnumerable<byte[]> blocks)
    {
        byte[] image = JournalFixture.Open("revoke").Image;
        var damage = new JournalDamage(image);
        for (int i = 1; i <= Ring; i++)
        {
            damage.Block(image, i).Clear();
        }
        int at = 1;
        foreach (byte[] block in blocks)
        {
            block.CopyTo(damage.Block(image, at++));
        }
        Span<byte> superblock = damage.Block(image, 0);
        BinaryPrimitives.WriteUInt32BigEndian(superblock[0x18..], Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(superblock[0x1C..], 1);
        return image;
    }

    private static byte[] Debugfs(byte[] image, params string[] commands)
    {
        string path = Path.GetTempFileName();
        string script = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, image);
            File.WriteAllLines(script, commands);
            ExtImage.Tool("debugfs", ["-w", "-f", script, path]);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
            File.Delete(script);
        }
    }
}
