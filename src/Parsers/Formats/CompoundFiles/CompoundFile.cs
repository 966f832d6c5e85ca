using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.CompoundFiles;

/// <summary>A compound file (OLE structured storage): storages and streams in a file of sectors. Source: [MS-CFB]. Thread-safe.</summary>
/// <remarks>Limitations: a FAT of at most 16 Mi sectors, 65,536 entries, 32 levels; a chain that is damaged gives the stream up to there, the rest reads as zeros, and is reported.</remarks>
public sealed class CompoundFile
{
    private const int HeaderSize = 512;
    private const int EntrySize = 128;
    private const uint MaximumSector = 0xFFFFFFFA;
    private const uint EndOfChain = 0xFFFFFFFE;
    private const uint NoStream = 0xFFFFFFFF;
    private const int MaximumSectors = 16 << 20;
    private const int MaximumEntries = 65_536;
    private const int MaximumDepth = 32;

    private readonly IByteSource _source;
    private readonly IDiagnosticSink _diagnostics;
    private readonly int _sectorShift;
    private readonly int _miniShift;
    private readonly uint _miniCutoff;
    private readonly uint[] _fat;
    private readonly uint[] _miniFat;
    private readonly IByteSource _miniStream;

    private CompoundFile(IByteSource source, byte[] header, IDiagnosticSink diagnostics)
    {
        _source = source;
        _diagnostics = diagnostics;
        var view = new FieldView(header, "cfb.header");
        _sectorShift = view.U16(30);
        _miniShift = view.U16(32);
        if (_sectorShift is not (9 or 12) || _miniShift is < 3 or > 9)
        {
            throw new CorruptDataException("cfb.header", 30, "sectors of 512 or 4096 bytes", _sectorShift.ToString(CultureInfo.InvariantCulture));
        }
        _miniCutoff = view.U32(56);
        _fat = ReadFat(view);
        _miniFat = ReadTable(view.U32(60), "cfb.minifat");
        byte[] directory = ReadChain(view.U32(48), (long)MaximumEntries * EntrySize, "cfb.directory");
        bool isLong = view.U16(26) >= 4;
        Root = Entry(directory, 0, "", isLong) ?? throw new CorruptDataException("cfb.directory", 0, "a root storage", "none");
        _miniStream = Source(Root.Start, Root.Size, "cfb.ministream");
        Entries = Walk(directory, isLong);
    }

    /// <summary>The root storage.</summary>
    public CompoundFileEntry Root { get; }

    /// <summary>All storages and streams but the root, each storage before what is in it.</summary>
    public IReadOnlyList<CompoundFileEntry> Entries { get; }

    /// <summary>Whether data begin like a compound file. Never throws.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => header.Length >= HeaderSize && header.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);

    /// <summary>Reads tables and directory.</summary>
    /// <exception cref="UnknownFormatException">Not a compound file.</exception>
    /// <exception cref="CorruptDataException">Header or directory cannot be used.</exception>
    public static CompoundFile Open(IByteSource source, IDiagnosticSink diagnostics)
    {
        byte[] header = source.ReadArray(0, HeaderSize);
        return Matches(header) ? new CompoundFile(source, header, diagnostics) : throw new UnknownFormatException("not a compound file");
    }

    /// <summary>An entry by its path without regard to case, as the format compares names; null when there is none.</summary>
    public CompoundFileEntry? Find(string path) => Entries.FirstOrDefault(entry => entry.Path.Equals(path, StringComparison.OrdinalIgnoreCase));

    /// <summary>The content of a stream.</summary>
    public IByteSource OpenStream(CompoundFileEntry entry)
    {
        if (entry.Size >= _miniCutoff)
        {
            return Source(entry.Start, entry.Size, "cfb.stream");
        }
        ContentRun[] runs = Runs(_miniFat, entry.Start, entry.Size, _miniShift, 0, _miniStream.Length, "cfb.ministream");
        return new RunListSource(_miniStream, runs, runs.Length == 0 ? 0 : entry.Size);
    }

    private RunListSource Source(uint start, long size, string structure) => new(_source, Runs(_fat, start, size, _sectorShift, 1L << _sectorShift, _source.Length, structure), size);

    /// <summary>The stretches of a chain; it ends at the size, at its end mark, where it comes back, or where it leaves the file.</summary>
    private ContentRun[] Runs(uint[] table, uint start, long size, int shift, long origin, long end, string structure)
    {
        var runs = new List<ContentRun>();
        long length = 1L << shift;
        long logical = 0;
        // A chain has at most as many links as the table; one that comes back runs out of them.
        uint sector = start;
        for (int links = 0; logical < size && sector < MaximumSector; links++, logical += length)
        {
            long physical = origin + ((long)sector << shift);
            if (links > table.Length || sector >= table.Length || physical >= end)
            {
                break;
            }
            long part = Math.Min(length, Math.Min(size - logical, end - physical));
            if (runs.Count > 0 && runs[^1].Physical + runs[^1].Length == physical)
            {
                runs[^1] = runs[^1] with { Length = runs[^1].Length + part };
            }
            else
            {
                runs.Add(new ContentRun(logical, part, physical));
            }
            sector = table[sector];
        }
        if (logical < size)
        {
            _diagnostics.Report(new Diagnostic(structure + ".chain", "a chain of sectors ends before the stream does") { Offset = origin + ((long)Math.Min(start, MaximumSector) << shift), LosesContent = true });
        }
        return [.. runs];
    }

