using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes;

/// <summary>Little-endian fields of a structure in memory by their offsets, which come from the evidence themselves: nothing outside the structure is ever read.</summary>
/// <param name="bytes">The structure.</param>
/// <param name="structure">Dotted name for errors.</param>
/// <remarks>Numbers that do not lie inside throw <see cref="CorruptDataException"/>; text and slices are cut at the end. Limitations: text in code pages is taken as Latin-1.</remarks>
public readonly ref struct FieldView(ReadOnlySpan<byte> bytes, string structure)
{
    private readonly string _structure = structure;

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>Length in bytes.</summary>
    public int Length => Bytes.Length;

    /// <summary>Whether so many bytes lie inside at an offset.</summary>
    public bool Has(long offset, long count) => offset >= 0 && count >= 0 && offset <= Bytes.Length && count <= Bytes.Length - offset;

    /// <summary>A byte.</summary>
    public byte U8(long offset) => Field(offset, 1)[0];

    /// <summary>Two bytes.</summary>
    public ushort U16(long offset) => BinaryPrimitives.ReadUInt16LittleEndian(Field(offset, sizeof(ushort)));

    /// <summary>Four bytes.</summary>
    public uint U32(long offset) => BinaryPrimitives.ReadUInt32LittleEndian(Field(offset, sizeof(uint)));

    /// <summary>Eight bytes.</summary>
    public ulong U64(long offset) => BinaryPrimitives.ReadUInt64LittleEndian(Field(offset, sizeof(ulong)));

    /// <summary>A GUID in the byte order of Windows.</summary>
    public Guid Guid(long offset) => new(Field(offset, 16));

    /// <summary>A FILETIME; null when it is zero or all ones, which mean none.</summary>
    public Timestamp? FileTime(long offset) => U64(offset) is var ticks and not 0 and not ulong.MaxValue ? Timestamp.FromFileTime(ticks) : null;

    /// <summary>Date and time of FAT, two seconds exact, in local time of the machine; null when it is none.</summary>
    public Timestamp? FatTime(long offset)
    {
        int date = U16(offset);
        int time = U16(offset + 2);
        int year = 1980 + (date >> 9);
        int month = (date >> 5) & 15;
        int day = date & 31;
        int seconds = (time & 31) * 2;
        if (month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || time >> 11 > 23 || ((time >> 5) & 63) > 59 || seconds > 59)
        {
            return null;
        }
        return Timestamp.From(new DateTimeOffset(year, month, day, time >> 11, (time >> 5) & 63, seconds, TimeSpan.Zero));
    }

    /// <summary>A part, cut at the end; empty when it begins behind it.</summary>
    public ReadOnlySpan<byte> Slice(long offset, long count)
    {
        if (offset < 0 || offset >= Bytes.Length || count <= 0)
        {
            return default;
        }
        return Bytes.Slice((int)offset, (int)Math.Min(count, Bytes.Length - offset));
    }

    /// <summary>A part as a structure of its own.</summary>
    public FieldView View(long offset, long count) => new(Slice(offset, count), _structure);

    /// <summary>UTF-16 of so many bytes, up to a zero when there is one.</summary>
    public string Utf16(long offset, long byteCount)
    {
        ReadOnlySpan<byte> text = Slice(offset, byteCount);
        text = text[..(text.Length & ~1)];
        for (int i = 0; i < text.Length; i += 2)
        {
            if (text[i] == 0 && text[i + 1] == 0)
            {
                return Encoding.Unicode.GetString(text[..i]);
            }
        }
        return Encoding.Unicode.GetString(text);
    }

    /// <summary>Bytes of a code page, so many, up to a zero when there is one.</summary>
    public string Ansi(long offset, long byteCount)
    {
        ReadOnlySpan<byte> text = Slice(offset, byteCount);
        int end = text.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? text : text[..end]);
    }

    private ReadOnlySpan<byte> Field(long offset, int count) => Has(offset, count) ? Bytes.Slice((int)offset, count) : throw Outside(offset, count);

    private CorruptDataException Outside(long offset, int count) =>
        new(_structure, offset, string.Create(CultureInfo.InvariantCulture, $"{count} bytes within {Bytes.Length}"), "an offset outside");
}
