using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>Where the scan of a fast-commit area ends, by the rules of the kernel's <c>ext4_fc_replay_scan</c>.</summary>
public sealed class FastCommitScanTests
{
    private const int BlockSize = 1024;
    private const int InodeSize = 256;
    private const uint Tid = 7;
    private const uint Older = 5;

    private static FastCommitWriter New(bool isOld = false) => new(BlockSize, isOld);

    [Fact]
    public void Nothing_without_a_head()
    {
        Expect(Scan(new byte[4 * BlockSize]), 0, null);
        Expect(Scan(New().Name(FastCommitTagType.Unlink, 2, 12, "a").Tail(Tid).ToArray()), 0, null);
        Expect(Scan([]), 0, null);
    }

    [Fact]
    public void Leftovers_of_an_older_transaction_are_no_damage()
    {
        Expect(Scan(New().Head(Older).Name(FastCommitTagType.Unlink, 2, 12, "a").Tail(Older).ToArray()), 0, null);
        Expect(Scan(New().Head(Tid).Tail(Tid).Name(FastCommitTagType.Unlink, 2, 12, "a").Tail(Older).ToArray()), 1, null);
        Expect(Scan(New().Head(Tid).Tail(Tid).Head(Older).Tail(Older).ToArray()), 1, null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Complete_ones_count(bool isOld)
    {
        FastCommitWriter area = New(isOld).Head(Tid);
        for (uint i = 0; i < 100; i++)
        {
            area.Name(FastCommitTagType.Creat, 2, 100 + i, "a name that takes some room " + i);
        }
        area.Tail(Tid).DelRange(12, 0, 1).AddRange(12, 5, 6, 7).Tail(Tid).Inode(12, new byte[160]).Tail(Tid);
        FastCommitScan scan = Scan(area.ToArray());
        Expect(scan, 3, null);
        // The head, a hundred names, two ranges, an inode and three tails; and a PAD in each block but those that a TAIL ends.
        Assert.InRange(scan.Tags, 107, 115);
    }

    [Fact]
    public void Every_fill_of_the_last_block_is_read()
    {
        for (int length = 1; length <= 255; length++)
        {
            FastCommitWriter area = New().Head(Tid);
            for (int i = 0; i < 40; i++)
            {
                area.Name(FastCommitTagType.Link, 2, 12, new string('n', length));
            }
            Expect(Scan(area.Tail(Tid).ToArray()), 1, null);
        }
    }

    [Fact]
    public void A_wrong_checksum_ends_all()
    {
        Expect(Scan(New().Head(Tid).Tail(Tid, crcError: 1).ToArray()), 0, "ext4.fast_commit.checksum");
        FastCommitScan scan = Scan(New().Head(Tid).Tail(Tid).Tail(Tid, crcError: 1).Tail(Tid).Tail(Tid).ToArray());
        Expect(scan, 1, "ext4.fast_commit.checksum");
        Assert.EndsWith("; 2 later fast commits are left out", scan.Problem!.Actual, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_in_the_middle_is_told_from_the_end()
    {
        byte[] area = New().Head(Tid).Tail(Tid).DelRange(12, 0, 1).Tail(Tid).Tail(Tid).ToArray();
        area[BlockSize] = 0x55;
        Expect(Scan(area), 1, "ext4.fast_commit.skipped");
    }

    [Fact]
    public void A_first_one_without_an_end_is_reported()
    {
        Expect(Scan(New().Head(Tid).Name(FastCommitTagType.Unlink, 2, 12, "a").ToArray()), 0, "ext4.fast_commit.incomplete");
        Expect(Scan(New().Head(Tid).Tail(Older).ToArray()), 0, "ext4.fast_commit.incomplete");
    }

    [Fact]
    public void Unknown_features_are_not_guessed_at() => Expect(Scan(New().Head(Tid, features: 4).Tail(Tid).ToArray()), 0, "ext4.fast_commit.feature");

    [Theory]
    [InlineData(1, 15)]
    [InlineData(1, 17)]
    [InlineData(2, 11)]
    [InlineData(3, 8)]
    [InlineData(4, 264)]
    [InlineData(5, 0)]
    [InlineData(6, 131)]
    [InlineData(6, 261)]
    [InlineData(8, 7)]
    [InlineData(9, 9)]
    [InlineData(0, 0)]
    [InlineData(10, 8)]
    [InlineData(0xFFFF, 8)]
    public void A_record_of_an_impossible_length_or_kind_ends_all(int type, int length) =>
        Expect(Scan(New().Head(Tid).Tail(Tid).Raw((FastCommitTagType)type, new byte[length]).Tail(Tid).ToArray()), 1, null);

    [Fact]
    public void A_length_out_of_the_block_ends_all()
    {
        Expect(Scan(New().Head(Tid).Tail(Tid).Raw(FastCommitTagType.Pad, new byte[100], claimedLength: BlockSize - 3).ToArray()), 1, null);
        Expect(Scan(New().Head(Tid).Tail(Tid).Raw(FastCommitTagType.Pad, new byte[100], claimedLength: 0xFFFF).ToArray()), 1, null);
    }

    [Fact]
    public void Numbers_of_transactions_wrap() => Expect(Scan(New().Head(uint.MaxValue).Tail(uint.MaxValue).ToArray(), uint.MaxValue), 1, null);

    [Fact]
    public void Records_without_end_are_bounded()
    {
        // Sixty-five MiB of the smallest record.
        byte[] area = new byte[65 << 20];
        New().Head(Tid).Tail(Tid).ToArray().CopyTo(area, 0);
        for (int at = BlockSize; at < area.Length; at += FastCommitTag.BaseSize)
        {
            area[at] = (byte)FastCommitTagType.Pad;
        }
        var clock = Stopwatch.StartNew();
        Expect(Scan(area), 1, "ext4.fast_commit.limit");
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Fact]
    public void A_block_that_cannot_be_read_ends_all()
    {
        byte[] area = New().Head(Tid).Tail(Tid).Tail(Tid).ToArray();
        var source = new BrokenSource(new MemorySource(area), BlockSize);
        FastCommitScan scan = FastCommitScan.Run(new FastCommitArea(source, BlockSize, 0, 2), Tid, InodeSize, CancellationToken.None);
        Expect(scan, 1, "ext4.fast_commit.unreadable");
        scan = FastCommitScan.Run(new FastCommitArea(new MemorySource(area), BlockSize, 0, 1000), Tid, InodeSize, CancellationToken.None);
        Expect(scan, 2, "ext4.fast_commit.unreadable");
    }

    private static FastCommitScan Scan(byte[] area, uint tid = Tid) =>
        FastCommitScan.Run(new FastCommitArea(new MemorySource(area), BlockSize, 0, area.Length / BlockSize), tid, InodeSize, CancellationToken.None);

    private static void Expect(FastCommitScan scan, int commits, string? problem)
    {
        Assert.Equal(commits, scan.Commits);
        Assert.Equal(problem, scan.Problem?.Code);
    }

    private sealed class BrokenSource(IByteSource source, long broken) : IByteSource
    {
        public long Length => source.Length;

        public int ReadAt(long offset, Span<byte> destination) =>
            offset + destination.Length > broken ? throw new ImageReadException(broken, "bad sector") : source.ReadAt(offset, destination);
    }
}
