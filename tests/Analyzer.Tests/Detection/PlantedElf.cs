using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Builds small valid x86-64 ELF files that do nothing. Two of different seeds have different content.</summary>
internal sealed record PlantedElf
{
    private const int HeaderSize = 64;
    private const int SegmentSize = 56;
    private const int SectionSize = 64;

    /// <summary>Makes the content its own.</summary>
    public string Seed { get; init; } = "";
    /// <summary>A shared object without interpreter.</summary>
    public bool IsLibrary { get; init; }
    /// <summary>No dynamic linking at all.</summary>
    public bool IsStatic { get; init; }
    /// <summary>The section headers are cut off, as by sstrip or a packer.</summary>
    public bool HasNoSections { get; init; }
    /// <summary>Names a file of debugging symbols, as distributions' builds do.</summary>
    public bool HasDebugLink { get; init; }
    /// <summary>Texts in its read-only data.</summary>
    public IReadOnlyList<string> Strings { get; init; } = [];
    /// <summary>Functions it defines.</summary>
    public IReadOnlyList<string> Exports { get; init; } = [];
    /// <summary>Functions it needs.</summary>
    public IReadOnlyList<string> Imports { get; init; } = [];
    /// <summary>So many bytes of noise that compresses no further, in a section or behind the headers.</summary>
    public int NoiseBytes { get; init; }
    /// <summary>Further sections: name and content.</summary>
    public IReadOnlyList<(string Name, byte[] Content)> Sections { get; init; } = [];

