using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>The four times that $STANDARD_INFORMATION and each $FILE_NAME hold.</summary>
/// <param name="Created">Creation.</param>
/// <param name="Modified">Change of the content.</param>
/// <param name="Changed">Change of the record.</param>
/// <param name="Accessed">Last access.</param>
public readonly record struct NtfsTimes(Timestamp Created, Timestamp Modified, Timestamp Changed, Timestamp Accessed)
{
    /// <summary>The instant of a FILETIME: 100 ns since 1601, unsigned, so up to the year 60056.</summary>
    public static Timestamp FromFileTime(ulong ticks) => Timestamp.FromFileTime(ticks);

    internal static NtfsTimes Read(ReadOnlySpan<byte> data, int created, int modified, int changed, int accessed) =>
        new(At(data, created), At(data, modified), At(data, changed), At(data, accessed));

    private static Timestamp At(ReadOnlySpan<byte> data, int offset) => FromFileTime(BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]));
}
