using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.ExecutionTraces;

/// <summary>
/// File <c>RecentFileCache.bcf</c> of Windows 7 and Server 2008 R2: programs that were started and that the system had not seen before. Source: https://github.com/libyal/dtformats, recent file cache.
/// </summary>
/// <param name="Entries">Paths and their byte offsets.</param>
/// <param name="IsDamaged">It ends within an entry, or has more than 20,000.</param>
public sealed record RecentFileCache(IReadOnlyList<(string Path, long Offset)> Entries, bool IsDamaged)
{
    private const int Header = 20;
    private const int MaximumEntries = 20_000;
    private const int LongestPath = 32_767;
    private static ReadOnlySpan<byte> Signature => [0xFE, 0xFF, 0xEE, 0xFF, 0x11, 0x22, 0, 0];

    /// <summary>Reads the file.</summary>
    /// <exception cref="UnknownFormatException">Not one.</exception>
    public static RecentFileCache Parse(ReadOnlySpan<byte> content)
    {
        if (content.Length < Header || !content.StartsWith(Signature))
        {
            throw new UnknownFormatException("not a cache of recent files");
        }
        var view = new FieldView(content, "recentfilecache");
        var entries = new List<(string, long)>();
        long at = Header;
        while (view.Has(at, sizeof(uint)))
        {
            // Characters, without the zero at the end.
            uint length = view.U32(at);
            if (length > LongestPath || !view.Has(at + 4, (length + 1L) * 2) || entries.Count == MaximumEntries)
            {
                return new RecentFileCache(entries, IsDamaged: true);
            }
            if (length > 0)
            {
                entries.Add((view.Utf16(at + 4, length * 2L), at));
            }
            at += 4 + (length + 1L) * 2;
        }
        return new RecentFileCache(entries, IsDamaged: at != content.Length);
    }
}
