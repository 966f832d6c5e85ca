using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.DeviceMapper;

/// <summary>
/// The exception store of a device-mapper snapshot ("persistent", version 1): a header chunk, then areas of one chunk of exceptions and the chunks that these name.
/// Specification: https://docs.kernel.org/admin-guide/device-mapper/snapshot.html and the kernel's drivers/md/dm-snap-persistent.c
/// </summary>
/// <remarks>Limitations: a store without a header (the transient kind) holds nothing after a reboot and is refused.</remarks>
internal static class SnapshotStore
{
    private const uint Magic = 0x70416E53;
    /// <summary>Most exceptions kept: 64 GiB of changes in chunks of 4 KiB.</summary>
    private const int MaxExceptions = 1 << 24;

    /// <summary>
    /// The origin with the exceptions over it. Throws <see cref="CorruptDataException"/> when the header cannot be used or the snapshot overflowed and so is invalid, and
    /// <see cref="LimitExceededException"/>.
    /// </summary>
    /// <param name="name">For messages.</param>
    public static IByteSource Open(string name, IByteSource origin, IByteSource store, long length, ParseContext context)
    {
        byte[] header = store.ReadArray(0, 512);
        if (header.Length < 16 || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic)
        {
            throw new CorruptDataException("snapshot.header", 0, "a snapshot header", "none");
        }
        uint valid = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4));
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8));
        uint sectors = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12));
        if (valid == 0)
        {
            throw new CorruptDataException("snapshot.valid", 4, "a valid snapshot", "one that overflowed or failed and was given up");
        }
        if (version != 1)
        {
            throw new UnsupportedFeatureException("snapshot store version " + version.ToString(CultureInfo.InvariantCulture));
        }
        if (sectors is 0 or > 2048 << 3 || !System.Numerics.BitOperations.IsPow2(sectors))
        {
            throw new CorruptDataException("snapshot.chunk_size", 12, "a power of two up to 16384 sectors", sectors.ToString(CultureInfo.InvariantCulture));
        }
        int chunkSize = (int)sectors * 512;
        return new OverlaySource(origin, store, Exceptions(name, store, chunkSize, length, context), length);
    }

    private static ContentRun[] Exceptions(string name, IByteSource store, int chunkSize, long length, ParseContext context)
    {
        var runs = new RunCollector(chunkSize, MaxExceptions, "snapshot exceptions");
        long chunks = (store.Length + chunkSize - 1) / chunkSize;
        int perArea = chunkSize / 16;
        byte[] area = new byte[chunkSize];
        bool isDamaged = false;
        bool ended = false;
        for (long chunk = 1; chunk < chunks && !ended; chunk += perArea + 1)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            store.ReadOrZero(chunk * chunkSize, area);
            for (int i = 0; i < perArea; i++)
            {
                ulong from = BinaryPrimitives.ReadUInt64LittleEndian(area.AsSpan(i * 16));
                ulong to = BinaryPrimitives.ReadUInt64LittleEndian(area.AsSpan(i * 16 + 8));
                if (to == 0)
                {
                    ended = true;
                    break;
                }
                if (to >= (ulong)chunks || from > (ulong)(length / chunkSize))
                {
                    isDamaged = true;
                    continue;
                }
                runs.Add((long)from, (long)to);
            }
        }
        ContentRun[] result = runs.ToRuns(0, out bool hasDuplicates);
        if (isDamaged || hasDuplicates)
        {
            context.Diagnostics.Report(new Diagnostic("snapshot.exception", name + ": the snapshot has exceptions outside the volume or store, or two for a chunk; they are left out")
            {
                LosesContent = true,
            });
        }
        return result;
    }
}
