using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>The first sector of an NTFS volume, which is also kept in the sector behind the volume (PACKED_BOOT_SECTOR with its BIOS parameter block). At least 512 bytes.</summary>
/// <remarks>Limitations: none.</remarks>
internal readonly ref struct NtfsBootSector(ReadOnlySpan<byte> data)
{
    /// <summary>Bytes of it that are read.</summary>
    public const int Size = 512;

    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>Whether a sector names itself one of NTFS. Never throws.</summary>
    public static bool HasSignature(ReadOnlySpan<byte> sector) => sector.Length >= Size && sector[3..].StartsWith("NTFS    "u8);

    public ushort BytesPerSector => BinaryPrimitives.ReadUInt16LittleEndian(_data[0x0B..]);

    /// <summary>Above 0x80 minus the exponent of two, else the number itself.</summary>
    public byte SectorsPerCluster => _data[0x0D];

    public ulong NumberSectors => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x28..]);

    public ulong MftStartLcn => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x30..]);

    public ulong Mft2StartLcn => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x38..]);

    /// <summary>Negative: minus the exponent of two in bytes.</summary>
    public sbyte ClustersPerFileRecordSegment => unchecked((sbyte)_data[0x40]);

    /// <summary>As <see cref="ClustersPerFileRecordSegment"/>.</summary>
    public sbyte DefaultClustersPerIndexAllocationBuffer => unchecked((sbyte)_data[0x44]);

    public ulong SerialNumber => BinaryPrimitives.ReadUInt64LittleEndian(_data[0x48..]);

    /// <summary>Bytes of the volume; 0 when the numbers make no sense.</summary>
    public long VolumeSize => BytesPerSector is >= 256 and <= 4096 && NumberSectors <= long.MaxValue / 4096UL ? (long)NumberSectors * BytesPerSector : 0;

    /// <summary>The sizes, each checked.</summary>
    /// <exception cref="CorruptDataException">One is impossible; the message names it.</exception>
    public NtfsGeometry ToGeometry(long offset)
    {
        int sector = BytesPerSector;
        Require(sector is >= 256 and <= 4096 && BitOperations.IsPow2(sector), offset + 0x0B, "bytes per sector: a power of two from 256 to 4096", sector);
        int cluster = ClusterBytes(sector);
        Require(cluster is >= 512 and <= 2 << 20, offset + 0x0D, "sectors per cluster: a power of two that makes clusters of 512 bytes to 2 MiB", SectorsPerCluster);
        long size = VolumeSize;
        Require(size >= cluster, offset + 0x28, "number of sectors: at least a cluster of them, below 2^51", NumberSectors);
        int record = RecordBytes(ClustersPerFileRecordSegment, cluster);
        Require(record > 0, offset + 0x40, "clusters per file record: a power of two that makes records of 512 bytes to 64 KiB", ClustersPerFileRecordSegment);
        int index = RecordBytes(DefaultClustersPerIndexAllocationBuffer, cluster);
        Require(index > 0, offset + 0x44, "clusters per index record: a power of two that makes records of 512 bytes to 64 KiB", DefaultClustersPerIndexAllocationBuffer);
        long clusters = size / cluster;
        Require(MftStartLcn > 0 && MftStartLcn < (ulong)clusters, offset + 0x30, "first cluster of the master file table inside the volume", MftStartLcn);
        // The mirror matters only when the table itself is damaged.
        long mirror = Mft2StartLcn < (ulong)clusters ? (long)Mft2StartLcn * cluster : -1;
        return new NtfsGeometry(sector, cluster, record, index, clusters, (long)MftStartLcn * cluster, mirror, SerialNumber);
    }

    private int ClusterBytes(int sector)
    {
        int exponent = SectorsPerCluster > 0x80 ? 256 - SectorsPerCluster : -1;
        long bytes = exponent >= 0 ? exponent <= 12 ? (long)sector << exponent : 0 : BitOperations.IsPow2((int)SectorsPerCluster) ? (long)sector * SectorsPerCluster : 0;
        return bytes is >= 512 and <= 2 << 20 ? (int)bytes : 0;
    }

    /// <summary>0 when it is no power of two from 512 bytes to 64 KiB.</summary>
    private static int RecordBytes(sbyte value, int cluster)
    {
        long bytes = value > 0 ? (long)value * cluster : value is < -8 and >= -16 ? 1L << -value : 0;
        return bytes is >= 512 and <= 64 << 10 && BitOperations.IsPow2(bytes) ? (int)bytes : 0;
    }

    private static void Require<T>(bool holds, long offset, string expected, T actual) where T : IFormattable
    {
        if (!holds)
        {
            throw new CorruptDataException("ntfs.boot", offset, expected, actual.ToString(null, CultureInfo.InvariantCulture));
        }
    }
}
