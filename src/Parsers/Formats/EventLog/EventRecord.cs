using System.Globalization;

namespace Forensics.Parsers.Formats.EventLog;

/// <summary>
/// One event of an event log. The reader fills the same object again for each record: what is taken out of it are texts and numbers, made when they are asked for.
/// Source: the event schema of Windows, and the description of the format in libevtx.
/// </summary>
/// <remarks>Limitations: texts are cut at 65,536 characters; ANSI strings are read as Latin-1; messages, which Windows puts together from files of the provider, are not made.</remarks>
public sealed class EventRecord
{
    private readonly EventLogChunk _chunk;
    private readonly BinXmlPiece[] _system = new BinXmlPiece[(int)SystemProperty.Count];
    private readonly List<EventField> _fields = [];
    private readonly List<BinXmlPiece> _pieces = [];

    internal EventRecord(EventLogChunk chunk) => _chunk = chunk;

    /// <summary>Number of the record as its header has it.</summary>
    public long RecordId { get; internal set; }
    /// <summary>When it was written, as its header has it.</summary>
    public Timestamp Written { get; internal set; }
    /// <summary>Byte offset of the record in the file.</summary>
    public long Offset { get; internal set; }
    /// <summary>Found in the free space of a chunk or in a chunk that is not in use: deleted, or overwritten in part.</summary>
    public bool IsCarved { get; internal set; }
    /// <summary>Not all of its content could be read.</summary>
    public bool IsDamaged { get; internal set; }

    /// <summary>Name of the provider; empty when it is not known.</summary>
    public string Provider => SystemText(SystemProperty.ProviderName) ?? "";
    /// <summary>GUID of the provider in braces.</summary>
    public string? ProviderGuid => SystemText(SystemProperty.ProviderGuid);
    /// <summary>Name under which old programs write.</summary>
    public string? EventSourceName => SystemText(SystemProperty.EventSourceName);
    /// <summary>What happened, a number of the provider; -1 when it could not be read.</summary>
    public int EventId => (int)Math.Clamp(SystemNumber(SystemProperty.EventId) ?? -1, -1, int.MaxValue);
    /// <summary>High half of the message number of old programs.</summary>
    public long? Qualifiers => SystemNumber(SystemProperty.Qualifiers);
    /// <summary>Version of the event's layout.</summary>
    public long? Version => SystemNumber(SystemProperty.Version);
    /// <summary>1 critical, 2 error, 3 warning, 4 information, 5 verbose, 0 always.</summary>
    public long? Level => SystemNumber(SystemProperty.Level);
    /// <summary>Category.</summary>
    public long? Task => SystemNumber(SystemProperty.Task);
    /// <summary>Step within the task.</summary>
    public long? Opcode => SystemNumber(SystemProperty.Opcode);
    /// <summary>Bits of the provider and of Windows (audit success and failure); all 64 are used, so it may be negative.</summary>
    public long? Keywords => SystemNumber(SystemProperty.Keywords);
    /// <summary>When it happened.</summary>
    public Timestamp? TimeCreated => SystemPiece(SystemProperty.TimeCreated) is { Type: BinXmlType.FileTime, Length: 8 } piece
        ? Timestamp.FromFileTime(unchecked((ulong)NumberOf(piece)!.Value)) : EventText.Time(SystemText(SystemProperty.TimeCreated));
    /// <summary>Number of the record as its content has it.</summary>
    public long? EventRecordId => SystemNumber(SystemProperty.EventRecordId);
    /// <summary>What belongs together, a GUID in braces.</summary>
    public string? ActivityId => SystemText(SystemProperty.ActivityId);
    /// <summary>The activity that this one came of.</summary>
    public string? RelatedActivityId => SystemText(SystemProperty.RelatedActivityId);
    /// <summary>Process that wrote it.</summary>
    public long? ProcessId => SystemNumber(SystemProperty.ProcessId);
    /// <summary>Thread that wrote it.</summary>
    public long? ThreadId => SystemNumber(SystemProperty.ThreadId);
    /// <summary>Log it was written to.</summary>
    public string? Channel => SystemText(SystemProperty.Channel);
    /// <summary>Host it happened on.</summary>
    public string? Computer => SystemText(SystemProperty.Computer);
    /// <summary>Account that wrote it, as a security identifier.</summary>
    public string? UserSid => SystemText(SystemProperty.UserId);

    /// <summary>Name of what holds the data: the element below UserData, or the Name of EventData; null when it has none.</summary>
    public string? DataName { get; internal set; }
    /// <summary>How many data there are. Empty when the reader's filter did not want the event.</summary>
    public int FieldCount => _fields.Count;

    /// <summary>Name of a datum; empty for one without a name. Those of nested elements are joined by <c>/</c>, attributes follow <c>@</c>.</summary>
    public string FieldName(int index) => _fields[index].Name;

    /// <summary>Value of a datum as text; empty when there is none.</summary>
    public string FieldText(int index)
    {
        EventField field = _fields[index];
        return field.Count switch
        {
            0 => "",
            1 => TextOf(_pieces[field.First]),
            _ => string.Concat(_pieces.GetRange(field.First, field.Count).Select(TextOf)),
        };
    }

