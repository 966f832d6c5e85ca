using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>A VHD, VHDX or split image opened by its path as the program does it, every file that is opened on the way noted.</summary>
internal sealed class VhdTestImage : IDisposable
{
    private readonly EvidenceFiles _files;
    private readonly DiagnosticList _diagnostics = new();
    private readonly List<string> _opened = [];

    private VhdTestImage(string[] allowed) => _files = new EvidenceFiles(allowed, path =>
    {
        _opened.Add(Path.GetFileName(path));
        return ImageFile.Open(path);
    });

    public DiskImage Disk { get; private set; } = new("none", MemorySource.Empty);

    public IByteSource Content => Disk.Content;

    /// <summary>Names of the files opened, in order.</summary>
    public IReadOnlyList<string> Opened => _opened;

    public string[] Codes => [.. _diagnostics.Items.Select(item => item.Code)];

    public bool LosesContent => _diagnostics.Items.Any(item => item.LosesContent);

    public static VhdTestImage Open(string path, params string[] allowed)
    {
        var image = new VhdTestImage(allowed);
        image.OpenNow(path);
        return image;
    }

    /// <summary>Opens and expects a refusal; the message, and the files opened until then.</summary>
    public static (string Message, IReadOnlyList<string> Opened) Refused<TError>(string path) where TError : ForensicException
    {
        using var image = new VhdTestImage([]);
        string message = Assert.Throws<TError>(() => image.OpenNow(path)).Message;
        return (message, image.Opened);
    }

    /// <summary>Opens bytes that are no file.</summary>
    public static DiskImage OpenBytes(byte[] image, DiagnosticList? diagnostics = null) =>
        ImageProbe.Open(new MemorySource(image), Catalog.Images, new ParseContext(ScanLimits.Default, diagnostics ?? new DiagnosticList(), CancellationToken.None));

    public string Fact(string name) => Assert.Single(Disk.Facts, fact => fact.Key == name).Value;

    /// <summary>The disk is these bytes: whole, in random pieces by several threads, and by its data ranges.</summary>
    public void AssertIs(byte[] raw)
    {
        Assert.Equal(raw.Length, Content.Length);
        Assert.True(raw.AsSpan().SequenceEqual(Content.ReadArray(0, raw.Length)), "the content differs");
        Parallel.For(0, 3, thread =>
        {
            var random = new Random(thread);
            byte[] buffer = new byte[300_000];
            for (int i = 0; i < 60; i++)
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

    private void OpenNow(string path)
    {
        CompanionFile file = _files.OpenImage(path);
        var context = new ParseContext(ScanLimits.Default, _diagnostics, CancellationToken.None) { Images = new ImageAccess { Companions = file.Companions } };
        Disk = ImageProbe.Open(file.Content, Catalog.Images, context);
    }

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

/// <summary>libvhdi by its Python binding: the only other reader at hand that knows differencing disks.</summary>
internal static class Libvhdi
{
    private const string Script = """
        import pyvhdi, sys
        files = [pyvhdi.file() for _ in sys.argv[2:]]
        for file, path in zip(files, sys.argv[2:]):
            file.open(path)
        for child, parent in zip(files, files[1:]):
            child.set_parent(parent)
        left, offset, target = files[0].get_media_size(), 0, open(sys.argv[1], "wb")
        while left > 0:
            part = files[0].read_buffer_at_offset(min(left, 1 << 20), offset)
            target.write(part)
            offset += len(part)
            left -= len(part)
        """;

    /// <summary>The disk as libvhdi reads it; the parents follow their child. Skips the test where the package python3-libvhdi is absent.</summary>
    public static byte[] Read(string target, params string[] chain)
    {
        string? python = ((string[])["python3", "/usr/bin/python3"]).FirstOrDefault(name => TestTools.TryRun(name, "-c", "import pyvhdi").Code == 0);
        if (python is null)
        {
            Assert.Skip("python3-libvhdi absent");
        }
        TestTools.Run(python, ["-c", Script, target, .. chain]);
        return File.ReadAllBytes(target);
    }
}
