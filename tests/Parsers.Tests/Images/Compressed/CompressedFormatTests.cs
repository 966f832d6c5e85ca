using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Forensics.Parsers.Images.Compressed;
using Xunit;

namespace Forensics.Parsers.Tests.Images.Compressed;

/// <summary>Files made by the tools that make them, read as the bytes that went in: GzipFormat, XzFormat, ZstdFormat, Bzip2Format, Lz4Format.</summary>
public sealed class CompressedFormatTests : IDisposable
{
    private static readonly byte[] s_disk = TestDisk.Mixed(9_000_123, 41);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gzip", "gzip -1 -c d")]
    [InlineData("gzip", "gzip -9 -c d")]
    [InlineData("gzip", "gzip -nc d")]
    [InlineData("gzip", "pigz -p2 -c d")]
    [InlineData("gzip", "pigz -i -b 128 -c d")]
    [InlineData("gzip", "pigz -9 -b 4096 -c d")]
    [InlineData("gzip", "head -c 4000000 d | gzip -c; tail -c +4000001 d | gzip -c")]
    [InlineData("gzip", "gzip -c d; head -c 512 /dev/zero")]
    [InlineData("gzip", "printf '' | gzip -c; gzip -c d; printf '' | gzip -c")]
    [InlineData("xz", "xz -0 -c d")]
    [InlineData("xz", "xz -6 --check=crc32 -c d")]
    [InlineData("xz", "xz -1 --check=none -c d")]
    [InlineData("xz", "xz -1 --check=sha256 -c d")]
    [InlineData("xz", "xz -2 -T2 --block-size=1MiB -c d")]
    [InlineData("xz", "xz -2 -T2 --block-size=1MiB --check=sha256 -c d; head -c 16 /dev/zero")]
    [InlineData("xz", "head -c 4000000 d | xz -1 -c; head -c 8 /dev/zero; tail -c +4000001 d | xz -1 --check=crc32 -T2 --block-size=500000 -c")]
    [InlineData("zstd", "zstd -q -1 -c d")]
    [InlineData("zstd", "zstd -q -19 -T2 -c d")]
    [InlineData("zstd", "zstd -q --long=27 -c d")]
    [InlineData("zstd", "zstd -q --no-check -c < d")]
    [InlineData("zstd", "pzstd -q -p 2 -c d")]
    [InlineData("zstd", "head -c 4000000 d > a; zstd -q -c a; tail -c +4000001 d > b; zstd -q -c b")]
    [InlineData("zstd", "printf 'P*M\\030\\003\\0\\0\\0abc'; zstd -q -c d")]
    [InlineData("bzip2", "bzip2 -1 -c d")]
    [InlineData("bzip2", "bzip2 -9 -c d")]
    [InlineData("bzip2", "pbzip2 -p2 -b2 -c d")]
    [InlineData("bzip2", "head -c 4000000 d | bzip2 -c; printf '' | bzip2 -c; tail -c +4000001 d | bzip2 -c")]
    [InlineData("lz4", "lz4 -q -c d")]
    [InlineData("lz4", "lz4 -q -9 -BD -B4 --content-size -c d")]
    [InlineData("lz4", "lz4 -q -BX -B6 --no-frame-crc -c d")]
    [InlineData("lz4", "head -c 4000000 d | lz4 -q -c; tail -c +4000001 d | lz4 -q -c")]
    public void File_of_the_tool_reads_as_what_went_in(string format, string command)
    {
        _folder.Write("d", s_disk);
        byte[] packed = Shell(command);
        var opening = new Opening();
        DiskImage image = opening.Open(packed);
        Assert.Equal(format + "/raw", image.Format);
        Assert.Equal(s_disk.Length, image.Content.Length);
        Assert.True(s_disk.AsSpan().SequenceEqual(Opening.All(image.Content)));
        Assert.Empty(opening.Diagnostics.Items);
    }

