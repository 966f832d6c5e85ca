using System.Globalization;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes;

/// <summary>One copy of a GPT, primary or backup, as far as it could be read.</summary>
/// <param name="SectorSize">Sector size in bytes.</param>
/// <param name="HeaderOffset">Byte offset of the header.</param>
/// <param name="AlternateLba">Where the header says the other copy is; null when the header's checksum is wrong.</param>
/// <param name="Entries">The entry array, at most <see cref="MaxEntries"/> entries; null when it cannot be used.</param>
/// <param name="Problem">What is wrong with the copy; null when it is right in all.</param>
internal sealed record GptTable(int SectorSize, long HeaderOffset, ulong? AlternateLba, Guid DiskGuid, byte[]? Entries, int EntrySize, GptProblem? Problem)
{
    /// <summary>More entries than this are not read: real tables have 128.</summary>
    public const int MaxEntries = 1024;
    private const int MaxEntrySize = 4096;

    /// <summary>Whether the copy is right in all.</summary>
    public bool IsValid => Problem is null;

    /// <summary>Reads the copy whose header is in sector <paramref name="lba"/>; null when there is no signature.</summary>
    public static GptTable? Read(IByteSource disk, int sectorSize, long lba)
    {
        if (lba < 1 || lba > disk.Length / sectorSize)
        {
            return null;
        }
        long offset = lba * sectorSize;
        byte[] sector = disk.ReadArray(offset, sectorSize);
        if (sector.Length < GptHeader.Size || !sector.AsSpan().StartsWith("EFI PART"u8))
        {
            return null;
        }
        var header = new GptHeader(sector);
        var table = new GptTable(sectorSize, offset, null, header.DiskGuid, null, 0, null);
        uint headerSize = header.HeaderSize;
        GptProblem? problem = null;
        ulong? alternate = null;
        if (headerSize < GptHeader.Size || headerSize > sector.Length)
        {
            problem = Bad("header.size", "92 to " + Text((ulong)sectorSize), Text(headerSize), offset);
        }
        else if (HeaderChecksum(sector.AsSpan(0, (int)headerSize)) is uint crc && crc != header.HeaderCrc32)
        {
            problem = Bad("header.crc", Hex(crc), Hex(header.HeaderCrc32), offset);
        }
        else if (header.MyLba != (ulong)lba)
        {
            problem = Bad("header.lba", Text((ulong)lba), Text(header.MyLba), offset);
        }
        else
        {
            alternate = header.AlternateLba;
        }
        return table.WithEntries(disk, header, problem) with { AlternateLba = alternate };
    }

    private GptTable WithEntries(IByteSource disk, in GptHeader header, GptProblem? problem)
    {
        uint size = header.SizeOfPartitionEntry;
        if (size < GptEntry.Size || size > MaxEntrySize || size % 8 != 0)
        {
            return this with { Problem = problem ?? Bad("entry.size", "128 to 4096", Text(size), HeaderOffset) };
        }
        if (header.PartitionEntryLba < 1 || header.PartitionEntryLba >= (ulong)(disk.Length / SectorSize))
        {
            return this with { Problem = problem ?? Bad("entries.lba", "a sector of the disk", Text(header.PartitionEntryLba), HeaderOffset) };
        }
        long offset = (long)header.PartitionEntryLba * SectorSize;
        int count = (int)Math.Min(header.NumberOfPartitionEntries, MaxEntries);
        byte[] entries = disk.ReadArray(offset, count * (int)size);
        if (count != header.NumberOfPartitionEntries)
        {
            problem ??= Bad("entries.count", "at most 1024", Text(header.NumberOfPartitionEntries), HeaderOffset);
        }
        else if (entries.Length < count * size)
        {
            problem ??= Bad("entries.cut", Text((ulong)count * size) + " bytes", Text((ulong)entries.Length) + " bytes", offset);
        }
        else if (Crc32.Compute(entries) is uint crc && crc != header.PartitionEntryArrayCrc32)
        {
            problem ??= Bad("entries.crc", Hex(crc), Hex(header.PartitionEntryArrayCrc32), offset);
        }
        return this with { Entries = entries, EntrySize = (int)size, Problem = problem };
    }

    private static uint HeaderChecksum(ReadOnlySpan<byte> header)
    {
        // The checksum field counts as zero.
        uint crc = Crc32.Compute(header[..16]);
        crc = Crc32.Append(crc, stackalloc byte[4]);
        return Crc32.Append(crc, header[20..]);
    }

    private static GptProblem Bad(string code, string expected, string actual, long offset) => new(code, expected, actual, offset);

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("x8", CultureInfo.InvariantCulture);
}

/// <summary>Why a copy of the GPT is not right: suffix of the diagnostic code, and the two values.</summary>
internal sealed record GptProblem(string Code, string Expected, string Actual, long Offset);
