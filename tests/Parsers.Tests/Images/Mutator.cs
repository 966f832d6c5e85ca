using System.Buffers.Binary;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Seeded damage to chosen ranges: random bytes, flipped bits, and the numbers that break parsers.</summary>
internal static class Mutator
{
    private static readonly ulong[] s_nasty =
    [
        0, 1, 2, 0x7F, 0x80, 0xFF, 0x1FF, 0x200, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000,
        0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF, 0x00FF_FFFF_FFFF_FE00, 0x4000_0000_0000_0000,
    ];

    public static void Mutate(Random random, byte[] data, Range[] places)
    {
        int times = random.Next(1, 5);
        Span<byte> number = stackalloc byte[8];
        for (int i = 0; i < times; i++)
        {
            Span<byte> place = data.AsSpan(places[random.Next(places.Length)]);
            int at = random.Next(place.Length);
            switch (random.Next(4))
            {
                case 0:
                    place[at] = (byte)random.Next(256);
                    break;
                case 1:
                    place[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    ulong value = s_nasty[random.Next(s_nasty.Length)];
                    int size = 1 << random.Next(4);
                    at &= ~(size - 1);
                    size = Math.Min(size, place.Length - at);
                    BinaryPrimitives.WriteUInt64BigEndian(number, value);
                    ReadOnlySpan<byte> low = number[(8 - size)..];
                    if (random.Next(2) == 0)
                    {
                        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
                        low = number[..size];
                    }
                    low.CopyTo(place[at..]);
                    break;
            }
        }
    }
}
