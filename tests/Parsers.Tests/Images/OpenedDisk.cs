using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>An image opened the way the program opens it, with every path that was opened written down.</summary>
internal sealed class OpenedDisk : IDisposable
{
    private readonly EvidenceFiles _files;
    private readonly DiagnosticList _diagnostics = new();
    private readonly List<string> _paths = [];

    private OpenedDisk(string[] allowedFolders)
    {
        _files = new EvidenceFiles(allowedFolders, path =>
        {
            _paths.Add(path);
            return ImageFile.Open(path);
        });
    }

    /// <summary>Throws as <see cref="ImageProbe.Open"/>; <paramref name="watch"/> is there even then.</summary>
    public static OpenedDisk Open(string path, out OpenedDisk watch, params string[] allowedFolders)
    {
        var opened = new OpenedDisk(allowedFolders);
        watch = opened;
        CompanionFile file = opened._files.OpenImage(path);
        var context = new ParseContext(ScanLimits.Default, opened._diagnostics, CancellationToken.None) { Images = new ImageAccess { Companions = file.Companions } };
        opened.Disk = ImageProbe.Open(file.Content, Catalog.Images, context);
        return opened;
    }

    public static OpenedDisk Open(string path) => Open(path, out _);

    public DiskImage Disk { get; private set; } = new("none", MemorySource.Empty);

    public IByteSource Content => Disk.Content;

    public IReadOnlyList<Diagnostic> Diagnostics => _diagnostics.Items;

    public IEnumerable<string> Codes => Diagnostics.Select(diagnostic => diagnostic.Code).Distinct();

    /// <summary>Every path that was opened, in order.</summary>
    public IReadOnlyList<string> Paths => _paths;

    public string Fact(string name) => Disk.Facts.First(fact => fact.Key == name).Value;

    public byte[] ReadAll() => Content.ReadArray(0, checked((int)Content.Length));

    /// <summary>The content is these bytes: read whole, in random pieces by several threads, and by its data ranges.</summary>
    public void AssertIs(byte[] raw, int reads = 100)
    {
        Assert.Equal(raw.Length, Content.Length);
        Assert.True(raw.AsSpan().SequenceEqual(ReadAll()), "the content is not that of the raw disk");
        Parallel.For(0, 3, thread =>
        {
            var random = new Random(thread);
            byte[] buffer = new byte[300_000];
            for (int i = 0; i < reads; i++)
            {
                int offset = random.Next(raw.Length);
                int wanted = random.Next(2) == 0 ? random.Next(1, 5000) : random.Next(1, buffer.Length);
                int count = Content.ReadUpTo(offset, buffer.AsSpan(0, wanted));
                Assert.Equal(Math.Min(wanted, raw.Length - offset), count);
                Assert.True(raw.AsSpan(offset, count).SequenceEqual(buffer.AsSpan(0, count)), $"different at {offset}");
            }
            Assert.Equal(0, Content.ReadAt(raw.Length, buffer));
            Assert.Equal(0, Content.ReadAt(long.MaxValue, buffer));
        });
        if (Content is ISparseByteSource sparse)
        {
            AssertDataRanges(raw, sparse);
        }
    }

    public void Dispose() => _files.Dispose();

    /// <summary>Data ranges go forward and what lies between them is zero.</summary>
    private static void AssertDataRanges(byte[] raw, ISparseByteSource content)
    {
        long position = 0;
        while (content.NextData(position, out long start, out long length))
        {
            Assert.True(start >= position && length > 0 && start + length <= raw.Length);
            Assert.False(raw.AsSpan((int)position, (int)(start - position)).ContainsAnyExcept((byte)0));
            position = start + length;
        }
        Assert.False(raw.AsSpan((int)position).ContainsAnyExcept((byte)0));
    }
}
