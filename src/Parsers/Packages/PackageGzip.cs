using System.Buffers.Binary;
using System.IO.Compression;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Packages;

/// <summary>
/// Unpacks small gzip files of package databases. The framework's stream ends quietly where a file is cut, so the length in the trailer is compared. Specification: RFC 1952.
/// </summary>
/// <remarks>Limitations: one member; what follows it is not looked at.</remarks>
internal static class PackageGzip
{
    /// <summary>Up to <paramref name="limit"/> bytes; damage is a diagnostic, and what was unpacked before it is given.</summary>
    public static ReadOnlyMemory<byte> Read(IByteSource source, string path, int limit, ParseContext context)
    {
        ReadOnlyMemory<byte> packed = HostText.Read(source, path, context, limit);
        var content = new MemoryStream();
        bool isWhole = false;
        try
        {
            using var input = new MemoryStream(packed.ToArray(), writable: false);
            using var gzip = new GZipStream(input, CompressionMode.Decompress);
            var buffer = new byte[64 << 10];
            for (int count; content.Length <= limit && (count = gzip.Read(buffer)) > 0;)
            {
                content.Write(buffer, 0, (int)Math.Min(count, limit + 1L - content.Length));
            }
            isWhole = content.Length <= limit && packed.Length >= 18 && BinaryPrimitives.ReadUInt32LittleEndian(packed.Span[^4..]) == (uint)content.Length;
        }
        catch (InvalidDataException)
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
