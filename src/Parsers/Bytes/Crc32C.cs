using System.Buffers.Binary;
using System.Numerics;

namespace Forensics.Parsers.Bytes;

/// <summary>CRC-32C (Castagnoli): reflected polynomial 0x82F63B78, all ones before and after. Uses the processor's instruction where there is one.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of the bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Continues a checksum over more bytes.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes) => ~Continue(~crc, bytes);

    /// <summary>Continues the bare register, inverted at neither end, for formats that chain it with seeds of their own.</summary>
    public static uint Continue(uint state, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }
        foreach (byte value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }
        return state;
    }

    /// <summary>The checksum of the bytes with the four at <paramref name="offset"/>, where it is stored itself, taken as zeros.</summary>
    public static uint ComputeWithout(ReadOnlySpan<byte> bytes, int offset) =>
        Append(Append(Append(0, bytes[..offset]), (ReadOnlySpan<byte>)[0, 0, 0, 0]), bytes[(offset + 4)..]);
}
