using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.SystemdJournal;

/// <summary>Reads the entries of a journal file one after the other. For one thread; what it shows is valid until the next <see cref="Read"/>.</summary>
public sealed class JournalReader : IDisposable
{
    private const int MostItems = 1024;
    private const int MostRemembered = 1 << 16;
    private const int LongestRemembered = 256;
    private const int NotWanted = -1;

    private readonly JournalFile _file;
    private readonly byte[][] _names;
    private readonly byte[]?[] _values;
    private readonly JournalEntryChain _chain;
    private readonly JournalPayload _payload;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<long, Remembered> _remembered = [];
    private readonly byte[] _entry = new byte[JournalEntryView.ItemsOffset + 16 * MostItems];
    private long _badEntries;
    private long _firstBadEntry;
    private bool _ended;

    internal JournalReader(JournalFile file, IReadOnlyList<string> fields, int longestValue, CancellationToken cancellation)
    {
        _file = file;
        _names = [.. fields.Select(Encoding.ASCII.GetBytes)];
        _values = new byte[]?[_names.Length];
        _chain = new JournalEntryChain(file, cancellation);
        _payload = new JournalPayload(file, longestValue);
        _cancellation = cancellation;
    }

    /// <summary>Number of the entry, growing within the files of one writer.</summary>
    public ulong SequenceNumber { get; private set; }

    /// <summary>Microseconds since 1970.</summary>
    public ulong Realtime { get; private set; }

    /// <summary>Microseconds since the boot.</summary>
    public ulong Monotonic { get; private set; }

    /// <summary>Identity of the boot.</summary>
    public UInt128 BootId { get; private set; }

    /// <summary>Byte offset of the entry in the file.</summary>
    public long Offset { get; private set; }

    /// <summary>Value of a field by its place in the list of names; empty when the entry has none. The first of several.</summary>
    public ReadOnlySpan<byte> Value(int field) => _values[field];

    /// <summary>Whether the entry has the field, even an empty one.</summary>
    public bool Has(int field) => _values[field] is not null;

    /// <summary>Goes to the next entry that can be read; false at the end.</summary>
    public bool Read()
    {
        while (!_ended)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (!_chain.Next(out long offset))
            {
                _ended = true;
                ReportBad();
                break;
            }
            if (ReadEntry(offset))
            {
                return true;
            }
            _chain.Broken(offset);
        }
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _payload.Dispose();

    private bool ReadEntry(long offset)
    {
        if (!_file.TryObject(offset, _entry, out JournalObjectType type, out long size) || type != JournalObjectType.Entry)
        {
            return false;
        }
        int length = _file.Bytes.ReadUpTo(offset, _entry.AsSpan(0, (int)Math.Min(size, _entry.Length)));
        if (length < JournalEntryView.ItemsOffset)
        {
            return false;
        }
        var view = new JournalEntryView(_entry.AsSpan(0, length));
        SequenceNumber = view.SequenceNumber;
        Realtime = view.Realtime;
        Monotonic = view.Monotonic;
        BootId = view.BootId;
        Offset = offset;
        Array.Clear(_values);
        bool isCompact = _file.IsCompact;
        int items = Math.Min(MostItems, (length - JournalEntryView.ItemsOffset) / (isCompact ? 4 : 16));
        bool isWhole = size <= _entry.Length;
        for (int i = 0; i < items; i++)
        {
            isWhole &= Take(view.DataOffset(i, isCompact));
        }
        if (!isWhole)
        {
            _firstBadEntry = _badEntries == 0 ? offset : _firstBadEntry;
            _badEntries++;
        }
        return true;
    }

    /// <summary>Takes the data at an offset; false when they cannot be read.</summary>
    private bool Take(long offset)
    {
        if (!_remembered.TryGetValue(offset, out Remembered found))
        {
            if (!_payload.TryRead(offset, _names, out int field, out byte[]? value))
            {
                return false;
            }
            found = new Remembered(field, value);
            if (value is null || value.Length <= LongestRemembered)
            {
                if (_remembered.Count >= MostRemembered)
                {
                    _remembered.Clear();
                }
                _remembered.Add(offset, found);
            }
        }
        if (found.Field != NotWanted)
        {
            _values[found.Field] ??= found.Value;
        }
        return true;
    }

    private void ReportBad()
    {
        if (_badEntries > 0)
        {
            _file.Diagnostics.Report(new Diagnostic("journal.data", "entries of the journal name data that cannot be read; they are shown without them")
            {
                Offset = _firstBadEntry, Actual = _badEntries.ToString(CultureInfo.InvariantCulture), LosesContent = true,
            });
        }
        _payload.Report();
    }

    private readonly record struct Remembered(int Field, byte[]? Value);
}
