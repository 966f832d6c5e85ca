using System.Buffers.Binary;
using System.Numerics;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>
/// View of a restart page of <c>$LogFile</c> (<c>RSTR</c>, or <c>CHKD</c> when chkdsk was there) whose fix-ups are undone: its header, the restart area and the record of the
/// first client, which is NTFS. Little-endian. Source: the layout as documented by the Linux NTFS projects (logfile.h).
/// </summary>
internal readonly ref struct LogRestartPage
{
    public const uint Restart = 0x52545352;
    public const uint Checked = 0x444B4843;

    /// <summary>LFS_NO_CLIENT.</summary>
    public const ushort NoClient = 0xFFFF;

    private const int RestartAreaSize = 0x30;
    private const int ClientRecordSize = 0xA0;
    private const ushort CleanFlag = 0x0002;

    private readonly ReadOnlySpan<byte> _page;

    public LogRestartPage(ReadOnlySpan<byte> page) => _page = page;

    public uint Signature => BinaryPrimitives.ReadUInt32LittleEndian(_page);
    public ulong CheckDiskLsn => BinaryPrimitives.ReadUInt64LittleEndian(_page[0x08..]);
    public uint SystemPageSize => BinaryPrimitives.ReadUInt32LittleEndian(_page[0x10..]);
    public uint LogPageSize => BinaryPrimitives.ReadUInt32LittleEndian(_page[0x14..]);
    public ushort RestartAreaOffset => BinaryPrimitives.ReadUInt16LittleEndian(_page[0x18..]);
    public short MinorVersion => BinaryPrimitives.ReadInt16LittleEndian(_page[0x1A..]);
    public short MajorVersion => BinaryPrimitives.ReadInt16LittleEndian(_page[0x1C..]);

    public ulong CurrentLsn => BinaryPrimitives.ReadUInt64LittleEndian(Area);
    public ushort LogClients => BinaryPrimitives.ReadUInt16LittleEndian(Area[0x08..]);
    public ushort ClientFreeList => BinaryPrimitives.ReadUInt16LittleEndian(Area[0x0A..]);
    public ushort ClientInUseList => BinaryPrimitives.ReadUInt16LittleEndian(Area[0x0C..]);
    public ushort Flags => BinaryPrimitives.ReadUInt16LittleEndian(Area[0x0E..]);
    public uint SequenceNumberBits => BinaryPrimitives.ReadUInt32LittleEndian(Area[0x10..]);
    public ushort RestartAreaLength => BinaryPrimitives.ReadUInt16LittleEndian(Area[0x14..]);
    public ushort ClientArrayOffset => BinaryPrimitives.ReadUInt16LittleEndian(Area[0x16..]);
    public ulong FileSize => BinaryPrimitives.ReadUInt64LittleEndian(Area[0x18..]);
    public ushort RecordHeaderLength => BinaryPrimitives.ReadUInt16LittleEndian(Area[0x24..]);
    public ushort LogPageDataOffset => BinaryPrimitives.ReadUInt16LittleEndian(Area[0x26..]);

    public ulong OldestLsn => BinaryPrimitives.ReadUInt64LittleEndian(Client);
    public ulong ClientRestartLsn => BinaryPrimitives.ReadUInt64LittleEndian(Client[0x08..]);

    /// <summary>The log was closed in order: nothing in it waits.</summary>
    public bool IsMarkedClean => (Flags & CleanFlag) != 0;

    /// <summary>NTFS has the log open, or had when the host stopped.</summary>
    public bool HasClient => ClientInUseList != NoClient;

    /// <summary>Signature, version and every size and place fit together.</summary>
    public bool IsUsable
    {
        get
        {
            if (_page.Length < 512 || Signature is not (Restart or Checked) || !IsPageSize(SystemPageSize) || !IsPageSize(LogPageSize))
            {
                return false;
            }
            if ((MajorVersion, MinorVersion) is not ((1, 0) or (1, 1) or (2, 0)) || (RestartAreaOffset & 7) != 0 || RestartAreaOffset < 0x20 || RestartAreaOffset + RestartAreaSize > _page.Length)
            {
                return false;
            }
            // Offsets in the log are counted in 8 bytes: with fewer than 32 bits for the sequence number it would be larger than any log can be.
            return SequenceNumberBits is >= 32 and <= 62 && FileSize is > 0 and <= 1L << 32
                && (LogPageDataOffset & 7) == 0 && LogPageDataOffset is >= 0x30 && LogPageDataOffset <= LogPageSize / 2 && RecordHeaderLength == LogRecordHeader.Size
                && (ClientArrayOffset & 7) == 0 && (!HasClient || (ClientInUseList < LogClients && ClientAt + ClientRecordSize <= _page.Length));
        }
    }

    private ReadOnlySpan<byte> Area => _page[RestartAreaOffset..];
    private int ClientAt => RestartAreaOffset + ClientArrayOffset + (ClientInUseList * ClientRecordSize);
    private ReadOnlySpan<byte> Client => _page[ClientAt..];

    private static bool IsPageSize(uint size) => size is >= 512 and <= 65536 && BitOperations.IsPow2(size);
}
