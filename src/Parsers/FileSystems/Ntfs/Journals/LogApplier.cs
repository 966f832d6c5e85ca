using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>Applies single log records to the pages of a volume: finds the clusters, undoes and redoes the fix-ups, and compares log sequence numbers. For one thread.</summary>
internal sealed class LogApplier(PageStore store, NtfsGeometry geometry, LogState state)
{
    private const uint FileSignature = 0x454C4946;
    private const uint IndexSignature = 0x58444E49;
    private const int LsnAt = 0x08;
    private const int LargestStructure = 65536;

    private readonly byte[] _buffer = new byte[LargestStructure];
    private readonly HashSet<long> _lost = [];
    private readonly SortedDictionary<string, int> _left = new(StringComparer.Ordinal);

    /// <summary>MFT record numbers of which the record, an index or a value was changed.</summary>
    public HashSet<ulong> Touched { get; } = [];

    /// <summary>MFT record numbers of which plain bytes of a non-resident attribute were changed.</summary>
    public HashSet<ulong> TouchedValues { get; } = [];

    /// <summary>Updates applied.</summary>
    public int Applied { get; private set; }

    /// <summary>Updates that could not be applied, by operation.</summary>
    public IReadOnlyDictionary<string, int> Left => _left;

    /// <summary>Applies the redo side of a record.</summary>
    public void Redo(in LogClientRecord client, ulong lsn) => Apply(client.RedoOperation, client, client.RedoData, lsn);

    /// <summary>Applies the undo side of a record.</summary>
    public void Undo(in LogClientRecord client) => Apply(client.UndoOperation, client, client.UndoData, null);

    private void Apply(LogOperation operation, in LogClientRecord client, ReadOnlySpan<byte> data, ulong? lsn)
    {
        LogTarget target = operation.Target();
        if (target == LogTarget.None || client.LcnsToFollow == 0)
        {
            return;
        }
        if (target == LogTarget.Unknown || !state.Attributes.TryGetValue(client.TargetAttribute, out LogTables.OpenAttribute attribute))
        {
            Leave(operation);
            return;
        }
        bool isDone = target switch
        {
            LogTarget.FileRecord => ApplyToFileRecord(operation, client, data, lsn),
            LogTarget.IndexBuffer => ApplyToIndexBuffer(operation, client, data, lsn, attribute),
            _ when attribute.Type == LogTables.OpenAttribute.IndexAllocation && operation == LogOperation.UpdateNonresidentValue => ApplyToIndexBuffer(operation, client, data, lsn, attribute),
            _ => ApplyToValue(operation, client, data, lsn, attribute),
        };
        if (!isDone)
        {
            Leave(operation);
        }
    }

    private void Leave(LogOperation operation)
    {
        string name = operation.Target() == LogTarget.Unknown && !Enum.IsDefined(operation) ? "an unknown operation" : operation.ToString();
        _left[name] = _left.GetValueOrDefault(name) + 1;
    }

    private bool ApplyToFileRecord(LogOperation operation, in LogClientRecord client, ReadOnlySpan<byte> data, ulong? lsn)
    {
        int start = client.ClusterBlockOffset * UpdateSequence.Stride;
        Span<byte> record = _buffer.AsSpan(0, geometry.RecordSize);
        List<(long Place, int Length)>? places = Places(client, start, record.Length, lsn, out bool isFreed);
        if (places is null)
        {
            return isFreed;
        }
        Gather(places, record);
        bool isNew = operation == LogOperation.InitializeFileRecordSegment;
        bool isWhole = Signature(record) == FileSignature && UpdateSequence.Restore(record) is UpdateSequenceState.Whole;
        if (isWhole && lsn is not null && Lsn(record) >= lsn)
        {
            return true;
        }
        if (isNew)
        {
            _lost.Remove(places[0].Place);
        }
        else if (!isWhole || _lost.Contains(places[0].Place))
        {
            _lost.Add(places[0].Place);
            return false;
        }
        if (!FileRecordUpdate.Apply(operation, record, client, data) || Signature(record) != FileSignature || !Finish(operation, record, lsn))
        {
            // Later updates of the same record count on this one.
            _lost.Add(places[0].Place);
            return false;
        }
        Scatter(places, record);
        Touched.Add((ulong)((((Int128)client.TargetVcn * geometry.ClusterSize) + start) / geometry.RecordSize) & 0xFFFF_FFFF_FFFF);
        Applied++;
        return true;
    }

