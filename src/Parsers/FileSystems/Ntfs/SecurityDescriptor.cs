using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>Owner and group of a self-relative security descriptor ([MS-DTYP] 2.4.6). Never throws: what does not fit is null.</summary>
internal static class SecurityDescriptor
{
    private const int HeaderSize = 20;
    private const int OwnerOffset = 4;
    private const int GroupOffset = 8;

    /// <summary>Owner and group; null where there is none or it does not lie inside.</summary>
    public static FileOwner Read(ReadOnlySpan<byte> descriptor) =>
        descriptor.Length < HeaderSize || descriptor[0] != 1 ? default : new FileOwner(SidAt(descriptor, OwnerOffset), SidAt(descriptor, GroupOffset));

    private static string? SidAt(ReadOnlySpan<byte> descriptor, int field)
    {
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[field..]);
        return offset < HeaderSize || offset > (uint)descriptor.Length ? null : Sid(descriptor[(int)offset..]);
    }

    /// <summary>The string form of a security identifier ([MS-DTYP] 2.4.2.1) at the start of some bytes; null when it is none.</summary>
    public static string? Sid(ReadOnlySpan<byte> bytes)
    {
        const int MostSubAuthorities = 15;
        const int AuthorityEnd = 8;
        if (bytes.Length < AuthorityEnd || bytes[0] != 1 || bytes[1] > MostSubAuthorities || bytes.Length < AuthorityEnd + (bytes[1] * 4))
        {
            return null;
        }
        ulong authority = ((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        var text = new StringBuilder("S-1-");
        text.Append(authority <= uint.MaxValue ? authority.ToString(CultureInfo.InvariantCulture) : "0x" + authority.ToString("X12", CultureInfo.InvariantCulture));
        for (int i = 0; i < bytes[1]; i++)
        {
            text.Append('-').Append(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(AuthorityEnd + (i * 4))..]).ToString(CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }
}
