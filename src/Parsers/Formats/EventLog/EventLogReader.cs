using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.EventLog;

/// <summary>Whether an event is wanted, by the name of its provider and its number.</summary>
public delegate bool EventFilter(string provider, int eventId);

/// <summary>
/// Reads the records of an event log of Windows Vista and later (<c>.evtx</c>) once, in the order of the file, chunk by chunk. Of events that the filter does not want no more is read than
/// provider and number. Records in the free space of chunks and in chunks that are not in use are given too, marked. Source: the description of the format in libevtx, [MS-EVEN6] 2.2.12 to 2.2.18.
/// </summary>
/// <remarks>
/// Damage is counted by kind and reported when the end is reached. Limitations: older <c>.evt</c> files are another format; of a chunk that was overwritten in part, records whose template is gone are given with
/// their header only.
/// </remarks>
public sealed class EventLogReader
{
    private const int MajorVersion = 3;

    private readonly IByteSource _content;
    private readonly IDiagnosticSink _diagnostics;
    private readonly EventFilter? _filter;
    private readonly CancellationToken _cancellation;
    private readonly EventLogChunk _chunk = new();
    private readonly BinXmlWalker _walker;
    private readonly EventFieldCollector _collector;
    private readonly DamageCounter _damage = new();
    private readonly EventRecordSequence _sequence = new();
    private readonly HashSet<(ulong Identifier, ulong Written)> _inChunk = [];
    private readonly int _chunksInUse;
    private long _nextChunk = EventLogFileHeader.BlockSize;
    private long _chunkOffset;
    private int _at = EventLogChunk.Size;
    private int _endOfRecords;
    private bool _isUnused;
    private bool _isSound;
    private int _endOfLast;
    private ulong _lastIdentifier;

    /// <summary>Reads the header of the file. Throws <see cref="CorruptDataException"/> when neither it nor a chunk behind it is one of an event log.</summary>
    public EventLogReader(IByteSource content, IDiagnosticSink diagnostics, EventFilter? filter = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        _content = content;
        _diagnostics = diagnostics;
        _filter = filter;
        _cancellation = cancellation;
        Current = new EventRecord(_chunk);
        _walker = new BinXmlWalker(_chunk);
        _collector = new EventFieldCollector(Current);
        Span<byte> bytes = stackalloc byte[EventLogFileHeader.Size];
        int count = content.ReadUpTo(0, bytes);
        Span<byte> magic = stackalloc byte[8];
        bool hasChunk = content.ReadUpTo(EventLogFileHeader.BlockSize, magic) == magic.Length && magic.SequenceEqual(EventLogChunkHeader.Magic);
        bool hasHeader = count == bytes.Length && new EventLogFileHeader(bytes).HasMagic;
        if (!hasHeader && !hasChunk)
        {
            throw new CorruptDataException("evtx.header", 0, "ElfFile", count == 0 ? "an empty file" : Convert.ToHexString(bytes[..Math.Min(8, count)]));
        }
        _chunksInUse = int.MaxValue;
        if (!hasHeader)
        {
            _damage.Note("evtx.header.magic", "the header of the event log is damaged; its chunks are read without it", 0, losesContent: false);
            return;
        }
        var header = new EventLogFileHeader(bytes);
        IsDirty = header.IsDirty;
        if (header.MajorVersion != MajorVersion)
        {
            _damage.Note("evtx.header.version", "the event log has a version that is not known; it is read like the known one", 36, losesContent: false, "3", header.MajorVersion.ToString(CultureInfo.InvariantCulture));
        }
        if (!header.HasNoChecksums && header.Checksum != header.ComputedChecksum)
        {
            _damage.Note("evtx.header.checksum", "the checksum of the header of the event log is wrong; it is not relied on", 124, losesContent: false);
        }
        else if (!IsDirty)
        {
            _chunksInUse = header.NumberOfChunks;
        }
    }

