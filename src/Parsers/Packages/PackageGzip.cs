using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Packages;

/// <summary>Unpacks small gzip files of package databases into memory.</summary>
internal static class PackageGzip
{
    /// <summary>Up to <paramref name="limit"/> bytes; damage is a diagnostic, and what was unpacked before it is given.</summary>
    public static ReadOnlyMemory<byte> Read(IByteSource source, string path, int limit, ParseContext context)
    {
        var packed = new MemorySource(HostText.Read(source, path, context, limit));
        var content = new MemoryStream();
        bool isWhole = false;
        try
        {
            using var gzip = new GzipReader(packed, context.Diagnostics);
            byte[] buffer = new byte[64 << 10];
            for (int count; content.Length <= limit && (count = gzip.Read(buffer)) > 0;)
            {
                content.Write(buffer, 0, (int)Math.Min(count, limit + 1L - content.Length));
            }
            isWhole = content.Length <= limit;
        }
        catch (CorruptDataException)
        {
            isWhole = false;
        }
        if (!isWhole)
        {
            context.Diagnostics.Report(new Diagnostic("packages.gzip.damaged", "a compressed file of a package database is cut, damaged or too long; the rest of it is lost") { Path = path, LosesContent = true });
        }
        return content.GetBuffer().AsMemory(0, (int)Math.Min(content.Length, limit));
    }
}
