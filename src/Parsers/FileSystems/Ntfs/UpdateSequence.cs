using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>
/// The update sequence of a multi-sector record (<c>FILE</c>, <c>INDX</c>, <c>RSTR</c>, <c>RCRD</c>): the last two bytes of each 512-byte stride were replaced by a number when the record was
/// written, so that a torn write shows. Whatever the sector size, the stride is 512 bytes (MULTI_SECTOR_HEADER, SEQUENCE_NUMBER_STRIDE).
/// </summary>
public static class UpdateSequence
{
    /// <summary>Bytes from one protected place to the next.</summary>
    public const int Stride = 512;

    /// <summary>
    /// Puts the saved bytes back. Strides whose number fits are restored even when others do not. Never throws.
    /// </summary>
    /// <param name="record">The whole record; changed in place.</param>
    /// <returns>What was found.</returns>
    public static UpdateSequenceState Restore(Span<byte> record)
    {
        if (record.Length < 8)
        {
            return UpdateSequenceState.Invalid;
        }
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
        // One number and one saved pair a stride; the array itself must not be split by what it protects.
        if (count < 2 || offset < 8 || (offset & 1) != 0 || offset + (count * 2) > Math.Min(record.Length, Stride) - 2 || (count - 1) * Stride > record.Length)
        {
            return UpdateSequenceState.Invalid;
        }
        ushort number = BinaryPrimitives.ReadUInt16LittleEndian(record[offset..]);
        UpdateSequenceState state = (count - 1) * Stride == record.Length ? UpdateSequenceState.Whole : UpdateSequenceState.Short;
        for (int i = 1; i < count; i++)
        {
            Span<byte> end = record.Slice((i * Stride) - 2, 2);
            if (BinaryPrimitives.ReadUInt16LittleEndian(end) != number)
            {
                state = UpdateSequenceState.Torn;
                continue;
            }
            record.Slice(offset + (i * 2), 2).CopyTo(end);
        }
        return state;
    }
}

/// <summary>What <see cref="UpdateSequence.Restore"/> found.</summary>
public enum UpdateSequenceState
{
    /// <summary>Every stride was written together.</summary>
    Whole,
    /// <summary>The array covers a part of the record only, and that part was written together.</summary>
    Short,
    /// <summary>A stride has another number: the record was not written to its end, or was changed.</summary>
    Torn,
    /// <summary>There is no usable update sequence array; nothing was changed.</summary>
    Invalid,
}
