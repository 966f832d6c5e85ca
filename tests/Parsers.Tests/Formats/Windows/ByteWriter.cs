using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Little-endian structures for tests, in order or by offset.</summary>
internal sealed class ByteWriter
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public ByteWriter U8(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    public ByteWriter U16(int value) => Raw(BitConverter.GetBytes((ushort)value));

    public ByteWriter U32(uint value) => Raw(BitConverter.GetBytes(value));

    public ByteWriter U64(ulong value) => Raw(BitConverter.GetBytes(value));

    public ByteWriter Raw(params ReadOnlySpan<byte> value)
    {
        _bytes.AddRange(value);
        return this;
    }

    public ByteWriter Zeros(int count) => Raw(new byte[count]);

    public ByteWriter To(int offset) => Zeros(offset - _bytes.Count);

    public ByteWriter Utf16(string text) => Raw(Encoding.Unicode.GetBytes(text));

    public ByteWriter Utf16(string text, int size) => Raw(Encoding.Unicode.GetBytes(text)).Zeros(size - text.Length * 2);

    public ByteWriter Ansi(string text, int size) => Raw(Encoding.Latin1.GetBytes(text)).Zeros(size - text.Length);

    public ByteWriter AnsiZ(string text) => Raw(Encoding.Latin1.GetBytes(text)).U8(0);

    public ByteWriter Patch32(int offset, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes)[offset..], value);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];

    /// <summary>A FILETIME.</summary>
    public static ulong Ticks(int year, int month, int day, int hour = 0, int minute = 0) => (ulong)new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).ToFileTimeUtc();
}
