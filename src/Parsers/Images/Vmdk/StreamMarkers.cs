using System.Buffers.Binary;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>
/// Finds the grains of a stream-optimized extent by the markers before them, from one to the next: for a stream that was cut before its grain directory. One small read a
/// grain, so a second or two for a million of them.
/// </summary>
internal static class StreamMarkers
{
    private const int MarkerSize = 16;
    private const uint EndOfStream = 0;
    private const uint Footer = 3;
    /// <summary>Most grains that are remembered: 512 GiB of the usual size.</summary>
    private const int MaxGrains = 8 << 20;

    /// <summary>File offsets of the markers of grains by the number of the grain.</summary>
    /// <param name="file">The file of the extent.</param>
    /// <param name="start">Where the first marker is.</param>
    /// <param name="grainSectors">Sectors of a grain.</param>
    /// <param name="capacitySectors">Sectors of the extent.</param>
    public static Dictionary<long, long> FindGrains(IByteSource file, long start, ulong grainSectors, ulong capacitySectors)
    {
        var grains = new Dictionary<long, long>();
        var blocks = new BlockCache(file, 4096, 16);
        Span<byte> marker = stackalloc byte[MarkerSize];
        // Every step moves on by at least a sector.
        for (long offset = start; grains.Count < MaxGrains && offset <= file.Length - MarkerSize && blocks.ReadUpTo(offset, marker) == MarkerSize;)
        {
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(marker);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(marker[8..]);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(marker[12..]);
            if (size == 0)
            {
                // A table, a directory or a footer of so many sectors follows.
                if (type is EndOfStream or > Footer || value > (ulong)file.Length / 512)
                {
                    break;
                }
                offset += 512 + (long)value * 512;
                continue;
            }
            if (value >= capacitySectors || value % grainSectors != 0 || size > grainSectors * 512 * 2 + 4096)
            {
                break;
            }
            grains[(long)(value / grainSectors)] = offset;
            offset = (offset + 12 + size + 511) & ~511L;
        }
        return grains;
    }
}
