using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Bytes;

public sealed class BlockCacheTests
{
    [Fact]
    public void Reads_equal_the_source_from_several_threads()
    {
        byte[] content = TestDisk.Mixed(1_000_123, 2);
        var cache = new BlockCache(new MemorySource(content), 4096, 20);
        Parallel.For(0, 4, thread =>
        {
            var random = new Random(thread);
            byte[] buffer = new byte[20_000];
            for (int i = 0; i < 2000; i++)
            {
                int offset = random.Next(content.Length + 100);
                int count = cache.ReadUpTo(offset, buffer.AsSpan(0, random.Next(1, buffer.Length)));
                Assert.True(content.AsSpan(Math.Min(offset, content.Length), count).SequenceEqual(buffer.AsSpan(0, count)));
            }
        });
    }

    [Fact]
    public void Block_read_again_comes_from_the_cache_and_the_bound_holds()
    {
        var source = new CountingSource(1 << 20);
        var cache = new BlockCache(source, 512, 16);
        cache.Block(3);
        cache.Block(3);
        Assert.Equal(1, source.Reads);
        for (int i = 0; i < 2048; i++)
        {
            cache.Block(i);
        }
        source.Reads = 0;
        for (int i = 0; i < 2048; i++)
        {
            cache.Block(2047 - i);
        }
        Assert.InRange(source.Reads, 2048 - 16, 2048);
    }

    [Fact]
    public void Last_block_is_short_and_what_lies_past_it_empty()
    {
        var cache = new BlockCache(new MemorySource(new byte[1000]), 512, 4);
        Assert.Equal(488, cache.Block(1).Length);
        Assert.True(cache.Block(2).IsEmpty);
        Assert.True(cache.Block(long.MaxValue).IsEmpty);
        Assert.True(new BlockCache(MemorySource.Empty, 512, 4).Block(0).IsEmpty);
        Assert.Equal(0, cache.ReadAt(1000, new byte[10]));
    }

    private sealed class CountingSource(long length) : IByteSource
    {
        public int Reads { get; set; }
        public long Length => length;

        public int ReadAt(long offset, Span<byte> destination)
        {
            Reads++;
            return (int)Math.Min(destination.Length, length - offset);
        }
    }
}
