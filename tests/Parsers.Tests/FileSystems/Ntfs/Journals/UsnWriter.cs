using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Forensics.Parsers.FileSystems.Ntfs.Journals;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs.Journals;

/// <summary>Writes records of the change journal by hand; each returns where the next one begins.</summary>
internal static class UsnWriter
{
    /// <summary>2026-11-24T03:00:00.1234567Z, which every record says.</summary>
    public static Timestamp SomeTime { get; } = new(1795489200, 123456700);

    public static int V2(byte[] journal, int at, long usn, (ulong Record, ushort Sequence) file, (ulong Record, ushort Sequence) parent, UsnReasons reasons, string name, uint attributes = 0) =>
        Write(journal, at, 2, 0x3C, usn, file, parent, reasons, name, attributes);

    public static int V3(byte[] journal, int at, long usn, (ulong Record, ushort Sequence) file, (ulong Record, ushort Sequence) parent, UsnReasons reasons, string name) =>
        Write(journal, at, 3, 0x4C, usn, file, parent, reasons, name, 0);

    /// <summary>USN_RECORD_V4 with one extent.</summary>
    public static int V4(byte[] journal, int at)
    {
        Span<byte> record = journal.AsSpan(at, 0x50);
        BinaryPrimitives.WriteInt32LittleEndian(record, 0x50);
        BinaryPrimitives.WriteUInt16LittleEndian(record[4..], 4);
        BinaryPrimitives.WriteUInt16LittleEndian(record[0x3C..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(record[0x3E..], 16);
        return at + 0x50;
    }

    private static int Write(byte[] journal, int at, ushort version, int size, long usn, (ulong Record, ushort Sequence) file, (ulong Record, ushort Sequence) parent, UsnReasons reasons, string name, uint attributes)
    {
        ReadOnlySpan<byte> units = MemoryMarshal.AsBytes(name.AsSpan());
        int length = (size + units.Length + 7) & ~7;
        Span<byte> record = journal.AsSpan(at, length);
        int wide = version == 3 ? 8 : 0;
        BinaryPrimitives.WriteInt32LittleEndian(record, length);
        BinaryPrimitives.WriteUInt16LittleEndian(record[4..], version);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], file.Record | ((ulong)file.Sequence << 48));
        BinaryPrimitives.WriteUInt64LittleEndian(record[(0x10 + wide)..], parent.Record | ((ulong)parent.Sequence << 48));
        Span<byte> rest = record[(0x18 + (2 * wide))..];
        BinaryPrimitives.WriteInt64LittleEndian(rest, usn);
        BinaryPrimitives.WriteInt64LittleEndian(rest[0x08..], ((SomeTime.Seconds + 11_644_473_600) * 10_000_000) + (SomeTime.Nanoseconds / 100));
        BinaryPrimitives.WriteUInt32LittleEndian(rest[0x10..], (uint)reasons);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[0x1C..], attributes);
        BinaryPrimitives.WriteUInt16LittleEndian(rest[0x20..], (ushort)units.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(rest[0x22..], (ushort)size);
        units.CopyTo(record[size..]);
        return at + length;
    }
}
