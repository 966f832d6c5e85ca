using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Defender;

/// <summary>
/// A file below <c>Quarantine\Entries</c>: a header and two sections, each enciphered by RC4 with a key that is the same on every host. Layout: ERNW white paper 71 "Analyzing quarantine files"; Fox-IT, "Reverse, Reveal, Recover".
/// </summary>
/// <remarks><b>Limitations:</b> the contents in <c>ResourceData</c> are not taken out; checksums of the sections and the magic numbers, of which there are several, are not tested: a wrong key gives sizes that do not fit.</remarks>
public static class QuarantineEntryFile
{
    private const int HeaderSize = 60;
    private const int NameOffset = 52;
    private const int TimeOffset = 32;
    private const int MostResources = 256;
    private const int MostFields = 256;
    private const int LongestText = 64 << 10;
    private const int PhysicalPath = 0x0C;

    /// <summary>Reads the file.</summary>
    /// <param name="data">The file.</param>
    /// <param name="diagnostics">Takes word of local damage.</param>
    /// <exception cref="CorruptDataException">The header is none, or the first section is cut off.</exception>
    public static DefenderRecord Parse(ReadOnlySpan<byte> data, IDiagnosticSink diagnostics)
    {
        if (data.Length < HeaderSize)
        {
            throw new CorruptDataException("defender.quarantine", 0, $"a header of {HeaderSize} bytes", $"{data.Length} bytes");
        }
        byte[] header = Decipher(data[..HeaderSize]);
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(40));
        uint second = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(44));
        if (first is < NameOffset || first > data.Length - HeaderSize)
        {
            throw new CorruptDataException("defender.quarantine", 40, $"a section of {NameOffset} to {data.Length - HeaderSize} bytes", $"{first} bytes");
        }
        byte[] about = Decipher(data.Slice(HeaderSize, (int)first));
        ulong ticks = BinaryPrimitives.ReadUInt64LittleEndian(about.AsSpan(TimeOffset));
        ReadOnlySpan<byte> name = about.AsSpan(NameOffset);
        int end = name.IndexOf((byte)0);
        ReadOnlySpan<byte> rest = data[(HeaderSize + (int)first)..];
        if (second > rest.Length)
        {
            diagnostics.Report(new Diagnostic("defender.quarantine.section", "the second section is cut off") { Offset = 44, Expected = $"at most {rest.Length} bytes", Actual = $"{second} bytes" });
            second = (uint)rest.Length;
        }
        return new DefenderRecord(Encoding.UTF8.GetString(end < 0 ? name : name[..end]), Resources(Decipher(rest[..(int)second]), diagnostics)) { Time = ticks == 0 ? null : Timestamp.FromFileTime(ticks) };
    }

    private static List<DefenderResource> Resources(ReadOnlySpan<byte> section, IDiagnosticSink diagnostics)
    {
        var found = new List<DefenderResource>();
        uint count = section.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(section);
        for (int i = 0; i < Math.Min(count, MostResources) && 8 + i * 4 <= section.Length; i++)
        {
            uint offset = BinaryPrimitives.ReadUInt32LittleEndian(section[(4 + i * 4)..]);
            if (offset >= section.Length || Resource(section[(int)offset..]) is not { } resource)
            {
                diagnostics.Report(new Diagnostic("defender.quarantine.resource", "a resource cannot be read") { Actual = $"offset {offset} of {section.Length}" });
                continue;
            }
            found.Add(resource);
        }
        return found;
    }

    // Path in UTF-16, number of fields, type in ASCII, then the fields: each begins at a multiple of four of the section, and resources do so too.
    private static DefenderResource? Resource(ReadOnlySpan<byte> data)
    {
        int length = 0;
        while (length + 1 < data.Length && length < LongestText && (data[length] | data[length + 1]) != 0)
        {
            length += 2;
        }
        int at = length + 2;
        if (at + 2 > data.Length)
        {
            return null;
        }
        string path = Encoding.Unicode.GetString(data[..length]);
        int fields = BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);
        at += 2;
        int end = data[at..].IndexOf((byte)0);
        if (end < 0)
        {
            return null;
        }
        string type = Encoding.Latin1.GetString(data.Slice(at, end));
        at += end + 1;
        for (int i = 0; i < Math.Min(fields, MostFields); i++)
        {
            at = (at + 3) & ~3;
            if (at + 4 > data.Length)
            {
                break;
            }
            int size = BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);
            int identifier = BinaryPrimitives.ReadUInt16LittleEndian(data[(at + 2)..]) & 0xFFF;
            at += 4;
            if (size > data.Length - at)
            {
                break;
            }
            if (identifier == PhysicalPath && size is > 2 and < LongestText)
            {
                path = Encoding.Unicode.GetString(data.Slice(at, size)).TrimEnd('\0');
            }
            at += size;
        }
        return new DefenderResource(type, path);
    }

    /// <summary>Deciphers, and enciphers: each section begins the stream anew.</summary>
    internal static byte[] Decipher(ReadOnlySpan<byte> data)
    {
        Span<byte> box = stackalloc byte[256];
        for (int i = 0; i < box.Length; i++)
        {
            box[i] = (byte)i;
        }
        int j = 0;
        for (int i = 0; i < box.Length; i++)
        {
            j = (j + box[i] + Key[i]) & 0xFF;
            (box[i], box[j]) = (box[j], box[i]);
        }
        var plain = new byte[data.Length];
        int x = 0, y = 0;
        for (int k = 0; k < data.Length; k++)
        {
            x = (x + 1) & 0xFF;
            y = (y + box[x]) & 0xFF;
            (box[x], box[y]) = (box[y], box[x]);
            plain[k] = (byte)(data[k] ^ box[(box[x] + box[y]) & 0xFF]);
        }
        return plain;
    }

    /// <summary>The key that stands in <c>mpengine.dll</c>; it hides contents from other scanners and protects nothing.</summary>
    private static ReadOnlySpan<byte> Key =>
    [
        0x1E, 0x87, 0x78, 0x1B, 0x8D, 0xBA, 0xA8, 0x44, 0xCE, 0x69, 0x70, 0x2C, 0x0C, 0x78, 0xB7, 0x86, 0xA3, 0xF6, 0x23, 0xB7, 0x38, 0xF5, 0xED, 0xF9, 0xAF, 0x83, 0x53, 0x0F, 0xB3, 0xFC, 0x54, 0xFA,
        0xA2, 0x1E, 0xB9, 0xCF, 0x13, 0x31, 0xFD, 0x0F, 0x0D, 0xA9, 0x54, 0xF6, 0x87, 0xCB, 0x9E, 0x18, 0x27, 0x96, 0x97, 0x90, 0x0E, 0x53, 0xFB, 0x31, 0x7C, 0x9C, 0xBC, 0xE4, 0x8E, 0x23, 0xD0, 0x53,
        0x71, 0xEC, 0xC1, 0x59, 0x51, 0xB8, 0xF3, 0x64, 0x9D, 0x7C, 0xA3, 0x3E, 0xD6, 0x8D, 0xC9, 0x04, 0x7E, 0x82, 0xC9, 0xBA, 0xAD, 0x97, 0x99, 0xD0, 0xD4, 0x58, 0xCB, 0x84, 0x7C, 0xA9, 0xFF, 0xBE,
        0x3C, 0x8A, 0x77, 0x52, 0x33, 0x55, 0x7D, 0xDE, 0x13, 0xA8, 0xB1, 0x40, 0x87, 0xCC, 0x1B, 0xC8, 0xF1, 0x0F, 0x6E, 0xCD, 0xD0, 0x83, 0xA9, 0x59, 0xCF, 0xF8, 0x4A, 0x9D, 0x1D, 0x50, 0x75, 0x5E,
        0x3E, 0x19, 0x18, 0x18, 0xAF, 0x23, 0xE2, 0x29, 0x35, 0x58, 0x76, 0x6D, 0x2C, 0x07, 0xE2, 0x57, 0x12, 0xB2, 0xCA, 0x0B, 0x53, 0x5E, 0xD8, 0xF6, 0xC5, 0x6C, 0xE7, 0x3D, 0x24, 0xBD, 0xD0, 0x29,
        0x17, 0x71, 0x86, 0x1A, 0x54, 0xB4, 0xC2, 0x85, 0xA9, 0xA3, 0xDB, 0x7A, 0xCA, 0x6D, 0x22, 0x4A, 0xEA, 0xCD, 0x62, 0x1D, 0xB9, 0xF2, 0xA2, 0x2E, 0xD1, 0xE9, 0xE1, 0x1D, 0x75, 0xBE, 0xD7, 0xDC,
        0x0E, 0xCB, 0x0A, 0x8E, 0x68, 0xA2, 0xFF, 0x12, 0x63, 0x40, 0x8D, 0xC8, 0x08, 0xDF, 0xFD, 0x16, 0x4B, 0x11, 0x67, 0x74, 0xCD, 0x0B, 0x9B, 0x8D, 0x05, 0x41, 0x1E, 0xD6, 0x26, 0x2E, 0x42, 0x9B,
        0xA4, 0x95, 0x67, 0x6B, 0x83, 0x98, 0xDB, 0x2F, 0x35, 0xD3, 0xC1, 0xB9, 0xCE, 0xD5, 0x26, 0x36, 0xF2, 0x76, 0x5E, 0x1A, 0x95, 0xCB, 0x7C, 0xA4, 0xC3, 0xDD, 0xAB, 0xDD, 0xBF, 0xF3, 0x82, 0x53,
    ];
}
