using System.Buffers.Binary;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>Volumes of the model that tests share.</summary>
internal static class ShadowCopyVolumes
{
    /// <summary>Random changes between several copies: writes of any size, moves, overlays, descriptors to be ignored, unused blocks, and the oldest copy deleted.</summary>
    public static ShadowCopyModel Random(int seed, int copies = 4, int dataBlocks = 96, int storeBlocks = 700, bool deletesOldest = false)
    {
        var random = new Random(seed);
        byte[] volume = new byte[(dataBlocks + storeBlocks) * ShadowCopyModel.Block];
        random.NextBytes(volume.AsSpan(0, dataBlocks * ShadowCopyModel.Block));
        BootSector(volume);
        var model = new ShadowCopyModel(volume, dataBlocks * (long)ShadowCopyModel.Block);
        byte[] data = new byte[3 * ShadowCopyModel.Block];
        for (int copy = 0; copy < copies; copy++)
        {
            int unused = random.Next(2, 100);
            model.Snapshot(new DateTime(2026, 3, 1 + copy, 4, 5, 6, DateTimeKind.Utc).AddTicks(1234567), block => (block * 7919 ^ seed) % 100 < unused);
            int changes = random.Next(10, 90);
            for (int i = 0; i < changes; i++)
            {
                random.NextBytes(data);
                int block = random.Next(1, dataBlocks);
                switch (random.Next(8))
                {
                    case 0 or 1:
                        model.Move(block, random.Next(1, dataBlocks), data);
                        break;
                    case 2:
                        int sector = random.Next(32);
                        model.Overlay(block, sector, data.AsSpan(0, 512 * random.Next(1, 33 - sector)));
                        break;
                    case 3:
                        model.Noise(block);
                        break;
                    default:
                        long at = block * (long)ShadowCopyModel.Block + random.Next(32) * 512;
                        int length = (int)Math.Min(random.Next(1, 60) * 512, dataBlocks * (long)ShadowCopyModel.Block - at);
                        model.Write(at, data.AsSpan(0, length));
                        break;
                }
            }
        }
        if (deletesOldest)
        {
            model.DeleteOldest();
        }
        return model;
    }

    /// <summary>As much of a boot sector as libvshadow asks for.</summary>
    public static void BootSector(byte[] volume)
    {
        volume.AsSpan(0, 512).Clear();
        "NTFS    "u8.CopyTo(volume.AsSpan(3));
        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(11), 512);
        volume[13] = 8;
        BinaryPrimitives.WriteInt64LittleEndian(volume.AsSpan(40), volume.Length / 512 - 1);
        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(510), 0xAA55);
        volume.AsSpan(0, 512).CopyTo(volume.AsSpan(volume.Length - 512));
    }

    /// <summary>All bytes of a source.</summary>
    public static byte[] All(IByteSource source)
    {
        byte[] bytes = new byte[source.Length];
        // Odd pieces: reads that begin and end anywhere.
        for (int at = 0; at < bytes.Length;)
        {
            int count = Math.Min(70_001, bytes.Length - at);
            if (source.ReadUpTo(at, bytes.AsSpan(at, count)) != count)
            {
                throw new InvalidOperationException("the source ends early");
            }
            at += count;
        }
        return bytes;
    }
}
