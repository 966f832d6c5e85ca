using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats;

/// <summary>The sections of a PE image by name. Specification: https://learn.microsoft.com/windows/win32/debug/pe-format</summary>
/// <remarks>Limitations: at most 96 sections, as Windows; long names in the string table are not resolved.</remarks>
internal sealed class PeSections
{
    private const int MostSections = 96;
    private const int SectionSize = 40;
    private readonly Dictionary<string, IByteSource> _sections = new(StringComparer.Ordinal);

    private PeSections()
    {
    }

    /// <summary>The sections; null when it is no PE image or its headers are cut.</summary>
    public static PeSections? TryOpen(IByteSource source)
    {
        ReadOnlySpan<byte> dos = source.ReadArray(0, 64);
        if (dos.Length < 64 || !dos.StartsWith("MZ"u8))
        {
            return null;
        }
        long at = BinaryPrimitives.ReadUInt32LittleEndian(dos[60..]);
        ReadOnlySpan<byte> header = source.ReadArray(at, 24);
        if (header.Length < 24 || !header.StartsWith("PE\0\0"u8))
        {
            return null;
        }
        int count = Math.Min((int)BinaryPrimitives.ReadUInt16LittleEndian(header[6..]), MostSections);
        ReadOnlySpan<byte> table = source.ReadArray(at + 24 + BinaryPrimitives.ReadUInt16LittleEndian(header[20..]), count * SectionSize);
        var image = new PeSections();
        for (; table.Length >= SectionSize; table = table[SectionSize..])
        {
            long size = BinaryPrimitives.ReadUInt32LittleEndian(table[16..]);
            long used = BinaryPrimitives.ReadUInt32LittleEndian(table[8..]);
            string name = Encoding.Latin1.GetString(table[..8]).TrimEnd('\0');
            image._sections.TryAdd(name, new Slice(source, BinaryPrimitives.ReadUInt32LittleEndian(table[20..]), used == 0 ? size : Math.Min(size, used)));
        }
        return image;
    }

    /// <summary>Content of a section; null when there is none of this name.</summary>
    public IByteSource? Find(string name) => _sections.GetValueOrDefault(name);
}