    private bool ApplyToIndexBuffer(LogOperation operation, in LogClientRecord client, ReadOnlySpan<byte> data, ulong? lsn, LogTables.OpenAttribute attribute)
    {
        const int HeaderAt = 0x18;
        uint claimed = attribute.BytesPerIndexBuffer == 0 ? (uint)geometry.IndexRecordSize : attribute.BytesPerIndexBuffer;
        int start = client.ClusterBlockOffset * UpdateSequence.Stride;
        if (claimed is < UpdateSequence.Stride or > LargestStructure || claimed % UpdateSequence.Stride != 0)
        {
            return false;
        }
        Span<byte> buffer = _buffer.AsSpan(0, (int)claimed);
        List<(long Place, int Length)>? places = Places(client, start, buffer.Length, lsn, out bool isFreed);
        if (places is null)
        {
            return isFreed;
        }
        Gather(places, buffer);
        bool isWhole = Signature(buffer) == IndexSignature && UpdateSequence.Restore(buffer) is UpdateSequenceState.Whole;
        bool isDone;
        if (operation == LogOperation.UpdateNonresidentValue)
        {
            // A whole new buffer, which may replace anything, or a part of one.
            isDone = (isWhole || client.RecordOffset == 0) && client.RecordOffset + data.Length <= buffer.Length && data.TryCopyTo(buffer[client.RecordOffset..])
                && Signature(buffer) == IndexSignature && MultiSectorWriter.Protect(buffer);
            if (isDone)
            {
                _lost.Remove(places[0].Place);
            }
        }
        else
        {
            if (isWhole && lsn is not null && Lsn(buffer) >= lsn)
            {
                return true;
            }
            isDone = isWhole && !_lost.Contains(places[0].Place)
                && IndexUpdate.Apply(operation, buffer[HeaderAt..], client.AttributeOffset - HeaderAt, data) && Finish(operation, buffer, lsn);
        }
        if (!isDone)
        {
            _lost.Add(places[0].Place);
            return false;
        }
        Scatter(places, buffer);
        Touched.Add(attribute.FileRecord);
        Applied++;
        return true;
    }

    private bool ApplyToValue(LogOperation operation, in LogClientRecord client, ReadOnlySpan<byte> data, ulong? lsn, LogTables.OpenAttribute attribute)
    {
        int start = (client.ClusterBlockOffset * UpdateSequence.Stride) + client.RecordOffset;
        if (operation == LogOperation.UpdateNonresidentValue)
        {
            return data.IsEmpty || WriteValue(client, start, data, lsn, attribute);
        }
        // BITMAP_RANGE: first bit and number of bits.
        if (data.Length < 8)
        {
            return false;
        }
        long first = BinaryPrimitives.ReadUInt32LittleEndian(data);
        long count = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
        int length = (int)Math.Min(((first + count + 7) / 8) - (first / 8), LargestStructure + 1);
        if (count == 0 || length > LargestStructure || first > int.MaxValue)
        {
            return count == 0;
        }
        start += (int)(first / 8);
        Span<byte> bits = _buffer.AsSpan(0, length);
        List<(long Place, int Length)>? places = Places(client, start, length, lsn, out bool isFreed);
        if (places is null)
        {
            return isFreed;
        }
        Gather(places, bits);
        for (long bit = first % 8; bit < (first % 8) + count; bit++)
        {
            byte mask = (byte)(1 << (int)(bit % 8));
            bits[(int)(bit / 8)] = operation == LogOperation.SetBitsInNonresidentBitMap ? (byte)(bits[(int)(bit / 8)] | mask) : (byte)(bits[(int)(bit / 8)] & ~mask);
        }
        return Store(places, bits, attribute);
    }

