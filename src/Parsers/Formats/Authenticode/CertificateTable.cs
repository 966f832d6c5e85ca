using System.Buffers.Binary;
using Forensics.Parsers.Formats.Pe;

namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>The attribute certificate table of a PE image: WIN_CERTIFICATE entries behind the sections.</summary>
internal static class CertificateTable
{
    private const int Header = 8;
    private const int MostEntries = 16;
    private const ushort PkcsSignedData = 2;

    /// <summary>Whether the image states a table at all, and where the first PKCS #7 message of it lies.</summary>
    /// <param name="content">The complete file.</param>
    /// <param name="layout">Its headers.</param>
    /// <param name="offset">Offset of the message; 0 when none can be found.</param>
    /// <param name="length">Room of the message in bytes, filling included.</param>
    public static bool TryFind(ReadOnlySpan<byte> content, PeLayout layout, out int offset, out int length)
    {
        (offset, length) = (0, 0);
        (uint address, uint size) = layout.Directory(PeDirectory.Security);
        if (address == 0 || size == 0)
        {
            return false;
        }
        long at = address;
        long end = Math.Min((long)address + size, content.Length);
        for (int i = 0; i < MostEntries && at <= end - Header; i++)
        {
            uint entry = BinaryPrimitives.ReadUInt32LittleEndian(content[(int)at..]);
            if (entry <= Header || entry > end - at)
            {
                break;
            }
            if (BinaryPrimitives.ReadUInt16LittleEndian(content[((int)at + 6)..]) == PkcsSignedData)
            {
                (offset, length) = ((int)at + Header, (int)entry - Header);
                break;
            }
            at += (entry + 7L) & ~7L;
        }
        return true;
    }
}
