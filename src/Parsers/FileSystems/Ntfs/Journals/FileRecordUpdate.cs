using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>
/// Applies one logged operation to a record of the master file table whose fix-ups are undone. Everything is checked before anything is changed: false means that the record is as it
/// was.
/// </summary>
internal static class FileRecordUpdate
{
    private const int SequenceNumberAt = 0x10;
    private const int LinkCountAt = 0x12;
    private const int FirstAttributeAt = 0x14;
    private const int FlagsAt = 0x16;
    private const int FirstFreeByteAt = 0x18;
    private const int NextInstanceAt = 0x28;
    private const ushort InUse = 1;

    private const int ResidentHeader = 0x18;
    private const int NonresidentHeader = 0x40;
    private const int InstanceAt = 0x0E;
    private const int ValueLengthAt = 0x10;
    private const int ValueOffsetAt = 0x14;
    private const int ResidentFlagsAt = 0x16;
    private const int HighestVcnAt = 0x18;
    private const int MappingPairsAt = 0x20;
    private const int AllocatedLengthAt = 0x28;
    private const int TotalAllocatedAt = 0x40;
    private const uint EndMark = 0xFFFFFFFF;
    private const int MostRuns = 32768;

    /// <summary>Applies an operation.</summary>
    /// <param name="operation">One with <see cref="LogTarget.FileRecord"/>.</param>
    /// <param name="record">The record; changed in place.</param>
    /// <param name="client">The log record: where in the file record, where in the attribute, and the lengths of both sides.</param>
    /// <param name="data">Its redo or its undo data.</param>
    public static bool Apply(LogOperation operation, Span<byte> record, in LogClientRecord client, ReadOnlySpan<byte> data)
    {
        int at = client.RecordOffset;
        if (operation is LogOperation.InitializeFileRecordSegment or LogOperation.ZeroEndOfFileRecord or LogOperation.WriteEndOfFileRecordSegment && at + data.Length > record.Length)
        {
            return false;
        }
        switch (operation)
        {
            case LogOperation.InitializeFileRecordSegment:
                data.CopyTo(record[at..]);
                return true;
            case LogOperation.DeallocateFileRecordSegment:
                Put16(record, FlagsAt, (ushort)(U16(record, FlagsAt) & ~InUse));
                // 0 would fit every reference.
                Put16(record, SequenceNumberAt, (ushort)Math.Max(1, (U16(record, SequenceNumberAt) + 1) & 0xFFFF));
                return true;
            case LogOperation.ZeroEndOfFileRecord:
                record.Slice(at, data.Length).Clear();
                return true;
        }
        if (!IsBoundary(record, at, out bool isEnd) || (isEnd && operation is not (LogOperation.CreateAttribute or LogOperation.WriteEndOfFileRecordSegment)))
        {
            return false;
        }
        switch (operation)
        {
            case LogOperation.WriteEndOfFileRecordSegment:
                data.CopyTo(record[at..]);
                Put32(record, FirstFreeByteAt, (uint)Math.Min(record.Length, Aligned(at + data.Length)));
                return true;
            case LogOperation.CreateAttribute:
                return Create(record, at, data);
            case LogOperation.DeleteAttribute:
                return Delete(record, at);
            case LogOperation.UpdateResidentValue:
                return UpdateValue(record, at, client.AttributeOffset, data, client.RedoLength == client.UndoLength);
            case LogOperation.UpdateMappingPairs:
                return UpdateMap(record, at, client.AttributeOffset, data);
            case LogOperation.SetNewAttributeSizes:
                return SetSizes(record, at, data);
            default:
                return UpdateRoot(operation, record, at, client.AttributeOffset, data);
        }
    }

    private static bool Create(Span<byte> record, int at, ReadOnlySpan<byte> data)
    {
        int size = data.Length < ResidentHeader ? 0 : (int)Math.Min(U32(data, 4), int.MaxValue);
        if (size < ResidentHeader || (size & 7) != 0 || size > data.Length || !Resize(record, at, 0, size))
        {
            return false;
        }
        data[..size].CopyTo(record[at..]);
        ushort instance = U16(data, InstanceAt);
        if (U16(record, NextInstanceAt) <= instance)
        {
            Put16(record, NextInstanceAt, unchecked((ushort)(instance + 1)));
        }
        CountLink(record, at, +1);
        return true;
    }

