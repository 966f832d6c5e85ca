using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes.Md;

/// <summary>
/// Finds the superblock of a member of a Linux RAID array. Specification: https://raid.wiki.kernel.org/index.php/RAID_superblock_formats, md(4), and the kernel's
/// include/uapi/linux/raid/md_p.h
/// </summary>
internal static class MdReader
{
    private const int Sector = 512;
    private const int MaxDevices = 1024;

    /// <summary>The superblock; null when there is none. Of several, as after a change of version, the one with a right checksum and the most events counts.</summary>
    public static MdSuperblock? Read(IByteSource member)
    {
        MdSuperblock? best = null;
        Consider(ref best, ReadVersion1(member, 0, "1.1"));
        Consider(ref best, ReadVersion1(member, 4096, "1.2"));
        // 8 to 12 KiB before the end, at a multiple of 4 KiB.
        Consider(ref best, ReadVersion1(member, (member.Length / Sector - 16) / 8 * 8 * Sector, "1.0"));
        Consider(ref best, ReadVersion0(member));
        return best;
    }

    /// <summary>
    /// Whether a whole disk is a member whose superblock lies at its end, so that what begins the disk is the array's. A superblock 0.90 does not know where it lies: it may be
    /// that of the last partition, which then uses less than the disk.
    /// </summary>
    public static bool OwnsDisk(IByteSource disk)
    {
        if (ReadVersion1(disk, (disk.Length / Sector - 16) / 8 * 8 * Sector, "1.0") is { IsIntact: true })
        {
            return true;
        }
        return ReadVersion0(disk) is { IsIntact: true, UsedSize: > 0 } super && super.Offset - super.UsedSize < Math.Max(super.ChunkSize, 65536);
    }

    private static void Consider(ref MdSuperblock? best, MdSuperblock? found)
    {
        if (found is not null && (best is null || (found.IsIntact && !best.IsIntact) || (found.IsIntact == best.IsIntact && found.Events > best.Events)))
        {
            best = found;
        }
    }

    private static MdSuperblock? ReadVersion1(IByteSource member, long offset, string version)
    {
        if (offset < 0 || offset > member.Length - MdSuperblock1.HeaderSize)
        {
            return null;
        }
        byte[] bytes = member.ReadArray(offset, MdSuperblock1.HeaderSize + MaxDevices * 2);
        if (bytes.Length < MdSuperblock1.HeaderSize)
        {
            return null;
        }
        var super = new MdSuperblock1(bytes);
        // The superblock knows where it lies: one that was copied with its disk into something larger is not one.
        if (super.Magic != MdSuperblock.Magic || super.MajorVersion != 1 || super.SuperOffset != (ulong)(offset / Sector))
        {
            return null;
        }
        int slot = super.Role is < 0xFF00 and ushort role ? role : super.Role switch { 0xFFFD => MdSuperblock.Journal, 0xFFFE => MdSuperblock.Faulty, _ => MdSuperblock.Spare };
        uint features = super.FeatureMap;
        return new MdSuperblock(version, offset, Uuid(super.SetUuid), super.Level, (int)Math.Min(super.Layout, int.MaxValue), Bytes(super.ChunkSize),
            (int)Math.Min(super.RaidDisks, int.MaxValue), slot, Bytes(super.DataOffset), Bytes(super.DataSize), Bytes(super.Size), super.Events, super.IsIntact)
        {
            Name = Encoding.Latin1.GetString(super.SetName).Split('\0')[0],
            IsReshaping = (features & 4) != 0,
            RecoveredTo = (features & 2) != 0 ? Bytes(super.RecoveryOffset) : null,
            IsReplacement = (features & 16) != 0,
            HasJournal = (features & 512) != 0 || slot == MdSuperblock.Journal,
            IsResyncing = super.ResyncOffset != ulong.MaxValue,
            ActiveSlots = super.ActiveSlots(),
            // Bitmap, recovery, reshape, bad blocks, replacement, backwards, new offset, recovery bitmap, clustered, journal, PPL, several PPLs, RAID 0 layout.
            UnknownFeatures = features & ~0x1FFFu,
        };
    }

    private static MdSuperblock? ReadVersion0(IByteSource member)
    {
        // In the last whole 64 KiB, but never in less than that from the end.
        long offset = member.Length / 65536 * 65536 - 65536;
        if (offset < 0)
        {
            return null;
        }
        byte[] bytes = member.ReadArray(offset, MdSuperblock0.Size);
        if (bytes.Length < MdSuperblock0.Size)
        {
            return null;
        }
        bool isBig = BinaryPrimitives.ReadUInt32BigEndian(bytes) == MdSuperblock.Magic;
        var super = new MdSuperblock0(bytes, isBig);
        if (super.Magic != MdSuperblock.Magic || super.MajorVersion != 0 || super.MinorVersion is not (90 or 91))
        {
            return null;
        }
        // The state of the own entry: bit 0 faulty, bit 1 active, bit 2 in sync.
        uint state = super.ThisState;
        int slot = (state & 1) != 0 ? MdSuperblock.Faulty : (state & 6) == 6 && super.ThisRaidDisk < 27 ? (int)super.ThisRaidDisk : MdSuperblock.Spare;
        long used = (long)super.SizeKiB * 1024;
        int level = (int)super.Level;
        // Levels without redundancy use what each member has, in whole chunks, up to the superblock.
        return new MdSuperblock("0.90", offset, super.Uuid(), level, (int)Math.Min(super.Layout, int.MaxValue), super.ChunkSize, (int)Math.Min(super.RaidDisks, int.MaxValue), slot, 0, offset,
            level is 0 or -1 ? 0 : used, super.Events, super.IsIntact)
        {
            Minor = super.MdMinor <= 1 << 20 ? (int)super.MdMinor : -1,
            IsReshaping = super.MinorVersion == 91,
            IsResyncing = (super.State & 1) == 0,
            ActiveSlots = super.ActiveSlots(),
        };
    }