    /// <summary>Value of the first datum of that name as text; null when there is none or it is empty.</summary>
    public string? Text(string name)
    {
        int index = IndexOf(name);
        return index < 0 || FieldText(index) is not { Length: > 0 } text ? null : text;
    }

    /// <summary>Value of the first datum of that name as a number, also when it is one written out in decimal or <c>0x</c> hexadecimal.</summary>
    public long? Number(string name)
    {
        int index = IndexOf(name);
        return index < 0 || _fields[index] is not { Count: 1 } field ? null : NumberOf(_pieces[field.First]);
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < _fields.Count; i++)
        {
            if (_fields[i].Name == name)
            {
                return i;
            }
        }
        return -1;
    }

    internal void Clear()
    {
        Array.Clear(_system);
        ClearFields();
        IsDamaged = false;
        IsCarved = false;
    }

    internal void ClearFields()
    {
        _fields.Clear();
        _pieces.Clear();
        DataName = null;
    }

    internal void SetSystem(SystemProperty property, in BinXmlPiece piece) => _system[(int)property] = piece;

    internal bool HasSystem(SystemProperty property) => !_system[(int)property].IsNull;

    internal void AddField(string name, ReadOnlySpan<BinXmlPiece> pieces)
    {
        if (pieces is [{ Text: null, Length: > 0 } piece] && (piece.Type & BinXmlType.Array) != 0)
        {
            AddArray(name, piece);
            return;
        }
        _fields.Add(new EventField(name, _pieces.Count, pieces.Length));
        _pieces.AddRange(pieces);
    }

    internal string TextOf(BinXmlPiece piece)
    {
        if (piece.Text is not null || piece.IsNull)
        {
            return piece.Text ?? "";
        }
        ReadOnlySpan<byte> bytes = _chunk.Bytes.Slice(piece.Offset, piece.Length);
        return piece.Type == BinXmlType.UnicodeString && piece.Length <= 128 && bytes.Length % 2 == 0 && bytes is not [.., 0, 0] ? _chunk.Pool.Get(bytes) : BinXmlText.Of(piece.Type, bytes);
    }

    private long? NumberOf(BinXmlPiece piece)
    {
        if (piece.Text is null && BinXmlText.TryInteger(piece.Type, _chunk.Bytes.Slice(piece.Offset, piece.Length), out long value))
        {
            return value;
        }
        return EventText.Number(TextOf(piece));
    }

    /// <summary>Windows writes the element once for each value of an array.</summary>
    private void AddArray(string name, BinXmlPiece piece)
    {
        BinXmlType type = piece.Type & ~BinXmlType.Array;
        ReadOnlySpan<byte> bytes = _chunk.Bytes.Slice(piece.Offset, piece.Length);
        int size = BinXmlText.SizeOf(type);
        for (int at = 0; at < bytes.Length && _chunk.Spend(1);)
        {
            int length = size > 0 ? Math.Min(size, bytes.Length - at) : LengthOfOne(type, bytes[at..]);
            _fields.Add(new EventField(name, _pieces.Count, 1));
            _pieces.Add(new BinXmlPiece(null, type, piece.Offset + at, length));
            at += length + (size > 0 ? 0 : type == BinXmlType.UnicodeString ? 2 : type == BinXmlType.AnsiString ? 1 : 0);
        }
    }

    private static int LengthOfOne(BinXmlType type, ReadOnlySpan<byte> bytes)
    {
        switch (type)
        {
            case BinXmlType.UnicodeString:
                for (int i = 0; i + 1 < bytes.Length; i += 2)
                {
                    if (bytes[i] == 0 && bytes[i + 1] == 0)
                    {
                        return i;
                    }
                }
                return bytes.Length;
            case BinXmlType.AnsiString:
                int zero = bytes.IndexOf((byte)0);
                return zero < 0 ? bytes.Length : zero;
            case BinXmlType.Sid when bytes.Length >= 8:
                return Math.Min(bytes.Length, 8 + bytes[1] * 4);
            default:
                return bytes.Length;
        }
    }

    private BinXmlPiece SystemPiece(SystemProperty property) => _system[(int)property];

    private string? SystemText(SystemProperty property) => _system[(int)property] is { IsNull: false } piece ? TextOf(piece) : null;

    private long? SystemNumber(SystemProperty property) => _system[(int)property] is { IsNull: false } piece ? NumberOf(piece) : null;

    private readonly record struct EventField(string Name, int First, int Count);
}

/// <summary>Numbers and times that stand in an event as text.</summary>
internal static class EventText
{
    /// <summary>Decimal, or hexadecimal after <c>0x</c>; null for anything else.</summary>
    public static long? Number(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits) ? unchecked((long)bits) : null;
        }
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
    }

    /// <summary>ISO 8601 in UTC; null for anything else.</summary>
    public static Timestamp? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? Timestamp.From(time) : null;
}
