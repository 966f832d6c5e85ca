using System.Globalization;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.Wmi;

/// <summary>OBJECTS.DATA: the objects, in pages that begin with a table of what is in them.</summary>
internal sealed class WmiObjects(IByteSource file, WmiPageMap map)
{
    private const int MaximumObject = 1 << 20;
    private const int DescriptorSize = 16;

    /// <summary>The object that the last part of a key leads to (<c>HASH.page.number.size</c>), and where it begins in the file; null when there is none.</summary>
    public byte[]? Find(string key, out long offset)
    {
        offset = 0;
        string[] numbers = key[(key.LastIndexOf('/') + 1)..].Split('.');
        if (numbers.Length != 4 || !uint.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint logical)
            || !uint.TryParse(numbers[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint id)
            || !int.TryParse(numbers[3], NumberStyles.None, CultureInfo.InvariantCulture, out int size) || size > MaximumObject || Page(logical) is not { } page)
        {
            return null;
        }
        var view = new FieldView(page, "wmi.objects");
        for (int at = 0; view.Has(at, DescriptorSize) && view.U32(at) != 0; at += DescriptorSize)
        {
            if (view.U32(at) == id)
            {
                uint start = view.U32(at + 4);
                offset = (map.Find(logical) ?? 0L) * WmiPageMap.PageSize + start;
                return Gather(logical, view.Slice(start, Math.Min(size, view.U32(at + 8))), size);
            }
        }
        return null;
    }

    /// <summary>What does not fit into a page goes on in the logical pages behind it, which have no table.</summary>
    private byte[] Gather(uint logical, ReadOnlySpan<byte> first, int size)
    {
        var whole = new byte[size];
        first.CopyTo(whole);
        int done = first.Length;
        for (uint next = logical + 1; done < size && Page(next) is { } page; next++)
        {
            int part = Math.Min(page.Length, size - done);
            page.AsSpan(0, part).CopyTo(whole.AsSpan(done));
            done += part;
        }
        return done == size ? whole : whole[..done];
    }

    private byte[]? Page(uint logical)
    {
        if (map.Find(logical) is not { } physical || (physical + 1L) * WmiPageMap.PageSize > file.Length)
        {
            return null;
        }
        byte[] page = file.ReadArray((long)physical * WmiPageMap.PageSize, WmiPageMap.PageSize);
        return page.Length == WmiPageMap.PageSize ? page : null;
    }
}
