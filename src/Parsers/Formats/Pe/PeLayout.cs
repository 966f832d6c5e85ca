using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.Pe;

/// <summary>A row of the section table. Offsets and sizes in bytes.</summary>
/// <param name="Name">Name, Latin-1, at most 8 characters.</param>
/// <param name="VirtualAddress">Address relative to the image base.</param>
/// <param name="VirtualSize">Bytes in memory.</param>
/// <param name="PointerToRawData">Offset in the file.</param>
/// <param name="SizeOfRawData">Bytes in the file as stated.</param>
internal readonly record struct PeSectionRow(string Name, uint VirtualAddress, uint VirtualSize, uint PointerToRawData, uint SizeOfRawData);

/// <summary>
/// The headers of a PE image and the map from addresses to offsets in the file: the one place that reads them. Specification:
/// https://learn.microsoft.com/windows/win32/debug/pe-format
/// </summary>
/// <remarks>Limitations: at most 96 sections, as Windows; long names in the string table are not resolved.</remarks>
internal sealed class PeLayout
{
    private const int MostSections = 96;
    private const int SectionSize = 40;
    private const int FileHeader = 24;
    private const int SmallestOptionalHeader = 96;
    private const int MostDirectories = 16;
    private const ushort Pe32Plus = 0x20B;

    private readonly (uint Address, uint Size)[] _directories;

