using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>View of <c>struct ext4_super_block</c> (1024 bytes, little-endian). Fields carry the names of the format without <c>s_</c>.</summary>
internal readonly ref struct Superblock
{
    public const int Size = 1024;
    public const long PrimaryOffset = 1024;
    public const ushort ExpectedMagic = 0xEF53;
    public const int MagicOffset = 0x38;
    public const int ChecksumOffset = 0x3FC;

    private readonly ReadOnlySpan<byte> _data;

    public Superblock(ReadOnlySpan<byte> data) => _data = data[..Size];

    public uint InodesCount => U32(0x00);
    public uint FirstDataBlock => U32(0x14);
    public uint LogBlockSize => U32(0x18);
    public uint LogClusterSize => U32(0x1C);
    public uint BlocksPerGroup => U32(0x20);
    public uint ClustersPerGroup => U32(0x24);
    public uint InodesPerGroup => U32(0x28);
    public ushort MountCount => U16(0x34);
    public short MaxMountCount => (short)unchecked((short)U16(0x36));
    public ushort Magic => U16(MagicOffset);
    public ushort State => U16(0x3A);
    public ushort Errors => U16(0x3C);
    public uint CreatorOs => U32(0x48);
    public uint RevisionLevel => U32(0x4C);
    public uint FirstInode => U32(0x54);
    public ushort InodeSize => U16(0x58);
    public ushort BlockGroupNumber => U16(0x5A);
    public ExtFeatures Features => new(U32(0x5C), U32(0x60), U32(0x64));
    public ReadOnlySpan<byte> Uuid => _data.Slice(0x68, 16);
    public ReadOnlySpan<byte> VolumeName => _data.Slice(0x78, 16);
    public ReadOnlySpan<byte> LastMounted => _data.Slice(0x88, 64);
    public uint FreeInodesCount => U32(0x10);
    public ReadOnlySpan<byte> JournalUuid => _data.Slice(0xD0, 16);
    public uint JournalInode => U32(0xE0);
    public uint LastOrphan => U32(0xE8);
    public byte DefaultHashVersion => _data[0xFC];
    public ushort DescriptorSize => U16(0xFE);
    public uint FirstMetaBg => U32(0x104);
    public ushort MinExtraInodeSize => U16(0x15C);
    public byte LogGroupsPerFlex => _data[0x174];
    public byte ChecksumType => _data[0x175];
    public ulong KibibytesWritten => U64(0x178);
    public uint ErrorCount => U32(0x194);
    public uint FirstErrorInode => U32(0x19C);
    public ulong FirstErrorBlock => U64(0x1A0);
    public ReadOnlySpan<byte> FirstErrorFunction => _data.Slice(0x1A8, 32);
    public uint FirstErrorLine => U32(0x1C8);
    public uint LastErrorInode => U32(0x1D0);
    public uint LastErrorLine => U32(0x1D4);
    public ulong LastErrorBlock => U64(0x1D8);
    public ReadOnlySpan<byte> LastErrorFunction => _data.Slice(0x1E0, 32);
    public ReadOnlySpan<byte> MountOptions => _data.Slice(0x200, 64);
    public uint BackupGroup0 => U32(0x24C);
    public uint BackupGroup1 => U32(0x250);
    public uint ChecksumSeed => U32(0x270);
    public byte FirstErrorCode => _data[0x27A];
    public byte LastErrorCode => _data[0x27B];
    public ushort Encoding => U16(0x27C);
    public uint OrphanFileInode => U32(0x280);
    public uint Checksum => U32(ChecksumOffset);

    private bool Is64Bit => Features.HasIncompatible(ExtFeatures.Bits64);

    public ulong BlocksCount => Wide(0x04, 0x150);
    public ulong ReservedBlocksCount => Wide(0x08, 0x154);
    public ulong FreeBlocksCount => Wide(0x0C, 0x158);

    public Timestamp? MountTime => Time(0x2C, 0x275);
    public Timestamp? WriteTime => Time(0x30, 0x274);
    public Timestamp? LastCheck => Time(0x40, 0x277);
    public Timestamp? MakeTime => Time(0x108, 0x276);
    public Timestamp? FirstErrorTime => Time(0x198, 0x278);
    public Timestamp? LastErrorTime => Time(0x1CC, 0x279);

    /// <summary>CRC-32C over everything before the checksum field.</summary>
    public uint ComputeChecksum() => Checksums.Crc32C(Checksums.Crc32CSeed, _data[..ChecksumOffset]);

    /// <summary>False when <c>metadata_csum</c> is on and the stored checksum is another.</summary>
    public bool ChecksumMatches => !Features.HasReadOnly(ExtFeatures.MetadataChecksums) || Checksum == ComputeChecksum();

    private ulong Wide(int low, int high) => U32(low) | (Is64Bit ? (ulong)U32(high) << 32 : 0);

    private Timestamp? Time(int low, int high)
    {
        long seconds = U32(low) | (long)_data[high] << 32;
        return seconds == 0 ? null : new Timestamp(seconds, 0);
    }

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_data[offset..]);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_data[offset..]);

    private ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_data[offset..]);
}
