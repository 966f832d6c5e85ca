using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Forensics.Parsers.Formats.EventLog;

/// <summary>Values of binary XML as text, in the form of the XML that Windows makes of them. A value whose size does not fit its type is shown in hexadecimal.</summary>
internal static class BinXmlText
{
    /// <summary>Longest text of a value in characters.</summary>
    public const int LongestText = 1 << 16;

    /// <summary>Text of a value that is no array.</summary>
    public static string Of(BinXmlType type, ReadOnlySpan<byte> bytes) => type switch
    {
        BinXmlType.Null => "",
        BinXmlType.UnicodeString or BinXmlType.EvtXml => Utf16(bytes),
        BinXmlType.AnsiString => Encoding.Latin1.GetString(UpToZero(bytes[..Math.Min(bytes.Length, LongestText)])),
        BinXmlType.Boolean when bytes.Length is 1 or 4 => bytes.IndexOfAnyExcept((byte)0) < 0 ? "false" : "true",
        BinXmlType.Real32 when bytes.Length == 4 => BinaryPrimitives.ReadSingleLittleEndian(bytes).ToString("R", CultureInfo.InvariantCulture),
        BinXmlType.Real64 when bytes.Length == 8 => BinaryPrimitives.ReadDoubleLittleEndian(bytes).ToString("R", CultureInfo.InvariantCulture),
        BinXmlType.Guid when bytes.Length == 16 => new Guid(bytes).ToString("B"),
        BinXmlType.SizeT or BinXmlType.HexInt32 or BinXmlType.HexInt64 or BinXmlType.EvtHandle when bytes.Length is 4 or 8 =>
            "0x" + Unsigned(bytes).ToString("x", CultureInfo.InvariantCulture),
        BinXmlType.FileTime when bytes.Length == 8 => Timestamp.FromFileTime(BinaryPrimitives.ReadUInt64LittleEndian(bytes)).ToString(),
        BinXmlType.SystemTime when bytes.Length == 16 => SystemTime(bytes),
        BinXmlType.Sid => SecurityIdentifier.Text(bytes) ?? Hexadecimal(bytes),
        BinXmlType.Int8 or BinXmlType.Int16 or BinXmlType.Int32 or BinXmlType.Int64 when TryInteger(type, bytes, out long value) => value.ToString(CultureInfo.InvariantCulture),
        BinXmlType.UInt8 or BinXmlType.UInt16 or BinXmlType.UInt32 or BinXmlType.UInt64 when bytes.Length is 1 or 2 or 4 or 8 => Unsigned(bytes).ToString(CultureInfo.InvariantCulture),
        _ => Hexadecimal(bytes),
    };

    /// <summary>An integer of any kind; unsigned 64-bit ones beyond the signed range keep their bits.</summary>
    public static bool TryInteger(BinXmlType type, ReadOnlySpan<byte> bytes, out long value)
    {
        bool isSigned = type is BinXmlType.Int8 or BinXmlType.Int16 or BinXmlType.Int32 or BinXmlType.Int64;
        if (!isSigned && type is not (BinXmlType.UInt8 or BinXmlType.UInt16 or BinXmlType.UInt32 or BinXmlType.UInt64 or BinXmlType.SizeT or BinXmlType.HexInt32 or BinXmlType.HexInt64
            or BinXmlType.FileTime or BinXmlType.Boolean or BinXmlType.EvtHandle) || bytes.Length is not (1 or 2 or 4 or 8))
        {
            value = 0;
            return false;
        }
        value = !isSigned ? unchecked((long)Unsigned(bytes)) : bytes.Length switch
        {
            1 => unchecked((sbyte)bytes[0]),
            2 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            4 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        };
        return true;
    }

    /// <summary>Size of one value in an array of this type; 0 when they have no fixed size.</summary>
    public static int SizeOf(BinXmlType type) => type switch
    {
        BinXmlType.Int8 or BinXmlType.UInt8 => 1,
        BinXmlType.Int16 or BinXmlType.UInt16 => 2,
        BinXmlType.Int32 or BinXmlType.UInt32 or BinXmlType.Real32 or BinXmlType.Boolean or BinXmlType.HexInt32 => 4,
        BinXmlType.Int64 or BinXmlType.UInt64 or BinXmlType.Real64 or BinXmlType.FileTime or BinXmlType.HexInt64 or BinXmlType.SizeT => 8,
        BinXmlType.Guid or BinXmlType.SystemTime => 16,
        _ => 0,
    };

    /// <summary>UTF-16LE without the zeros that end it.</summary>
    public static string Utf16(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> text = bytes[..Math.Min(bytes.Length & ~1, LongestText * 2)];
        while (text is [.., 0, 0])
        {
            text = text[..^2];
        }
        return Encoding.Unicode.GetString(text);
    }

    private static ulong Unsigned(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        1 => bytes[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };

    private static string SystemTime(ReadOnlySpan<byte> bytes)
    {
        ushort At(int index, ReadOnlySpan<byte> fields) => BinaryPrimitives.ReadUInt16LittleEndian(fields[(index * 2)..]);
        return string.Create(CultureInfo.InvariantCulture,
            $"{At(0, bytes):D4}-{At(1, bytes):D2}-{At(3, bytes):D2}T{At(4, bytes):D2}:{At(5, bytes):D2}:{At(6, bytes):D2}.{At(7, bytes):D3}Z");
    }

    private static ReadOnlySpan<byte> UpToZero(ReadOnlySpan<byte> bytes)
    {
        int zero = bytes.IndexOf((byte)0);
        return zero < 0 ? bytes : bytes[..zero];
    }

    private static string Hexadecimal(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes[..Math.Min(bytes.Length, LongestText / 2)]);
}