    /// <summary>Sectors to bytes, saturated.</summary>
    private static long Bytes(ulong sectors) => sectors > long.MaxValue / 4 / Sector ? long.MaxValue / 4 : (long)sectors * Sector;

    /// <summary>16 bytes as mdadm prints them: four groups of eight digits.</summary>
    private static string Uuid(ReadOnlySpan<byte> bytes) =>
        string.Join(':', Convert.ToHexStringLower(bytes[..4]), Convert.ToHexStringLower(bytes[4..8]), Convert.ToHexStringLower(bytes[8..12]), Convert.ToHexStringLower(bytes[12..]));
}

/// <summary>The superblock of version 1 (little endian), fields named as in md_p.h's mdp_superblock_1.</summary>
internal readonly ref struct MdSuperblock1(ReadOnlySpan<byte> bytes)
{
    public const int HeaderSize = 256;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public uint Magic => U32(0);
    public uint MajorVersion => U32(4);
    public uint FeatureMap => U32(8);
    public ReadOnlySpan<byte> SetUuid => _bytes.Slice(16, 16);
    public ReadOnlySpan<byte> SetName => _bytes.Slice(32, 32);
    public int Level => BinaryPrimitives.ReadInt32LittleEndian(_bytes[72..]);
    public uint Layout => U32(76);
    public ulong Size => U64(80);
    public uint ChunkSize => U32(88);
    public uint RaidDisks => U32(92);
    public ulong DataOffset => U64(128);
    public ulong DataSize => U64(136);
    public ulong SuperOffset => U64(144);
    public ulong RecoveryOffset => U64(152);
    public uint DevNumber => U32(160);
    public ulong Events => U64(200);
    public ulong ResyncOffset => U64(208);
    public uint SbCsum => U32(216);
    public uint MaxDev => U32(220);

    /// <summary>Role of this member: its place, or 0xFFFF spare, 0xFFFE faulty, 0xFFFD journal.</summary>
    public ushort Role => DevNumber < (uint)Roles ? RoleOf((int)DevNumber) : (ushort)0xFFFF;

    private int Roles => (int)Math.Min(MaxDev, (uint)((_bytes.Length - HeaderSize) / 2));

    /// <summary>Places that some device fills.</summary>
    public List<int> ActiveSlots()
    {
        var slots = new List<int>();
        for (int i = 0; i < Roles; i++)
        {
            if (RoleOf(i) < 0xFF00)
            {
                slots.Add(RoleOf(i));
            }
        }
        return slots;
    }

    public bool IsIntact
    {
        get
        {
            int length = HeaderSize + Roles * 2;
            if (Roles != MaxDev)
            {
                return false;
            }
            ulong sum = 0;
            int position = 0;
            for (; position + 4 <= length; position += 4)
            {
                sum += position == 216 ? 0 : U32(position);
            }
            if (position < length)
            {
                sum += BinaryPrimitives.ReadUInt16LittleEndian(_bytes[position..]);
            }
            return unchecked((uint)sum + (uint)(sum >> 32)) == SbCsum;
        }
    }

    private ushort RoleOf(int device) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(HeaderSize + device * 2)..]);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);

    private ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[offset..]);
}

/// <summary>The superblock of version 0.90, in the byte order of the machine that made it; fields named as in md_p.h's mdp_superblock_s.</summary>
internal readonly ref struct MdSuperblock0(ReadOnlySpan<byte> bytes, bool isBigEndian)
{
    public const int Size = 4096;
    private const int ThisDisk = 992;
    private const int Disks = 128;
    private const int MaxDisks = 27;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public uint Magic => Word(0);
    public uint MajorVersion => Word(1);
    public uint MinorVersion => Word(2);
    public uint Level => Word(7);
    public uint SizeKiB => Word(8);
    public uint RaidDisks => Word(10);
    public uint MdMinor => Word(11);
    public uint State => Word(33);
    public uint SbCsum => Word(38);
    /// <summary>The two halves lie in the byte order of the machine too.</summary>
    public ulong Events => isBigEndian ? ((ulong)Word(39) << 32) | Word(40) : ((ulong)Word(40) << 32) | Word(39);
    public uint Layout => Word(64);
    /// <summary>In bytes.</summary>
    public uint ChunkSize => Word(65);
    public uint ThisRaidDisk => Word(ThisDisk + 3);
    public uint ThisState => Word(ThisDisk + 4);

    public string Uuid() => string.Create(CultureInfo.InvariantCulture, $"{Word(5):x8}:{Word(13):x8}:{Word(14):x8}:{Word(15):x8}");

    /// <summary>Places whose device is active and in sync.</summary>
    public List<int> ActiveSlots()
    {
        var slots = new List<int>();
        for (int i = 0; i < MaxDisks; i++)
        {
            int entry = Disks + i * 32;
            if ((Word(entry + 4) & 7) == 6 && Word(entry + 3) < MaxDisks)
            {
                slots.Add((int)Word(entry + 3));
            }
        }
        return slots;
    }

    public bool IsIntact
    {
        get
        {
            ulong sum = 0;
            for (int i = 0; i < Size / 4; i++)
            {
                sum += i == 38 ? 0 : Word(i);
            }
            return unchecked((uint)sum + (uint)(sum >> 32)) == SbCsum;
        }
    }

    private uint Word(int index) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(_bytes[(index * 4)..]) : BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(index * 4)..]);
}
