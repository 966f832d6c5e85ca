using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Forensics.Parsers;

/// <summary>Security identifiers of Windows as text: [MS-DTYP] 2.4.2, <see href="https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp/f992ad60-0fe4-4b87-9fed-beb478836861"/>.</summary>
internal static class SecurityIdentifier
{
    private const int MostSubAuthorities = 15;
    private const int HeaderSize = 8;

    /// <summary>The string form, <c>S-1-5-18</c>, of the identifier at the start of some bytes; null when it is none. Never throws.</summary>
    public static string? Text(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize || bytes[0] != 1 || bytes[1] > MostSubAuthorities || bytes.Length < HeaderSize + (bytes[1] * 4))
        {
            return null;
        }
        ulong authority = ((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        var text = new StringBuilder("S-1-");
        text.Append(authority <= uint.MaxValue ? authority.ToString(CultureInfo.InvariantCulture) : "0x" + authority.ToString("X12", CultureInfo.InvariantCulture));
        for (int i = 0; i < bytes[1]; i++)
        {
            text.Append('-').Append(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(HeaderSize + (i * 4))..]).ToString(CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }
}
