using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>
/// The logical disk of an EWF image. Chunks that follow each other in a segment are read at once; each is checked, by zlib or by the Adler-32 stored behind it, and one that is
/// wrong reads as zeros and is reported with its range. Thread-safe without a lock around reads or decompression.
/// </summary>
internal sealed class EwfContent : IByteSource
{
    /// <summary>Decompressed chunks that are kept for reads of parts of them.</summary>
    private const int ChunkCacheBytes = 16 << 20;
    /// <summary>Stored bytes read at once.</summary>
    private const int MaxRun = 1 << 20;
    /// <summary>Chunks reported one by one; the same disk has more than a thousand million.</summary>
    private const int MaxReported = 1 << 16;

    private readonly EwfGeometry _geometry;
    private readonly EwfChunkTables _tables;
    private readonly LruCache<byte[]> _chunks;
    private readonly IDiagnosticSink _diagnostics;
    private readonly ConcurrentDictionary<long, bool> _reported = new();

    public EwfContent(EwfGeometry geometry, EwfChunkTables tables, IDiagnosticSink diagnostics)
    {
        _geometry = geometry;
        _tables = tables;
        _diagnostics = diagnostics;
        _chunks = new LruCache<byte[]>(Math.Clamp(ChunkCacheBytes / geometry.ChunkSize, 4, 4096));
    }

    /// <inheritdoc/>
    public long Length => _geometry.Size;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        int wanted = (int)Math.Min(destination.Length, Length - offset);
        int done = 0;
        while (done < wanted)
        {
            long chunk = (offset + done) / _geometry.ChunkSize;
            int within = (int)(offset + done - chunk * _geometry.ChunkSize);
            int size = SizeOf(chunk);
            Span<byte> target = destination[done..wanted];
            done += within == 0 && target.Length >= size ? ReadWhole(chunk, target) : ReadPart(chunk, within, size, target);
        }
        return done;
    }

    private int SizeOf(long chunk) => (int)Math.Min(_geometry.ChunkSize, Length - chunk * _geometry.ChunkSize);

    private int ReadPart(long chunk, int within, int size, Span<byte> target)
    {
        byte[]? decoded = _chunks.Find(chunk);
        if (decoded is null)
        {
            decoded = new byte[size];
            ReadWhole(chunk, decoded);
            decoded = _chunks.Add(chunk, decoded);
        }
        int count = Math.Min(size - within, target.Length);
        decoded.AsSpan(within, count).CopyTo(target);
        return count;
    }

    /// <summary>Fills as many whole chunks as one read of the segment gives; returns how many bytes, at least one chunk.</summary>
    private int ReadWhole(long chunk, Span<byte> target)
    {
        EwfLoadedTable? loaded = _tables.Find(chunk, out int index, out EwfChunkTable? table);
        int size = SizeOf(chunk);
        if (loaded is null || table is null)
        {
            // Reported when the image was opened, as one range.
            target[..size].Clear();
            return size;
        }
        EwfChunkPlace first = loaded.Place(index);
        long end = first.Offset + first.Length;
        int chunks = 1;
        for (int bytes = size; first.IsExact && index + chunks < table.Primary.Count && bytes < target.Length; chunks++)
        {
            EwfChunkPlace next = loaded.Place(index + chunks);
            bytes += SizeOf(chunk + chunks);
            if (!next.IsExact || next.Offset != end || bytes > target.Length || chunk + chunks >= _geometry.Chunks || end + next.Length - first.Offset > MaxRun)
            {
                break;
            }
            end += next.Length;
        }
        int length = (int)(end - first.Offset);
        byte[] stored = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            int available = first.Offset < 0 || first.Offset >= table.Segment.File.Length ? 0 : table.Segment.File.ReadUpTo(first.Offset, stored.AsSpan(0, length));
            int done = 0;
            for (int i = 0; i < chunks; i++)
            {
                EwfChunkPlace place = loaded.Place(index + i);
                int start = (int)(place.Offset - first.Offset);
                Span<byte> part = target.Slice(done, SizeOf(chunk + i));
                Decode(chunk + i, place, stored, start, Math.Clamp(available - start, 0, place.Length), part, table.Segment);
                done += part.Length;
            }
            return done;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    private void Decode(long chunk, in EwfChunkPlace place, byte[] stored, int start, int available, Span<byte> target, EwfSegment segment)
    {
        string? problem = available == 0 ? "lies past the end of segment " + segment.Name
            : place.IsCompressed ? Inflate(chunk, stored, start, available, target)
            : Copy(place, stored.AsSpan(start, available), target);
        if (problem is null)
        {
            return;
        }
        target.Clear();
        if (_reported.Count < MaxReported && _reported.TryAdd(chunk, true))
        {
            long position = chunk * _geometry.ChunkSize;
            _diagnostics.Report(new Diagnostic(available == 0 ? "ewf.chunk.past-end" : "ewf.chunk.damaged", string.Create(CultureInfo.InvariantCulture,
                $"chunk {chunk} {problem}; it reads as zeros (guest offsets {position} to {position + target.Length - 1})"))
            {
                Offset = position,
                LosesContent = true,
            });
        }
    }

    /// <summary>Null when the chunk is whole and right, else what is wrong with it.</summary>
    private string? Inflate(long chunk, byte[] stored, int start, int available, Span<byte> target)
    {
        int count = ZlibBlock.Decode(stored, start, available, target, out ZlibEnd end);
        if (end == ZlibEnd.Longer && chunk == _geometry.Chunks - 1 && target.Length < _geometry.ChunkSize)
        {
            // Some tools fill the last chunk up.
            byte[] full = ArrayPool<byte>.Shared.Rent(_geometry.ChunkSize);
            ZlibBlock.Decode(stored, start, available, full.AsSpan(0, _geometry.ChunkSize), out end);
            ArrayPool<byte>.Shared.Return(full);
        }
        return end switch
        {
            ZlibEnd.Whole => null,
            ZlibEnd.Longer => "decompresses to more than a chunk",
            ZlibEnd.Short => string.Create(CultureInfo.InvariantCulture, $"decompresses to {count} bytes only"),
            _ => "cannot be decompressed or its checksum is wrong",
        };
    }

    private static string? Copy(in EwfChunkPlace place, ReadOnlySpan<byte> stored, Span<byte> target)
    {
        if (stored.Length < target.Length)
        {
            return "ends early";
        }
        stored[..target.Length].CopyTo(target);
        if (place.IsExact && place.Length == target.Length)
        {
            return null;   // stored without a checksum
        }
        // The last chunk may be filled up; its checksum then stands behind the filling.
        return IsSound(stored, target.Length) || (place.IsExact && IsSound(stored, place.Length - 4)) ? null : "has a wrong checksum";
    }

    private static bool IsSound(ReadOnlySpan<byte> stored, int length) => length >= 0 && stored.Length >= length + 4
        && BinaryPrimitives.ReadUInt32LittleEndian(stored[length..]) == Adler32.Compute(stored[..length]);
}
