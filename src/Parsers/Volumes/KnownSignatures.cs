using System.Buffers.Binary;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes;

/// <summary>
/// Names what a volume holds by magic numbers alone, for a volume that no reader opens: the report then says <c>xfs</c> or <c>LUKS 2 (encrypted)</c> instead of nothing.
/// Source of the offsets: each format's own specification and util-linux' libblkid as reference.
/// </summary>
/// <remarks>
/// Throws only what the source throws. Limitations: a magic left behind by an earlier format may be named; nothing beyond the magic is verified.
/// </remarks>
public static class KnownSignatures
{
    /// <summary>The name of a volume whose first MiB is all zeros.</summary>
    public const string Empty = "empty";

    private const int HeadSize = 68 << 10;
    private const int EmptySize = 1 << 20;

    /// <summary>What the volume holds; null when nothing is known (or the volume has no bytes).</summary>
    public static string? Identify(IByteSource volume)
    {
        // Pooled by nobody: a volume is identified once or twice a scan.
        byte[] head = volume.ReadArray(0, HeadSize);
        return head.Length == 0 ? null : Wrapper(head) ?? Linux(head) ?? Other(head) ?? Boot(head) ?? AtEnd(volume) ?? Zfs(volume) ?? Blank(volume, head);
    }

    /// <summary>As <see cref="Identify"/>, but null for a volume that is only <see cref="Empty"/>.</summary>
    internal static string? IdentifyStored(IByteSource volume) => Identify(volume) is { } known && known != Empty ? known : null;

    /// <summary>What wraps a file system or is no file system: encryption, RAID, volume managers, swap.</summary>
    private static string? Wrapper(ReadOnlySpan<byte> head)
    {
        if (At(head, 0, [0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE]) && head.Length >= 8)
        {
            return BinaryPrimitives.ReadUInt16BigEndian(head[6..]) switch
            {
                1 => "LUKS 1 (encrypted)",
                2 => "LUKS 2 (encrypted)",
                _ => "LUKS (encrypted)",
            };
        }
        if (At(head, 3, "-FVE-FS-"u8))
        {
            return "BitLocker (encrypted)";
        }
        if (At(head, 3, "MSWIN4.1"u8) && At(head, 424, [0x3B, 0xD6, 0x67, 0x49, 0x29, 0x2E, 0xD8, 0x4A, 0x83, 0x99, 0xF6, 0xA3, 0x39, 0xE3, 0xD0, 0x01]))
        {
            return "BitLocker To Go (encrypted)";
        }
        // pv_disk of LVM1: HM, version 1 or 2, and its own place and size.
        if (At(head, 0, "HM"u8) && head.Length >= 12 && BinaryPrimitives.ReadUInt16LittleEndian(head[2..]) is 1 or 2 && At(head, 4, [0, 0, 0, 0, 0, 4, 0, 0]))
        {
            return "LVM1 physical volume";
        }
        for (int sector = 0; sector < 4; sector++)
        {
            if (At(head, sector * 512, "LABELONE"u8) && At(head, sector * 512 + 24, "LVM2 001"u8))
            {
                return "LVM2 physical volume";
            }
        }
        if (At(head, 0, [0xFC, 0x4E, 0x2B, 0xA9]))
        {
            return "Linux RAID member 1.1";
        }
        if (At(head, 4096, [0xFC, 0x4E, 0x2B, 0xA9]))
        {
            return "Linux RAID member 1.2";
        }
        // The swap signature ends the first page, whose size depends on the machine.
        for (int page = 4096; page <= 65536; page *= 2)
        {
            if (At(head, page - 10, "SWAPSPACE2"u8) || At(head, page - 10, "SWAP-SPACE"u8))
            {
                return "swap";
            }
            if (At(head, page - 10, "S1SUSPEND\0"u8) || At(head, page - 10, "S2SUSPEND\0"u8))
            {
                return "swap (hibernated system)";
            }
        }
        return null;
    }

    private static string? Linux(ReadOnlySpan<byte> head)
    {
        if (At(head, 0, "XFSB"u8))
        {
            return "xfs";
        }
        if (At(head, 65600, "_BHRfS_M"u8))
        {
            return "btrfs";
        }
        if (At(head, 1080, [0x53, 0xEF]))
        {
            return "ext";
        }
        if (At(head, 0, "hsqs"u8) || At(head, 0, "sqsh"u8))
        {
            return "squashfs";
        }
        if (At(head, 1024, [0x10, 0x20, 0xF5, 0xF2]))
        {
            return "f2fs";
        }
        if (At(head, 1024, [0xE2, 0xE1, 0xF5, 0xE0]))
        {
            return "erofs";
        }
        if (At(head, 65588, "ReIsErFs"u8) || At(head, 65588, "ReIsEr2Fs"u8) || At(head, 65588, "ReIsEr3Fs"u8) || At(head, 8244, "ReIsErFs"u8) || At(head, 65536, "ReIsEr4"u8))
        {
            return "reiserfs";
        }
        if (At(head, 32768, "JFS1"u8))
        {
            return "jfs";
        }
        return At(head, 24, [0xC6, 0x85, 0x73, 0xF6, 0x4E, 0x1A, 0x45, 0xCA, 0x82, 0x65, 0xF5, 0x7F, 0x48, 0xBA, 0x6D, 0x81])
            || At(head, 4096 + 24, [0xC6, 0x85, 0x73, 0xF6, 0x4E, 0x1A, 0x45, 0xCA, 0x82, 0x65, 0xF5, 0x7F, 0x48, 0xBA, 0x6D, 0x81]) ? "bcache" : null;
    }

