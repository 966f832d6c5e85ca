using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Wmi;

/// <summary>Where the pages of a file of the WMI repository lie: physical page by logical page, as a mapping file states it.</summary>
/// <param name="Sequence">Grows with each write; of several mapping files the one with the largest counts.</param>
/// <param name="IsOldForm">Windows XP and 2003: names are hashed by MD5.</param>
/// <param name="RootPage">What the first entry says of the root of the index; 0 in the old form.</param>
public sealed record WmiPageMap(uint Sequence, bool IsOldForm, uint RootPage)
{
    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 8192;

    private const uint StartSignature = 0xABCD;
    private const uint EndSignature = 0xDCBA;
    private const uint PageMask = 0x3FFFFFFF;
    private const int MaximumPages = 4 << 20;

    private uint[] Pages { get; init; } = [];

    /// <summary>Number of logical pages.</summary>
    public int Count => Pages.Length;

    /// <summary>Physical pages that are in use.</summary>
    public IEnumerable<uint> Used => Pages.Where(page => page != PageMask);

    /// <summary>The physical page; null when the logical one is not stored.</summary>
    public uint? Find(uint logical) => logical < Pages.Length && Pages[logical] != PageMask ? Pages[logical] : null;

    /// <summary>Reads the maps of a mapping file: that of OBJECTS.DATA, and mostly that of INDEX.BTR behind it.</summary>
    /// <exception cref="CorruptDataException">The first map is none of either form.</exception>
    public static IReadOnlyList<WmiPageMap> Parse(ReadOnlySpan<byte> file)
    {
        var maps = new List<WmiPageMap>();
        var view = new FieldView(file, "wmi.mapping");
        long at = 0;
        while (maps.Count < 2 && view.Has(at, 16) && view.U32(at) == StartSignature)
        {
            // The two forms are told apart by where their tables end.
            if (!TryRead(view, at, 24, 24, false, out WmiPageMap? map, out long end) && !TryRead(view, at, 16, 4, true, out map, out end))
            {
                break;
            }
            maps.Add(map!);
            at = view.Has(end, 4) && view.U32(end) == StartSignature ? end : end + 4;
        }
        return maps.Count > 0 ? maps : throw new CorruptDataException("wmi.mapping", 0, "a table of pages between its signatures", "none");
    }

    private static bool TryRead(FieldView view, long at, int headerSize, int entrySize, bool isOld, out WmiPageMap? map, out long end)
    {
        map = null;
        end = at;
        if (!view.Has(at, headerSize))
        {
            return false;
        }
        long count = view.U32(at + headerSize - 4);
        long table = at + headerSize;
        if (count > MaximumPages || !view.Has(table, count * entrySize + 4))
        {
            return false;
        }
        long free = table + count * entrySize;
        end = free + 4 + view.U32(free) * 4L;
        if (!view.Has(end, 4) || view.U32(end) != EndSignature)
        {
            return false;
        }
        end += 4;
        var pages = new uint[count];
        for (int i = 0; i < pages.Length; i++)
        {
            pages[i] = view.U32(table + (long)i * entrySize) & PageMask;
        }
        map = new WmiPageMap(view.U32(at + 4), isOld, isOld || count == 0 ? 0 : view.U32(table + 12)) { Pages = pages };
        return true;
    }
}
