using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>A record of the master file table after its update sequence was put back (FILE_RECORD_SEGMENT_HEADER). Reading it never throws.</summary>
/// <param name="record">The whole record, at least 512 bytes.</param>
internal readonly ref struct FileRecordView(ReadOnlySpan<byte> record)
{
    private const int HeaderSize = 0x2A;
    private readonly ReadOnlySpan<byte> _record = record;

    /// <summary>Bits of a reference that are the record number; the others are the sequence number.</summary>
    public const ulong NumberMask = (1UL << 48) - 1;

    /// <summary>It begins with <c>FILE</c>.</summary>
    public bool IsFile => _record.Length >= HeaderSize && _record.StartsWith("FILE"u8);

    /// <summary>The system met a torn write in it and wrote <c>BAAD</c>.</summary>
    public bool IsBad => _record.Length >= HeaderSize && _record.StartsWith("BAAD"u8);

    public ulong Lsn => BinaryPrimitives.ReadUInt64LittleEndian(_record[0x08..]);

    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16LittleEndian(_record[0x10..]);

    public ushort ReferenceCount => BinaryPrimitives.ReadUInt16LittleEndian(_record[0x12..]);

    public ushort FirstAttributeOffset => BinaryPrimitives.ReadUInt16LittleEndian(_record[0x14..]);

    public ushort Flags => BinaryPrimitives.ReadUInt16LittleEndian(_record[0x16..]);

    public uint FirstFreeByte => BinaryPrimitives.ReadUInt32LittleEndian(_record[0x18..]);

    /// <summary>Reference to the record this one continues; 0 for a base record.</summary>
    public ulong BaseFileRecordSegment => BinaryPrimitives.ReadUInt64LittleEndian(_record[0x20..]);

    /// <summary>FILE_RECORD_SEGMENT_IN_USE.</summary>
    public bool IsInUse => (Flags & 1) != 0;

    /// <summary>FILE_FILE_NAME_INDEX_PRESENT: a directory.</summary>
    public bool IsDirectory => (Flags & 2) != 0;

    /// <summary>The record's own reference: number and sequence number.</summary>
    public ulong ReferenceOf(ulong number) => (number & NumberMask) | ((ulong)SequenceNumber << 48);

    /// <summary>The attributes in stored order.</summary>
    public AttributeEnumerator GetEnumerator() => new(_record, FirstAttributeOffset, FirstFreeByte);
}

/// <summary>Steps through the attribute records of a file record. Ends at the end mark, at the end of what is used, and at a length that cannot be.</summary>
internal ref struct AttributeEnumerator
{
    private const int MinimumLength = 0x18;
    private const uint EndMark = 0xFFFFFFFF;
    private readonly ReadOnlySpan<byte> _record;
    private readonly int _end;
    private int _next;

    public AttributeEnumerator(ReadOnlySpan<byte> record, int first, uint used)
    {
        _record = record;
        // A count of used bytes that cannot be says nothing: the end mark is looked for in the whole record.
        _end = used <= (uint)record.Length && used >= first ? (int)used : record.Length;
        _next = first;
    }

    /// <summary>The attribute records did not end as they should.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The attribute.</summary>
    public AttributeView Current { get; private set; }

    /// <summary>The next attribute whose fields lie inside it; others are passed over and <see cref="IsDamaged"/> is set.</summary>
    public bool MoveNext()
    {
        while (true)
        {
            if (_next < 0x28 || _next > _end - 4)
            {
                IsDamaged = true;
                return false;
            }
            if (BinaryPrimitives.ReadUInt32LittleEndian(_record[_next..]) == EndMark)
            {
                return false;
            }
            uint length = _next > _end - MinimumLength ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(_record[(_next + 4)..]);
            if (length < MinimumLength || length > (uint)(_end - _next))
            {
                IsDamaged = true;
                return false;
            }
            Current = new AttributeView(_record.Slice(_next, (int)length), _next);
            _next += (int)length;
            if (Current.IsSound)
            {
                return true;
            }
            IsDamaged = true;
        }
    }
}
