using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Opens damaged images and reads them through: whatever they say, it ends soon, and nothing but a <see cref="ForensicException"/> comes out.</summary>
internal static class HostileRun
{
    private const int MostRanges = 500;
    private const int MostBytes = 12 << 20;

    /// <summary>Reads all data ranges and the two ends; false when the image was refused.</summary>
    public static bool Exercise(IByteSource image, IDiagnosticSink diagnostics, ICompanionFiles? companions = null)
    {
        try
        {
            var context = new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None) { Images = new ImageAccess { Companions = companions ?? NoCompanionFiles.Instance } };
            DiskImage disk = ImageProbe.Open(image, Catalog.Images, context);
            Read(disk.Content);
            return true;
        }
        catch (ForensicException)
        {
            return false;
        }
    }

    private static void Read(IByteSource content)
    {
        byte[] buffer = new byte[1 << 20];
        content.ReadUpTo(0, buffer);
        content.ReadUpTo(Math.Max(0, content.Length - 70_000), buffer.AsSpan(0, 70_000));
        content.ReadUpTo(content.Length / 2 + 1, buffer.AsSpan(0, 5000));
        long position = 0;
        long read = 0;
        for (int i = 0; i < MostRanges && read < MostBytes; i++)
        {
            long start = position;
            long length = content.Length - position;
            if (content is ISparseByteSource sparse && !sparse.NextData(position, out start, out length))
            {
                break;
            }
            Assert.True(start >= position && length >= 0 && start + length <= content.Length);
            if (length == 0)
            {
                break;
            }
            for (long at = start; at < start + length && read < MostBytes; at += buffer.Length, read += buffer.Length)
            {
                int wanted = (int)Math.Min(buffer.Length, start + length - at);
                Assert.Equal(wanted, content.ReadUpTo(at, buffer.AsSpan(0, wanted)));
            }
            position = start + length;
        }
    }

    /// <summary>
    /// An image cut at 64 points: each time it is refused, or what is read is true, or zeros with a diagnostic that says that content is lost.
    /// </summary>
    public static void CutAtSixtyFourPoints(byte[] image, byte[] raw, Func<byte[], DiagnosticList, byte[]> read)
    {
        int refused = 0;
        for (int i = 0; i < 64; i++)
        {
            int length = (int)((long)image.Length * i / 64);
            var diagnostics = new DiagnosticList();
            byte[] content;
            try
            {
                content = read(image[..length], diagnostics);
            }
            catch (ForensicException)
            {
                refused++;
                continue;
            }
            if (content.AsSpan().SequenceEqual(raw))
            {
                continue;
            }
            Assert.True(diagnostics.Items.Any(diagnostic => diagnostic.LosesContent), $"cut at {i}/64: content is missing and nothing says so");
            for (int at = 0; at < Math.Min(content.Length, raw.Length); at += 512)
            {
                ReadOnlySpan<byte> sector = content.AsSpan(at, Math.Min(512, content.Length - at));
                Assert.True(raw.AsSpan(at, sector.Length).SequenceEqual(sector) || !sector.ContainsAnyExcept((byte)0) || diagnostics.Items.Any(d => d.Code == "vmdk.grain.damaged"), $"cut at {i}/64: wrong content at {at}");
            }
        }
        Assert.True(refused < 64);
    }
}
