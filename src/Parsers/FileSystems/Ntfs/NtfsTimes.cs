using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>The four times that $STANDARD_INFORMATION and each $FILE_NAME hold.</summary>
/// <param name="Created">Creation.</param>
/// <param name="Modified">Change of the content.</param>
/// <param name="Changed">Change of the record.</param>
/// <param name="Accessed">Last access.</param>
public readonly record struct NtfsTimes(Timestamp Created, Timestamp Modified, Timestamp Changed, Timestamp Accessed)
{
    private const ulong TicksPerSecond = 10_000_000;
    private const long SecondsFrom1601To1970 = 11_644_473_600;

    /// <summary>The instant of a FILETIME: 100 ns since 1601, unsigned, so up to the year 60056.</summary>
    public static Timestamp FromFileTime(ulong ticks) =>
        new((long)(ticks / TicksPerSecond) - SecondsFrom1601To1970, (int)(ticks % TicksPerSecond) * 100);

    internal static NtfsTimes Read(ReadOnlySpan<byte> data, int created, int modified, int changed, int accessed) =>
        new(At(data, created), At(data, modified), At(data, changed), At(data, accessed));

    private static Timestamp At(ReadOnlySpan<byte> data, int offset) => FromFileTime(BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]));
}
