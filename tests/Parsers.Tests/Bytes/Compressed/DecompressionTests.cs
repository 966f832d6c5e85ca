using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Bytes.Compressed;

/// <summary>What the tools of the machine compressed comes out as it was; damage is damage and never another content.</summary>
public sealed class DecompressionTests
{
    // Levels of lzop differ in the codes they use: 1 is LZO1X-1(15), 3 is LZO1X-1, 9 is LZO1X-999.
    [Theory]
    [InlineData("lzop -1")]
    [InlineData("lzop -3")]
    [InlineData("lzop -9")]
    [InlineData("lzop -3 --crc32")]
    [InlineData("lzop -3 --no-checksum")]
    [InlineData("lz4 -l")]
    [InlineData("lz4 -l -9")]
    [InlineData("lz4")]
    [InlineData("lzma -1")]
    [InlineData("lzma -9")]
    [InlineData("gzip")]
    [InlineData("xz")]
    [InlineData("zstd")]
    [InlineData("bzip2")]
    public void What_a_tool_packed_comes_out(string command)
    {
        byte[] content = Content(3_000_000);
        Assert.Equal(content, Unpack(Pack(command, content)));
        Assert.Equal("x"u8.ToArray(), Unpack(Pack(command, "x"u8.ToArray())));
    }

    [Fact]
    public void Members_and_frames_one_behind_the_other()
    {
        byte[] content = Content(300_000);
        foreach (string command in (string[])["lzop -3", "lz4 -l"])
        {
            byte[] packed = Pack(command, content);
            Assert.Equal([.. content, .. content], Unpack([.. packed, .. packed]));
        }
        var list = new Forensics.Parsers.Artifacts.ArtifactList();
        byte[] lzop = Pack("lzop -3", content);
        Assert.Equal(content, Unpack([.. lzop, 1, 2, 3], list));
        Assert.Equal(lzop.Length, Assert.Single(list.Diagnostics, diagnostic => diagnostic.Code == "lzop.trailing").Offset);
    }

    [Theory]
    [InlineData("lzop -9")]
    [InlineData("lzop -3 --no-checksum")]
    [InlineData("lz4 -l")]
    [InlineData("lzma")]
    public void Damage_is_said_and_never_breaks_out(string command)
    {
        byte[] packed = Pack(command, Content(20_000));
        var random = new Random(11);
        for (int round = 0; round < 400; round++)
        {
            byte[] damaged = round % 2 == 0 ? [.. packed] : packed[..random.Next(1, packed.Length)];
            for (int i = 0; i < 3 && round % 2 == 0; i++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }
            try
            {
                Unpack(damaged);
            }
            catch (ForensicException)
            {
                continue;
            }
        }
    }

    [Fact]
    public void A_checksum_that_does_not_fit_is_damage()
    {
        byte[] packed = Pack("lzop -3", new byte[1000]);
        packed[^20] ^= 1;
        Assert.ThrowsAny<ForensicException>(() => Unpack(packed));
    }

    [Theory]
    [InlineData("0000")]
    [InlineData("1200000011000011000000")]
    [InlineData("FF")]
    [InlineData("000000000000")]
    [InlineData("1500000000")]
    public void A_block_of_nonsense_is_refused(string hex) => Assert.False(Lzo1x.TryDecode(Convert.FromHexString(hex), new byte[64]));

    private static byte[] Content(int length)
    {
        // Text that repeats near and far, runs, and noise.
        var random = new Random(3);
        byte[] content = new byte[length];
        random.NextBytes(content);
        for (int at = 0; at + 400 < length;)
        {
            int run = random.Next(1, 400);
            if (random.Next(3) > 0)
            {
                int back = random.Next(1, Math.Min(at + 2, 60_000));
                for (int i = 0; i < run; i++)
                {
                    content[at + i] = at + i >= back ? content[at + i - back] : (byte)'a';
                }
            }
            at += run;
        }
        return content;
    }

    private static byte[] Pack(string command, byte[] content)
    {
        using var folder = new TempFolder();
        string input = folder.Write("in", content);
        TestTools.Run("bash", "-c", $"{command} -c < '{input}' > '{folder.File("out")}'");
        return File.ReadAllBytes(folder.File("out"));
    }

    private static byte[] Unpack(byte[] packed, IDiagnosticSink? sink = null)
    {
        using ForwardReader? reader = Decompression.TryOpen(new MemorySource(packed), sink ?? NullDiagnosticSink.Instance);
        if (reader is null)
        {
            return [];
        }
        using var content = new MemoryStream();
        byte[] block = new byte[7777];
        int count;
        while ((count = reader.Read(block)) > 0 && content.Length < 64 << 20)
        {
            content.Write(block, 0, count);
        }
        return content.ToArray();
    }
}
