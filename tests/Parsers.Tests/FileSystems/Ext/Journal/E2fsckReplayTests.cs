using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>
/// Damage put into journals: the volume after replay equals, byte for byte, what <c>e2fsck -E journal_only</c> makes of a copy. Where a checksum fails, replay
/// ends where it ends for e2fsck. Superblocks and the journal itself are left out of the comparison: e2fsck notes there that it was run.
/// </summary>
public sealed class E2fsckReplayTests
{
    private const int MutantsPerBase = 25;
    private const int BlockSize = 1024;

    public static TheoryData<string> Bases() => [.. JournalFixture.Committed];

    [Theory]
    [MemberData(nameof(Bases))]
    public void A_damaged_journal_is_replayed_as_by_e2fsck(string name)
    {
        byte[] original = JournalFixture.Open(name).Image;
        var damage = new JournalDamage(original);
        int replayed = 0;
        for (int seed = 0; seed < MutantsPerBase; seed++)
        {
            byte[] mutant = (byte[])original.Clone();
            damage.Apply(mutant, new Random(seed));
            replayed += Compare(mutant, damage, string.Create(CultureInfo.InvariantCulture, $"{name}, seed {seed}")) ? 1 : 0;
        }
        Assert.InRange(replayed, MutantsPerBase / 8, MutantsPerBase);
    }

    /// <summary>The kernel compares transaction numbers by their difference: 0 follows 4,294,967,295.</summary>
    [Theory]
    [MemberData(nameof(Bases))]
    public void Transaction_numbers_wrap_around(string name)
    {
        byte[] image = JournalFixture.Open(name).Image;
        var damage = new JournalDamage(image);
        uint first = BinaryPrimitives.ReadUInt32BigEndian(damage.Block(image, 0)[0x18..]);
        foreach (int own in damage.Own.Append(0))
        {
            Span<byte> number = damage.Block(image, own)[(own == 0 ? 0x18 : 8)..];
            uint sequence = BinaryPrimitives.ReadUInt32BigEndian(number);
            BinaryPrimitives.WriteUInt32BigEndian(number, unchecked(sequence - first + uint.MaxValue));
        }
        foreach (int own in damage.Own.Append(0))
        {
            damage.MakeRight(image, own);
        }
        // With checksums of version 3 the data carry the old numbers in theirs, and all are left out; version 1 sums up whole transactions, numbers included.
        bool sumsUpTransactions = name.EndsWith("-v1", StringComparison.Ordinal);
        Assert.Equal(!sumsUpTransactions, Compare(image, damage, name));
        JournalFacts facts = Assert.IsType<JournalFacts>(ExtWalk.Open(new MemorySource(image)).Facts.Journal);
        Assert.True(facts.Transactions > 1 || sumsUpTransactions);
    }

    /// <summary>Journals of every checksum version and tag size, written by debugfs: two transactions, a revoked block, blocks that look like the journal's own.</summary>
    [Theory]
    [InlineData("^metadata_csum,^64bit", "")]
    [InlineData("^metadata_csum,^64bit", "-c -v 1")]
    [InlineData("^metadata_csum,^64bit", "-c -v 2")]
    [InlineData("^metadata_csum,^64bit", "-c -v 3")]
    [InlineData("^metadata_csum,64bit", "")]
    [InlineData("metadata_csum,64bit", "-c -v 2")]
    [InlineData("metadata_csum,64bit", "-c -v 3")]
    public void Journals_written_by_debugfs_are_replayed_as_by_e2fsck(string features, string checksums)
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O " + features + ",^orphan_file", 16, withTree: false);
        var random = new Random(7);
        string Content(int blocks, bool looksLikeJournal)
        {
            var content = new byte[blocks * BlockSize];
            random.NextBytes(content);
            for (int i = 0; looksLikeJournal && i < blocks; i++)
            {
                BinaryPrimitives.WriteUInt32BigEndian(content.AsSpan(i * BlockSize), 0xC03B3998);
            }
            return image.NewFile("content", content);
        }
        image.Debugfs(
        [
            "jo " + checksums, $"jw -b 9000-9019 {Content(20, false)}", $"jw -b 9100-9102 {Content(3, true)}", "jw -r 9003,9004", $"jw -b 9004,9010 {Content(2, false)}", "jc",
        ], write: true);
        byte[] bytes = image.Bytes();
        var damage = new JournalDamage(bytes);
        Assert.True(Compare(bytes, damage, features + checksums));
        JournalFacts facts = Assert.IsType<JournalFacts>(ExtWalk.Open(new MemorySource(bytes)).Facts.Journal);
        if (facts.Problem is null)
        {
            Assert.Equal((4, 22L, 2L), (facts.Transactions, facts.Blocks, facts.RevokedBlocks));
        }
        else
        {
            // debugfs computes checksums of version 1 (the only ones without metadata_csum) wrongly for a transaction that revokes: e2fsck ends there too.
            Assert.Equal((true, 2), (checksums.Length > 0 && features.StartsWith('^'), facts.Transactions));
        }
    }

    /// <summary>Whether anything was replayed.</summary>
    internal static bool Compare(byte[] mutant, JournalDamage damage, string what)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, mutant);
            string said = ExtImage.Tool("e2fsck", ["-y", "-E", "journal_only", path], mostExitCode: 15);
            // It tried to write a block far outside the volume, after which its own reads fail; or what it replayed made it repair the file system as well.
            if (said.Contains("Error writing block", StringComparison.Ordinal) || said.Contains("Pass 1:", StringComparison.Ordinal))
            {
                return false;
            }
            using var file = new FileByteSource(path);
            byte[] repaired = file.ReadArray(0, mutant.Length);
            if (BinaryPrimitives.ReadUInt16LittleEndian(repaired.AsSpan(1024 + 0x38)) != 0xEF53)
            {
                // The journal replaced the superblock by something else: e2fsck writes it and gives up, the reader keeps the volume as it is.
                Assert.Equal("not replayable", ExtWalk.Open(new MemorySource(mutant)).Facts.Journal?.View);
                return false;
            }
            var fileSystem = (ExtFileSystem)ExtWalk.Open(new MemorySource(mutant));
            var ours = new byte[mutant.Length];
            fileSystem.Volume.ReadExactly(0, ours, "volume");
            for (int block = 0; block < ours.Length / BlockSize; block++)
            {
                bool isEqual = ours.AsSpan(block * BlockSize, BlockSize).SequenceEqual(repaired.AsSpan(block * BlockSize, BlockSize));
                Assert.True(isEqual || block <= 1 || damage.IsJournal(block), $"{what}: block {block} differs; {fileSystem.Facts.Journal}");
            }
            return fileSystem.Facts.Journal?.View == "replayed";
        }
        finally
        {
            File.Delete(path);
        }
    }
}