    [Theory]
    [InlineData("gzip -c d", "gzip.trailing")]
    [InlineData("xz -0 -c d", "xz.trailing")]
    [InlineData("xz -0 -T2 --block-size=1MiB -c d", "xz.trailing")]
    [InlineData("zstd -q -c d", "zstd.trailing")]
    [InlineData("bzip2 -c d", "bzip2.trailing")]
    [InlineData("lz4 -q -c d", "lz4.trailing")]
    public void Data_after_the_end_are_reported_and_not_read(string command, string code)
    {
        _folder.Write("d", s_disk);
        var opening = new Opening();
        DiskImage image = opening.Open([.. Shell(command), .. "garbage after the end"u8]);
        Assert.True(s_disk.AsSpan().SequenceEqual(Opening.All(image.Content)));
        Assert.Equal(code, Assert.Single(opening.Diagnostics.Items).Code);
        Assert.False(opening.LostContent);
    }

    [Theory]
    [InlineData("gzip -1 -c d")]
    [InlineData("gzip -1 -c d; gzip -1 -c d")]
    [InlineData("xz -0 -c d")]
    [InlineData("xz -0 -T2 --block-size=128KiB -c d")]
    [InlineData("zstd -q -1 -c d")]
    [InlineData("zstd -q -1 --no-check -c d")]
    [InlineData("head -c 200000 d > a; zstd -q -c a; zstd -q -c d")]
    [InlineData("bzip2 -1 -c d")]
    [InlineData("lz4 -q -c d")]
    [InlineData("lz4 -q --no-frame-crc -c d")]
    public void Truncated_at_64_points_is_an_error_and_never_a_short_image(string command)
    {
        _folder.Write("d", TestDisk.Mixed(700_000, 5));
        byte[] packed = Shell(command);
        for (int i = 1; i < 64; i++)
        {
            int length = (int)((long)packed.Length * i / 64);
            var opening = new Opening();
            CorruptDataException? error = null;
            try
            {
                DiskImage image = opening.Open(packed[..length]);
                Opening.All(image.Content);
            }
            catch (CorruptDataException e)
            {
                error = e;
            }
            // Cut exactly between two members or frames nobody can tell that there was more.
            Assert.True(error is not null || opening.LostContent || IsBoundary(packed, length, command), $"cut at {length} of {packed.Length}");
        }
    }

    [Fact]
    public void Truncated_by_single_bytes_at_the_end_is_an_error()
    {
        _folder.Write("d", TestDisk.Mixed(300_000, 5));
        foreach (string command in new[] { "gzip -c d", "xz -0 -c d", "xz -0 --block-size=32KiB -T2 -c d", "zstd -q -c d", "bzip2 -c d", "lz4 -q -c d" })
        {
            byte[] packed = Shell(command);
            for (int cut = 1; cut <= 24; cut++)
            {
                Assert.Throws<CorruptDataException>(() => new Opening().Open(packed[..^cut]));
            }
        }
    }

    [Theory]
    [InlineData("gzip -c d", "gzip.crc", 8)]
    [InlineData("bzip2 -c d", "bzip2.crc", 3)]
    public void Wrong_checksum_loses_content(string command, string code, int fromEnd)
    {
        _folder.Write("d", TestDisk.Mixed(100_000, 6));
        byte[] packed = Shell(command);
        packed[^fromEnd] ^= 0x10;
        var opening = new Opening();
        Assert.Equal(100_000, opening.Open(packed).Content.Length);
        Assert.Equal(code, Assert.Single(opening.Diagnostics.Items).Code);
        Assert.True(opening.LostContent);
    }

    [Fact]
    public void Damaged_block_of_many_reads_as_zeros_and_the_others_as_they_are()
    {
        _folder.Write("d", s_disk);
        byte[] packed = Shell("xz -0 -T2 --block-size=1MiB -c d");
        // Somewhere in the third block: found by where the second third of the file is.
        packed[packed.Length / 3] ^= 0xFF;
        var opening = new Opening();
        DiskImage image = opening.Open(packed);
        byte[] read = Opening.All(image.Content);
        Assert.Equal(s_disk.Length, read.Length);
        Diagnostic report = Assert.Single(opening.Diagnostics.Items);
        Assert.Equal("xz.block.damaged", report.Code);
        Assert.True(report.LosesContent);
        int wrong = Enumerable.Range(0, s_disk.Length / (1 << 20) + 1).Count(i => !s_disk.AsSpan(i << 20, Math.Min(1 << 20, s_disk.Length - (i << 20))).SequenceEqual(read.AsSpan(i << 20, Math.Min(1 << 20, s_disk.Length - (i << 20)))));
        Assert.Equal(1, wrong);
    }

