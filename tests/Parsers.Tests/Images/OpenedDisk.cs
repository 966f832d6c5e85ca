using System.Security.Cryptography;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>An image opened as the program opens it: by path, with the files beside it, watched at the one place where files are opened.</summary>
internal sealed class OpenedDisk : IDisposable
{
    private readonly EvidenceFiles _files;
    private readonly DiagnosticList _diagnostics = new();
    private readonly List<string> _opened = [];

    public OpenedDisk(string path, string? snapshot = null, params string[] allowed)
    {
        _files = new EvidenceFiles(allowed, file =>
        {
            _opened.Add(file);
            return ImageFile.Open(file);
        });
        bool isOpen = false;
        try
        {
            CompanionFile image = _files.OpenImage(path);
            var context = new ParseContext(ScanLimits.Default, _diagnostics, CancellationToken.None)
            {
                Images = new ImageAccess { Companions = image.Companions, Snapshot = snapshot },
            };
            Disk = ImageProbe.Open(image.Content, Catalog.Images, context);
            isOpen = true;
        }
        finally
        {
            Opened = [.. _opened.Select(file => Path.GetFileName(file))];
            if (!isOpen)
            {
                _files.Dispose();
            }
        }
    }

    public DiskImage Disk { get; }

    /// <summary>Names of all files that were opened, in order.</summary>
    public string[] Opened { get; }

    public string[] Codes => [.. _diagnostics.Items.Select(item => item.Code)];

    public IReadOnlyList<Diagnostic> Diagnostics => _diagnostics.Items;

    public string Fact(string name) => Assert.Single(Disk.Facts, fact => fact.Key == name).Value;

    public byte[] Read() => Disk.Content.ReadArray(0, checked((int)Disk.Content.Length));

    public void Dispose() => _files.Dispose();

    /// <summary>Opens, and fails; returns the message and what was opened on the way.</summary>
    public static (TError Error, string[] Opened) Refused<TError>(string path, string? snapshot = null) where TError : ForensicException
    {
        var opened = new List<string>();
        using var files = new EvidenceFiles([], file =>
        {
            opened.Add(Path.GetFileName(file));
            return ImageFile.Open(file);
        });
        CompanionFile image = files.OpenImage(path);
        var context = ParseContext.Quiet with { Images = new ImageAccess { Companions = image.Companions, Snapshot = snapshot } };
        return (Assert.Throws<TError>(() => ImageProbe.Open(image.Content, Catalog.Images, context)), [.. opened]);
    }

    /// <summary>The disk equals the raw bytes, read whole, in random pieces by several threads, and by its data ranges.</summary>
    public void AssertEquals(byte[] raw)
    {
        Assert.Equal(raw.Length, Disk.Content.Length);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(raw)), Convert.ToHexString(SHA256.HashData(Read())));
        ReadChecks.AssertRandomReads(raw, Disk.Content, threads: 3, reads: 100);
        ReadChecks.AssertDataRanges(raw, Assert.IsAssignableFrom<ISparseByteSource>(Disk.Content));
    }
}

/// <summary>Reading the same bytes in other ways.</summary>
internal static class ReadChecks
{
    public static void AssertRandomReads(byte[] raw, IByteSource content, int threads, int reads) => Parallel.For(0, threads, thread =>
    {
        var random = new Random(thread);
        byte[] buffer = new byte[300_000];
        for (int i = 0; i < reads; i++)
        {
            int offset = random.Next(raw.Length);
            int wanted = random.Next(2) == 0 ? random.Next(1, 5000) : random.Next(1, buffer.Length);
            int count = content.ReadUpTo(offset, buffer.AsSpan(0, wanted));
            Assert.Equal(Math.Min(wanted, raw.Length - offset), count);
            Assert.True(raw.AsSpan(offset, count).SequenceEqual(buffer.AsSpan(0, count)), $"different at {offset}");
        }
        Assert.Equal(0, content.ReadAt(raw.Length, buffer));
        Assert.Equal(0, content.ReadAt(long.MaxValue, buffer));
    });

    /// <summary>Data ranges go forward and what lies between them is zero.</summary>
    public static void AssertDataRanges(byte[] raw, ISparseByteSource content)
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

/// <summary>QEMU's own tools as the oracle.</summary>
internal static class Qemu
{
    public static void Img(params string[] arguments) => TestTools.Run("qemu-img", arguments);

    /// <summary>Writes to an image: commands of qemu-io.</summary>
    public static void Write(string image, params string[] commands) => TestTools.Run("qemu-io", [.. commands.SelectMany(command => new[] { "-c", command }), image]);

    /// <summary>The raw bytes QEMU reads from an image.</summary>
    public static byte[] Raw(string image, params string[] options)
    {
        string target = image + ".oracle";
        TestTools.Run("qemu-img", ["convert", "-O", "raw", .. options, image, target]);
        byte[] raw = File.ReadAllBytes(target);
        File.Delete(target);
        return raw;
    }
}