    /// <summary>The record that <see cref="Read"/> came to; the same object each time.</summary>
    public EventRecord Current { get; }
    /// <summary>The file was not closed: its header lags behind its chunks.</summary>
    public bool IsDirty { get; }
    /// <summary>Records so far, wanted or not, without carved ones.</summary>
    public long Records { get; private set; }
    /// <summary>Carved records so far, wanted or not.</summary>
    public long CarvedRecords { get; private set; }
    /// <summary>Missing numbers between records of undamaged chunks; the first 32.</summary>
    public IReadOnlyList<EventRecordGap> Gaps => _sequence.Gaps;

    /// <summary>Goes to the next record that the filter wants; false at the end. Throws <see cref="ImageReadException"/> and <see cref="OperationCanceledException"/>.</summary>
    public bool Read()
    {
        while (true)
        {
            while (_at <= _chunk.Bytes.Length - EventRecordHeader.SmallestRecord)
            {
                if (TryRecord())
                {
                    return true;
                }
            }
            if (!NextChunk())
            {
                _damage.Report(_diagnostics);
                return false;
            }
        }
    }

    private bool NextChunk()
    {
        while (_nextChunk < _content.Length)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (_content is ISparseByteSource sparse)
            {
                if (!sparse.NextData(_nextChunk, out long start, out _))
                {
                    return false;
                }
                _nextChunk += Math.Max(0, start - _nextChunk) / EventLogChunk.Size * EventLogChunk.Size;
            }
            _chunkOffset = _nextChunk;
            _nextChunk += EventLogChunk.Size;
            int count = _content.ReadUpTo(_chunkOffset, _chunk.Buffer);
            _chunk.Begin(count);
            _inChunk.Clear();
            if (_chunk.Bytes.IndexOfAnyExcept((byte)0) < 0)
            {
                continue;
            }
            if (count < EventLogChunk.Size)
            {
                _damage.Note("evtx.chunk.cut", "the event log ends within a chunk", _chunkOffset + count, losesContent: true, "65536", count.ToString(CultureInfo.InvariantCulture));
            }
            if (count >= EventLogChunkHeader.Size + EventRecordHeader.SmallestRecord)
            {
                BeginChunk();
                return true;
            }
        }
        return false;
    }

    private void BeginChunk()
    {
        _at = EventLogChunkHeader.Size;
        _isSound = true;
        _endOfLast = 0;
        var header = new EventLogChunkHeader(_chunk.Bytes);
        _endOfRecords = header.EndOfRecords;
        _isUnused = (_chunkOffset - EventLogFileHeader.BlockSize) / EventLogChunk.Size >= _chunksInUse;
        if (!header.HasMagic)
        {
            // Without its header nothing says where its records end, or that they are in use.
            _isUnused = true;
            _endOfRecords = _chunk.Bytes.Length;
            Unsound();
            _damage.Note("evtx.chunk.magic", "the header of a chunk of the event log is gone; records were searched for in it", _chunkOffset, losesContent: true);
            return;
        }
        if (_isUnused || header.HasNoChecksums)
        {
            return;
        }
        if (header.Checksum != header.ComputedChecksum)
        {
            Unsound();
            _damage.Note("evtx.chunk.checksum", "the checksum of the header of a chunk is wrong; its records were read as far as they go", _chunkOffset + 124, losesContent: false);
        }
        else if (header.EventRecordsChecksum != header.ComputedRecordsChecksum)
        {
            Unsound();
            _damage.Note("evtx.chunk.records", "the checksum of the records of a chunk is wrong; they were read as far as they go", _chunkOffset + 52, losesContent: false);
        }
    }

    /// <summary>Takes what lies at the place, and goes on behind it. True when it is a record that is wanted.</summary>
    private bool TryRecord()
    {
        ReadOnlySpan<byte> chunk = _chunk.Bytes;
        int at = _at;
        var header = new EventRecordHeader(chunk[at..]);
        if (!header.HasSignature)
        {
            if (!_isUnused && at < _endOfRecords)
            {
                Damaged("evtx.record.signature", "something that is no record lies between the records of a chunk; they were searched for behind it", at);
            }
            _at = NextSignature(at + 1);
            return false;
        }
        bool isInUse = !_isUnused && (at < _endOfRecords || (IsDirty && at == _endOfLast && header.Identifier == _lastIdentifier + 1));
        long size = header.RecordSize;
        bool isWhole = size >= EventRecordHeader.SmallestRecord && size <= chunk.Length - at && _chunk.UInt32(at + (int)size - 4) == size;
        if (!isWhole)
        {
            int next = NextSignature(at + EventRecordHeader.SmallestRecord);
            if (isInUse)
            {
                Damaged("evtx.record.size", "the two sizes of a record differ, or it does not fit its chunk", at);
            }
            size = isInUse && header.IsPlausible ? Math.Min(Math.Max(size, EventRecordHeader.SmallestRecord), next - at) : 0;
            _at = next;
            if (size == 0)
            {
                return false;
            }
        }
        else
        {
            _at = at + (int)size;
        }
        if (!isInUse && (!header.IsPlausible || _inChunk.Contains((header.Identifier, header.WrittenTime))))
        {
            return false;
        }
        _inChunk.Add((header.Identifier, header.WrittenTime));
        return Take(header, at, (int)size, isInUse, isWhole);
    }

    private bool Take(EventRecordHeader header, int at, int size, bool isInUse, bool isWhole)
    {
        EventRecord record = Current;
        record.Clear();
        record.RecordId = (long)Math.Min(header.Identifier, long.MaxValue);
        record.Written = Timestamp.FromFileTime(header.WrittenTime);
        record.Offset = _chunkOffset + at;
        record.IsCarved = !isInUse;
        if (isInUse)
        {
            Records++;
            _endOfLast = at + size;
            _lastIdentifier = Math.Min(header.Identifier, long.MaxValue);
            _sequence.Take(record.RecordId, record.Written, record.Offset);
            if (!_isSound)
            {
                _sequence.Break();
            }
        }
        else
        {
            CarvedRecords++;
        }
        bool isWanted = Decode(at + EventRecordHeader.Size, at + size - 4, out bool isComplete);
        record.IsDamaged = !isComplete || !isWhole;
        if (!isComplete && isInUse)
        {
            if (_chunk.IsExhausted)
            {
                _damage.Note("evtx.chunk.work", "the templates of a chunk ask for more work than any real one does; the rest of it was read without data", record.Offset, losesContent: true);
            }
            else
            {
                _damage.Note("evtx.record.xml", "the content of a record could not be read to its end", record.Offset, losesContent: true);
            }
        }
        return isWanted;
    }

    private bool Decode(int begin, int end, out bool isComplete)
    {
        EventRecord record = Current;
        isComplete = false;
        BinXmlProgram? program = _walker.TryBegin(begin, end);
        if (program?.Plan is not { } plan)
        {
            if (program is not null)
            {
                _collector.Begin(isInsideEvent: false);
                isComplete = _walker.Walk(program, 0, _collector);
            }
            bool isWanted = _filter is null || _filter(record.Provider, record.EventId);
            if (!isWanted)
            {
                record.ClearFields();
            }
            return isWanted;
        }
        for (var property = SystemProperty.ProviderName; property < SystemProperty.Count; property++)
        {
            if (plan.TryGet(property, out BinXmlNode node) && _walker.TryPiece(node, out BinXmlPiece piece))
            {
                record.SetSystem(property, piece);
            }
        }
        isComplete = true;
        if (_filter is not null && !_filter(record.Provider, record.EventId))
        {
            return false;
        }
        _collector.Begin(isInsideEvent: true);
        isComplete = _walker.Walk(program, plan.Next, _collector);
        return true;
    }

    private void Damaged(string code, string message, int at)
    {
        Unsound();
        _damage.Note(code, message, _chunkOffset + at, losesContent: true);
    }

    /// <summary>Numbers that are missing in this chunk may have been in what cannot be read.</summary>
    private void Unsound()
    {
        _isSound = false;
        _sequence.Break();
    }

    private int NextSignature(int from)
    {
        ReadOnlySpan<byte> chunk = _chunk.Bytes;
        int found = from >= chunk.Length ? -1 : chunk[from..].IndexOf(EventRecordHeader.Signature);
        return found < 0 ? chunk.Length : from + found;
    }
}
