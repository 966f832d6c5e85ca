using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Packages.Rpm;

/// <summary>
/// One rpm header as it is kept in the database: count of index entries, length of the data, entries of tag, type, offset and count, data. Big endian. Where a tag occurs in the
/// immutable region and again behind it (what was noted at installation), the later one counts. Views into the bytes; nothing is copied until asked.
/// Specification: rpm's "Header" and "Tags" format pages.
/// </summary>
/// <remarks>Limitations: signatures and the digest of the immutable region are not verified.</remarks>
internal sealed class RpmHeader
{
    private const int EntrySize = 16;
    private const int IntroSize = 8;
    private const int MaxEntries = 0xFFFF;

    private readonly ReadOnlyMemory<byte> _data;
    private readonly Dictionary<int, Entry> _entries = [];

    private RpmHeader(ReadOnlyMemory<byte> data)
    {
        _data = data;
    }

    /// <summary>Entries that were left out because type, offset or count make no sense.</summary>
    public int BadEntries { get; private set; }

    /// <summary>Whether the header has the immutable region that rpm 4 and later make.</summary>
    public bool HasRegion { get; private set; }

    /// <summary>Parses a header. Throws <see cref="CorruptDataException"/> when its lengths make no sense.</summary>
    public static RpmHeader Parse(ReadOnlyMemory<byte> blob)
    {
        ReadOnlySpan<byte> bytes = blob.Span;
        // Signed packages keep the magic number of a file's header in front; databases do not.
        if (bytes.Length >= 16 && BinaryPrimitives.ReadUInt32BigEndian(bytes) == 0x8EADE801)
        {
            blob = blob[8..];
            bytes = blob.Span;
        }
        if (bytes.Length < IntroSize)
        {
            throw new CorruptDataException("rpm.header", 0, IntroSize + " bytes", bytes.Length + " bytes");
        }
        uint count = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        if (count is 0 or > MaxEntries || IntroSize + (long)count * EntrySize > bytes.Length)
        {
            throw new CorruptDataException("rpm.header.index", 0, "1 to 65535 entries that fit", count + " entries in " + bytes.Length + " bytes");
        }
        int start = IntroSize + (int)count * EntrySize;
        var header = new RpmHeader(blob.Slice(start, (int)Math.Min(length, (uint)(bytes.Length - start))));
        for (int i = 0; i < count; i++)
        {
            header.Add(bytes.Slice(IntroSize + i * EntrySize, EntrySize));
        }
        return header;
    }

    /// <summary>Whether the tag is there.</summary>
    public bool Has(RpmTag tag) => _entries.ContainsKey((int)tag);

    /// <summary>How many values the tag has; 0 when it is not there.</summary>
    public int Count(RpmTag tag) => _entries.TryGetValue((int)tag, out Entry entry) ? entry.Count : 0;

    /// <summary>The first string of a tag; empty when it has none.</summary>
    public ReadOnlySpan<byte> String(RpmTag tag)
    {
        RpmStrings strings = Strings(tag);
        return strings.Next(out ReadOnlySpan<byte> value) ? value : default;
    }

    /// <summary>All strings of a tag, one after the other.</summary>
    public RpmStrings Strings(RpmTag tag) =>
        _entries.TryGetValue((int)tag, out Entry entry) && entry.Type is 6 or 8 or 9 ? new RpmStrings(_data.Span[entry.Offset..], entry.Count) : default;

    /// <summary>An integer of any width; null when there is no such value.</summary>
    public long? Integer(RpmTag tag, int index = 0)
    {
        if (!_entries.TryGetValue((int)tag, out Entry entry) || index >= entry.Count)
        {
            return null;
        }
        ReadOnlySpan<byte> at = _data.Span[entry.Offset..];
        return entry.Type switch
        {
            1 or 2 => at[index],
            3 => BinaryPrimitives.ReadUInt16BigEndian(at[(index * 2)..]),
            4 => BinaryPrimitives.ReadUInt32BigEndian(at[(index * 4)..]),
            5 => unchecked((long)BinaryPrimitives.ReadUInt64BigEndian(at[(index * 8)..])),
            _ => null,
        };
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        int tag = BinaryPrimitives.ReadInt32BigEndian(bytes);
        uint type = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        int offset = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        uint count = BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]);
        if (tag == (int)RpmTag.HeaderImmutable)
        {
            HasRegion = true;
            return;
        }
        int size = type switch
        {
            1 or 2 or 7 => 1,
            3 => 2,
            4 => 4,
            5 => 8,
            6 or 8 or 9 => 1,
            _ => 0,
        };
        // A string takes at least its end mark, so that the test holds for strings too.
        if (size == 0 || offset < 0 || offset > _data.Length || count == 0 || count * (long)size > _data.Length - offset)
        {
            BadEntries++;
            return;
        }
        _entries[tag] = new Entry(type, offset, type == 6 ? 1 : (int)count);
    }

    private readonly record struct Entry(uint Type, int Offset, int Count);
}

/// <summary>Strings that lie one after the other, each ended by NUL.</summary>
internal ref struct RpmStrings
{
    private ReadOnlySpan<byte> _rest;
    private int _left;

    public RpmStrings(ReadOnlySpan<byte> bytes, int count)
    {
        _rest = bytes;
        _left = count;
    }

    /// <summary>All bytes from the next one on.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Takes the next one; false when no whole one is left.</summary>
    public bool Next(out ReadOnlySpan<byte> value)
    {
        int end = _left > 0 ? _rest.IndexOf((byte)0) : -1;
        if (end < 0)
        {
            value = default;
            return false;
        }
        value = _rest[..end];
        _rest = _rest[(end + 1)..];
        _left--;
        return true;
    }
}