    private static string? Other(ReadOnlySpan<byte> head)
    {
        if (At(head, 1024, "H+\0\x04"u8))
        {
            return "hfs+";
        }
        if (At(head, 1024, "HX\0\x05"u8))
        {
            return "hfsx";
        }
        if (At(head, 32, "NXSB"u8))
        {
            return "apfs";
        }
        // UFS2 superblocks lie at 64 KiB, UFS1 ones at 8 KiB; the magic is at 1372 in either byte order.
        if (At(head, 65536 + 1372, [0x19, 0x01, 0x54, 0x19]) || At(head, 65536 + 1372, [0x19, 0x54, 0x01, 0x19])
            || At(head, 8192 + 1372, [0x54, 0x19, 0x01, 0x00]) || At(head, 8192 + 1372, [0x00, 0x01, 0x19, 0x54]))
        {
            return "ufs";
        }
        if (At(head, 3, "ReFS\0\0\0\0"u8))
        {
            return "refs";
        }
        return At(head, 32769, "CD001"u8) ? "iso9660" : At(head, 32769, "BEA01"u8) ? "udf" : null;
    }

    /// <summary>Boot sectors of NTFS, exFAT and FAT.</summary>
    private static string? Boot(ReadOnlySpan<byte> head)
    {
        if (!At(head, 510, [0x55, 0xAA]))
        {
            return null;
        }
        if (At(head, 3, "NTFS    "u8))
        {
            return "ntfs";
        }
        if (At(head, 3, "EXFAT   "u8))
        {
            return "exfat";
        }
        if (At(head, 82, "FAT32   "u8))
        {
            return "fat32";
        }
        return At(head, 54, "FAT16   "u8) ? "fat16" : At(head, 54, "FAT12   "u8) ? "fat12" : At(head, 54, "FAT     "u8) ? "fat" : null;
    }

    /// <summary>RAID superblocks that lie near the end: 1.0 eight KiB before it (4 KiB aligned), 0.90 in the last whole 64 KiB.</summary>
    private static string? AtEnd(IByteSource volume)
    {
        Span<byte> magic = stackalloc byte[4];
        if (volume.Length >= 16384 && volume.ReadUpTo((volume.Length / 512 - 16) / 8 * 8 * 512, magic) == 4 && BinaryPrimitives.ReadUInt32LittleEndian(magic) == 0xA92B4EFC)
        {
            return "Linux RAID member 1.0";
        }
        if (volume.Length >= 131072 && volume.ReadUpTo(volume.Length / 65536 * 65536 - 65536, magic) == 4
            && (BinaryPrimitives.ReadUInt32LittleEndian(magic) == 0xA92B4EFC || BinaryPrimitives.ReadUInt32BigEndian(magic) == 0xA92B4EFC))
        {
            return "Linux RAID member 0.90";
        }
        return FirmwareRaid(volume);
    }

    /// <summary>RAID of the firmware, whose metadata end the disk: Intel's in the last but one sector, the standard's (DDF) in the last one.</summary>
    internal static string? FirmwareRaid(IByteSource disk)
    {
        long sectors = disk.Length / 512;
        Span<byte> magic = stackalloc byte[24];
        if (sectors > 8 && disk.ReadUpTo((sectors - 2) * 512, magic) == magic.Length && magic.SequenceEqual("Intel Raid ISM Cfg Sig. "u8))
        {
            return "Intel RAID member (IMSM)";
        }
        return sectors > 8 && disk.ReadUpTo((sectors - 1) * 512, magic[..4]) == 4 && BinaryPrimitives.ReadUInt32BigEndian(magic) == 0xDE11DE11 ? "DDF RAID member" : null;
    }

    /// <summary>The ring of uberblocks in the second half of the first label.</summary>
    private static string? Zfs(IByteSource volume)
    {
        byte[] ring = volume.ReadArray(128 << 10, 128 << 10);
        for (int offset = 0; offset + 8 <= ring.Length; offset += 1024)
        {
            ReadOnlySpan<byte> magic = ring.AsSpan(offset, 8);
            if (BinaryPrimitives.ReadUInt64LittleEndian(magic) == 0x00BAB10C || BinaryPrimitives.ReadUInt64BigEndian(magic) == 0x00BAB10C)
            {
                return "zfs";
            }
        }
        return null;
    }

    private static string? Blank(IByteSource volume, byte[] head)
    {
        if (head.AsSpan().ContainsAnyExcept((byte)0))
        {
            return null;
        }
        return volume.ReadArray(0, EmptySize).AsSpan().ContainsAnyExcept((byte)0) ? null : Empty;
    }

    private static bool At(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> magic) => head.Length >= offset + magic.Length && head.Slice(offset, magic.Length).SequenceEqual(magic);
}
