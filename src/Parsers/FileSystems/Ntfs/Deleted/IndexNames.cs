using System.Buffers.Binary;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ntfs.Deleted;

/// <summary>A name found in the index of a directory: in an entry that is or was one.</summary>
/// <param name="Reference">Reference to its file; 0 where the end mark of the index was written over it.</param>
/// <param name="Value">The key: a whole FILE_NAME.</param>
/// <param name="IsInSlack">It lies behind the last entry.</param>
internal readonly record struct IndexName(ulong Reference, byte[] Value, bool IsInSlack);

/// <summary>Finds names in the index of a directory, used or not, by what every key begins with: the reference to the directory itself.</summary>
internal static class IndexNames
{
    private const int EntryHeaderSize = 0x10;
    private const int FileNameSize = 0x42;
    private const int RootHeaderSize = 0x10;
    private const int RecordHeaderSize = 0x18;
    private const int Alignment = 8;
    private const ushort LastEntry = 2;

    /// <summary>Names in the value of $INDEX_ROOT.</summary>
    public static void InRoot(ReadOnlySpan<byte> value, ulong directory, List<IndexName> names)
    {
        if (value.Length >= RootHeaderSize + EntryHeaderSize)
        {
            Search(value, RootHeaderSize + EntryHeaderSize, UsedEnd(value, RootHeaderSize), directory, names);
        }
    }

    /// <summary>Names in the index records of $INDEX_ALLOCATION. Throws what reading throws.</summary>
    public static void InRecords(IByteSource content, int recordSize, ulong directory, List<IndexName> names, int most, CancellationToken cancellation)
    {
        byte[] record = new byte[recordSize];
        for (long offset = 0; content.Length - offset >= recordSize && names.Count < most; offset += recordSize)
        {
            cancellation.ThrowIfCancellationRequested();
            if (content is ISparseByteSource sparse)
            {
                if (!sparse.NextData(offset, out long start, out _))
                {
                    return;
                }
                offset = Math.Max(offset, start / recordSize * recordSize);
            }
            if (content.ReadUpTo(offset, record) < recordSize)
            {
                return;
            }
            if (!record.AsSpan().StartsWith("INDX"u8))
            {
                continue;
            }
            UpdateSequence.Restore(record);
            Search(record, RecordHeaderSize + EntryHeaderSize, UsedEnd(record, RecordHeaderSize), directory, names);
        }
    }

    private static int UsedEnd(ReadOnlySpan<byte> data, int header)
    {
        uint used = BinaryPrimitives.ReadUInt32LittleEndian(data[(header + 4)..]);
        return used > (uint)(data.Length - header) ? data.Length : header + (int)used;
    }

    private static void Search(ReadOnlySpan<byte> data, int from, int usedEnd, ulong directory, List<IndexName> names)
    {
        for (int at = from; at + EntryHeaderSize + FileNameSize <= data.Length; at += Alignment)
        {
            ReadOnlySpan<byte> key = data[(at + EntryHeaderSize)..];
            if (BinaryPrimitives.ReadUInt64LittleEndian(key) != directory)
            {
                continue;
            }
            int length = FileNameSize + (key[0x40] * 2);
            if (key[0x40] == 0 || key[0x41] > 3 || length > key.Length)
            {
                continue;
            }
            bool isWhole = BinaryPrimitives.ReadUInt16LittleEndian(data[(at + 0x0A)..]) == length && (BinaryPrimitives.ReadUInt16LittleEndian(data[(at + 0x0C)..]) & LastEntry) == 0;
            names.Add(new IndexName(isWhole ? BinaryPrimitives.ReadUInt64LittleEndian(data[at..]) : 0, key[..length].ToArray(), at >= usedEnd - EntryHeaderSize));
        }
    }
}