    private static bool Delete(Span<byte> record, int at)
    {
        int size = SizeOf(record, at);
        CountLink(record, at, -1);
        return Resize(record, at, size, 0);
    }

    private static bool UpdateValue(Span<byte> record, int at, int within, ReadOnlySpan<byte> data, bool keepsLength)
    {
        int size = SizeOf(record, at);
        int end = within + data.Length;
        if (keepsLength)
        {
            if (end > size || within < ResidentHeader)
            {
                return false;
            }
            data.CopyTo(record[(at + within)..]);
            return true;
        }
        int value = U16(record, at + ValueOffsetAt);
        if (!IsResident(record, at) || value < ResidentHeader || within < value || within > size || !Resize(record, at, size, Aligned(end)))
        {
            return false;
        }
        data.CopyTo(record[(at + within)..]);
        Put32(record, at + 4, (uint)Aligned(end));
        Put32(record, at + ValueLengthAt, (uint)(end - value));
        return true;
    }

    private static bool UpdateMap(Span<byte> record, int at, int within, ReadOnlySpan<byte> data)
    {
        int size = SizeOf(record, at);
        if (IsResident(record, at) || size < NonresidentHeader)
        {
            return false;
        }
        int pairs = U16(record, at + MappingPairsAt);
        long lowest = BinaryPrimitives.ReadInt64LittleEndian(record[(at + 0x10)..]);
        if (pairs < NonresidentHeader || within < pairs || within > size || lowest < 0)
        {
            return false;
        }
        var runs = new List<DataRun>();
        try
        {
            byte[] whole = [.. record.Slice(at + pairs, within - pairs), .. data];
            MappingPairs.Decode(whole, lowest, 1L << 48, MostRuns, runs);
        }
        catch (ForensicException failure) when (failure is CorruptDataException or LimitExceededException)
        {
            return false;
        }
        int newSize = Aligned(within + data.Length);
        if (!Resize(record, at, size, newSize))
        {
            return false;
        }
        data.CopyTo(record[(at + within)..]);
        Put32(record, at + 4, (uint)newSize);
        BinaryPrimitives.WriteInt64LittleEndian(record[(at + HighestVcnAt)..], (runs.Count == 0 ? lowest : runs[^1].End) - 1);
        return true;
    }

    /// <summary>NEW_ATTRIBUTE_SIZES: allocated, valid, file size and, for compressed and sparse attributes, what is really allocated.</summary>
    private static bool SetSizes(Span<byte> record, int at, ReadOnlySpan<byte> data)
    {
        int size = SizeOf(record, at);
        if (IsResident(record, at) || size < NonresidentHeader || data.Length < 24)
        {
            return false;
        }
        data[..8].CopyTo(record[(at + AllocatedLengthAt)..]);
        data.Slice(16, 8).CopyTo(record[(at + AllocatedLengthAt + 8)..]);
        data.Slice(8, 8).CopyTo(record[(at + AllocatedLengthAt + 16)..]);
        if (data.Length >= 32 && U16(record, at + MappingPairsAt) >= TotalAllocatedAt + 8 && size >= TotalAllocatedAt + 8)
        {
            data.Slice(24, 8).CopyTo(record[(at + TotalAllocatedAt)..]);
        }
        return true;
    }

