using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>Loads L1 tables.</summary>
internal static class L1Table
{
    /// <summary>The largest table that is loaded, QEMU's own bound.</summary>
    public const long LargestBytes = 32 << 20;

    /// <summary>
    /// The entries of a table, cut short with a diagnostic where the file ends. Numbers too large for any file become one that lies past the end of every file.
    /// </summary>
    /// <param name="file">The image file.</param>
    /// <param name="offset">Where the table begins; any value.</param>
    /// <param name="entries">How many there are, at most <see cref="LargestBytes"/> / 8.</param>
    /// <param name="isBigEndian">Byte order.</param>
    /// <param name="mask">Bits of an entry that are the offset.</param>
    /// <param name="format">First part of the diagnostic code.</param>
    /// <param name="diagnostics">Where to.</param>
    public static long[] Load(IByteSource file, ulong offset, long entries, bool isBigEndian, ulong mask, string format, IDiagnosticSink diagnostics)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entries, LargestBytes / 8);
        byte[] table = offset < (ulong)file.Length ? file.ReadArray((long)offset, (int)(entries * 8)) : [];
        if (table.Length < entries * 8)
        {
            diagnostics.Report(new Diagnostic(format + ".l1.past-end", "the L1 table ends past the end of the image file; what it does not map reads as zeros")
            {
                Offset = offset <= long.MaxValue ? (long)offset : null,
                Expected = (entries * 8).ToString(CultureInfo.InvariantCulture) + " bytes",
                Actual = table.Length.ToString(CultureInfo.InvariantCulture) + " bytes",
                LosesContent = true,
            });
        }
        var l1 = new long[table.Length / 8];
        for (int i = 0; i < l1.Length; i++)
        {
            ReadOnlySpan<byte> bytes = table.AsSpan(i * 8);
            ulong entry = (isBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes)) & mask;
            l1[i] = (long)Math.Min(entry, TwoLevelDisk.HighestOffset);
        }
        return l1;
    }
}
