using System.Buffers;
using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>
/// Names of NTFS are any 16-bit units but zero and slash. As bytes they are WTF-8: UTF-8 in which a surrogate that has no partner is its three bytes, so that two different names never become
/// the same bytes. See https://simonsapin.github.io/wtf-8/.
/// </summary>
internal static class Wtf8
{
    /// <summary>Most bytes one 16-bit unit becomes.</summary>
    public const int MostPerUnit = 3;

    /// <summary>The bytes of a name.</summary>
    public static byte[] FromUtf16(ReadOnlySpan<byte> utf16)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(utf16.Length / 2 * MostPerUnit);
        try
        {
            return rented.AsSpan(0, FromUtf16(utf16, rented)).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Writes the bytes of a name; returns how many. The destination holds three for each unit.</summary>
    public static int FromUtf16(ReadOnlySpan<byte> utf16, Span<byte> destination)
    {
        int length = 0;
        for (int i = 0; i + 1 < utf16.Length; i += 2)
        {
            uint unit = BinaryPrimitives.ReadUInt16LittleEndian(utf16[i..]);
            if (unit < 0x80)
            {
                destination[length++] = (byte)unit;
                continue;
            }
            if (unit < 0x800)
            {
                destination[length++] = (byte)(0xC0 | unit >> 6);
                destination[length++] = (byte)(0x80 | unit & 0x3F);
                continue;
            }
            if (unit is >= 0xD800 and < 0xDC00 && i + 3 < utf16.Length && BinaryPrimitives.ReadUInt16LittleEndian(utf16[(i + 2)..]) is >= 0xDC00 and < 0xE000 and ushort low)
            {
                uint scalar = 0x10000 + (unit - 0xD800 << 10) + (low - 0xDC00U);
                destination[length++] = (byte)(0xF0 | scalar >> 18);
                destination[length++] = (byte)(0x80 | scalar >> 12 & 0x3F);
                destination[length++] = (byte)(0x80 | scalar >> 6 & 0x3F);
                destination[length++] = (byte)(0x80 | scalar & 0x3F);
                i += 2;
                continue;
            }
            destination[length++] = (byte)(0xE0 | unit >> 12);
            destination[length++] = (byte)(0x80 | unit >> 6 & 0x3F);
            destination[length++] = (byte)(0x80 | unit & 0x3F);
        }
        return length;
    }
}
