using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>
/// The records of the master file table with their update sequences put back. Single records are read through a cache of at most 32 MiB; a pass over all of them reads straight through.
/// Thread-safe.
/// </summary>
internal sealed class MasterFileTable
{
    private const int ChunkSize = 64 << 10;
    private const int CachedChunks = 512;
    private const int PassSize = 1 << 20;

    private readonly RunListSource _content;
    private readonly NtfsGeometry _geometry;
    private readonly NtfsDiagnostics _diagnostics;
    private readonly LruCache<byte[]> _chunks = new(CachedChunks);

    /// <param name="content">What the table's runs cover of the volume.</param>
    /// <param name="geometry">Sizes.</param>
    /// <param name="diagnostics">Takes torn records.</param>
    public MasterFileTable(RunListSource content, NtfsGeometry geometry, NtfsDiagnostics diagnostics)
    {
        _content = content;
        _geometry = geometry;
        _diagnostics = diagnostics;
    }

    /// <summary>Receives a record in a pass; the span lives for the call only.</summary>
    public delegate void RecordAction(ulong number, ReadOnlyMemory<byte> record);

    /// <summary>Number of records.</summary>
    public long RecordCount => _content.Length / _geometry.RecordSize;

    /// <summary>Where the table lies.</summary>
    public RunListSource Content => _content;

    /// <summary>A record with its update sequence put back; what it holds need not be a record.</summary>
    /// <exception cref="CorruptDataException">There is no record of that number.</exception>
    public ReadOnlyMemory<byte> Read(ulong number)
    {
        if (number >= (ulong)RecordCount)
        {
            throw new CorruptDataException("ntfs.record", -1, "a record number below " + Text(RecordCount), number.ToString(CultureInfo.InvariantCulture));
        }
        long offset = (long)number * _geometry.RecordSize;
        long index = offset / ChunkSize;
        byte[] chunk = _chunks.Find(index) ?? _chunks.Add(index, ReadChunk(index));
        int within = (int)(offset % ChunkSize);
        if (within + _geometry.RecordSize > chunk.Length)
        {
            throw new CorruptDataException("ntfs.record", offset, "a whole record " + number.ToString(CultureInfo.InvariantCulture), "the end of the table");
        }
        return chunk.AsMemory(within, _geometry.RecordSize);
    }

    /// <summary>A record that must be one.</summary>
    /// <exception cref="CorruptDataException">There is no record of that number, or it was never used, or it is garbage.</exception>
    public ReadOnlyMemory<byte> ReadFile(ulong number)
    {
        ReadOnlyMemory<byte> record = Read(number);
        if (!new FileRecordView(record.Span).IsFile)
        {
            throw new CorruptDataException("ntfs.record", -1, "FILE at the start of record " + number.ToString(CultureInfo.InvariantCulture), Convert.ToHexStringLower(record.Span[..4]));
        }
        return record;
    }

    /// <summary>Shows every record that is stored, in order. What cannot be read is reported and passed over.</summary>
    public void Pass(RecordAction action, CancellationToken cancellation)
    {
        byte[] buffer = new byte[PassSize];
        long offset = 0;
        while (_content.NextData(offset, out long start, out long length))
        {
            // A hole holds no records; one that begins in it is read with its zeros.
            start = start / _geometry.RecordSize * _geometry.RecordSize;
            offset = Math.Max(start, offset);
            long end = Math.Min(start + length + _geometry.RecordSize, RecordCount * _geometry.RecordSize);
            if (offset >= end)
            {
                break;
            }
            while (offset < end)
            {
                cancellation.ThrowIfCancellationRequested();
                Memory<byte> part = buffer.AsMemory(0, (int)Math.Min(buffer.Length, (end - offset + _geometry.RecordSize - 1) / _geometry.RecordSize * _geometry.RecordSize));
                ReadPart(offset, part.Span);
                for (int at = 0; at < part.Length; at += _geometry.RecordSize)
                {
                    ulong number = (ulong)((offset + at) / _geometry.RecordSize);
                    Memory<byte> record = part.Slice(at, _geometry.RecordSize);
                    Restore(record.Span, number);
                    action(number, record);
                }
                offset += part.Length;
            }
        }
    }

    /// <summary>All of a part, or as much of it as can be read.</summary>
    private void ReadPart(long offset, Span<byte> part)
    {
        try
        {
            part[_content.ReadUpTo(offset, part)..].Clear();
            return;
        }
        catch (ImageReadException exception)
        {
            _diagnostics.Report("ntfs.mft.unreadable", "part of the master file table cannot be read: the files of these records are missing", Text(part.Length) + " bytes", exception.Message,
                offset, 0, losesContent: true);
        }
        for (int at = 0; at < part.Length; at += _geometry.RecordSize)
        {
            Span<byte> record = part.Slice(at, _geometry.RecordSize);
            try
            {
                record[_content.ReadUpTo(offset + at, record)..].Clear();
            }
            catch (ImageReadException)
            {
                // Reported above.
                record.Clear();
            }
        }
    }

    private byte[] ReadChunk(long index)
    {
        byte[] chunk = _content.ReadArray(index * ChunkSize, ChunkSize);
        for (int at = 0; at + _geometry.RecordSize <= chunk.Length; at += _geometry.RecordSize)
        {
            Restore(chunk.AsSpan(at, _geometry.RecordSize), (ulong)((index * ChunkSize) + at) / (ulong)_geometry.RecordSize);
        }
        return chunk;
    }

    private void Restore(Span<byte> record, ulong number)
    {
        var view = new FileRecordView(record);
        if (view.IsBad)
        {
            _diagnostics.Report("ntfs.record.bad", "the system marked a record as damaged", "FILE", "BAAD", -1, number, losesContent: true);
        }
        if (!view.IsFile)
        {
            return;
        }
        UpdateSequenceState state = UpdateSequence.Restore(record);
        if (state != UpdateSequenceState.Whole && view.IsInUse)
        {
            _diagnostics.Report("ntfs.record.update_sequence", "a record was not written to its end, or was changed by something else than its system", "the same number in every 512 bytes",
                state.ToString(), -1, number);
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
