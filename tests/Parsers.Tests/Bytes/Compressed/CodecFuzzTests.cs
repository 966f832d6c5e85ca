using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ntfs.Compression;
using Xunit;

namespace Forensics.Parsers.Tests.Bytes.Compressed;

/// <summary>Changed and cut data: a decoder returns or says that they are damaged, soon, and writes nothing outside its destination.</summary>
public sealed class CodecFuzzTests
{
    private const int Rounds = 20_000;
    private const int Margin = 64;

    private delegate void Decoder(ReadOnlySpan<byte> compressed, Span<byte> destination);

    [Fact]
    public void Lznt1_returns_or_throws()
    {
        byte[] seed = Lznt1Encoder.Encode(Plain(12_000));
        Fuzz([seed], 1 << 14, (compressed, destination) => Assert.InRange(Lznt1.Decompress(compressed, destination), 0, destination.Length));
    }

    [Fact]
    public void Xpress_returns_or_throws() => Fuzz(
        [CodecVectorTests.Hex("FFFFFF1F61626317000FFF2601"), XpressEncoder.Plain(Plain(6000))],
        1 << 14,
        (compressed, destination) => Assert.InRange(XpressLz77.Decompress(compressed, destination), 0, destination.Length));

    [Fact]
    public void XpressHuffman_returns_or_throws() => Fuzz(Chunks("xpress-4k"), 4096, XpressHuffman.Decompress);

    [Fact]
    public void Lzx_returns_or_throws() => Fuzz(Chunks("lzx-32k"), Lzx.WindowSize, Lzx.Decompress);

    [Fact]
    public void WofContent_returns_or_throws()
    {
        WimFile wim = WimFile.Fixture("xpress-8k");
        byte[][] seeds = [.. wim.Resources.Select(resource => resource.Stored)];
        Fuzz(seeds, 40_000, (compressed, destination) => WofContent.Open(new MemorySource(compressed.ToArray()), destination.Length, WofAlgorithm.Xpress8K).ReadUpTo(0, destination), Rounds / 10);
    }

    [Fact]
    public void MamFile_returns_or_throws()
    {
        byte[] seed = MamFileTests.Pack(Plain(20_000), withChecksum: true);
        // Other exceptions of the family are answers too: the algorithm and the size stand in the file.
        Fuzz([seed], 1, (compressed, _) =>
        {
            try
            {
                Assert.InRange(MamFile.Open(compressed, 1 << 16).Content.Length, 0, 1 << 16);
            }
            catch (ForensicException e) when (e is UnknownFormatException or UnsupportedFeatureException or LimitExceededException)
            {
                Assert.NotEmpty(e.Code);
            }
        }, Rounds / 4);
    }

    private static byte[][] Chunks(string fixture)
    {
        WimFile wim = WimFile.Fixture(fixture);
        return [.. wim.Resources.SelectMany(wim.Chunks).Select(chunk => chunk.Chunk.ToArray()).Where(chunk => chunk.Length < wim.ChunkSize)];
    }

    private static byte[] Plain(int size)
    {
        var random = new Random(11);
        return [.. Enumerable.Range(0, size).Select(i => (byte)(i % 97 < 40 ? random.Next(256) : i % 7 == 0 ? 'x' : 'a' + (i % 5)))];
    }

    private static void Fuzz(byte[][] seeds, int largest, Decoder decode, int rounds = Rounds)
    {
        var random = new Random(20);
        var buffer = new byte[largest + (2 * Margin)];
        int damaged = 0;
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < rounds; i++)
        {
            byte[] input = seeds[i % seeds.Length].ToArray();
            for (int k = random.Next(1, 6); k > 0; k--)
            {
                // Near the start as often as anywhere: that is where the tables are.
                input[random.Next(random.Next(2) == 0 ? Math.Min(300, input.Length) : input.Length)] = (byte)(random.Next(4) == 0 ? 0xFF : random.Next(256));
            }
            ReadOnlySpan<byte> cut = random.Next(4) == 0 ? input.AsSpan(0, random.Next(input.Length)) : input;
            int size = random.Next(4) == 0 ? random.Next(largest + 1) : largest;
            buffer.AsSpan().Fill(0xC5);
            try
            {
                decode(cut, buffer.AsSpan(Margin, size));
            }
            catch (CorruptDataException e)
            {
                Assert.NotEmpty(e.Structure);
                damaged++;
            }
            Assert.False(buffer.AsSpan(0, Margin).ContainsAnyExcept((byte)0xC5), "written in front of the destination");
            Assert.False(buffer.AsSpan(Margin + size).ContainsAnyExcept((byte)0xC5), "written behind the destination");
        }
        Assert.True(damaged > rounds / 20, "only " + damaged + " inputs were damaged");
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), "took " + watch.Elapsed);
    }
}
