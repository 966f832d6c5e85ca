using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>A VHD, VHDX or split image, opened as the program does it.</summary>
internal sealed class VhdTestImage(OpenedDisk opened) : IDisposable
{
    public DiskImage Disk => opened.Disk;

    public IByteSource Content => opened.Disk.Content;

    /// <summary>Names of the files opened, in order.</summary>
    public string[] Opened => opened.Opened;

    public string[] Codes => opened.Codes;

    public bool LosesContent => opened.Diagnostics.Any(item => item.LosesContent);

    public static VhdTestImage Open(string path, params string[] allowed) => new(new OpenedDisk(path, null, allowed));

    /// <summary>Opens and expects a refusal; the message, and the files opened until then.</summary>
    public static (string Message, string[] Opened) Refused<TError>(string path) where TError : ForensicException
    {
        (TError error, string[] files) = OpenedDisk.Refused<TError>(path);
        return (error.Message, files);
    }

    /// <summary>Opens bytes that are no file.</summary>
    public static DiskImage OpenBytes(byte[] image, DiagnosticList? diagnostics = null) =>
        ImageProbe.Open(new MemorySource(image), Catalog.Images, new ParseContext(ScanLimits.Default, diagnostics ?? new DiagnosticList(), CancellationToken.None));

    public string Fact(string name) => opened.Fact(name);

    /// <summary>The disk is these bytes: whole, in random pieces by several threads, and by its data ranges.</summary>
    public void AssertIs(byte[] raw)
    {
        Assert.Equal(raw.Length, Content.Length);
        Assert.True(raw.AsSpan().SequenceEqual(Content.ReadArray(0, raw.Length)), "the content differs");
        ReadChecks.AssertRandomReads(raw, Content, threads: 3, reads: 60);
        if (Content is ISparseByteSource sparse)
        {
            ReadChecks.AssertDataRanges(raw, sparse);
        }
    }

    public void Dispose() => opened.Dispose();
}

/// <summary>7-Zip: an independent reader of VHD and VHDX that follows a differencing disk to its parents.</summary>
internal static class SevenZip
{
    /// <summary>The disk as 7-Zip reads it.</summary>
    public static byte[] Read(string image)
    {
        string target = image + ".7z-out";
        TestTools.Run("7z", "e", "-y", "-bd", "-t" + Path.GetExtension(image)[1..].ToLower(CultureInfo.InvariantCulture), "-o" + target, image);
        byte[] content = File.ReadAllBytes(Assert.Single(Directory.GetFiles(target)));
        Directory.Delete(target, recursive: true);
        return content;
    }
}
