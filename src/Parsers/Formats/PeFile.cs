using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>A section of a PE file.</summary>
/// <param name="Name">Name, at most 8 characters, Latin-1.</param>
/// <param name="RawSize">Bytes in the file.</param>
/// <param name="VirtualSize">Bytes in memory.</param>
/// <param name="Entropy">Entropy of its bytes in the file, in bits a byte, sampled.</param>
public sealed record PeSection(string Name, uint RawSize, uint VirtualSize, double Entropy);

/// <summary>
/// What the headers of a PE file (Windows program or library) say. <see href="https://learn.microsoft.com/windows/win32/debug/pe-format"/>
/// </summary>
/// <remarks>Limitations: the original file name is found by its text; delayed and bound imports and .NET metadata are not read; a signature is noted, not verified.</remarks>
public sealed record PeFile
{
    private const int MaximumSections = 96;
    private const int MaximumImports = 512;
    private const int SectionHeader = 40;
    private const int ImportEntry = 20;
    private const int LongestName = 256;

    /// <summary>Readable machine.</summary>
    public required string Machine { get; init; }
    /// <summary>A library.</summary>
    public bool IsLibrary { get; init; }
    /// <summary>64-bit optional header.</summary>
    public bool Is64Bit { get; init; }
    /// <summary>Link time as stored, Unix seconds; builds that can be repeated store a digest here.</summary>
    public uint TimeStamp { get; init; }
    /// <summary>Sections, at most 96.</summary>
    public IReadOnlyList<PeSection> Sections { get; init; } = [];
    /// <summary>Libraries it imports from, in order, at most 512.</summary>
    public IReadOnlyList<string> Imports { get; init; } = [];
    /// <summary>Bytes behind the last section that are not the signature.</summary>
    public long OverlayBytes { get; init; }
    /// <summary>There is a certificate table.</summary>
    public bool HasSignature { get; init; }
    /// <summary>OriginalFilename of the version resource; null when there is none.</summary>
    public string? OriginalName { get; init; }

    /// <summary>Reads the headers; false when the content has none that are whole. Damage behind them leaves out what cannot be read.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, out PeFile file)
    {
        file = null!;
        if (content.Length < 64 || !content.StartsWith("MZ"u8))
        {
            return false;
        }
        uint start = BinaryPrimitives.ReadUInt32LittleEndian(content[60..]);
        if (start > content.Length - 120 || !content[(int)start..].StartsWith("PE\0\0"u8))
        {
            return false;
        }
        ReadOnlySpan<byte> header = content[((int)start + 4)..];
        int sectionCount = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(header[2..]), (ushort)MaximumSections);
        int optionalSize = BinaryPrimitives.ReadUInt16LittleEndian(header[16..]);
        ReadOnlySpan<byte> optional = header.Slice(20, Math.Min(optionalSize, header.Length - 20));
        if (optional.Length < 96)
        {
            return false;
        }
        bool wide = BinaryPrimitives.ReadUInt16LittleEndian(optional) == 0x20B;
        var map = new List<(uint Address, uint Offset, uint Size)>();
        var sections = new List<PeSection>();
        long end = 0;
        ReadOnlySpan<byte> table = header[Math.Min(20 + optionalSize, header.Length)..];
        for (int i = 0; i < sectionCount && table.Length >= (i + 1) * SectionHeader; i++)
        {
            ReadOnlySpan<byte> row = table.Slice(i * SectionHeader, SectionHeader);
            uint virtualSize = BinaryPrimitives.ReadUInt32LittleEndian(row[8..]);
            uint rawSize = BinaryPrimitives.ReadUInt32LittleEndian(row[16..]);
            uint offset = BinaryPrimitives.ReadUInt32LittleEndian(row[20..]);
            ReadOnlySpan<byte> raw = offset < (uint)content.Length ? content.Slice((int)offset, (int)Math.Min(rawSize, (uint)content.Length - offset)) : default;
            sections.Add(new PeSection(Text(row[..8], 8), rawSize, virtualSize, ByteEntropy.Sample(raw)));
            map.Add((BinaryPrimitives.ReadUInt32LittleEndian(row[12..]), offset, (uint)raw.Length));
            end = Math.Max(end, raw.Length == 0 ? 0 : (long)offset + raw.Length);
        }
        (uint importsAt, _) = Directory(optional, wide, 1);
        (uint signatureAt, uint signatureSize) = Directory(optional, wide, 4);
        bool isSigned = signatureSize > 8 && signatureAt >= end && (long)signatureAt + signatureSize <= content.Length;
        file = new PeFile
        {
            Machine = MachineName(BinaryPrimitives.ReadUInt16LittleEndian(header)), Is64Bit = wide, TimeStamp = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
            IsLibrary = (BinaryPrimitives.ReadUInt16LittleEndian(header[18..]) & 0x2000) != 0, Sections = sections, Imports = ReadImports(content, map, importsAt),
            OverlayBytes = Math.Max(0, content.Length - end - (isSigned ? signatureSize : 0)), HasSignature = isSigned, OriginalName = FindOriginalName(content),
        };
        return true;
    }

    private static (uint Address, uint Size) Directory(ReadOnlySpan<byte> optional, bool wide, int index)
    {
        int at = (wide ? 112 : 96) + index * 8;
        return optional.Length < at + 8 ? (0, 0) : (BinaryPrimitives.ReadUInt32LittleEndian(optional[at..]), BinaryPrimitives.ReadUInt32LittleEndian(optional[(at + 4)..]));
    }

    private static List<string> ReadImports(ReadOnlySpan<byte> content, List<(uint Address, uint Offset, uint Size)> map, uint address)
    {
        var names = new List<string>();
        int at = ToOffset(map, address);
        while (at > 0 && content.Length - at >= ImportEntry && names.Count < MaximumImports)
        {
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(content[(at + 12)..]);
            int position = ToOffset(map, name);
            if (name == 0 || position <= 0)
            {
                break;
            }
            names.Add(Text(content[position..], LongestName));
            at += ImportEntry;
        }
        return names;
    }

    private static int ToOffset(List<(uint Address, uint Offset, uint Size)> map, uint address)
    {
        foreach ((uint start, uint offset, uint size) in map)
        {
            if (address != 0 && address >= start && address - start < size)
            {
                return (int)(offset + (address - start));
            }
        }
        return -1;
    }

    private static string? FindOriginalName(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> key = "O\0r\0i\0g\0i\0n\0a\0l\0F\0i\0l\0e\0n\0a\0m\0e\0\0\0"u8;
        int found = content.IndexOf(key);
        if (found < 0)
        {
            return null;
        }
        ReadOnlySpan<byte> rest = content[(found + key.Length)..];
        int skip = rest.Length >= 2 && rest[0] == 0 && rest[1] == 0 ? 2 : 0;
        rest = rest[skip..Math.Min(rest.Length, skip + LongestName)];
        string text = Encoding.Unicode.GetString(rest[..(rest.Length & ~1)]);
        int end = text.IndexOf('\0');
        return (end < 0 ? text : text[..end]) is { Length: > 0 } name ? name : null;
    }

    private static string Text(ReadOnlySpan<byte> bytes, int limit)
    {
        bytes = bytes[..Math.Min(bytes.Length, limit)];
        int end = bytes.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static string MachineName(ushort machine) => machine switch
    {
        0x14C => "x86", 0x8664 => "x86-64", 0x1C0 or 0x1C4 => "arm", 0xAA64 => "aarch64", 0x200 => "ia64",
        _ => "machine " + machine.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
