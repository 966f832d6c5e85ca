using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>Turns an access control list as ext stores it into the form the kernel's getxattr returns (linux/posix_acl_xattr.h).</summary>
internal static class PosixAcl
{
    private const uint DiskVersion = 1;
    private const uint AttributeVersion = 2;
    private const int HeaderSize = 4;
    private const int ShortEntry = 4;
    private const int LongEntry = 8;
    private const ushort User = 0x02;
    private const ushort Group = 0x08;
    private const uint NoId = uint.MaxValue;

    /// <summary>False when the stored form is broken.</summary>
    public static bool TryConvert(ReadOnlySpan<byte> stored, out byte[] result)
    {
        result = [];
        if (stored.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(stored) != DiskVersion)
        {
            return false;
        }
        stored = stored[HeaderSize..];
        var output = new byte[HeaderSize + stored.Length / ShortEntry * LongEntry];
        BinaryPrimitives.WriteUInt32LittleEndian(output, AttributeVersion);
        int length = HeaderSize;
        while (stored.Length >= ShortEntry)
        {
            ushort tag = BinaryPrimitives.ReadUInt16LittleEndian(stored);
            int size = tag is User or Group ? LongEntry : ShortEntry;
            if (stored.Length < size)
            {
                return false;
            }
            stored[..ShortEntry].CopyTo(output.AsSpan(length));
            BinaryPrimitives.WriteUInt32LittleEndian(output.AsSpan(length + ShortEntry), size == LongEntry ? BinaryPrimitives.ReadUInt32LittleEndian(stored[ShortEntry..]) : NoId);
            length += LongEntry;
            stored = stored[size..];
        }
        result = output[..length];
        return stored.Length == 0;
    }
}