    private uint[] ReadFat(FieldView header)
    {
        int perSector = 1 << (_sectorShift - 2);
        long sectors = Math.Min(MaximumSectors, (_source.Length >> _sectorShift) + 1);
        var fat = new List<uint>();
        void Append(uint sector)
        {
            byte[] part = Sector(sector);
            for (int i = 0; i + 4 <= part.Length; i += 4)
            {
                fat.Add(BinaryPrimitives.ReadUInt32LittleEndian(part.AsSpan(i)));
            }
        }
        for (int i = 0; i < 109 && fat.Count < sectors; i++)
        {
            uint sector = header.U32(76 + i * 4);
            if (sector < MaximumSector)
            {
                Append(sector);
            }
        }
        uint next = header.U32(68);
        for (long hops = 0; next < MaximumSector && fat.Count < sectors && hops < sectors; hops++)
        {
            byte[] part = Sector(next);
            for (int i = 0; i + 8 <= part.Length && i < (perSector - 1) * 4 && fat.Count < sectors; i += 4)
            {
                uint sector = BinaryPrimitives.ReadUInt32LittleEndian(part.AsSpan(i));
                if (sector < MaximumSector)
                {
                    Append(sector);
                }
            }
            next = part.Length < perSector * 4 ? EndOfChain : BinaryPrimitives.ReadUInt32LittleEndian(part.AsSpan((perSector - 1) * 4));
        }
        return [.. fat];
    }

    private byte[] Sector(uint sector) => _source.ReadArray(Math.Min(_source.Length, (1L + sector) << _sectorShift), 1 << _sectorShift);

    private uint[] ReadTable(uint start, string structure)
    {
        byte[] bytes = ReadChain(start, MaximumSectors * 4L, structure);
        var table = new uint[bytes.Length / 4];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i * 4));
        }
        return table;
    }

    /// <summary>A chain without a stated size, up to its end.</summary>
    private byte[] ReadChain(uint start, long maximum, string structure)
    {
        var bytes = new MemoryStream();
        uint sector = start;
        for (int links = 0; sector < MaximumSector && bytes.Length < maximum; links++)
        {
            byte[] part = sector < _fat.Length && links <= _fat.Length ? Sector(sector) : [];
            if (part.Length == 0)
            {
                _diagnostics.Report(new Diagnostic(structure + ".chain", "a chain of sectors comes back or leaves the file") { Offset = (1L + sector) << _sectorShift, LosesContent = true });
                break;
            }
            bytes.Write(part);
            sector = _fat[sector];
        }
        return bytes.ToArray();
    }

    /// <summary>Storages hold their children as a tree of siblings; each entry is visited once, whatever the tree says.</summary>
    private List<CompoundFileEntry> Walk(byte[] directory, bool isLong)
    {
        var entries = new List<CompoundFileEntry>();
        var seen = new HashSet<uint> { 0 };
        var open = new Stack<(uint Index, string Parent, int Depth)>();
        open.Push((Link(directory, 0, 76), "", 0));
        while (open.TryPop(out (uint Index, string Parent, int Depth) next))
        {
            if (next.Index == NoStream)
            {
                continue;
            }
            if (next.Depth > MaximumDepth || !seen.Add(next.Index) || Entry(directory, next.Index, next.Parent, isLong) is not { } entry)
            {
                _diagnostics.Report(new Diagnostic("cfb.directory.tree", "an entry of the directory is met twice, is none or lies too deep") { Offset = (long)next.Index * EntrySize });
                continue;
            }
            entries.Add(entry);
            open.Push((Link(directory, next.Index, 72), next.Parent, next.Depth));
            open.Push((Link(directory, next.Index, 68), next.Parent, next.Depth));
            if (!entry.IsStream)
            {
                open.Push((Link(directory, next.Index, 76), entry.Path + "/", next.Depth + 1));
            }
        }
        return entries;
    }

    private static uint Link(byte[] directory, uint index, int field) =>
        (index + 1L) * EntrySize <= directory.Length ? BinaryPrimitives.ReadUInt32LittleEndian(directory.AsSpan((int)index * EntrySize + field)) : NoStream;

    private static CompoundFileEntry? Entry(byte[] directory, uint index, string parent, bool isLong)
    {
        if ((index + 1L) * EntrySize > directory.Length)
        {
            return null;
        }
        var view = new FieldView(directory.AsSpan((int)index * EntrySize, EntrySize), "cfb.entry");
        byte type = view.U8(66);
        if (type is not (1 or 2 or 5))
        {
            return null;
        }
        int nameBytes = Math.Clamp(view.U16(64) - 2, 0, 64);
        string name = Encoding.Unicode.GetString(view.Slice(0, nameBytes));
        // Version 3 keeps 32 bits of size; the others may hold anything.
        long size = isLong ? (long)Math.Min(view.U64(120), long.MaxValue) : view.U32(120);
        return new CompoundFileEntry(parent + name, name, type == 2, size) { ClassId = view.Guid(80), Created = view.FileTime(100), Modified = view.FileTime(108), Start = view.U32(116) };
    }
}
