using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>Compares two states of a record of the master file table whose fix-ups are undone.</summary>
internal static class FileRecordComparison
{
    private const int AccessTimeAt = 0x18;

    /// <summary>Whether nothing differs but the log sequence number, the update sequence and the access time of $STANDARD_INFORMATION.</summary>
    public static bool SameButAccess(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => Plain(one).AsSpan().SequenceEqual(Plain(other));

    private static byte[] Plain(ReadOnlySpan<byte> record)
    {
        var view = new FileRecordView(record);
        int used = (int)Math.Clamp(view.FirstFreeByte, 0x2Au, (uint)record.Length);
        byte[] plain = record[..used].ToArray();
        plain.AsSpan(0x08, 8).Clear();
        int sequence = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]) * 2;
        if (sequence + length <= used)
        {
            plain.AsSpan(sequence, length).Clear();
        }
        foreach (AttributeView attribute in view)
        {
            int at = attribute.Position + attribute.ValueOffset + AccessTimeAt;
            if (attribute.TypeCode == AttributeType.StandardInformation && attribute.IsResident && attribute.ValueLength >= AccessTimeAt + 8 && at + 8 <= used)
            {
                plain.AsSpan(at, 8).Clear();
            }
        }
        return plain;
    }
}
