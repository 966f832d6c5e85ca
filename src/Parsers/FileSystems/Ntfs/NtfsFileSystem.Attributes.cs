using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <content>Extended attributes.</content>
public sealed partial class NtfsFileSystem
{
    // FILE_FULL_EA_INFORMATION lists are at most 64 KiB; no attribute is larger.
    private const int LargestExtendedAttributes = 64 << 10;

    /// <inheritdoc/>
    /// <remarks>Those of OS/2 and of Linux programs on Windows (<c>$LXUID</c>, <c>$LXMOD</c> ...), names without a prefix. Named streams are not among them.</remarks>
    public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(FileEntry file)
    {
        NtfsFileEntry own = Own(file);
        if (!own.HasExtendedAttributes)
        {
            return [];
        }
        NtfsAttribute attribute = Find(own, AttributeType.ExtendedAttributes, name => true);
        if (!attribute.IsFound)
        {
            return [];
        }
        ReadOnlySpan<byte> list = _content.Open(attribute, own.MetadataAddress, own.IsInUse).ReadArray(0, LargestExtendedAttributes);
        var result = new List<ExtendedAttribute>();
        while (list.Length >= 8)
        {
            uint next = BinaryPrimitives.ReadUInt32LittleEndian(list);
            int nameLength = list[5];
            int valueLength = BinaryPrimitives.ReadUInt16LittleEndian(list[6..]);
            if (8 + nameLength + 1 + valueLength > list.Length || nameLength == 0)
            {
                _diagnostics.Report("ntfs.extended_attribute", "a list of extended attributes holds one that cannot be", "name and value inside the list", "another", -1, own.MetadataAddress);
                break;
            }
            result.Add(new ExtendedAttribute(PathText.FromBytes(list.Slice(8, nameLength)), list.Slice(8 + nameLength + 1, valueLength).ToArray()));
            if (next == 0 || next < 8 + nameLength + 1 + valueLength || next >= list.Length)
            {
                break;
            }
            list = list[(int)next..];
        }
        return result;
    }
}