    private bool WriteValue(in LogClientRecord client, int start, ReadOnlySpan<byte> data, ulong? lsn, LogTables.OpenAttribute attribute)
    {
        // What was freed since must not be written, the rest must.
        List<(long Place, int Length)>? places = Places(client, start, data.Length, lsn, out bool isFreed, skipsFreed: true);
        return places is null ? isFreed : Store(places, data, attribute);
    }

    private bool Store(List<(long Place, int Length)> places, ReadOnlySpan<byte> data, LogTables.OpenAttribute attribute)
    {
        Scatter(places, data);
        Touched.Add(attribute.FileRecord);
        TouchedValues.Add(attribute.FileRecord);
        Applied++;
        return true;
    }

    /// <summary>Where bytes of the target lie on the volume.</summary>
    /// <param name="client">Names the first cluster.</param>
    /// <param name="start">Bytes from it.</param>
    /// <param name="length">How many.</param>
    /// <param name="lsn">The record's number; null for undo.</param>
    /// <param name="isFreed">Nothing has to be written: the page had reached the disk already, or its clusters were freed.</param>
    /// <param name="skipsFreed">Clusters with nothing to write get the place -1 instead of making the whole pointless.</param>
    /// <returns>Null when there is nothing to write, or it would lie outside the volume.</returns>
    private List<(long Place, int Length)>? Places(in LogClientRecord client, int start, int length, ulong? lsn, out bool isFreed, bool skipsFreed = false)
    {
        var places = new List<(long, int)>();
        isFreed = false;
        int done = 0;
        while (done < length)
        {
            int within = (start + done) % geometry.ClusterSize;
            int cluster = (start + done) / geometry.ClusterSize;
            long lcn = state.Lcn(client.TargetAttribute, client.TargetVcn + cluster, lsn);
            if (lcn < 0)
            {
                // The record's own word counts only where the page was never said to be on the disk: when taking back.
                lcn = lsn is null && cluster < client.LcnsToFollow ? Math.Max(0, client.LcnForPage(cluster)) : 0;
            }
            if (lcn >= geometry.ClusterCount || (lcn == 0 && !skipsFreed))
            {
                isFreed = lcn == 0;
                return null;
            }
            int part = Math.Min(length - done, geometry.ClusterSize - within);
            places.Add((lcn == 0 ? -1 : (lcn * geometry.ClusterSize) + within, part));
            done += part;
        }
        isFreed = places.TrueForAll(each => each.Item1 < 0);
        return isFreed ? null : places;
    }

    private void Gather(List<(long Place, int Length)> places, Span<byte> destination)
    {
        foreach ((long place, int length) in places)
        {
            store.Read(place, destination[..length]);
            destination = destination[length..];
        }
    }

    private void Scatter(List<(long Place, int Length)> places, ReadOnlySpan<byte> source)
    {
        foreach ((long place, int length) in places)
        {
            if (place >= 0)
            {
                store.Write(place, source[..length]);
            }
            source = source[length..];
        }
    }

    private static bool Finish(LogOperation operation, Span<byte> structure, ulong? lsn)
    {
        // The times and sizes that a directory repeats do not count as a change of what holds them.
        if (lsn is not null && operation is not (LogOperation.UpdateFileNameRoot or LogOperation.UpdateFileNameAllocation))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(structure[LsnAt..], lsn.Value);
        }
        return MultiSectorWriter.Protect(structure);
    }

    private static ulong Lsn(ReadOnlySpan<byte> structure) => BinaryPrimitives.ReadUInt64LittleEndian(structure[LsnAt..]);

    private static uint Signature(ReadOnlySpan<byte> structure) => BinaryPrimitives.ReadUInt32LittleEndian(structure);
}