    private PeLayout(ReadOnlySpan<byte> headers, long at, long length)
    {
        Offset = at;
        Length = length;
        Machine = BinaryPrimitives.ReadUInt16LittleEndian(headers[4..]);
        TimeDateStamp = BinaryPrimitives.ReadUInt32LittleEndian(headers[8..]);
        Characteristics = BinaryPrimitives.ReadUInt16LittleEndian(headers[22..]);
        int optionalSize = BinaryPrimitives.ReadUInt16LittleEndian(headers[20..]);
        ReadOnlySpan<byte> optional = headers.Slice(FileHeader, Math.Min(optionalSize, headers.Length - FileHeader));
        if (optional.Length < SmallestOptionalHeader)
        {
            // What is missing is as if it were zero: sections are found all the same.
            optional = (byte[])[.. optional, .. new byte[SmallestOptionalHeader - optional.Length]];
        }
        Is64Bit = BinaryPrimitives.ReadUInt16LittleEndian(optional) == Pe32Plus;
        SizeOfHeaders = BinaryPrimitives.ReadUInt32LittleEndian(optional[60..]);
        CheckSum = BinaryPrimitives.ReadUInt32LittleEndian(optional[64..]);
        CheckSumOffset = at + FileHeader + 64;
        Subsystem = BinaryPrimitives.ReadUInt16LittleEndian(optional[68..]);
        int directoriesAt = Is64Bit ? 112 : 96;
        long stated = optional.Length >= directoriesAt ? BinaryPrimitives.ReadUInt32LittleEndian(optional[(directoriesAt - 4)..]) : 0;
        // Old tests and odd linkers leave the count at zero; the header's size is what bounds the table.
        int count = Math.Max(0, Math.Min((int)Math.Min(stated == 0 ? MostDirectories : stated, MostDirectories), (optional.Length - directoriesAt) / 8));
        _directories = new (uint, uint)[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> row = optional[(directoriesAt + i * 8)..];
            _directories[i] = (BinaryPrimitives.ReadUInt32LittleEndian(row), BinaryPrimitives.ReadUInt32LittleEndian(row[4..]));
        }
        SecurityEntryOffset = count > PeDirectory.Security ? at + FileHeader + directoriesAt + PeDirectory.Security * 8 : -1;
        var sections = new List<PeSectionRow>();
        int sectionCount = Math.Min((int)BinaryPrimitives.ReadUInt16LittleEndian(headers[6..]), MostSections);
        ReadOnlySpan<byte> table = headers[Math.Min(FileHeader + optionalSize, headers.Length)..];
        for (; sections.Count < sectionCount && table.Length >= SectionSize; table = table[SectionSize..])
        {
            sections.Add(new PeSectionRow(PeText.Latin(table[..8], 8), BinaryPrimitives.ReadUInt32LittleEndian(table[12..]), BinaryPrimitives.ReadUInt32LittleEndian(table[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(table[20..]), BinaryPrimitives.ReadUInt32LittleEndian(table[16..])));
        }
        Sections = sections;
    }

    /// <summary>Offset of <c>PE\0\0</c>.</summary>
    public long Offset { get; }
    /// <summary>Length of the file.</summary>
    public long Length { get; }
    public ushort Machine { get; }
    public ushort Characteristics { get; }
    public uint TimeDateStamp { get; }
    public bool Is64Bit { get; }
    public uint SizeOfHeaders { get; }
    public uint CheckSum { get; }
    /// <summary>Offset of the field in the file.</summary>
    public long CheckSumOffset { get; }
    public ushort Subsystem { get; }
    /// <summary>Offset of the directory entry of the certificate table; -1 when the optional header ends before it.</summary>
    public long SecurityEntryOffset { get; }
    public IReadOnlyList<PeSectionRow> Sections { get; }

    /// <summary>Reads the headers; false when there are none that are whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, out PeLayout layout)
    {
        layout = null!;
        if (content.Length < 64 || !content.StartsWith("MZ"u8))
        {
            return false;
        }
        uint at = BinaryPrimitives.ReadUInt32LittleEndian(content[60..]);
        return at <= content.Length && TryParse(content[(int)at..], at, content.Length, SmallestOptionalHeader, out layout);
    }

    /// <summary>Reads the headers from a source for its sections, whatever stands in the optional header; null when it is no PE image or its headers are cut.</summary>
    public static PeLayout? TryOpen(IByteSource source)
    {
        ReadOnlySpan<byte> dos = source.ReadArray(0, 64);
        if (dos.Length < 64 || !dos.StartsWith("MZ"u8))
        {
            return null;
        }
        long at = BinaryPrimitives.ReadUInt32LittleEndian(dos[60..]);
        ReadOnlySpan<byte> headers = source.ReadArray(at, FileHeader + ushort.MaxValue + MostSections * SectionSize);
        return TryParse(headers, at, source.Length, 0, out PeLayout layout) ? layout : null;
    }

    /// <summary>Address and size of a data directory; for the certificate table the address is an offset in the file.</summary>
    public (uint Address, uint Size) Directory(int index) => index < _directories.Length ? _directories[index] : (0, 0);

    /// <summary>Bytes of a section that are in the file.</summary>
    public long StoredBytes(in PeSectionRow section) => Math.Min(section.SizeOfRawData, Math.Max(0, Length - section.PointerToRawData));

    /// <summary>Offset in the file of an address relative to the image base; -1 when nothing in the file is mapped there.</summary>
    public long ToOffset(long address)
    {
        if (address <= 0)
        {
            return -1;
        }
        foreach (PeSectionRow section in Sections)
        {
            if (address >= section.VirtualAddress && address - section.VirtualAddress < StoredBytes(section))
            {
                return section.PointerToRawData + (address - section.VirtualAddress);
            }
        }
        return address < SizeOfHeaders && address < Length ? address : -1;
    }

    /// <summary>What is mapped at an address, to the end of the file at most; empty when nothing is.</summary>
    public ReadOnlySpan<byte> At(ReadOnlySpan<byte> content, long address, long limit)
    {
        long offset = ToOffset(address);
        return offset < 0 || offset >= content.Length || limit <= 0 ? default : content.Slice((int)offset, (int)Math.Min(limit, content.Length - offset));
    }

    /// <summary>Content of a section; null when there is none of this name.</summary>
    public IByteSource? Section(IByteSource source, string name)
    {
        foreach (PeSectionRow section in Sections)
        {
            if (section.Name == name)
            {
                return new Slice(source, section.PointerToRawData, section.VirtualSize == 0 ? section.SizeOfRawData : Math.Min(section.SizeOfRawData, section.VirtualSize));
            }
        }
        return null;
    }

    private static bool TryParse(ReadOnlySpan<byte> headers, long at, long length, int smallestOptional, out PeLayout layout)
    {
        layout = null!;
        if (headers.Length < FileHeader + smallestOptional || !headers.StartsWith("PE\0\0"u8) || BinaryPrimitives.ReadUInt16LittleEndian(headers[20..]) < smallestOptional)
        {
            return false;
        }
        layout = new PeLayout(headers, at, length);
        return true;
    }
}

/// <summary>Numbers of the data directories.</summary>
internal static class PeDirectory
{
    public const int Export = 0;
    public const int Import = 1;
    public const int Resource = 2;
    public const int Security = 4;
    public const int Debug = 6;
    public const int Tls = 9;
    public const int DelayImport = 13;
    public const int Clr = 14;
}

/// <summary>Text in PE files.</summary>
internal static class PeText
{
    /// <summary>One-byte characters up to a NUL or the limit.</summary>
    public static string Latin(ReadOnlySpan<byte> bytes, int limit)
    {
        bytes = bytes[..Math.Min(bytes.Length, limit)];
        int end = bytes.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>UTF-16 up to a NUL or the limit in characters.</summary>
    public static string Wide(ReadOnlySpan<byte> bytes, int limit)
    {
        bytes = bytes[..(Math.Min(bytes.Length, limit * 2) & ~1)];
        string text = Encoding.Unicode.GetString(bytes);
        int end = text.IndexOf('\0');
        return end < 0 ? text : text[..end];
    }
}
