using System.Buffers.Binary;

namespace Forensics.Parsers.Formats;

/// <summary>
/// The parts of an ELF file that say what it is: header, program headers, names of sections and the dynamic symbol table. A view over the whole content; nothing is loaded or relocated.
/// <see href="https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html"/>
/// </summary>
/// <remarks>Limitations: the dynamic symbol table is found through the dynamic segment only; symbol versions are not read.</remarks>
public readonly ref struct ElfFile
{
    private const int MaximumProgramHeaders = 1024;
    private const int MaximumSymbols = 500_000;
    private const int MaximumSections = 4096;
    private const uint SegmentLoad = 1;
    private const uint SegmentDynamic = 2;
    private const uint SegmentInterpreter = 3;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly bool _wide;
    private readonly bool _big;

    private ElfFile(ReadOnlySpan<byte> bytes, bool wide, bool big)
    {
        _bytes = bytes;
        _wide = wide;
        _big = big;
    }

    /// <summary>A view when the content has a complete ELF header.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> content, out ElfFile file)
    {
        file = default;
        if (content.Length < 52 || !content.StartsWith("\u007fELF"u8) || content[4] is not (1 or 2) || content[5] is not (1 or 2) || (content[4] == 2 && content.Length < 64))
        {
            return false;
        }
        file = new ElfFile(content, content[4] == 2, content[5] == 2);
        return true;
    }

    /// <summary>e_type: 1 relocatable, 2 executable, 3 shared object, 4 core.</summary>
    public int Type => U16(16);

    /// <summary>Readable e_machine.</summary>
    public string Machine => (int)U16(18) switch
    {
        3 => "x86", 8 => "mips", 20 => "powerpc", 21 => "powerpc64", 22 => "s390", 40 => "arm", 62 => "x86-64", 183 => "aarch64", 243 => "riscv", 258 => "loongarch",
        int other => "machine " + other.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>No section header table.</summary>
    public bool HasNoSections => (_wide ? U64(40) : U32(32)) == 0 || U16(_wide ? 60 : 48) == 0;

    /// <summary>A program interpreter is named: a dynamically linked program rather than a library.</summary>
    public bool HasInterpreter => FindSegment(SegmentInterpreter, out _, out _);

    /// <summary>The bytes of the program interpreter's path; empty when none is named or it lies outside the file.</summary>
    public ReadOnlySpan<byte> Interpreter => FindSegment(SegmentInterpreter, out ulong offset, out ulong size) && offset < (ulong)_bytes.Length
        ? _bytes.Slice((int)offset, (int)Math.Min(size, (ulong)_bytes.Length - offset)) : default;

    /// <summary>Number of segments that are loaded.</summary>
    public int LoadedSegments
    {
        get
        {
            int count = 0;
            for (int i = 0; Segment(i, out uint type, out _, out _, out _); i++)
            {
                count += type == SegmentLoad ? 1 : 0;
            }
            return count;
        }
    }

    /// <summary>The string table and the entries of the dynamic segment, at most 4096; false when there is none or it is damaged.</summary>
    public bool TryReadDynamicStrings(out ReadOnlySpan<byte> strings, out List<(ulong Tag, ulong Value)> entries)
    {
        strings = default;
        entries = [];
        if (!FindSegment(SegmentDynamic, out ulong offset, out ulong size))
        {
            return false;
        }
        ulong step = _wide ? 16u : 8u;
        ulong table = 0, length = 0;
        for (ulong i = 0; i + step <= size && i < 4096 * step && offset < (ulong)_bytes.Length && offset + i + step <= (ulong)_bytes.Length; i += step)
        {
            int at = (int)(offset + i);
            (ulong tag, ulong value) = _wide ? (U64(at), U64(at + 8)) : (U32(at), U32(at + 4));
            if (tag == 0)
            {
                break;
            }
            entries.Add((tag, value));
            table = tag == 5 ? value : table;
            length = tag == 10 ? value : length;
        }
        if (!ToFileOffset(table, out int start))
        {
            return false;
        }
        strings = _bytes.Slice(start, (int)Math.Min(length, (ulong)(_bytes.Length - start)));
        return true;
    }

    /// <summary>There is a dynamic segment.</summary>
    public bool IsDynamic => FindSegment(SegmentDynamic, out _, out _);

    /// <summary>Whether a section has this name (ASCII). False when the section headers or their names are gone or damaged.</summary>
    public bool HasSection(ReadOnlySpan<byte> name)
    {
        int count = Math.Min(U16(_wide ? 60 : 48), (ushort)MaximumSections);
        if (!Section(U16(_wide ? 62 : 50), out _, out ulong namesAt, out ulong namesSize) || namesAt >= (ulong)_bytes.Length)
        {
            return false;
        }
        ReadOnlySpan<byte> names = _bytes.Slice((int)namesAt, (int)Math.Min(namesSize, (ulong)_bytes.Length - namesAt));
        for (int i = 1; i < count && Section(i, out uint nameAt, out _, out _); i++)
        {
            if (nameAt < names.Length && names[(int)nameAt..] is var rest && rest.StartsWith(name) && (rest.Length == name.Length || rest[name.Length] == 0))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Content of the first section of this name (ASCII), as far as it lies in the file; empty when there is none.</summary>
    public ReadOnlySpan<byte> SectionContent(ReadOnlySpan<byte> name)
    {
        int count = Math.Min(U16(_wide ? 60 : 48), (ushort)MaximumSections);
        if (!Section(U16(_wide ? 62 : 50), out _, out ulong namesAt, out ulong namesSize) || namesAt >= (ulong)_bytes.Length)
        {
            return [];
        }
        ReadOnlySpan<byte> names = _bytes.Slice((int)namesAt, (int)Math.Min(namesSize, (ulong)_bytes.Length - namesAt));
        for (int i = 1; i < count && Section(i, out uint nameAt, out ulong offset, out ulong size); i++)
        {
            if (nameAt < names.Length && names[(int)nameAt..] is var rest && rest.StartsWith(name) && (rest.Length == name.Length || rest[name.Length] == 0))
            {
                return offset >= (ulong)_bytes.Length ? [] : _bytes.Slice((int)offset, (int)Math.Min(size, (ulong)_bytes.Length - offset));
            }
        }
        return [];
    }

    /// <summary>The dynamic symbol table; false when there is none or it is damaged.</summary>
    public bool TryReadDynamicSymbols(out ElfSymbols symbols)
    {
        symbols = default;
        if (!FindSegment(SegmentDynamic, out ulong offset, out ulong size))
        {
            return false;
        }
        ulong symbolTable = 0, stringTable = 0, stringSize = 0, hash = 0, gnuHash = 0;
        ulong step = _wide ? 16u : 8u;
        for (ulong i = 0; i + step <= size && i < 4096 * step && offset < (ulong)_bytes.Length && offset + i + step <= (ulong)_bytes.Length; i += step)
        {
            int at = (int)(offset + i);
            ulong tag = _wide ? U64(at) : U32(at);
            ulong value = _wide ? U64(at + 8) : U32(at + 4);
            switch (tag)
            {
                case 4: hash = value; break;
                case 5: stringTable = value; break;
                case 6: symbolTable = value; break;
                case 10: stringSize = value; break;
                case 0x6FFFFEF5: gnuHash = value; break;
            }
            if (tag == 0)
            {
                break;
            }
        }
        if (!ToFileOffset(symbolTable, out int symbolsAt) || !ToFileOffset(stringTable, out int stringsAt) || stringSize == 0)
        {
            return false;
        }
        int entrySize = _wide ? 24 : 16;
        long count = CountSymbols(hash, gnuHash);
        if (count <= 0)
        {
            // Linkers put the string table right behind the symbols.
            count = stringsAt > symbolsAt ? (stringsAt - symbolsAt) / entrySize : 0;
        }
        count = Math.Min(Math.Min(count, MaximumSymbols), (_bytes.Length - symbolsAt) / entrySize);
        int stringLength = (int)Math.Min(stringSize, (ulong)(_bytes.Length - stringsAt));
        symbols = new ElfSymbols(_bytes.Slice(symbolsAt, (int)count * entrySize), _bytes.Slice(stringsAt, stringLength), _wide, _big);
        return true;
    }

    private long CountSymbols(ulong hash, ulong gnuHash)
    {
        if (hash != 0 && ToFileOffset(hash, out int at) && at + 8 <= _bytes.Length)
        {
            return U32(at + 4);
        }
        if (gnuHash == 0 || !ToFileOffset(gnuHash, out at) || at + 16 > _bytes.Length)
        {
            return 0;
        }
        uint buckets = U32(at);
        uint firstSymbol = U32(at + 4);
        uint bloomWords = U32(at + 8);
        long bucketsAt = at + 16 + (long)bloomWords * (_wide ? 8 : 4);
        long chainsAt = bucketsAt + 4L * buckets;
        if (chainsAt > _bytes.Length)
        {
            return 0;
        }
        uint last = 0;
        for (long i = bucketsAt; i < chainsAt; i += 4)
        {
            last = Math.Max(last, U32((int)i));
        }
        if (last < firstSymbol)
        {
            return firstSymbol;
        }
        for (long chain = chainsAt + 4L * (last - firstSymbol); chain + 4 <= _bytes.Length && last < MaximumSymbols; chain += 4)
        {
            last++;
            if ((U32((int)chain) & 1) != 0)
            {
                break;
            }
        }
        return last;
    }

    private bool FindSegment(uint type, out ulong offset, out ulong size)
    {
        for (int i = 0; Segment(i, out uint segmentType, out offset, out _, out size); i++)
        {
            if (segmentType == type)
            {
                return true;
            }
        }
        offset = size = 0;
        return false;
    }

    private bool ToFileOffset(ulong address, out int result)
    {
        for (int i = 0; Segment(i, out uint type, out ulong offset, out ulong start, out ulong size); i++)
        {
            if (type == SegmentLoad && address >= start && address - start < size)
            {
                ulong position = unchecked(offset + (address - start));
                result = position < (ulong)_bytes.Length ? (int)position : 0;
                return position < (ulong)_bytes.Length && address != 0;
            }
        }
        result = 0;
        return false;
    }

    private bool Segment(int index, out uint type, out ulong offset, out ulong address, out ulong size)
    {
        type = 0;
        offset = address = size = 0;
        ulong table = _wide ? U64(32) : U32(28);
        int entrySize = U16(_wide ? 54 : 42);
        int count = Math.Min(U16(_wide ? 56 : 44), (ushort)MaximumProgramHeaders);
        int needed = _wide ? 56 : 32;
        if (index >= count || entrySize < needed || table > (ulong)_bytes.Length || (ulong)_bytes.Length - table < (ulong)index * (ulong)entrySize + (ulong)needed)
        {
            return false;
        }
        int at = (int)table + index * entrySize;
        type = U32(at);
        offset = _wide ? U64(at + 8) : U32(at + 4);
        address = _wide ? U64(at + 16) : U32(at + 8);
        size = _wide ? U64(at + 32) : U32(at + 16);
        return true;
    }

    private bool Section(int index, out uint name, out ulong offset, out ulong size)
    {
        name = 0;
        offset = size = 0;
        ulong table = _wide ? U64(40) : U32(32);
        int entrySize = U16(_wide ? 58 : 46);
        int needed = _wide ? 64 : 40;
        if (table == 0 || entrySize < needed || table > (ulong)_bytes.Length || (ulong)_bytes.Length - table < (ulong)index * (ulong)entrySize + (ulong)needed)
        {
            return false;
        }
        int at = (int)table + index * entrySize;
        name = U32(at);
        offset = _wide ? U64(at + 24) : U32(at + 16);
        size = _wide ? U64(at + 32) : U32(at + 20);
        return true;
    }

    private ushort U16(int at) => _big ? BinaryPrimitives.ReadUInt16BigEndian(_bytes[at..]) : BinaryPrimitives.ReadUInt16LittleEndian(_bytes[at..]);
    private uint U32(int at) => _big ? BinaryPrimitives.ReadUInt32BigEndian(_bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(_bytes[at..]);
    private ulong U64(int at) => _big ? BinaryPrimitives.ReadUInt64BigEndian(_bytes[at..]) : BinaryPrimitives.ReadUInt64LittleEndian(_bytes[at..]);
}

/// <summary>A dynamic symbol table: names and whether each is defined or imported.</summary>
public readonly ref struct ElfSymbols
{
    private readonly ReadOnlySpan<byte> _symbols;
    private readonly ReadOnlySpan<byte> _strings;
    private readonly bool _wide;
    private readonly bool _big;

    internal ElfSymbols(ReadOnlySpan<byte> symbols, ReadOnlySpan<byte> strings, bool wide, bool big)
    {
        _symbols = symbols;
        _strings = strings;
        _wide = wide;
        _big = big;
    }

    /// <summary>Number of entries.</summary>
    public int Count => _symbols.Length / (_wide ? 24 : 16);

    /// <summary>The name of an entry; empty when it lies outside the string table.</summary>
    public ReadOnlySpan<byte> Name(int index)
    {
        uint offset = U32(index * (_wide ? 24 : 16));
        if (offset >= _strings.Length)
        {
            return default;
        }
        ReadOnlySpan<byte> rest = _strings[(int)offset..];
        int end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>Defined here and visible to others (global or weak), rather than imported.</summary>
    public bool IsExported(int index)
    {
        int at = index * (_wide ? 24 : 16);
        byte info = _symbols[at + (_wide ? 4 : 12)];
        return Section(at) != 0 && (info >> 4) is (1 or 2);
    }

    /// <summary>Undefined here: taken from another object.</summary>
    public bool IsImported(int index) => Section(index * (_wide ? 24 : 16)) == 0;

    private ushort Section(int at)
    {
        ReadOnlySpan<byte> field = _symbols[(at + (_wide ? 6 : 14))..];
        return _big ? BinaryPrimitives.ReadUInt16BigEndian(field) : BinaryPrimitives.ReadUInt16LittleEndian(field);
    }

    private uint U32(int at) => _big ? BinaryPrimitives.ReadUInt32BigEndian(_symbols[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(_symbols[at..]);
}
