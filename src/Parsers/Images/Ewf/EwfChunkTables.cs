using System.Buffers;
using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>
/// All tables of an image in chunk order, their entries loaded when they are wanted and kept in a bounded cache. The copy (table2) is used when the checksum of a table is
/// wrong and that of the copy is right. Thread-safe; nothing is read under a lock.
/// </summary>
internal sealed class EwfChunkTables
{
    /// <summary>Entries kept in memory: 16 million chunks, 512 GiB at the usual size.</summary>
    private const long CacheBytes = 64 << 20;

    private readonly EwfChunkTable[] _tables;
    private readonly LruCache<EwfLoadedTable> _loaded;
    private readonly int _chunkSize;
    private readonly IDiagnosticSink _diagnostics;

    /// <param name="tables">In chunk order; <see cref="EwfChunkTable.FirstChunk"/> set.</param>
    /// <param name="chunkSize">Bytes of a chunk.</param>
    /// <param name="diagnostics">Where wrong checksums are reported.</param>
    public EwfChunkTables(IReadOnlyList<EwfChunkTable> tables, int chunkSize, IDiagnosticSink diagnostics)
    {
        _tables = [.. tables];
        _chunkSize = chunkSize;
        _diagnostics = diagnostics;
        long largest = _tables.Length == 0 ? 1 : Math.Max(1, _tables.Max(table => table.Primary.Count) * 4L);
        _loaded = new LruCache<EwfLoadedTable>((int)Math.Clamp(CacheBytes / largest, 2, 4096));
    }

    /// <summary>The table that maps a chunk, loaded, and the chunk's number in it; null when none does.</summary>
    public EwfLoadedTable? Find(long chunk, out int index, out EwfChunkTable? table)
    {
        index = 0;
        table = null;
        int low = 0;
        int high = _tables.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_tables[middle].FirstChunk <= chunk)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        if (low == 0 || chunk - _tables[low - 1].FirstChunk >= _tables[low - 1].Primary.Count)
        {
            return null;
        }
        table = _tables[low - 1];
        index = (int)(chunk - table.FirstChunk);
        return _loaded.Find(low - 1) ?? _loaded.Add(low - 1, Load(table));
    }

    private EwfLoadedTable Load(EwfChunkTable table)
    {
        EwfTablePlace place = table.Primary;
        uint[] entries = Read(table, place, out bool? isSound);
        if (isSound == false)
        {
            string code = "ewf.table.checksum";
            string what = "the checksum of a table of chunk offsets is wrong and no sound copy is there; each chunk is still checked by itself";
            if (table.Mirror is { } mirror && mirror.Count == place.Count)
            {
                uint[] copy = Read(table, mirror, out bool? copyIsSound);
                if (copyIsSound == true)
                {
                    (entries, place) = (copy, mirror);
                    code = "ewf.table.mirror";
                    what = "the checksum of a table of chunk offsets is wrong; its copy (table2) is used";
                }
            }
            if (table.ShouldReport())
            {
                _diagnostics.Report(new Diagnostic(code, what + " (segment " + table.Segment.Name + ")") { Offset = table.Primary.EntriesOffset });
            }
        }
        return new EwfLoadedTable(entries, place.BaseOffset, table.DataEnd, _chunkSize);
    }

    /// <summary>The entries and whether their checksum is right; null when none is stored.</summary>
    private static uint[] Read(EwfChunkTable table, EwfTablePlace place, out bool? isSound)
    {
        var entries = new uint[place.Count];
        int size = place.Count * 4;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(size + 4);
        try
        {
            int count = table.Segment.File.ReadUpTo(place.EntriesOffset, bytes.AsSpan(0, size + 4));
            bytes.AsSpan(count, size + 4 - count).Clear();
            for (int i = 0; i < entries.Length; i++)
            {
                entries[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i * 4));
            }
            bool hasChecksum = count == size + 4 && entries.Length > 0 && (table.IsInSectors || place.BaseOffset + (entries[0] & 0x7FFF_FFFF) >= place.End + 4);
            isSound = hasChecksum ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(size)) == Adler32.Compute(bytes.AsSpan(0, size)) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
        return entries;
    }
}
