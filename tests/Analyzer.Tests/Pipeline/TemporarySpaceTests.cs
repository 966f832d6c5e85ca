using Forensics.Analyzer.Pipeline;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Analyzer.Tests.Pipeline;

public sealed class TemporarySpaceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-space-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void File_has_no_name_while_it_is_open()
    {
        using var space = new TemporarySpace(_folder);
        ITemporaryFile file = space.Create("a test", 1000);
        file.Write(0, "content"u8);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Empty(Directory.GetFileSystemEntries(_folder));
        }
        Assert.Equal("content"u8.ToArray(), file.ReadArray(0, 100));
    }

    [Fact]
    public void What_was_never_written_is_a_hole()
    {
        using var space = new TemporarySpace(_folder);
        ITemporaryFile file = space.Create("a test", 0);
        long far = (1L << 40) + 100;
        file.Write(far, "x"u8);
        file.Write(20_000, "y"u8);
        file.SetLength(2L << 40);
        Assert.Equal(2L << 40, file.Length);
        Assert.True(file.NextData(0, out long start, out long length));
        Assert.InRange(20_000, start, start + length - 1);
        Assert.True(file.NextData(start + length, out start, out length));
        Assert.InRange(far, start, start + length - 1);
        Assert.False(file.NextData(start + length, out _, out _));
        byte[] read = file.ReadArray(far - 50_000, 100_000);
        Assert.Equal((byte)'x', read[50_000]);
        Assert.Equal(1, read.Count(value => value != 0));
        Assert.Equal((byte)'y', file.ReadArray(20_000, 1)[0]);
    }

    [Fact]
    public void Random_writes_read_back_whatever_the_order_and_the_threads()
    {
        using var space = new TemporarySpace(_folder);
        ITemporaryFile file = space.Create("a test", 0);
        byte[] expected = new byte[8 << 20];
        new Random(4).NextBytes(expected);
        for (int part = 0; part < 128; part += 3)
        {
            expected.AsSpan(part << 16, 1 << 16).Clear();
        }
        file.SetLength(expected.Length);
        Parallel.For(0, 128, new ParallelOptions { MaxDegreeOfParallelism = 4 }, part =>
        {
            if (part % 3 != 0)
            {
                file.Write(part << 16, expected.AsSpan(part << 16, 1 << 16));
            }
        });
        Assert.Equal(expected, file.ReadArray(0, expected.Length));
    }

    [Fact]
    public void Folder_that_is_not_there_or_too_small_is_its_own_error()
    {
        using var missing = new TemporarySpace(Path.Combine(_folder, "none"));
        Assert.Throws<TemporarySpaceException>(() => missing.Create("a test", 0));
        using var space = new TemporarySpace(_folder);
        string message = Assert.Throws<TemporarySpaceException>(() => space.Create("a test", 1L << 60)).Message;
        Assert.Contains("--temp", message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }
}
