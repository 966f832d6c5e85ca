using System.Buffers.Binary;

namespace Forensics.Parsers.Volumes;

/// <summary>A sector with a DOS partition table: master boot record or extended boot record. Little endian.</summary>
internal readonly ref struct MbrSector
{
    /// <summary>Bytes of the sector that count, whatever the sector size.</summary>
    public const int Size = 512;
    /// <summary>Entries in the table.</summary>
    public const int EntryCount = 4;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public MbrSector(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes[..Size];
    }

    /// <summary>Boot signature 55 AA.</summary>
    public bool HasSignature => _bytes[510] == 0x55 && _bytes[511] == 0xAA;

    /// <summary>NT disk signature.</summary>
    public uint DiskSignature => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[440..]);

    /// <summary>Entry 0 to 3.</summary>
    public MbrEntry this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _bytes.Slice(446 + index * 16, 16);
            return new MbrEntry(entry[0], entry[4], BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
        }
    }

    /// <summary>Whether the sector is a protective (or hybrid) MBR: signature and an entry of type EE.</summary>
    public static bool IsProtective(ReadOnlySpan<byte> sector)
    {
        if (sector.Length < Size)
        {
            return false;
        }
        var mbr = new MbrSector(sector);
        for (int i = 0; i < EntryCount; i++)
        {
            if (mbr.HasSignature && mbr[i].Type == 0xEE && mbr[i].StatusIsValid)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Whether the sector holds a partition table, and is not the boot sector of a file system that fills the disk: four status bytes of 00 or 80 and at least one
    /// entry. In a sector that names itself NTFS, exFAT or FAT the entries must besides be apart from each other, which boot code and messages are not by chance.
    /// </summary>
    public static bool HasTable(ReadOnlySpan<byte> sector)
    {
        if (sector.Length < Size)
        {
            return false;
        }
        var mbr = new MbrSector(sector);
        if (!mbr.HasSignature)
        {
            return false;
        }
        int used = 0;
        bool isBootSector = IsFileSystemBootSector(sector);
        for (int i = 0; i < EntryCount; i++)
        {
            MbrEntry entry = mbr[i];
            if (!entry.StatusIsValid)
            {
                return false;
            }
            if (!entry.IsUsed)
            {
                continue;
            }
            used++;
            for (int k = 0; k < i && isBootSector; k++)
            {
                MbrEntry other = mbr[k];
                if (entry.Start == 0 || (other.IsUsed && entry.Start < other.Start + (long)other.Count && other.Start < entry.Start + (long)entry.Count))
                {
                    return false;
                }
            }
            if (isBootSector && entry.Start == 0)
            {
                return false;
            }
        }
        return used > 0;
    }

    private static bool IsFileSystemBootSector(ReadOnlySpan<byte> sector) =>
        sector[3..].StartsWith("NTFS    "u8) || sector[3..].StartsWith("EXFAT   "u8) || sector[3..].StartsWith("-FVE-FS-"u8)
        || sector[54..].StartsWith("FAT"u8) || sector[82..].StartsWith("FAT32"u8);
}

/// <summary>One entry of a DOS partition table. Start and count are in sectors.</summary>
internal readonly record struct MbrEntry(byte Status, byte Type, uint Start, uint Count)
{
    /// <summary>00 or 80 (active); nothing else is written by any system.</summary>
    public bool StatusIsValid => Status is 0x00 or 0x80;

    /// <summary>Names a range.</summary>
    public bool IsUsed => Type != 0 && Count != 0;

    /// <summary>Holds a chain of logical partitions.</summary>
    public bool IsExtended => Type is 0x05 or 0x0F or 0x85;
}