    private static bool UpdateRoot(LogOperation operation, Span<byte> record, int at, int within, ReadOnlySpan<byte> data)
    {
        int size = SizeOf(record, at);
        int value = U16(record, at + ValueOffsetAt);
        // The value begins with the header of the root, then comes that of the list of entries.
        int header = value + 0x10;
        if (!IsResident(record, at) || value < ResidentHeader || header + IndexUpdate.HeaderSize > size || within < header)
        {
            return false;
        }
        int growth = operation switch
        {
            LogOperation.AddIndexEntryRoot => IndexUpdate.EntrySize(data),
            LogOperation.DeleteIndexEntryRoot => -IndexUpdate.EntrySize(record[at..(at + size)][Math.Min(within, size)..]),
            _ => 0,
        };
        if (!IndexUpdate.IsEntry(record.Slice(at + header, size - header), within - header)
            || (operation is LogOperation.AddIndexEntryRoot && (growth <= 0 || !Resize(record, at, size, size + growth))))
        {
            return false;
        }
        int length = Math.Max(size, size + growth);
        if (growth > 0)
        {
            Put32(record, at + 4, (uint)length);
            Put32(record, at + header + 8, (uint)Math.Min(U32(record, at + header + 8) + (ulong)growth, int.MaxValue));
        }
        if (!IndexUpdate.Apply(operation, record.Slice(at + header, length - header), within - header, data))
        {
            if (growth > 0)
            {
                Put32(record, at + header + 8, U32(record, at + header + 8) - (uint)growth);
                Put32(record, at + 4, (uint)size);
                Resize(record, at, length, size);
            }
            return false;
        }
        if (growth != 0)
        {
            Put32(record, at + ValueLengthAt, (uint)Math.Max(0, U32(record, at + ValueLengthAt) + growth));
        }
        if (growth < 0)
        {
            Put32(record, at + header + 8, (uint)Math.Max(0, U32(record, at + header + 8) + growth));
            Resize(record, at, size, size + growth);
            Put32(record, at + 4, (uint)(size + growth));
        }
        return true;
    }

    /// <summary>Moves what follows an attribute; false when there is no room.</summary>
    private static bool Resize(Span<byte> record, int at, int oldSize, int newSize)
    {
        long used = U32(record, FirstFreeByteAt);
        if (used > record.Length || at + oldSize > used || newSize < 0 || used + newSize - oldSize > record.Length)
        {
            return false;
        }
        record[(at + oldSize)..(int)used].CopyTo(record[(at + newSize)..]);
        Put32(record, FirstFreeByteAt, (uint)(used + newSize - oldSize));
        return true;
    }

    /// <summary>Whether an attribute, or the mark after the last one, begins at an offset.</summary>
    private static bool IsBoundary(ReadOnlySpan<byte> record, int at, out bool isEnd)
    {
        isEnd = false;
        uint used = U32(record, FirstFreeByteAt);
        int position = U16(record, FirstAttributeAt);
        if (used > record.Length || position < 0x28 || (position & 7) != 0)
        {
            return false;
        }
        while (position + 8 <= used)
        {
            uint type = U32(record, position);
            uint size = U32(record, position + 4);
            if (position == at)
            {
                isEnd = type == EndMark;
                return isEnd || (size >= ResidentHeader && size <= used - position);
            }
            if (type == EndMark || size < ResidentHeader || (size & 7) != 0 || size > used - position)
            {
                return false;
            }
            position += (int)size;
        }
        isEnd = true;
        return position == at;
    }

    /// <summary>Each name is an indexed attribute, and the record counts them.</summary>
    private static void CountLink(Span<byte> record, int at, int change)
    {
        if (IsResident(record, at) && (record[at + ResidentFlagsAt] & 1) != 0)
        {
            Put16(record, LinkCountAt, unchecked((ushort)(U16(record, LinkCountAt) + change)));
        }
    }

    private static bool IsResident(ReadOnlySpan<byte> record, int at) => record[at + 8] == 0;

    /// <summary>Of an attribute that <see cref="IsBoundary"/> found.</summary>
    private static int SizeOf(ReadOnlySpan<byte> record, int at) => (int)U32(record, at + 4);

    private static int Aligned(int value) => (value + 7) & ~7;

    private static ushort U16(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);

    private static uint U32(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);

    private static void Put16(Span<byte> data, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(data[at..], value);

    private static void Put32(Span<byte> data, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(data[at..], value);
}
