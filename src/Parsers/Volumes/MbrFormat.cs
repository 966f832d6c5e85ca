using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes;

/// <summary>
/// DOS partition table: four primary partitions and chains of logical ones in extended partitions (types 05, 0F, 85), numbered from 5 as Linux does.
/// Reference: https://en.wikipedia.org/wiki/Master_boot_record and the Linux kernel's reading of it.
/// </summary>
/// <remarks>
/// Throws <see cref="CorruptDataException"/> when there is no table. A loop in a chain ends it. The table does not say its sector size: 512 unless only 4096 makes
/// partitions begin with something known.
/// Limitations: CHS addresses are ignored; BSD, Solaris and Minix sub-tables are not read; at most 256 logical partitions.
/// </remarks>
public sealed class MbrFormat : IFormat<IVolumeSystem>
{
    private const int MaxChain = 256;

    /// <inheritdoc/>
    public string Name => "mbr";

    /// <inheritdoc/>
    public int HeaderSize => MbrSector.Size;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => MbrSector.HasTable(header);

    /// <inheritdoc/>
    public IVolumeSystem Open(IByteSource source, ParseContext context)
    {
        byte[] sector = source.ReadArray(0, MbrSector.Size);
        if (!MbrSector.HasTable(sector))
        {
            throw new CorruptDataException("mbr.table", 446, "a partition table", "none");
        }
        int sectorSize = SectorSize(source, sector);
        var layout = new PartitionLayout(source, "mbr", sectorSize, context.Diagnostics);
        var mbr = new MbrSector(sector);
        for (int i = 0; i < MbrSector.EntryCount; i++)
        {
            MbrEntry entry = mbr[i];
            if (entry.IsUsed && !entry.IsExtended)
            {
                Add(layout, i + 1, 0, entry);
            }
        }
        int number = 5;
        var visited = new HashSet<long>();
        for (int i = 0; i < MbrSector.EntryCount; i++)
        {
            if (mbr[i] is { IsUsed: true, IsExtended: true } extended)
            {
                number = WalkChain(source, context, layout, sectorSize, extended.Start, number, visited);
            }
        }
        layout.ReportOverlaps();
        uint signature = mbr.DiskSignature;
        return new VolumeSystem(Name, sectorSize, signature == 0 ? null : "0x" + signature.ToString("x8", CultureInfo.InvariantCulture), layout.Volumes);
    }

    /// <summary>Follows the extended boot records; each is read once, whatever they point to. Returns the next number.</summary>
    private static int WalkChain(IByteSource disk, ParseContext context, PartitionLayout layout, int sectorSize, uint start, int number, HashSet<long> visited)
    {
        byte[] sector = new byte[MbrSector.Size];
        long position = start;
        int limit = Math.Min(MaxChain, context.Limits.ChainLength);
        while (true)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            long offset = position * sectorSize;
            if (!visited.Add(position))
            {
                layout.Report("ebr.loop", "the chain of logical partitions comes back to an earlier record", offset, false, "a record not seen before", Text(position));
                return number;
            }
            if (visited.Count > limit)
            {
                layout.Report("ebr.limit", "the chain of logical partitions is too long; the rest is left out", offset, true, "at most " + Text(limit) + " records", null);
                return number;
            }
            if (disk.ReadUpTo(offset, sector) < sector.Length)
            {
                layout.Report("ebr.past-end", "an extended boot record lies past the end of the disk", offset, true, "below " + Text(disk.Length), Text(offset));
                return number;
            }
            var record = new MbrSector(sector);
            if (!record.HasSignature)
            {
                layout.Report("ebr.signature", "an extended boot record has no signature; the chain ends", offset, true, "55 aa",
                    Convert.ToHexStringLower(sector.AsSpan(510, 2)));
                return number;
            }
            long next = -1;
            for (int i = 0; i < MbrSector.EntryCount; i++)
            {
                MbrEntry entry = record[i];
                if (entry.IsUsed && !entry.IsExtended)
                {
                    Add(layout, number, position, entry);
                    number++;
                }
                else if (entry.IsUsed && next < 0)
                {
                    next = (long)start + entry.Start;
                }
            }
            if (next < 0)
            {
                return number;
            }
            position = next;
        }
    }

    private static void Add(PartitionLayout layout, int number, long origin, MbrEntry entry) =>
        layout.Add("mbr" + number.ToString(CultureInfo.InvariantCulture), (ulong)(origin + entry.Start), entry.Count, volume => volume with
        {
            TypeId = "0x" + entry.Type.ToString("x2", CultureInfo.InvariantCulture),
            TypeName = PartitionTypes.Name(entry.Type),
        });

    /// <summary>512, unless partitions begin with something known only when sectors are taken as 4096 bytes.</summary>
    private static int SectorSize(IByteSource disk, ReadOnlySpan<byte> sector) => Recognised(disk, sector, 4096) > Recognised(disk, sector, 512) ? 4096 : 512;

    private static int Recognised(IByteSource disk, ReadOnlySpan<byte> sector, int sectorSize)
    {
        var mbr = new MbrSector(sector);
        int count = 0;
        for (int i = 0; i < MbrSector.EntryCount; i++)
        {
            MbrEntry entry = mbr[i];
            long offset = (long)entry.Start * sectorSize;
            long length = (long)entry.Count * sectorSize;
            if (!entry.IsUsed || offset == 0 || offset >= disk.Length)
            {
                continue;
            }
            if (entry.IsExtended)
            {
                byte[] record = disk.ReadArray(offset, MbrSector.Size);
                count += record.Length == MbrSector.Size && new MbrSector(record).HasSignature ? 1 : 0;
            }
            else if (KnownSignatures.Identify(new Slice(disk, offset, length)) is not (null or KnownSignatures.Empty))
            {
                count++;
            }
        }
        return count;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
