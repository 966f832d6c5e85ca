using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Forensics.Parsers.FileSystems.Ntfs.Journals;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs.Journals;

/// <summary>Writes a log as NTFS lays it out: records one after the other over pages with their headers and fix-ups, and restart areas that name the last checkpoint.</summary>
internal sealed class LogFileWriter
{
    public const int PageSize = 4096;
    private const int DataOffset = 0x40;

    private readonly byte[] _log;
    private readonly int _version;
    private readonly int _firstPage;
    private readonly int _placeBits;
    private readonly Dictionary<int, (ulong Last, ulong LastEnd, int Next)> _pages = [];
    private int _place;
    private ulong _round;
    private ulong _previous;

    /// <param name="size">Bytes of the log.</param>
    /// <param name="version">1 (1.1) or 2 (2.0).</param>
    /// <param name="round">How often the ring had come round when the first record is written.</param>
    /// <param name="startPage">Page of the ring on which the first record is written.</param>
    public LogFileWriter(int size, int version = 1, ulong round = 3, int startPage = 0)
    {
        _log = new byte[size];
        _version = version;
        _firstPage = PageSize * (version == 1 ? 4 : 34);
        // Bits of the size, without the three that every place has as zeros.
        _placeBits = 64 - (67 - (64 - BitOperations.LeadingZeroCount((ulong)size)));
        _place = _firstPage + (startPage * PageSize) + DataOffset;
        _round = round;
    }

    /// <summary>The record written last.</summary>
    public ulong LastLsn { get; private set; }

    /// <summary>A record of NTFS.</summary>
    public ulong Write(uint transaction, byte[] client, ulong? undoNext = null) => Append(LogRecordHeader.ClientRecord, transaction, client, undoNext ?? _previous);

