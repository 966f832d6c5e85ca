using System.Buffers.Binary;
using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>A full journal of 128 MiB: what replay and the look through all older copies cost.</summary>
public sealed class JournalReplayCostTests : IDisposable
{
    private const int BlockSize = 4096;
    private const int JournalBlocks = 128 << 20 >> 12;
    private const ulong JournalInode = 8;
    private const int TagsPerTransaction = 200;
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_full_journal_of_128_MiB_costs_little(bool withChecksums)
    {
        int expected = MakeFullJournal(withChecksums);
        using var volume = new FileByteSource(_path);
        double best = double.MaxValue;
        double bestHistory = double.MaxValue;
        long memory = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long clock = Stopwatch.GetTimestamp();
            var fileSystem = (ExtFileSystem)ExtWalk.Open(volume);
            best = Math.Min(best, Stopwatch.GetElapsedTime(clock).TotalSeconds);
            memory = Math.Min(memory, GC.GetAllocatedBytesForCurrentThread() - before);
            JournalFacts facts = Assert.IsType<JournalFacts>(fileSystem.Facts.Journal);
            Assert.Equal(("replayed", expected, null), (facts.View, (int)facts.Blocks, facts.Problem));
            clock = Stopwatch.GetTimestamp();
            Assert.Equal(expected, fileSystem.History.Blocks.Count);
            bestHistory = Math.Min(bestHistory, Stopwatch.GetElapsedTime(clock).TotalSeconds);
        }
        TestContext.Current.SendDiagnosticMessage($"checksums {withChecksums}: replay {best:0.000} s, {memory >> 10} KiB allocated; history {bestHistory:0.000} s");
        // What is promised is 0.3 s and 0.5 s on an idle machine; a busy one is given three times as much.
        Assert.InRange(best, 0, 0.9);
        Assert.InRange(bestHistory, 0, 1.5);
        Assert.InRange(memory, 0, 200L * expected);
    }

    /// <summary>Fills the ring of a fresh file system with transactions of distinct blocks; returns how many.</summary>
    private int MakeFullJournal(bool withChecksums)
    {
        using (FileStream file = File.Create(_path))
        {
            file.SetLength(1L << 30);
        }
        ExtImage.Tool("mke2fs", ["-q", "-F", "-t", "ext4", "-b", "4096", "-J", "size=128", "-O", (withChecksums ? "metadata_csum,64bit" : "^metadata_csum,^64bit") + ",^orphan_file", _path]);
        ContentRun[] runs;
        byte[] superblock;
        using (var volume = new FileByteSource(_path))
        {
            IFileSystem plain = ExtWalk.Open(volume);
            var content = (RunListSource)plain.OpenContent(plain.Open(JournalInode));
            runs = [.. content.Runs];
            superblock = content.ReadArray(0, BlockSize);
        }
        using FileStream image = File.OpenWrite(_path);
        int logged = FillRing(image, runs, withChecksums, withChecksums ? Checksums.Crc32C(uint.MaxValue, superblock.AsSpan(0x30, 16)) : 0);
        BinaryPrimitives.WriteUInt32BigEndian(superblock.AsSpan(0x18), 1);
        BinaryPrimitives.WriteUInt32BigEndian(superblock.AsSpan(0x1C), 1);
        if (withChecksums)
        {
            // JBD2_FEATURE_INCOMPAT_64BIT and CSUM_V3, checksum type CRC-32C.
            BinaryPrimitives.WriteUInt32BigEndian(superblock.AsSpan(0x28), 0x12);
            superblock[0x50] = 4;
            BinaryPrimitives.WriteUInt32BigEndian(superblock.AsSpan(0xFC), 0);
            BinaryPrimitives.WriteUInt32BigEndian(superblock.AsSpan(0xFC), Checksums.Crc32C(uint.MaxValue, superblock.AsSpan(0, 1024)));
        }
        Write(image, runs, 0, superblock);
        SetNeedsRecovery(image);
        return logged;
    }

    private static int FillRing(FileStream image, ContentRun[] runs, bool withChecksums, uint seed)
    {
        var writer = new JournalWriter(BlockSize, seed, withChecksums);
        var content = new byte[BlockSize];
        // Blocks that hold nothing, far behind the journal.
        long target = 150_000;
        int logged = 0;
        uint sequence = 1;
        for (int at = 1; at + TagsPerTransaction + 2 <= JournalBlocks; sequence++)
        {
            var blocks = new List<(long Block, byte[] Content)>();
            for (int i = 0; i < TagsPerTransaction; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(content, target);
                blocks.Add((target++, (byte[])content.Clone()));
            }
            Write(image, runs, at++, writer.Descriptor(sequence, blocks));
            foreach ((_, byte[] data) in blocks)
            {
                Write(image, runs, at++, data);
            }
            Write(image, runs, at++, writer.Commit(sequence, 1_700_000_000 + sequence));
            logged += blocks.Count;
        }
        return logged;
    }

    private static void Write(FileStream image, ContentRun[] runs, long block, byte[] content)
    {
        ContentRun run = runs.First(run => block * BlockSize >= run.Logical && block * BlockSize < run.End);
        image.Position = run.Physical + block * BlockSize - run.Logical;
        image.Write(content);
    }

    /// <summary>Sets the flag by hand: debugfs would compute the superblock's checksum but also mark the file system as written.</summary>
    private void SetNeedsRecovery(FileStream image)
    {
        image.Flush();
        ExtImage.Tool("debugfs", ["-w", "-R", "feature +needs_recovery", _path]);
    }
}
