using System.IO.Compression;
using System.Text;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Documents with macros, after [MS-OVBA]: modules of literals only, in one chunk for each 1 KiB.</summary>
internal static class VbaWriter
{
    /// <summary>A container of a text.</summary>
    public static byte[] Pack(string text)
    {
        var packed = new List<byte> { 1 };
        foreach (byte[] part in Encoding.Latin1.GetBytes(text).Chunk(1024))
        {
            byte[] chunk = [.. part.Chunk(8).SelectMany(eight => (byte[])[0, .. eight])];
            int header = 0xB000 | (chunk.Length - 1);
            packed.AddRange([(byte)header, (byte)(header >> 8), .. chunk]);
        }
        return [.. packed];
    }

    /// <summary>A project with one module.</summary>
    public static byte[] Project(string code) => CompoundFileWriter.Make(("dir", [1, 2, 3, 4]), ("Module1", [.. new byte[40], .. Pack("Attribute VB_Name = \"Module1\"\r\n" + code)]));

    /// <summary>A document that is a package.</summary>
    public static byte[] Document(string? code)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            void Add(string name, byte[] content)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
            Add("[Content_Types].xml", "<Types/>"u8.ToArray());
            if (code is not null)
            {
                Add("word/vbaProject.bin", Project(code));
            }
        }
        return stream.ToArray();
    }
}