    /// <summary>A checkpoint with its tables.</summary>
    /// <param name="attributes">By byte offset in the table of open attributes (24, 64, ...): type, file record and size of an index buffer.</param>
    /// <param name="is32Bit">Tables as 32-bit systems write them.</param>
    public ulong Checkpoint((ushort At, uint Type, ulong File, uint BytesPerIndex)[] attributes, (ushort Attribute, long Vcn, long Lcn, ulong Oldest)[]? dirty = null, bool is32Bit = false)
    {
        ulong start = Write(24, Client(LogOperation.Noop, LogOperation.Noop));
        byte[] open = Table(is32Bit ? 0x2C : 0x28, attributes.Length == 0 ? 0 : (attributes.Max(each => each.At) - 0x18) / (is32Bit ? 0x2C : 0x28) + 1);
        foreach ((ushort at, uint type, ulong file, uint bytes) in attributes)
        {
            OpenEntry(open.AsSpan(at), type, file, bytes, is32Bit);
        }
        ulong openLsn = Write(24, Client(LogOperation.OpenAttributeTableDump, LogOperation.Noop, open));
        int vcnAt = is32Bit ? 0x14 : 0x10;
        byte[] pages = Table(vcnAt + 0x18, dirty?.Length ?? 0);
        for (int i = 0; i < (dirty?.Length ?? 0); i++)
        {
            Span<byte> entry = pages.AsSpan(0x18 + (i * (vcnAt + 0x18)));
            BinaryPrimitives.WriteUInt32LittleEndian(entry, 0xFFFFFFFF);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], dirty![i].Attribute);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], PageSize);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], 1);
            BinaryPrimitives.WriteInt64LittleEndian(entry[vcnAt..], dirty[i].Vcn);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[(vcnAt + 8)..], dirty[i].Oldest);
            BinaryPrimitives.WriteInt64LittleEndian(entry[(vcnAt + 16)..], dirty[i].Lcn);
        }
        ulong dirtyLsn = dirty is null ? 0 : Write(24, Client(LogOperation.DirtyPageTableDump, LogOperation.Noop, pages));
        byte[] restart = new byte[0x48];
        BinaryPrimitives.WriteUInt32LittleEndian(restart, is32Bit ? 0u : 1u);
        BinaryPrimitives.WriteUInt64LittleEndian(restart.AsSpan(0x08), start);
        BinaryPrimitives.WriteUInt64LittleEndian(restart.AsSpan(0x10), openLsn);
        BinaryPrimitives.WriteUInt64LittleEndian(restart.AsSpan(0x20), dirtyLsn);
        BinaryPrimitives.WriteInt32LittleEndian(restart.AsSpan(0x30), open.Length);
        BinaryPrimitives.WriteInt32LittleEndian(restart.AsSpan(0x38), dirty is null ? 0 : pages.Length);
        return Append(LogRecordHeader.ClientRestart, 0, restart, 0);
    }

    /// <summary>Client data of a record.</summary>
    public static byte[] Client(LogOperation redo, LogOperation undo, byte[]? redoData = null, byte[]? undoData = null, ushort attribute = 24, long vcn = 0, long[]? lcns = null, int block = 0, int record = 0, int within = 0)
    {
        int header = 0x20 + (Math.Max(1, lcns?.Length ?? 0) * 8);
        int undoAt = header + (((redoData?.Length ?? 0) + 7) & ~7);
        byte[] data = new byte[undoData is null ? header + (redoData?.Length ?? 0) : undoAt + undoData.Length];
        ushort[] words = [(ushort)redo, (ushort)undo, (ushort)header, (ushort)(redoData?.Length ?? 0), (ushort)undoAt, (ushort)(undoData?.Length ?? 0), attribute, (ushort)(lcns?.Length ?? 0), (ushort)record, (ushort)within, (ushort)block];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(i * 2), words[i]);
        }
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(0x18), vcn);
        for (int i = 0; i < (lcns?.Length ?? 0); i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(0x20 + (i * 8)), lcns![i]);
        }
        redoData?.CopyTo(data, header);
        undoData?.CopyTo(data, undoAt);
        return data;
    }

    /// <summary>Redo data of <see cref="LogOperation.OpenNonresidentAttribute"/>.</summary>
    public static byte[] OpenAttribute(uint type, ulong file, uint bytesPerIndex)
    {
        byte[] entry = new byte[0x28];
        OpenEntry(entry, type, file, bytesPerIndex, is32Bit: false);
        return entry;
    }

    /// <summary>The log with both restart areas.</summary>
    /// <param name="checkpoint">The last checkpoint.</param>
    /// <param name="isClosed">The host was shut down in order.</param>
    /// <param name="tornTail">The page written last is whole only in its copy in front of the ring.</param>
    public byte[] Build(ulong checkpoint, bool isClosed = false, bool tornTail = false)
    {
        byte[] log = [.. _log];
        foreach ((int page, (ulong last, ulong lastEnd, int next)) in _pages)
        {
            Span<byte> data = log.AsSpan(page, PageSize);
            Header(data, "RCRD", 0x28);
            BinaryPrimitives.WriteUInt64LittleEndian(data[0x08..], last);
            BinaryPrimitives.WriteUInt32LittleEndian(data[0x10..], lastEnd != 0 ? 1u : 0u);
            BinaryPrimitives.WriteUInt32LittleEndian(data[0x14..], 0x00010001);
            BinaryPrimitives.WriteUInt16LittleEndian(data[0x18..], (ushort)next);
            BinaryPrimitives.WriteUInt64LittleEndian(data[0x20..], lastEnd);
            if (tornTail && page == (_place - 1) / PageSize * PageSize)
            {
                Span<byte> tail = log.AsSpan(3 * PageSize, PageSize);
                data.CopyTo(tail);
                if (_version == 1)
                {
                    BinaryPrimitives.WriteUInt64LittleEndian(tail[0x08..], (ulong)page);
                }
                else
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(tail[0x3C..], (uint)page);
                }
                Protect(tail);
                Protect(data);
                data[1022] ^= 0x55;
                continue;
            }
            Protect(data);
        }
        for (int page = 0; page <= PageSize; page += PageSize)
        {
            Restart(log.AsSpan(page, PageSize), checkpoint, isClosed);
        }
        return log;
    }

    private void Restart(Span<byte> data, ulong checkpoint, bool isClosed)
    {
        data.Clear();
        Header(data, "RSTR", 0x1E);
        BinaryPrimitives.WriteUInt32LittleEndian(data[0x10..], PageSize);
        BinaryPrimitives.WriteUInt32LittleEndian(data[0x14..], PageSize);
        BinaryPrimitives.WriteUInt16LittleEndian(data[0x18..], 0x30);
        BinaryPrimitives.WriteUInt16LittleEndian(data[0x1A..], (ushort)(_version == 1 ? 1 : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(data[0x1C..], (ushort)_version);
        Span<byte> area = data[0x30..];
        BinaryPrimitives.WriteUInt64LittleEndian(area, checkpoint);
        BinaryPrimitives.WriteUInt16LittleEndian(area[0x08..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(area[0x0A..], 0xFFFF);
        BinaryPrimitives.WriteUInt16LittleEndian(area[0x0E..], (ushort)(isClosed ? 2 : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(area[0x10..], (uint)(64 - _placeBits));
        BinaryPrimitives.WriteUInt16LittleEndian(area[0x14..], 0xE0);
        BinaryPrimitives.WriteUInt16LittleEndian(area[0x16..], 0x40);
        BinaryPrimitives.WriteInt64LittleEndian(area[0x18..], _log.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(area[0x24..], LogRecordHeader.Size);
        BinaryPrimitives.WriteUInt16LittleEndian(area[0x26..], DataOffset);
        Span<byte> client = area[0x40..];
        BinaryPrimitives.WriteUInt64LittleEndian(client, checkpoint);
        BinaryPrimitives.WriteUInt64LittleEndian(client[0x08..], checkpoint);
        BinaryPrimitives.WriteUInt32LittleEndian(client[0x10..], 0xFFFFFFFF);
        BinaryPrimitives.WriteUInt32LittleEndian(client[0x1C..], 8);
        Encoding.Unicode.GetBytes("NTFS", client[0x20..]);
        Protect(data);
    }

    private ulong Append(uint type, uint transaction, byte[] client, ulong undoNext)
    {
        if (_place % PageSize + LogRecordHeader.Size > PageSize || _place % PageSize == 0)
        {
            NextPage();
        }
        ulong lsn = (_round << _placeBits) | ((ulong)_place >> 3);
        byte[] record = new byte[LogRecordHeader.Size + client.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(record, lsn);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(0x08), _previous);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(0x10), undoNext);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(0x18), client.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(0x20), type);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(0x24), transaction);
        client.CopyTo(record, LogRecordHeader.Size);
        for (int done = 0; done < record.Length;)
        {
            if (_place % PageSize == 0)
            {
                NextPage();
            }
            int page = _place / PageSize * PageSize;
            int part = Math.Min(record.Length - done, page + PageSize - _place);
            record.AsSpan(done, part).CopyTo(_log.AsSpan(_place));
            done += part;
            _place += part;
            ulong lastEnd = done == record.Length ? lsn : _pages.GetValueOrDefault(page).LastEnd;
            _pages[page] = (lsn, lastEnd, (_place - page + 7) & ~7);
        }
        _place = (_place + 7) & ~7;
        // A transaction goes on, or the next one begins.
        _previous = type == LogRecordHeader.ClientRestart || client[0] == (byte)LogOperation.ForgetTransaction ? 0 : lsn;
        return LastLsn = lsn;
    }

    private void NextPage()
    {
        int page = (_place - 1) / PageSize * PageSize + PageSize;
        if (page >= _log.Length)
        {
            page = _firstPage;
            _round++;
        }
        _log.AsSpan(page, PageSize).Clear();
        _pages.Remove(page);
        _place = page + DataOffset;
    }

    private static byte[] Table(int entry, int count)
    {
        byte[] table = new byte[0x18 + (entry * count)];
        BinaryPrimitives.WriteUInt16LittleEndian(table, (ushort)entry);
        BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(2), (ushort)count);
        BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(4), (ushort)count);
        return table;
    }

    private static void OpenEntry(Span<byte> entry, uint type, ulong file, uint bytesPerIndex, bool is32Bit)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(entry, 0xFFFFFFFF);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[(is32Bit ? 0x28 : 0x04)..], bytesPerIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[(is32Bit ? 0x1C : 0x08)..], type);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[(is32Bit ? 0x08 : 0x10)..], file | (1UL << 48));
    }

    private static void Header(Span<byte> data, string signature, int sequence)
    {
        Encoding.ASCII.GetBytes(signature, data);
        BinaryPrimitives.WriteUInt16LittleEndian(data[4..], (ushort)sequence);
        BinaryPrimitives.WriteUInt16LittleEndian(data[6..], (PageSize / 512) + 1);
    }

    private static void Protect(Span<byte> data)
    {
        int sequence = BinaryPrimitives.ReadUInt16LittleEndian(data[4..]);
        data[sequence] = 7;
        data[sequence + 1] = 0;
        for (int i = 1; i <= PageSize / 512; i++)
        {
            data.Slice((i * 512) - 2, 2).CopyTo(data[(sequence + (i * 2))..]);
            data[(i * 512) - 2] = 7;
            data[(i * 512) - 1] = 0;
        }
    }
}
