using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.CompoundFiles;

namespace Forensics.Parsers.Formats.Vba;

/// <summary>
/// Source text of the macros of a document of Office: a package (zip) with a <c>vbaProject.bin</c>, or a compound file. Specification: [MS-OVBA] 2.4.1 (compression),
/// <see href="https://learn.microsoft.com/openspecs/office_file_formats/ms-ovba/"/>.
/// </summary>
/// <remarks><b>Limitations:</b> modules are found by the attribute their source begins with, not by their directory; at most 256 modules and 2 MiB of text. Compiled code without its source is not read.</remarks>
public static class VbaSource
{
    private const int MaximumText = 2 << 20;
    private const int MaximumProject = 16 << 20;
    private const int MaximumModules = 256;
    private const int ChunkSize = 4096;

    // Begin of a container (signature, chunk header, flags of eight literals) whose text is "Attribute VB_Name".
    private static ReadOnlySpan<byte> Attribute => "\0Attribut"u8;

    /// <summary>The text of all modules; null when there are no macros.</summary>
    /// <exception cref="CorruptDataException">The package cannot be used.</exception>
    public static string? Read(ReadOnlyMemory<byte> document, IDiagnosticSink diagnostics)
    {
        if (CompoundFile.Matches(document.Span))
        {
            return OfCompound(document, diagnostics);
        }
        if (!document.Span.StartsWith("PK"u8))
        {
            return null;
        }
        try
        {
            using var zip = new ZipArchive(new MemoryStream(document.ToArray(), writable: false), ZipArchiveMode.Read);
            ZipArchiveEntry? entry = zip.Entries.FirstOrDefault(entry => entry.Name.Equals("vbaProject.bin", StringComparison.OrdinalIgnoreCase));
            if (entry is null)
            {
                return null;
            }
            using Stream content = entry.Open();
            byte[] buffer = new byte[(int)Math.Clamp(entry.Length, 0, MaximumProject)];
            int count = content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            ReadOnlyMemory<byte> project = buffer.AsMemory(0, count);
            return CompoundFile.Matches(project.Span) ? OfCompound(project, diagnostics) : "";
        }
        catch (InvalidDataException exception)
        {
            throw new CorruptDataException("package of a document", 0, "a zip archive", exception.Message);
        }
    }

    /// <summary>Unpacks a container, as far as it goes.</summary>
    public static string Unpack(ReadOnlySpan<byte> container, int most = MaximumText)
    {
        var text = new List<byte>();
        int at = 1;
        while (container.Length - at >= 2 && container[0] == 1 && text.Count < most)
        {
            ushort header = BinaryPrimitives.ReadUInt16LittleEndian(container[at..]);
            if ((header >> 12 & 7) != 3)
            {
                break;
            }
            int end = Math.Min(container.Length, at + (header & 0xFFF) + 3);
            at += 2;
            if ((header & 0x8000) == 0)
            {
                text.AddRange(container[at..end]);
            }
            else if (!Chunk(container[at..end], text))
            {
                break;
            }
            at = end;
        }
        return Encoding.Latin1.GetString(text.Count > most ? text.GetRange(0, most).ToArray() : [.. text]);
    }

    private static bool Chunk(ReadOnlySpan<byte> chunk, List<byte> text)
    {
        int start = text.Count;
        int at = 0;
        while (at < chunk.Length)
        {
            int flags = chunk[at++];
            for (int bit = 0; bit < 8 && at < chunk.Length; bit++)
            {
                int done = text.Count - start;
                if (done >= ChunkSize)
                {
                    return true;
                }
                if ((flags >> bit & 1) == 0)
                {
                    text.Add(chunk[at++]);
                    continue;
                }
                if (chunk.Length - at < 2 || done == 0)
                {
                    return false;
                }
                int token = BinaryPrimitives.ReadUInt16LittleEndian(chunk[at..]);
                at += 2;
                int bits = Math.Max(4, done == 1 ? 0 : BitOperations.Log2((uint)(done - 1)) + 1);
                int length = (token & (0xFFFF >> bits)) + 3;
                int back = (token >> (16 - bits)) + 1;
                if (back > done)
                {
                    return false;
                }
                for (int i = 0; i < length && text.Count - start < ChunkSize; i++)
                {
                    text.Add(text[^back]);
                }
            }
        }
        return true;
    }

    private static string OfCompound(ReadOnlyMemory<byte> content, IDiagnosticSink diagnostics)
    {
        CompoundFile file = CompoundFile.Open(new MemorySource(content), diagnostics);
        var text = new StringBuilder();
        foreach (CompoundFileEntry entry in file.Entries.Where(entry => entry.IsStream && entry.Size is > 16 and < MaximumProject).Take(MaximumModules))
        {
            IByteSource stream = file.OpenStream(entry);
            byte[] bytes = new byte[(int)Math.Min(stream.Length, MaximumProject)];
            int count = stream.ReadAt(0, bytes);
            int found = bytes.AsSpan(0, count).IndexOf(Attribute);
            if (found >= 3 && text.Length < MaximumText)
            {
                text.Append(Unpack(bytes.AsSpan(found - 3, count - found + 3), MaximumText - text.Length)).Append('\n');
            }
        }
        return text.ToString();
    }
}