    public byte[] Build()
    {
        bool isDynamic = !IsStatic;
        int segments = IsStatic ? 1 : IsLibrary ? 2 : 3;
        var data = new List<byte>(new byte[HeaderSize + (segments * SegmentSize)]);
        var sections = new List<(string Name, uint Type, ulong Flags, int Offset, int Size, uint Link, uint Info, ulong Entry)> { ("", 0, 0, 0, 0, 0, 0, 0) };
        void Place(string name, uint type, ulong flags, byte[] content, uint link = 0, uint info = 0, ulong entry = 0)
        {
            while (data.Count % 8 != 0)
            {
                data.Add(0);
            }
            sections.Add((name, type, flags, data.Count, content.Length, link, info, entry));
            data.AddRange(content);
        }
        (int Offset, int Size) Last() => (sections[^1].Offset, sections[^1].Size);
        (int Offset, int Size) interpreter = default, dynamic = default;
        if (isDynamic && !IsLibrary)
        {
            Place(".interp", 1, 2, "/lib64/ld-linux-x86-64.so.2\0"u8.ToArray());
            interpreter = Last();
        }
        Place(".text", 1, 6, [0xB8, 0xE7, 0, 0, 0, 0x31, 0xFF, 0x0F, 0x05, .. SHA256.HashData(Encoding.UTF8.GetBytes(Seed))]);
        ulong text = (ulong)sections[^1].Offset;
        Place(".rodata", 1, 2, Encoding.UTF8.GetBytes(string.Join('\0', Strings) + "\0" + Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(Seed))) + "\0"));
        Place(".note.gnu.build-id", 7, 2, [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, (byte)'G', (byte)'N', (byte)'U', 0, .. SHA1.HashData(Encoding.UTF8.GetBytes("id " + Seed))]);
        if (isDynamic)
        {
            (int strings, int symbols, int hash) = PlaceSymbols(Place, sections, text, data);
            using var entries = new MemoryStream();
            void Entry(ulong tag, ulong value)
            {
                Span<byte> pair = stackalloc byte[16];
                BinaryPrimitives.WriteUInt64LittleEndian(pair, tag);
                BinaryPrimitives.WriteUInt64LittleEndian(pair[8..], value);
                entries.Write(pair);
            }
            Entry(1, 1);
            Entry(4, (ulong)hash);
            Entry(5, (ulong)strings);
            Entry(6, (ulong)symbols);
            Entry(10, (ulong)sections.First(section => section.Name == ".dynstr").Size);
            Entry(11, 24);
            Entry(0, 0);
            Place(".dynamic", 6, 3, entries.ToArray(), (uint)sections.FindIndex(section => section.Name == ".dynstr"), 0, 16);
            dynamic = Last();
        }
        foreach ((string name, byte[] content) in Sections)
        {
            Place(name, 1, 2, content);
        }
        if (NoiseBytes > 0)
        {
            byte[] noise = new byte[NoiseBytes];
            new Random(Seed.Aggregate(17, (sum, letter) => unchecked((sum * 31) + letter))).NextBytes(noise);
            Place(".data", 1, 3, noise);
        }
        if (HasDebugLink)
        {
            Place(".gnu_debuglink", 1, 0, [.. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes("id " + Seed)))[2..] + ".debug\0\0\0\0")[..48], 1, 2, 3, 4]);
        }
        return Finish(data, sections, segments, text, interpreter, dynamic);
    }

    private delegate void Placer(string name, uint type, ulong flags, byte[] content, uint link = 0, uint info = 0, ulong entry = 0);

    private (int Strings, int Symbols, int Hash) PlaceSymbols(Placer place, List<(string Name, uint Type, ulong Flags, int Offset, int Size, uint Link, uint Info, ulong Entry)> sections, ulong text, List<byte> data)
    {
        var names = new List<byte> { 0 };
        names.AddRange("libc.so.6\0"u8.ToArray());
        var symbols = new List<byte>(new byte[24]);
        foreach ((string name, bool isDefined) in Imports.Select(name => (name, false)).Concat(Exports.Select(name => (name, true))))
        {
            byte[] symbol = new byte[24];
            BinaryPrimitives.WriteUInt32LittleEndian(symbol, (uint)names.Count);
            symbol[4] = 0x12;
            BinaryPrimitives.WriteUInt16LittleEndian(symbol.AsSpan(6), (ushort)(isDefined ? 1 : 0));
            BinaryPrimitives.WriteUInt64LittleEndian(symbol.AsSpan(8), isDefined ? text : 0);
            BinaryPrimitives.WriteUInt64LittleEndian(symbol.AsSpan(16), isDefined ? 9u : 0);
            symbols.AddRange(symbol);
            names.AddRange(Encoding.ASCII.GetBytes(name + "\0"));
        }
        place(".dynstr", 3, 2, [.. names]);
        int strings = sections[^1].Offset;
        place(".dynsym", 11, 2, [.. symbols], (uint)sections.Count - 1, 1, 24);
        int table = sections[^1].Offset;
        int count = symbols.Count / 24;
        byte[] hash = new byte[4 * (3 + count)];
        BinaryPrimitives.WriteInt32LittleEndian(hash, 1);
        BinaryPrimitives.WriteInt32LittleEndian(hash.AsSpan(4), count);
        BinaryPrimitives.WriteInt32LittleEndian(hash.AsSpan(8), count - 1);
        for (int i = 1; i < count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(hash.AsSpan(12 + (4 * i)), i - 1);
        }
        place(".hash", 5, 2, hash, (uint)sections.Count - 1, 0, 4);
        return (strings, table, sections[^1].Offset);
    }

    private byte[] Finish(List<byte> data, List<(string Name, uint Type, ulong Flags, int Offset, int Size, uint Link, uint Info, ulong Entry)> sections, int segments, ulong text,
        (int Offset, int Size) interpreter, (int Offset, int Size) dynamic)
    {
        int loaded = data.Count;
        var names = new List<byte>();
        var nameOffsets = new List<int>();
        foreach (string name in sections.Select(section => section.Name).Append(".shstrtab"))
        {
            nameOffsets.Add(names.Count);
            names.AddRange(Encoding.ASCII.GetBytes(name + "\0"));
        }
        sections.Add((".shstrtab", 3, 0, data.Count, names.Count, 0, 0, 0));
        data.AddRange(names);
        while (data.Count % 8 != 0)
        {
            data.Add(0);
        }
        int table = data.Count;
        byte[] all = [.. data, .. HasNoSections ? [] : new byte[sections.Count * SectionSize]];
        for (int i = 0; i < sections.Count && !HasNoSections; i++)
        {
            Span<byte> header = all.AsSpan(table + (i * SectionSize), SectionSize);
            (_, uint type, ulong flags, int offset, int size, uint link, uint info, ulong entry) = sections[i];
            BinaryPrimitives.WriteInt32LittleEndian(header, nameOffsets[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], type);
            BinaryPrimitives.WriteUInt64LittleEndian(header[8..], flags);
            BinaryPrimitives.WriteUInt64LittleEndian(header[16..], flags == 0 ? 0 : (ulong)offset);
            BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)offset);
            BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)size);
            BinaryPrimitives.WriteUInt32LittleEndian(header[40..], link);
            BinaryPrimitives.WriteUInt32LittleEndian(header[44..], info);
            BinaryPrimitives.WriteUInt64LittleEndian(header[48..], i == 0 ? 0u : 8u);
            BinaryPrimitives.WriteUInt64LittleEndian(header[56..], entry);
        }
        Span<byte> start = all;
        ((byte[])[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0]).CopyTo(start);
        BinaryPrimitives.WriteUInt16LittleEndian(start[16..], (ushort)(IsStatic ? 2 : 3));
        BinaryPrimitives.WriteUInt16LittleEndian(start[18..], 62);
        BinaryPrimitives.WriteUInt32LittleEndian(start[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(start[24..], IsLibrary ? 0 : text);
        BinaryPrimitives.WriteUInt64LittleEndian(start[32..], HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(start[40..], HasNoSections ? 0 : (ulong)table);
        BinaryPrimitives.WriteUInt16LittleEndian(start[52..], HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(start[54..], SegmentSize);
        BinaryPrimitives.WriteUInt16LittleEndian(start[56..], (ushort)segments);
        BinaryPrimitives.WriteUInt16LittleEndian(start[58..], (ushort)(HasNoSections ? 0 : SectionSize));
        BinaryPrimitives.WriteUInt16LittleEndian(start[60..], (ushort)(HasNoSections ? 0 : sections.Count));
        BinaryPrimitives.WriteUInt16LittleEndian(start[62..], (ushort)(HasNoSections ? 0 : sections.Count - 1));
        int position = HeaderSize;
        void Segment(uint type, uint flags, int offset, int size)
        {
            Span<byte> header = all.AsSpan(position, SegmentSize);
            BinaryPrimitives.WriteUInt32LittleEndian(header, type);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], flags);
            foreach (int at in (int[])[8, 16, 24])
            {
                BinaryPrimitives.WriteUInt64LittleEndian(header[at..], (ulong)offset);
            }
            BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)size);
            BinaryPrimitives.WriteUInt64LittleEndian(header[40..], (ulong)size);
            BinaryPrimitives.WriteUInt64LittleEndian(header[48..], type == 1 ? 4096u : 8u);
            position += SegmentSize;
        }
        if (interpreter.Size > 0)
        {
            Segment(3, 4, interpreter.Offset, interpreter.Size);
        }
        Segment(1, 7, 0, loaded);
        if (dynamic.Size > 0)
        {
            Segment(2, 6, dynamic.Offset, dynamic.Size);
        }
        return all;
    }
}
