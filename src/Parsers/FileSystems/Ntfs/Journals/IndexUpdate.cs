using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>Applies one logged operation to a list of index entries, in an index root or an index buffer. False means that nothing was changed.</summary>
internal static class IndexUpdate
{
    /// <summary>INDEX_HEADER: offset of the first entry, bytes in use, bytes there are, flags; offsets count from it.</summary>
    public const int HeaderSize = 0x10;

    private const int FirstFreeByteAt = 4;
    private const int BytesAvailableAt = 8;
    private const int SmallestEntry = 0x10;
    private const int FlagsAt = 0x0C;
    private const ushort HasChild = 1;
    private const ushort IsLast = 2;

    /// <summary>The times, sizes and attributes that an entry of a directory repeats (DUPLICATED_INFORMATION), after the reference to the parent.</summary>
    private const int DuplicatedAt = SmallestEntry + 8;
    private const int DuplicatedSize = 0x38;

    /// <summary>Length of an entry; 0 when it is none.</summary>
    public static int EntrySize(ReadOnlySpan<byte> entry)
    {
        int size = entry.Length < SmallestEntry ? 0 : U16(entry, 8);
        return size < SmallestEntry || (size & 7) != 0 || size > entry.Length ? 0 : size;
    }

    /// <summary>Whether an entry begins at an offset.</summary>
    /// <param name="list">From the header to the end of the space for entries.</param>
    /// <param name="at">Bytes from the header.</param>
    public static bool IsEntry(ReadOnlySpan<byte> list, int at)
    {
        uint used = U32(list, FirstFreeByteAt);
        uint first = U32(list, 0);
        if (used > list.Length || first < HeaderSize || first > used)
        {
            return false;
        }
        int position = (int)first;
        while (position < at)
        {
            int size = EntrySize(list[position..(int)used]);
            if (size == 0 || (U16(list, position + FlagsAt) & IsLast) != 0)
            {
                return false;
            }
            position += size;
        }
        return position == at && EntrySize(list[position..(int)used]) > 0;
    }

    /// <summary>Applies an operation on the root or on a buffer.</summary>
    /// <param name="operation">What to do.</param>
    /// <param name="list">From the header to the end of the space for entries; changed in place.</param>
    /// <param name="at">The entry, in bytes from the header.</param>
    /// <param name="data">Redo or undo data.</param>
    public static bool Apply(LogOperation operation, Span<byte> list, int at, ReadOnlySpan<byte> data)
    {
        if (at < HeaderSize)
        {
            return false;
        }
        if (operation is LogOperation.WriteEndOfIndexBuffer)
        {
            // What is written is the last entry, or all from some entry on.
            if (at + data.Length > list.Length || at > U32(list, FirstFreeByteAt))
            {
                return false;
            }
            data.CopyTo(list[at..]);
            BinaryPrimitives.WriteUInt32LittleEndian(list[FirstFreeByteAt..], (uint)(at + data.Length));
            return true;
        }
        if (!IsEntry(list, at))
        {
            return false;
        }
        int used = (int)U32(list, FirstFreeByteAt);
        Span<byte> entry = list.Slice(at, EntrySize(list[at..used]));
        switch (operation)
        {
            case LogOperation.AddIndexEntryRoot or LogOperation.AddIndexEntryAllocation:
                int added = EntrySize(data);
                if (added == 0 || used + added > list.Length || used + added > U32(list, BytesAvailableAt))
                {
                    return false;
                }
                list[at..used].CopyTo(list[(at + added)..]);
                data[..added].CopyTo(list[at..]);
                BinaryPrimitives.WriteUInt32LittleEndian(list[FirstFreeByteAt..], (uint)(used + added));
                return true;
            case LogOperation.DeleteIndexEntryRoot or LogOperation.DeleteIndexEntryAllocation:
                if ((U16(entry, FlagsAt) & IsLast) != 0)
                {
                    return false;
                }
                int removed = entry.Length;
                list[(at + removed)..used].CopyTo(list[at..]);
                BinaryPrimitives.WriteUInt32LittleEndian(list[FirstFreeByteAt..], (uint)(used - removed));
                return true;
            case LogOperation.SetIndexEntryVcnRoot or LogOperation.SetIndexEntryVcnAllocation:
                return (U16(entry, FlagsAt) & HasChild) != 0 && entry.Length >= SmallestEntry + 8 && data.Length >= 8 && data[..8].TryCopyTo(entry[^8..]);
            case LogOperation.UpdateFileNameRoot or LogOperation.UpdateFileNameAllocation:
                return data.Length <= DuplicatedSize && entry.Length >= DuplicatedAt + DuplicatedSize && data.TryCopyTo(entry[DuplicatedAt..]);
            case LogOperation.UpdateRecordDataRoot or LogOperation.UpdateRecordDataAllocation:
                int value = U16(entry, 0);
                return value >= SmallestEntry && value <= entry.Length && data.TryCopyTo(entry[value..]);
            default:
                return false;
        }
    }

    private static ushort U16(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);

    private static uint U32(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);
}
