namespace Forensics.Parsers.Tests.Images;

/// <summary>Deterministic disk contents with what containers treat apart: zeros, text that compresses, noise that does not, short stretches of each.</summary>
internal static class TestDisk
{
    public static byte[] Mixed(int size, int seed)
    {
        var random = new Random(seed);
        var disk = new byte[size];
        int position = 0;
        while (position < size)
        {
            int length = Math.Min(size - position, random.Next(4) switch { 0 => random.Next(1, 600), 1 => random.Next(1, 9000), 2 => random.Next(1, 70000), _ => random.Next(1, 400000) });
            Span<byte> part = disk.AsSpan(position, length);
            switch (random.Next(3))
            {
                case 0:
                    random.NextBytes(part);
                    break;
                case 1:
                    for (int i = 0; i < part.Length; i++)
                    {
                        part[i] = (byte)('a' + (i * i + position) / 7 % 17);
                    }
                    break;
                default:
                    break;
            }
            position += length;
        }
        return disk;
    }
}
