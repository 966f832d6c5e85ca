using System.Globalization;
using System.Text.RegularExpressions;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ext.Journal;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>Older copies of blocks, compared with what debugfs finds in the journal.</summary>
public sealed partial class JournalHistoryTests
{
    private const int BlockSize = 1024;

    public static TheoryData<string> Fixtures() => [.. JournalFixture.Committed];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Every_copy_that_debugfs_lists_is_there_and_reads_as_stored(string name)
    {
        byte[] image = JournalFixture.Open(name).Image;
        IBlockHistory history = Open(image);
        List<(uint Sequence, long Block, long Place)> listed = Logdump(image);
        Assert.NotEmpty(listed);
        var damage = new JournalDamage(image);
        foreach ((uint sequence, long block, long place) in listed)
        {
            BlockCopy copy = Assert.Single(history.CopiesOf(block), copy => copy.JournalBlock == place);
            Assert.Equal(sequence, copy.Sequence);
            Assert.NotNull(copy.CommitTime);
            byte[] stored = damage.Block(image, (int)place).ToArray();
            if (copy.IsEscaped)
            {
                Assert.Equal(new byte[4], stored[..4]);
                stored = [0xC0, 0x3B, 0x39, 0x98, .. stored[4..]];
            }
            Assert.Equal(stored, history.Read(copy));
        }
        Assert.Equal(listed.Select(copy => copy.Block).Distinct().Order(), history.Blocks.Where(block => listed.Any(copy => copy.Block == block)));
        Assert.Equal(history.Blocks.Order().Distinct(), history.Blocks);
        foreach (long block in history.Blocks)
        {
            uint[] sequences = [.. history.CopiesOf(block).Select(copy => copy.Sequence)];
            Assert.Equal(sequences.OrderDescending(), sequences);
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void After_the_journal_was_emptied_its_copies_are_still_there(string name)
    {
        byte[] image = JournalFixture.Open(name).Image;
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, image);
            ExtImage.Tool("e2fsck", ["-y", "-E", "journal_only", path], mostExitCode: 1);
            byte[] emptied = File.ReadAllBytes(path);
            var fileSystem = (ExtFileSystem)ExtWalk.Open(new MemorySource(emptied));
            Assert.Equal("clean", fileSystem.Facts.Journal?.View);
            Assert.Null(fileSystem.BeforeReplay);
            Assert.Equal(All(Open(image)), All(fileSystem.History));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Transactions_that_were_checkpointed_long_ago_are_found()
    {
        byte[] image = JournalFixture.Open("wrap").Image;
        IBlockHistory history = Open(image);
        uint oldest = Logdump(image).Min(copy => copy.Sequence);
        List<BlockCopy> older = [.. All(history).Where(copy => copy.Sequence < oldest)];
        // 175 rounds, one transaction each; the ring of 1 MiB holds about 170 of them.
        Assert.InRange(older.Select(copy => copy.Sequence).Distinct().Count(), 50, 175);
        Assert.All(older, copy => Assert.NotNull(copy.CommitTime));
        Timestamp?[] times = [.. All(history).OrderBy(copy => copy.Sequence).Select(copy => copy.CommitTime).Distinct()];
        Assert.Equal(times.OrderBy(time => time), times);
    }

    [Fact]
    public void A_damaged_copy_or_descriptor_is_left_out()
    {
        byte[] image = JournalFixture.Open("csum-v3-64bit").Image;
        var damage = new JournalDamage(image);
        List<(uint Sequence, long Block, long Place)> listed = Logdump(image);
        damage.Block(image, (int)listed[0].Place)[500] ^= 1;
        Assert.DoesNotContain(Open(image).CopiesOf(listed[0].Block), copy => copy.JournalBlock == listed[0].Place);
        uint last = listed.Max(copy => copy.Sequence);
        int descriptor = (int)listed.First(copy => copy.Sequence == last).Place - 1;
        damage.Block(image, descriptor)[20] ^= 1;
        Assert.DoesNotContain(All(Open(image)), copy => copy.Sequence == last);
    }

    [Fact]
    public void Without_a_journal_there_is_no_history()
    {
        using ExtImage image = ExtImage.Make("-t ext2 -b 1024", 8, withTree: false);
        Assert.Empty(Open(image.Bytes()).Blocks);
        Assert.Empty(Open(image.Bytes()).CopiesOf(5));
    }

    private static IBlockHistory Open(byte[] image) => ((ExtFileSystem)ExtWalk.Open(new MemorySource(image))).History;

    private static List<BlockCopy> All(IBlockHistory history) => [.. history.Blocks.SelectMany(history.CopiesOf)];

    private static List<(uint Sequence, long Block, long Place)> Logdump(byte[] image)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, image);
            var copies = new List<(uint, long, long)>();
            uint sequence = 0;
            foreach (string line in ExtImage.Tool("debugfs", ["-c", "-R", "logdump -a", path]).Split('\n'))
            {
                if (Descriptor().Match(line) is { Success: true } descriptor)
                {
                    sequence = uint.Parse(descriptor.Groups[1].Value, CultureInfo.InvariantCulture);
                }
                if (Copy().Match(line) is { Success: true } copy)
                {
                    copies.Add((sequence, long.Parse(copy.Groups[1].Value, CultureInfo.InvariantCulture), long.Parse(copy.Groups[2].Value, CultureInfo.InvariantCulture)));
                }
            }
            return copies;
        }
        finally
        {
            File.Delete(path);
        }
    }

    [GeneratedRegex(@"^Dumping descriptor block, sequence (\d+), at block", RegexOptions.CultureInvariant)]
    private static partial Regex Descriptor();

    [GeneratedRegex(@"^  FS block (\d+) logged at journal block (\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Copy();
}
