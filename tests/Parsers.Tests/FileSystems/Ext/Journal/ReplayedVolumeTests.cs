using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ext.Journal;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>The overlay gives the same bytes however it is read, from several threads too.</summary>
public sealed class ReplayedVolumeTests
{
    private const int BlockSize = 1024;

    public static TheoryData<string> Fixtures() => [.. JournalFixture.Committed];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Every_range_reads_as_the_blocks_one_by_one(string name)
    {
        byte[] image = JournalFixture.Open(name).Image;
        IByteSource volume = ((ExtFileSystem)ExtWalk.Open(new MemorySource(image))).Volume;
        Assert.IsType<ReplayedVolume>(volume);
        var whole = new byte[image.Length];
        for (int block = 0; block < image.Length / BlockSize; block++)
        {
            volume.ReadExactly(block * BlockSize, whole.AsSpan(block * BlockSize, BlockSize), "volume");
        }
        Assert.False(whole.AsSpan().SequenceEqual(image));
        Parallel.For(0, 400, seed =>
        {
            var random = new Random(seed);
            int start = random.Next(image.Length);
            var part = new byte[random.Next(1, random.Next(4) == 0 ? 300_000 : 5000)];
            int count = volume.ReadUpTo(start, part);
            Assert.Equal(Math.Min(part.Length, image.Length - start), count);
            Assert.True(part.AsSpan(0, count).SequenceEqual(whole.AsSpan(start, count)), $"{count} bytes at {start}");
        });
        Assert.Equal(0, volume.ReadAt(image.Length, new byte[10]));
        Assert.Equal(0, volume.ReadAt(long.MaxValue, new byte[10]));
    }

    [Fact]
    public void A_replaced_range_is_known_by_its_blocks()
    {
        byte[] image = JournalFixture.Open("csum-v3-64bit").Image;
        var volume = (ReplayedVolume)((ExtFileSystem)ExtWalk.Open(new MemorySource(image))).Volume;
        var block = new byte[BlockSize];
        int replaced = 0;
        for (int number = 0; number < image.Length / BlockSize; number++)
        {
            volume.ReadExactly(number * BlockSize, block, "volume");
            bool isReplaced = volume.IsReplaced(number * BlockSize, BlockSize);
            Assert.True(isReplaced || block.AsSpan().SequenceEqual(image.AsSpan(number * BlockSize, BlockSize)));
            Assert.Equal(isReplaced, volume.IsReplaced(number * BlockSize + 1023, 1));
            replaced += isReplaced ? 1 : 0;
        }
        Assert.True(replaced > 5);
        Assert.False(volume.IsReplaced(0, 0));
        Assert.True(volume.IsReplaced(0, image.Length));
    }
}
