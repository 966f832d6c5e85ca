using System.Buffers.Binary;
using System.Numerics;

namespace Forensics.Parsers.Bytes;

/// <summary>Marvin32, the keyed hash that guards entries of registry transaction logs. Specification: US patent 8,555,058.</summary>
/// <remarks>Limitations: it is made against collisions and is no proof against forgery, the key of the registry being public.</remarks>
internal static class Marvin32
{
    /// <summary>The 64-bit hash; the low half is stored first.</summary>
    public static ulong Compute(ReadOnlySpan<byte> data, ulong seed)
    {
        unchecked
        {
            uint low = (uint)seed;
            uint high = (uint)(seed >> 32);
            while (data.Length >= 4)
            {
                low += BinaryPrimitives.ReadUInt32LittleEndian(data);
                Mix(ref low, ref high);
                data = data[4..];
            }
            // The rest is closed by a byte 0x80, as is an empty rest.
            uint rest = 0x80u << (data.Length * 8);
            for (int i = 0; i < data.Length; i++)
            {
                rest |= (uint)data[i] << (i * 8);
            }
            low += rest;
            Mix(ref low, ref high);
            Mix(ref low, ref high);
            return ((ulong)high << 32) | low;
        }
    }

    private static void Mix(ref uint low, ref uint high)
    {
        unchecked
        {
            high ^= low;
            low = BitOperations.RotateLeft(low, 20);
            low += high;
            high = BitOperations.RotateLeft(high, 9);
            high ^= low;
            low = BitOperations.RotateLeft(low, 27);
            low += high;
            high = BitOperations.RotateLeft(high, 19);
        }
    }
}
