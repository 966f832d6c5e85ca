using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ntfs.Compression;
using Forensics.Parsers.Tests.Bytes.Compressed;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs.Compression;

/// <summary>Content behind the Windows overlay filter; the streams are resources of WIM files, which have the same form.</summary>
public sealed class WofContentTests
{
    [Theory]
    [InlineData("xpress-4k")]
    [InlineData("lzx-32k")]
    public void Any_part_reads_as_the_whole_does(string fixture)
    {
        WimFile wim = WimFile.Fixture(fixture);
        var random = new Random(8);
        foreach (WimResource resource in wim.Resources)
        {
            IByteSource content = WofContent.Open(new MemorySource(resource.Stored), resource.Size, wim.Algorithm!.Value);
            byte[] whole = content.ReadArray(0, resource.Size);
            for (int i = 0; i < 200; i++)
            {
                int offset = random.Next(resource.Size);
                int count = random.Next(i % 2 == 0 ? 100 : 60_000);
                Assert.Equal(whole[offset..Math.Min(offset + count, whole.Length)], content.ReadArray(offset, count));
            }
            Assert.Equal(0, content.ReadAt(resource.Size, new byte[10]));
        }
    }

    [Fact]
    public void A_damaged_chunk_leaves_the_others_readable()
    {
        WimFile wim = WimFile.Fixture("xpress-8k");
        WimResource resource = wim.Resources.First(r => r.Size > 30_000);
        byte[] whole = WofContent.Open(new MemorySource(resource.Stored), resource.Size, WofAlgorithm.Xpress8K).ReadArray(0, resource.Size);
        byte[] stored = resource.Stored.ToArray();
        int table = (resource.Size + 8191) / 8192 * 4 - 4;
        int second = table + BinaryPrimitives.ReadInt32LittleEndian(stored);
        // Every word of the code has one bit: more than fit.
        stored.AsSpan(second, 256).Fill(0x11);
        IByteSource content = WofContent.Open(new MemorySource(stored), resource.Size, WofAlgorithm.Xpress8K);

        Assert.Equal(whole[..8192], content.ReadArray(0, 8192));
        Assert.Throws<CorruptDataException>(() => content.ReadArray(8192, 1));
        Assert.Equal(whole[16384..], content.ReadArray(16384, resource.Size));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0xFFFF_FFFFu)]
    [InlineData(0x7FFF_FFFFu)]
    public void A_chunk_outside_the_stream_is_damage(uint entry)
    {
        var stored = new byte[100];
        BinaryPrimitives.WriteUInt32LittleEndian(stored, entry);
        IByteSource content = WofContent.Open(new MemorySource(stored), 5000, WofAlgorithm.Xpress4K);
        Assert.Throws<CorruptDataException>(() => content.ReadArray(0, 5000));
    }

    [Fact]
    public void Sizes_that_lie_are_damage_and_cost_nothing()
    {
        Assert.Throws<CorruptDataException>(() => WofContent.Open(new MemorySource(new byte[100]), long.MaxValue, WofAlgorithm.Xpress4K));
        IByteSource one = WofContent.Open(MemorySource.Empty, 4000, WofAlgorithm.Xpress4K);
        Assert.Throws<CorruptDataException>(() => one.ReadArray(0, 10));
        Assert.Equal(0, WofContent.Open(MemorySource.Empty, 0, WofAlgorithm.Lzx).ReadAt(0, new byte[1]));
    }

    [Fact]
    public void A_chunk_that_did_not_get_smaller_is_as_it_is()
    {
        byte[] plain = [.. Enumerable.Range(0, 4096 + 100).Select(i => (byte)(i * 7))];
        byte[] stored = [.. BitConverter.GetBytes(4096), .. plain];
        Assert.Equal(plain, WofContent.Open(new MemorySource(stored), plain.Length, WofAlgorithm.Xpress4K).ReadArray(0, 10_000));
    }

    [Fact]
    public void Above_4_GiB_entries_have_8_bytes()
    {
        long size = (1L << 32) + 1;
        long chunks = (size + 32767) / 32768;
        var stored = new byte[(chunks - 1) * 8 + 32768 + 1];
        // All chunks are the same stored one, but for the first and the last.
        for (int i = 0; i < chunks - 1; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(i * 8), 32768);
        }
        stored[(chunks - 1) * 8] = 1;
        stored[^1] = 2;
        IByteSource content = WofContent.Open(new MemorySource(stored), size, WofAlgorithm.Lzx);
        Assert.Equal(1, content.ReadArray(0, 1)[0]);
        Assert.Equal([2], content.ReadArray(size - 1, 10));
        Assert.Throws<CorruptDataException>(() => content.ReadArray(1 << 20, 1));
    }

    [Theory]
    [InlineData("01000000 02000000 01000000 00000000", WofAlgorithm.Xpress4K)]
    [InlineData("01000000 02000000 01000000 01000000", WofAlgorithm.Lzx)]
    [InlineData("01000000 02000000 01000000 03000000 00000000", WofAlgorithm.Xpress16K)]
    public void The_reparse_point_names_the_algorithm(string data, WofAlgorithm algorithm) =>
        Assert.Equal(algorithm, new WofReparseData(CodecVectorTests.Hex(data)).RequireAlgorithm());

    [Theory]
    [InlineData("01000000 01000000 01000000 00000000")]
    [InlineData("01000000 02000000 01000000 04000000")]
    [InlineData("02000000 02000000 01000000 00000000")]
    [InlineData("01000000 07000000 01000000 00000000")]
    public void Other_providers_are_not_supported(string data) =>
        Assert.Throws<UnsupportedFeatureException>(() => new WofReparseData(CodecVectorTests.Hex(data)).RequireAlgorithm());

    [Fact]
    public void Short_reparse_data_are_damage() => Assert.Throws<CorruptDataException>(() => new WofReparseData(new byte[15]).Version);
}
