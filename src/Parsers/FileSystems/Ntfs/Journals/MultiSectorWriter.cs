using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>The other way round than <see cref="UpdateSequence.Restore"/>: puts a record into the form in which it lies on the disk.</summary>
internal static class MultiSectorWriter
{
    /// <summary>Saves the end of each stride in the update sequence array and puts the next number there. False, and nothing changed, when the array does not fit the record.</summary>
    public static bool Protect(Span<byte> record)
    {
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
        if (count < 2 || offset < 8 || (offset & 1) != 0 || offset + (count * 2) > Math.Min(record.Length, UpdateSequence.Stride) - 2 || (count - 1) * UpdateSequence.Stride > record.Length)
        {
            return false;
        }
        // 0 marks what was never written.
        int next = (BinaryPrimitives.ReadUInt16LittleEndian(record[offset..]) + 1) & 0xFFFF;
        ushort number = (ushort)Math.Max(1, next);
        BinaryPrimitives.WriteUInt16LittleEndian(record[offset..], number);
        for (int i = 1; i < count; i++)
        {
            Span<byte> end = record.Slice((i * UpdateSequence.Stride) - 2, 2);
            end.CopyTo(record[(offset + (i * 2))..]);
            BinaryPrimitives.WriteUInt16LittleEndian(end, number);
        }
        return true;
    }
}
