using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>
/// Reads the tables that NTFS dumps into the log at a checkpoint (<c>RESTART_TABLE</c>: a header of 24 bytes and entries of one size, of which those in use begin with
/// 0xFFFFFFFF). An entry is named by its byte offset in the table. A table that does not fit its record is read as far as it goes.
/// </summary>
internal static class LogTables
{
    private const int HeaderSize = 0x18;
    private const uint Allocated = 0xFFFFFFFF;

    /// <summary>An attribute that was open, by which records name it.</summary>
    /// <param name="Type">Attribute type code.</param>
    /// <param name="FileRecord">MFT record number of the file.</param>
    /// <param name="BytesPerIndexBuffer">Size of an index buffer of an index allocation, else 0.</param>
    internal readonly record struct OpenAttribute(uint Type, ulong FileRecord, uint BytesPerIndexBuffer)
    {
        public const uint IndexAllocation = 0xA0;
        public const uint Data = 0x80;

        /// <summary>The master file table itself.</summary>
        public bool IsMft => Type == Data && FileRecord == 0;
    }

    /// <summary>An entry of the open attribute table: 44 bytes on 32-bit systems, 40 on 64-bit ones.</summary>
    public static OpenAttribute? Attribute(ReadOnlySpan<byte> entry) => entry.Length switch
    {
        >= 0x2C => new OpenAttribute(U32(entry, 0x1C), U64(entry, 0x08) & 0xFFFF_FFFF_FFFF, U32(entry, 0x28)),
        >= 0x28 => new OpenAttribute(U32(entry, 0x08), U64(entry, 0x10) & 0xFFFF_FFFF_FFFF, U32(entry, 0x04)),
        _ => null,
    };

    /// <summary>Adds the attributes that were open at the checkpoint.</summary>
    public static void ReadAttributes(ReadOnlySpan<byte> table, LogState state)
    {
        foreach (int at in Entries(table, 0x28, out int size))
        {
            if (at <= ushort.MaxValue && Attribute(table.Slice(at, size)) is { } attribute)
            {
                state.Attributes[(ushort)at] = attribute;
            }
        }
    }

    /// <summary>Adds the clusters whose pages had changed in memory only.</summary>
    /// <param name="isOld">As 32-bit systems wrote it.</param>
    public static void ReadDirtyPages(ReadOnlySpan<byte> table, bool isOld, LogState state)
    {
        int vcnAt = isOld ? 0x14 : 0x10;
        int lcnsAt = vcnAt + 0x10;
        foreach (int at in Entries(table, lcnsAt, out int size))
        {
            ReadOnlySpan<byte> entry = table.Slice(at, size);
            uint attribute = U32(entry, 0x04);
            long vcn = (long)Math.Min(U64(entry, vcnAt), long.MaxValue);
            ulong oldest = U64(entry, vcnAt + 8);
            int count = (int)Math.Min(U32(entry, 0x0C), (uint)(size - lcnsAt) / 8);
            for (int i = 0; attribute <= ushort.MaxValue && vcn < 1L << 48 && i < count; i++)
            {
                state.Touch((ushort)attribute, vcn + i, BinaryPrimitives.ReadInt64LittleEndian(entry[(lcnsAt + (i * 8))..]), oldest);
            }
        }
    }

    /// <summary>Adds the transactions that were running.</summary>
    public static void ReadTransactions(ReadOnlySpan<byte> table, LogState state)
    {
        foreach (int at in Entries(table, 0x28, out int size))
        {
            ReadOnlySpan<byte> entry = table.Slice(at, size);
            state.Transactions[(uint)at] = new LogTransaction { IsActive = entry[4] == 1, FirstLsn = U64(entry, 0x08), UndoNextLsn = U64(entry, 0x18) };
        }
    }

    private static List<int> Entries(ReadOnlySpan<byte> table, int smallest, out int size)
    {
        var found = new List<int>();
        size = table.Length < HeaderSize ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(table);
        if (size < smallest)
        {
            return found;
        }
        int count = BinaryPrimitives.ReadUInt16LittleEndian(table[0x02..]);
        for (int i = 0, at = HeaderSize; i < count && at + size <= table.Length; i++, at += size)
        {
            if (U32(table, at) == Allocated)
            {
                found.Add(at);
            }
        }
        return found;
    }

    private static uint U32(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);

    private static ulong U64(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]);
}
