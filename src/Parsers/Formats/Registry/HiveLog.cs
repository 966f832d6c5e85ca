using System.Buffers.Binary;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.Registry;

/// <summary>A stretch of the hive bins that a log holds a newer state of.</summary>
/// <param name="Offset">Byte offset relative to the start of the hive bins.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Position">Byte offset in the log.</param>
internal readonly record struct DirtyPage(uint Offset, uint Length, long Position);

/// <summary>What was written at once: an entry of a log of the new format, or all of a log of the old one.</summary>
/// <param name="Sequence">Sequence number.</param>
/// <param name="BinsSize">Bytes of hive bins from then on.</param>
/// <param name="Pages">The stretches.</param>
internal sealed record HiveLogEntry(uint Sequence, uint BinsSize, IReadOnlyList<DirtyPage> Pages);

/// <summary>A transaction log of a hive, of either format. Only entries that are whole, by their hashes, are taken.</summary>
/// <remarks>
/// Source: "Windows registry file format specification", sections on transaction log files.
/// Limitations: logs longer than <see cref="MaximumLength"/> are read to there; logs of transactions (<c>.regtrans-ms</c>, <c>.blf</c>) are another thing and not read.
/// </remarks>
internal sealed class HiveLog
{
    private const int MaximumLength = 256 << 20;
    private const int MaximumEntry = 64 << 20;
    private const int EntryHeader = 40;
    private const int HashedHeader = 32;
    private const int PageReference = 8;
    private const int Page = 512;
    private const uint NewFormat = 6;
    private const ulong HashSeed = 0x82EF4D887A4E55C5;

    private readonly IByteSource _source;

    private HiveLog(IByteSource source, byte[] header, string name)
    {
        _source = source;
        Header = header;
        Name = name;
    }

    /// <summary>The copy of the base block.</summary>
    public byte[] Header { get; }
    /// <summary><c>LOG1</c> or <c>LOG2</c>.</summary>
    public string Name { get; }
    public IByteSource Source => _source;
    public bool IsNewFormat => new BaseBlock(Header).FileType == NewFormat;
    /// <summary>The entries, in order; the sequence numbers of each two neighbours differ by 1.</summary>
    public List<HiveLogEntry> Entries { get; } = [];

    /// <summary>Opens a log; null when it is none, which is said unless it is empty.</summary>
    public static HiveLog? Open(IByteSource source, string name, RegistryAnomalies anomalies, CancellationToken cancellation)
    {
        if (source.Length == 0)
        {
            return null;
        }
        byte[] header = source.ReadArray(0, BaseBlock.Size);
        if (header.Length < BaseBlock.Size || !header.AsSpan().ContainsAnyExcept((byte)0))
        {
            return null;
        }
        var block = new BaseBlock(header);
        if (!block.HasSignature || !block.HasRightChecksum || block.FileType is not (1 or 2 or NewFormat))
        {
            anomalies.Report("registry.log.header", name + " has no usable base block and is left out", 0, losesContent: false);
            return null;
        }
        var log = new HiveLog(source, header, name);
        if (log.IsNewFormat)
        {
            log.ReadEntries(anomalies, cancellation);
        }
        else
        {
            log.ReadDirtyVector(anomalies);
        }
        return log;
    }

    private void ReadEntries(RegistryAnomalies anomalies, CancellationToken cancellation)
    {
        int sector = new BaseBlock(Header).SectorSize;
        long end = Math.Min(_source.Length, MaximumLength);
        long position = FirstEntry(sector);
        var header = new byte[EntryHeader];
        while (position + EntryHeader <= end)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_source.ReadUpTo(position, header) < EntryHeader || !header.AsSpan().StartsWith("HvLE"u8))
            {
                return;
            }
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4));
            uint sequence = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12));
            if (Entries.Count > 0 && sequence != unchecked(Entries[^1].Sequence + 1))
            {
                return; // what an earlier round of the log left behind
            }
            if (size < EntryHeader || size % Page != 0 || size > MaximumEntry || size > end - position || ReadEntry(position, (int)size, header) is not { } entry)
            {
                anomalies.Report("registry.log.entry", Name + ": an entry is damaged; it and those after it are not applied", position, losesContent: false);
                return;
            }
            Entries.Add(entry);
            position += size;
        }
    }

    private long FirstEntry(int sector)
    {
        Span<byte> signature = stackalloc byte[4];
        return _source.ReadUpTo(sector, signature) == 4 && signature.SequenceEqual("HvLE"u8) ? sector : BaseBlock.Size;
    }

    private HiveLogEntry? ReadEntry(long position, int size, ReadOnlySpan<byte> header)
    {
        byte[] body = _source.ReadArray(position + EntryHeader, size - EntryHeader);
        uint binsSize = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        if (body.Length != size - EntryHeader || binsSize == 0 || binsSize % BaseBlock.Stored != 0 || count > (uint)(body.Length / PageReference)
            || Marvin32.Compute(body, HashSeed) != BinaryPrimitives.ReadUInt64LittleEndian(header[24..])
            || Marvin32.Compute(header[..HashedHeader], HashSeed) != BinaryPrimitives.ReadUInt64LittleEndian(header[32..]))
        {
            return null;
        }
        var pages = new List<DirtyPage>((int)count);
        long data = count * PageReference;
        for (int i = 0; i < count; i++)
        {
            uint offset = BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan(i * PageReference));
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan(i * PageReference + 4));
            if (length == 0 || length % Page != 0 || offset % Page != 0 || offset >= binsSize || length > binsSize - offset || data + length > body.Length)
            {
                return null;
            }
            pages.Add(new DirtyPage(offset, length, position + EntryHeader + data));
            data += length;
        }
        return new HiveLogEntry(BinaryPrimitives.ReadUInt32LittleEndian(header[12..]), binsSize, pages);
    }

    private void ReadDirtyVector(RegistryAnomalies anomalies)
    {
        var block = new BaseBlock(Header);
        int sector = block.SectorSize;
        uint bits = block.HiveBinsDataSize / Page;
        int bytes = (int)Math.Min((bits + 7) / 8, MaximumLength / Page);
        byte[] vector = _source.ReadArray(sector, 4 + bytes);
        if (block.IsDirty || vector.Length < 4 + bytes || !vector.AsSpan().StartsWith("DIRT"u8))
        {
            anomalies.Report("registry.log.vector", Name + " was not written to its end or has no dirty vector, and is left out", sector, losesContent: false);
            return;
        }
        long position = sector + ((4 + (long)bytes + sector - 1) / sector * sector);
        var pages = new List<DirtyPage>();
        for (uint bit = 0; bit < bits && bit / 8 < bytes; bit++)
        {
            if ((vector[4 + (int)(bit / 8)] >> (int)(bit % 8) & 1) == 0)
            {
                continue;
            }
            if (position + Page > _source.Length)
            {
                anomalies.Report("registry.log.cut", Name + " is shorter than its dirty vector says and is left out", position, losesContent: false);
                return;
            }
            uint offset = bit * Page;
            if (pages.Count > 0 && pages[^1].Offset + pages[^1].Length == offset)
            {
                pages[^1] = pages[^1] with { Length = pages[^1].Length + Page };
            }
            else
            {
                pages.Add(new DirtyPage(offset, Page, position));
            }
            position += Page;
        }
        Entries.Add(new HiveLogEntry(block.PrimarySequenceNumber, block.HiveBinsDataSize, pages));
    }
}
