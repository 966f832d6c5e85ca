using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>The parent of a differencing disk as its child names it. [MS-VHDX] 2.6.2.6.</summary>
/// <param name="Names">The paths given, in the order in which they are to be tried.</param>
/// <param name="Linkages">The <c>DataWriteGuid</c> the parent must have, one of these.</param>
internal sealed record VhdxParentLocator(IReadOnlyList<string> Names, IReadOnlyList<Guid> Linkages)
{
    /// <summary>Most bytes of a locator that are read: the metadata region usually has 1 MiB in all.</summary>
    public const int MaxSize = 256 << 10;

    private const int HeaderSize = 20;
    private const int EntrySize = 12;

    private static readonly Guid s_type = new("B04AEFB7-D19E-4A81-B789-25B8E9445913");
    private static readonly string[] s_paths = ["relative_path", "volume_path", "absolute_win32_path"];
    private static readonly string[] s_linkages = ["parent_linkage", "parent_linkage2"];

    /// <summary>Reads the key-value list. Throws <see cref="UnsupportedFeatureException"/> for another type of locator, <see cref="CorruptDataException"/> for one that is cut.</summary>
    public static VhdxParentLocator Read(ReadOnlySpan<byte> bytes, long offset)
    {
        if (bytes.Length < HeaderSize)
        {
            throw new CorruptDataException("vhdx.parent-locator", offset, HeaderSize + " bytes", bytes.Length + " bytes");
        }
        var type = new Guid(bytes[..16]);
        if (type != s_type)
        {
            throw new UnsupportedFeatureException("VHDX parent locator of type " + type.ToString("B").ToUpperInvariant());
        }
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
        if (HeaderSize + count * EntrySize > bytes.Length)
        {
            throw new CorruptDataException("vhdx.parent-locator.key-value-count", offset + 18, "entries within the item", count.ToString(CultureInfo.InvariantCulture));
        }
        var names = new List<string>();
        var linkages = new List<Guid>();
        foreach (string key in s_paths)
        {
            if (Value(bytes, count, key) is { } path)
            {
                names.Add(path);
            }
        }
        foreach (string key in s_linkages)
        {
            if (Guid.TryParse(Value(bytes, count, key), out Guid linkage))
            {
                linkages.Add(linkage);
            }
        }
        return new VhdxParentLocator(names, linkages);
    }

    private static string? Value(ReadOnlySpan<byte> bytes, int count, string key)
    {
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = bytes.Slice(HeaderSize + i * EntrySize, EntrySize);
            ReadOnlySpan<byte> name = Part(bytes, BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]));
            if (name.Length == key.Length * 2 && Encoding.Unicode.GetString(name) == key)
            {
                ReadOnlySpan<byte> value = Part(bytes, BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]));
                return Encoding.Unicode.GetString(value).TrimEnd('\0');
            }
        }
        return null;
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> bytes, uint offset, ushort length) =>
        offset <= bytes.Length && length <= bytes.Length - offset ? bytes.Slice((int)offset, length) : [];
}