    [Fact]
    public void Blocks_that_nobody_reads_are_not_decompressed()
    {
        var disk = new byte[32 << 20];
        new Random(3).NextBytes(disk);
        _folder.Write("d", disk);
        foreach (string command in new[] { "xz -0 -T2 --block-size=1MiB -c d", "split -b 1M d p && zstd -q -c p*" })
        {
            var opening = new Opening();
            DiskImage image = opening.Open(Shell(command));
            long before = opening.Space.Written;
            Assert.InRange(before, 0, 2 << 20);
            Assert.Equal(disk[(20 << 20)..((20 << 20) + 4096)], image.Content.ReadArray(20 << 20, 4096));
            Assert.InRange(opening.Space.Written, before, before + (1 << 20));
            Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => Assert.Equal(disk[(i << 19)..((i << 19) + 70000)], image.Content.ReadArray(i << 19, 70000)));
            Assert.InRange(opening.Space.Written, 1, 33 << 20);
        }
    }

    [Fact]
    public void Zeros_are_never_written_and_are_holes()
    {
        _folder.Write("d", new byte[1 << 20]);
        Shell("truncate -s 160M d; printf x | dd of=d bs=1 seek=150000000 conv=notrunc status=none");
        foreach (string command in new[] { "gzip -1 -c d", "zstd -q -c d", "bzip2 -1 -c d", "xz -0 -c d", "lz4 -q -c d" })
        {
            var opening = new Opening();
            DiskImage image = opening.Open(Shell(command));
            Assert.Equal(160 << 20, image.Content.Length);
            Assert.InRange(opening.Space.Written, 1, 8192);
            var sparse = Assert.IsType<ISparseByteSource>(image.Content, exactMatch: false);
            Assert.True(sparse.NextData(0, out long start, out long length));
            Assert.InRange(150_000_000, start, start + length - 1);
            Assert.Equal((byte)'x', image.Content.ReadArray(150_000_000, 1)[0]);
            Assert.False(sparse.NextData(start + length, out _, out _));
        }
    }

    [Fact]
    public void Every_compressed_file_of_the_shared_images_reads_as_the_tool_reads_it()
    {
        string root = SharedImages.Require();
        int seen = 0;
        foreach (string path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string? tool = Path.GetExtension(path) switch { ".gz" => "gzip", ".xz" => "xz", ".zst" => "zstd", ".bz2" => "bzip2", _ => null };
            if (tool is null || path.Contains("/oracles/", StringComparison.Ordinal) && seen % 7 != 0 && new FileInfo(path).Length > 20_000)
            {
                continue;
            }
            string plain = _folder.File("plain");
            SharedImages.Run(tool, tool == "zstd" ? ["-dcq", path] : ["-dc", path], plain);
            using var packed = new FileByteSource(path);
            using var expected = new FileByteSource(plain);
            CompressedFormat format = Catalog.Images.OfType<CompressedFormat>().Single(one => one.Matches(packed.ReadArray(0, 512)));
            using ForwardReader reader = format.OpenReader(packed, NullDiagnosticSink.Instance);
            AssertSame(expected, reader, path);
            seen++;
        }
        Assert.True(seen > 30, seen + " files");
    }

    private static void AssertSame(FileByteSource expected, ForwardReader reader, string path)
    {
        byte[] left = new byte[1 << 20];
        byte[] right = new byte[1 << 20];
        long position = 0;
        while (true)
        {
            int count = reader.ReadUpTo(left);
            Assert.Equal(expected.ReadUpTo(position, right), count);
            Assert.True(left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count)), path);
            position += count;
            if (count == 0)
            {
                return;
            }
        }
    }

    private bool IsBoundary(byte[] packed, int length, string command) => command.Contains(';', StringComparison.Ordinal) && length < packed.Length && Shell(command.Split(';')[0] + (command.StartsWith("head", StringComparison.Ordinal) ? "; zstd -q -c a" : "")).Length == length;

    private byte[] Shell(string command)
    {
        var start = new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true, WorkingDirectory = _folder.Root };
        using Process process = Process.Start(start)!;
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, command);
        return output.ToArray();
    }
}
