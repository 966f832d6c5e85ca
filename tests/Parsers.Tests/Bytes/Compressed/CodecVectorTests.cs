using System.Text;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Bytes.Compressed;

/// <summary>The examples of [MS-XCA] 3, files of wimlib, and data that cannot be.</summary>
public sealed class CodecVectorTests
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz";
    private const string Song = "F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D\0";
    private static readonly string s_abc = string.Concat(Enumerable.Repeat("abc", 100));

    [Fact]
    public void The_example_of_LZNT1_is_decoded()
    {
        byte[] compressed = Hex("38B08846232000204720410010A24701A0452044000845015079 00C045200524138805B4024A44EF0358028C091601484500BE009E00040118 9000");
        var plain = new byte[8192];

        int count = Lznt1.Decompress(compressed, plain);

        Assert.Equal(Song, Encoding.ASCII.GetString(plain, 0, count));
    }

    [Fact]
    public void The_examples_of_plain_LZ77_are_decoded()
    {
        var plain = new byte[1000];
        Assert.Equal(Alphabet, Encoding.ASCII.GetString(plain, 0, XpressLz77.Decompress([0x3F, 0, 0, 0, .. Encoding.ASCII.GetBytes(Alphabet)], plain)));
        Assert.Equal(s_abc, Encoding.ASCII.GetString(plain, 0, XpressLz77.Decompress(Hex("FFFFFF1F61626317000FFF2601"), plain)));
    }

    [Fact]
    public void The_examples_of_LZ77_with_Huffman_codes_are_decoded()
    {
        var table = new byte[256];
        Hex("50555555555555555555554544 04").CopyTo(table, 0x30);
        table[0x80] = 0x04;
        var plain = new byte[Alphabet.Length];
        XpressHuffman.Decompress([.. table, .. Hex("D8523ED794115BE9195FF9D67CDF8D0400000000")], plain);
        Assert.Equal(Alphabet, Encoding.ASCII.GetString(plain));

        table = new byte[256];
        (table[0x30], table[0x31], table[0x80], table[0x8F]) = (0x30, 0x23, 0x02, 0x20);
        plain = new byte[s_abc.Length];
        XpressHuffman.Decompress([.. table, .. Hex("A8DC0000FF2601")], plain);
        Assert.Equal(s_abc, Encoding.ASCII.GetString(plain));
    }

    [Theory]
    [InlineData("xpress-4k")]
    [InlineData("xpress-8k")]
    [InlineData("xpress-16k")]
    [InlineData("lzx-32k")]
    public void Small_files_of_wimlib_are_decoded(string name) => Assert.True(WimFile.Fixture(name).Verify() >= 3);

    [Theory]
    [InlineData("xpress", 4096)]
    [InlineData("xpress", 8192)]
    [InlineData("xpress", 16384)]
    [InlineData("xpress", 32768)]
    [InlineData("xpress", 65536)]
    [InlineData("lzx", 32768)]
    public void What_wimlib_packs_is_decoded(string codec, int chunkSize)
    {
        using var folder = new TempFolder();
        string tree = Directory.CreateDirectory(folder.File("tree")).FullName;
        byte[] program = File.ReadAllBytes("/bin/bash");
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 60_000).Select(i => "line " + i * 7 % 1000 + " of " + (i % 13 == 0 ? "the file" : "it"))));
        byte[] noise = new byte[100_000];
        new Random(3).NextBytes(noise);
        File.WriteAllBytes(Path.Combine(tree, "program"), program);
        File.WriteAllBytes(Path.Combine(tree, "text"), text);
        File.WriteAllBytes(Path.Combine(tree, "noise"), noise);
        File.WriteAllBytes(Path.Combine(tree, "zeros"), new byte[500_000]);
        File.WriteAllBytes(Path.Combine(tree, "calls"), [.. Enumerable.Repeat(Hex("E800010203000000E8FFFFFFFF"), 5000).SelectMany(bytes => bytes)]);
        foreach (int size in (int[])[1, 2, 3, 9, 10, 11, chunkSize - 1, chunkSize, chunkSize + 1, (3 * chunkSize) - 1, 3 * chunkSize, (3 * chunkSize) + 1])
        {
            // Begun at different places, for what is the same is stored once.
            File.WriteAllBytes(Path.Combine(tree, "program" + size), program.AsSpan(size, size));
            File.WriteAllBytes(Path.Combine(tree, "text" + size), text.AsSpan(size, size));
        }
        string wim = folder.File("x.wim");

        TestTools.Run("wimlib-imagex", "capture", tree, wim, "--compress=" + codec, "--chunk-size=" + chunkSize, "--threads=1", "--no-acls");

        Assert.True(new WimFile(File.ReadAllBytes(wim)).Verify() >= 16);
    }

    [Theory]
    [InlineData("02B0 02 41 FF0F", "behind a match that ends at the end of the chunk's data")]
    [InlineData("02B0 01 0000", "a match before anything was decoded")]
    [InlineData("03B0 02 41 0010", "a match from before the start")]
    [InlineData("FFBF 00", "a chunk longer than the data")]
    [InlineData("01B0 02 41", "no")]
    public void Chunks_that_cannot_be_are_damage(string chunk, string what)
    {
        if (what == "no")
        {
            // The flags go on behind the data, which is how every last group ends.
            Assert.Equal(1, Lznt1.Decompress(Hex(chunk), new byte[100]));
            return;
        }
        Assert.Equal("lznt1.chunk", Assert.Throws<CorruptDataException>(() => Lznt1.Decompress(Hex(chunk), new byte[8192])).Structure);
    }

    [Fact]
    public void A_chunk_never_gives_more_than_4096_bytes()
    {
        // One byte, then matches of 4098 bytes, the longest there are at the second place.
        byte[] bomb = Hex("05B0 06 41 FF0F FF0F");
        Assert.Throws<CorruptDataException>(() => Lznt1.Decompress(bomb, new byte[1 << 20]));
        // The one of a public report: a match that goes 1 back and 4098 on, then a byte.
        Assert.Throws<CorruptDataException>(() => Lznt1.Decompress([0x05, 0xB0, .. Hex("0241FF0F4243")], new byte[1 << 20]));
        var plain = new byte[100];
        Assert.Equal(100, Lznt1.Decompress(bomb, plain));
        Assert.All(plain, b => Assert.Equal((byte)'A', b));
    }

    [Fact]
    public void A_short_chunk_is_filled_up_and_zeros_are_the_end()
    {
        var plain = new byte[10_000];
        Array.Fill(plain, (byte)0xEE);
        int count = Lznt1.Decompress(Hex("0130 4142 0130 4344 0000 0130 4546"), plain);
        Assert.Equal(4098, count);
        Assert.Equal("AB\0\0", Encoding.ASCII.GetString(plain, 0, 4));
        Assert.Equal(0, plain[4095]);
        Assert.Equal("CD", Encoding.ASCII.GetString(plain, 4096, 2));
        Assert.Equal(0, Lznt1.Decompress(new byte[4096], plain));
    }

    internal static byte[] Hex(string digits) => Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal));
}
