using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.ShellLink;

namespace Forensics.Parsers.Formats.JumpLists;

/// <summary>One entry of DestList, the index of an automatic jump list.</summary>
/// <param name="EntryNumber">Number; in hexadecimal the name of the stream with the shortcut.</param>
/// <param name="Path">What was opened.</param>
public sealed record DestListEntry(uint EntryNumber, string Path)
{
    /// <summary>Where the object was noted by the tracking service.</summary>
    public required LinkTracker Tracker { get; init; }
    /// <summary>When it was opened last.</summary>
    public Timestamp? LastAccessed { get; init; }
    /// <summary>How often it was opened; null in version 1.</summary>
    public uint? AccessCount { get; init; }
    /// <summary>The user keeps it in the list.</summary>
    public bool IsPinned { get; init; }
}

/// <summary>DestList of versions 1 to 4. Source: https://github.com/libyal/dtformats/blob/main/documentation/Jump%20lists%20format.asciidoc</summary>
/// <param name="Version">Version.</param>
/// <param name="Entries">As stored: the latest first.</param>
/// <param name="IsDamaged">The stream ends before what it states.</param>
public sealed record DestList(uint Version, IReadOnlyList<DestListEntry> Entries, bool IsDamaged)
{
    private const int HeaderSize = 32;
    private const int MaximumEntries = 16_384;

    /// <summary>Reads the stream.</summary>
    /// <exception cref="CorruptDataException">Shorter than its header.</exception>
    /// <exception cref="UnsupportedFeatureException">Another version.</exception>
    public static DestList Parse(ReadOnlySpan<byte> stream)
    {
        var view = new FieldView(stream, "destlist");
        uint version = view.U32(0);
        if (version is < 1 or > 4)
        {
            throw new UnsupportedFeatureException("DestList version " + version.ToString(CultureInfo.InvariantCulture));
        }
        uint count = view.U32(4);
        int fixedSize = version == 1 ? 114 : 130;
        var entries = new List<DestListEntry>();
        long at = HeaderSize;
        while (entries.Count < Math.Min(count, MaximumEntries) && view.Has(at, fixedSize))
        {
            FieldView entry = view.View(at, view.Length);
            int characters = entry.U16(fixedSize - 2);
            entries.Add(new DestListEntry(entry.U32(88), entry.Utf16(fixedSize, characters * 2))
            {
                Tracker = new LinkTracker(entry.Ansi(72, 16), entry.Guid(8), entry.Guid(24), entry.Guid(40), entry.Guid(56)),
                LastAccessed = entry.FileTime(100),
                AccessCount = version == 1 ? null : entry.U32(116),
                IsPinned = entry.U32(108) != uint.MaxValue,
            });
            at += fixedSize + characters * 2 + (version == 1 ? 0 : 4);
        }
        return new DestList(version, entries, entries.Count < count);
    }
}
