using System.Buffers.Binary;

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
        return offset < HeaderSize || offset > (uint)descriptor.Length ? null : SecurityIdentifier.Text(descriptor[(int)offset..]);
    }
}
