using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>Builds disks with partition tables byte by byte; every field can be broken afterwards, with <see cref="FixGpt"/> making the checksums right again.</summary>
internal sealed class DiskBuilder(long sectors, int sectorSize = 512)
{
    public const string LinuxType = "0fc63daf-8483-4772-8e79-3d69d8477de4";

    public byte[] Bytes { get; } = new byte[sectors * sectorSize];

    public int SectorSize => sectorSize;

    public long LastLba => sectors - 1;

    public MemorySource Source => new(Bytes);

    /// <summary>An MBR or EBR entry, with the boot signature of its sector.</summary>
    public DiskBuilder Entry(long lba, int index, byte type, uint start, uint count, byte status = 0)
    {
        Span<byte> sector = Sector(lba);
        Span<byte> entry = sector.Slice(446 + index * 16, 16);
        entry[0] = status;
        entry[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], start);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], count);
        sector[510] = 0x55;
        sector[511] = 0xAA;
        return this;
    }

    /// <summary>Protective MBR, both headers and both arrays of 128 entries.</summary>
    public DiskBuilder Gpt(params (ulong First, ulong Last, string Name)[] partitions)
    {
        Entry(0, 0, 0xEE, 1, (uint)LastLba);
        long arraySectors = 128 * 128 / sectorSize;
        Header(1, LastLba, 2);
        Header(LastLba, 1, LastLba - arraySectors);
        for (int i = 0; i < partitions.Length; i++)
        {
            GptEntry(i, partitions[i].First, partitions[i].Last, partitions[i].Name);
        }
        return FixGpt();
    }

    public DiskBuilder GptEntry(int index, ulong first, ulong last, string name, string type = LinuxType)
    {
        foreach (long array in new[] { 2, LastLba - 128 * 128 / sectorSize })
        {
            Span<byte> entry = Bytes.AsSpan((int)(array * sectorSize) + index * 128, 128);
            new Guid(type).TryWriteBytes(entry);
            new Guid(index + 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11).TryWriteBytes(entry[16..]);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], first);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], last);
            entry[56..].Clear();
            Encoding.Unicode.GetBytes(name, entry[56..]);
        }
        return this;
    }

    /// <summary>Recomputes the checksums of both copies as far as their fields let it.</summary>
    public DiskBuilder FixGpt()
    {
        foreach (long lba in new[] { 1, LastLba })
        {
            Span<byte> header = Sector(lba);
            ulong array = BinaryPrimitives.ReadUInt64LittleEndian(header[72..]);
            ulong size = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(header[80..]) * BinaryPrimitives.ReadUInt32LittleEndian(header[84..]);
            ulong start = Math.Min(array * (ulong)sectorSize, (ulong)Bytes.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc(Bytes.AsSpan((int)start, (int)Math.Min(size, (ulong)Bytes.Length - start))));
            header.Slice(16, 4).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc(header[..92]));
        }
        return this;
    }

    /// <summary>Sets a field of one header (the checksum is not touched).</summary>
    public DiskBuilder HeaderField(long lba, int offset, ulong value, int size)
    {
        for (int i = 0; i < size; i++)
        {
            Sector(lba)[offset + i] = (byte)(value >> (8 * i));
        }
        return this;
    }

    /// <summary>The magic of ext at a sector, enough to be recognised.</summary>
    public DiskBuilder ExtMagic(long lba)
    {
        Bytes[lba * sectorSize + 1080] = 0x53;
        Bytes[lba * sectorSize + 1081] = 0xEF;
        return this;
    }

    public Span<byte> Sector(long lba) => Bytes.AsSpan((int)(lba * sectorSize), sectorSize);

    private void Header(long lba, long alternate, long array)
    {
        Span<byte> header = Sector(lba);
        "EFI PART"u8.CopyTo(header);
        HeaderField(lba, 8, 0x10000, 4).HeaderField(lba, 12, 92, 4).HeaderField(lba, 24, (ulong)lba, 8).HeaderField(lba, 32, (ulong)alternate, 8);
        long arraySectors = 128 * 128 / sectorSize;
        HeaderField(lba, 40, (ulong)(2 + arraySectors), 8).HeaderField(lba, 48, (ulong)(LastLba - arraySectors - 1), 8);
        new Guid("5cffba93-a1b9-49da-aab6-ba554ce10152").TryWriteBytes(header[56..]);
        HeaderField(lba, 72, (ulong)array, 8).HeaderField(lba, 80, 128, 4).HeaderField(lba, 84, 128, 4);
    }

    /// <summary>CRC-32 bit by bit, not the product's code.</summary>
    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }
        return ~crc;
    }
}
