using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.ExecutionTraces;

/// <summary>An entry of the application compatibility cache: a program that was seen.</summary>
/// <param name="Path">Path as stored; of packages a list of fields with tabs.</param>
/// <param name="Modified">Last change of the file when it was seen.</param>
/// <param name="Position">From 0, the latest first.</param>
public sealed record AppCompatCacheEntry(string Path, Timestamp? Modified, int Position)
{
    /// <summary>It was run: the flag of Windows 7 and 8, the last four bytes of the data of Windows 10 and 11; null where nothing says so.</summary>
    public bool? WasRun { get; init; }
    /// <summary><see cref="WasRun"/> is the flag of Windows 7 and 8, which is set when a process is made; what 10 and 11 keep is documented nowhere and proves nothing.</summary>
    public bool IsProof { get; init; }
    /// <summary>Size of the file (Windows XP, 2003).</summary>
    public long? FileSize { get; init; }
    /// <summary>When the entry was updated (Windows XP).</summary>
    public Timestamp? Updated { get; init; }
}

/// <summary>Value <c>AppCompatCache</c> of <c>Session Manager\AppCompatCache</c> (ShimCache), of Windows XP to 11.</summary>
/// <remarks>
/// Source: https://github.com/libyal/winreg-kb, application compatibility cache key. Limitations: an entry says that the program was seen, not that it was run, unless <see cref="AppCompatCacheEntry.WasRun"/> says so; at most
/// 65,536 entries.
/// </remarks>
public static class AppCompatCache
{
    private const uint XpSignature = 0xDEADBEEF;
    private const uint Nt52Signature = 0xBADC0FFE;
    private const uint Nt61Signature = 0xBADC0FEE;
    private const int MaximumEntries = 65_536;

    /// <summary>Reads the data of the value.</summary>
    /// <exception cref="UnknownFormatException">Of no known version.</exception>
    /// <exception cref="CorruptDataException">An offset leads outside.</exception>
    public static IReadOnlyList<AppCompatCacheEntry> Parse(ReadOnlySpan<byte> value)
    {
        var view = new FieldView(value, "appcompatcache");
        if (!view.Has(0, 8))
        {
            throw new UnknownFormatException("not an application compatibility cache");
        }
        uint signature = view.U32(0);
        return signature switch
        {
            XpSignature => Xp(view),
            Nt52Signature => Table(view, 8, 24, 32),
            Nt61Signature => Table(view, 128, 32, 48),
            128 => Chain(view, 128),
            // The header grew with Windows 10 1607; the entries are where it ends.
            >= 0x30 and <= 0x60 when Is(view, signature, "10ts"u8) => Chain(view, signature),
            _ => throw new UnknownFormatException("not an application compatibility cache"),
        };
    }

    private static bool Is(FieldView view, long at, ReadOnlySpan<byte> signature) => view.Slice(at, 4).SequenceEqual(signature);

    private static List<AppCompatCacheEntry> Xp(FieldView view)
    {
        var entries = new List<AppCompatCacheEntry>();
        uint count = view.U32(4);
        for (long at = 400; entries.Count < Math.Min(count, MaximumEntries) && view.Has(at, 552); at += 552)
        {
            entries.Add(new AppCompatCacheEntry(view.Utf16(at, 528), view.FileTime(at + 528), entries.Count) { FileSize = unchecked((long)view.U64(at + 536)), Updated = view.FileTime(at + 544) });
        }
        return entries;
    }

    /// <summary>A table of entries of fixed size with the paths behind it; of 32-bit Windows or of 64-bit Windows, which pads the offset.</summary>
    private static List<AppCompatCacheEntry> Table(FieldView view, int start, int size32, int size64)
    {
        var entries = new List<AppCompatCacheEntry>();
        uint count = Math.Min(view.U32(4), MaximumEntries);
        bool is64 = view.Has(start, 16) && view.U32(start + 4) == 0 && view.U32(start + 8) != 0;
        int size = is64 ? size64 : size32;
        // Entries may share a path: all together no more than the paths there can be, twice.
        long budget = view.Length * 2L;
        for (long at = start; entries.Count < count && view.Has(at, size) && budget >= 0; at += size)
        {
            int length = view.U16(at);
            ulong offset = is64 ? view.U64(at + 8) : view.U32(at + 4);
            if (offset > int.MaxValue || !view.Has((long)offset, length))
            {
                throw new CorruptDataException("appcompatcache", at, "a path inside the value", "one outside");
            }
            budget -= length;
            long time = at + (is64 ? 16 : 8);
            uint flags = view.U32(time + 8);
            uint second = view.U32(time + 12);
            entries.Add(new AppCompatCacheEntry(view.Utf16((long)offset, length), view.FileTime(time), entries.Count)
            {
                WasRun = start == 128 ? (flags & 2) != 0 : null,
                IsProof = start == 128,
                // Windows 2003 has a size where Vista has flags, small ones.
                FileSize = start == 8 && (flags > 0xFF || second != 0) ? unchecked((long)view.U64(time + 8)) : null,
            });
        }
        return entries;
    }

    /// <summary>Entries one behind the other, each with its size: Windows 8, 8.1, 10 and 11.</summary>
    private static List<AppCompatCacheEntry> Chain(FieldView view, long start)
    {
        var entries = new List<AppCompatCacheEntry>();
        bool isTen = start != 128;
        for (long at = start; entries.Count < MaximumEntries && view.Has(at, 14);)
        {
            bool isFirst8 = Is(view, at, "00ts"u8);
            if (!isFirst8 && !Is(view, at, "10ts"u8))
            {
                break;
            }
            FieldView entry = view.View(at + 12, view.U32(at + 8));
            at += 12 + (long)view.U32(at + 8);
            if (!entry.Has(0, 2))
            {
                continue;
            }
            int length = entry.U16(0);
            string path = entry.Utf16(2, length);
            long next = 2 + length;
            uint flags = 0;
            if (!isTen)
            {
                next += isFirst8 ? 0 : 2 + (entry.Has(next, 2) ? entry.U16(next) : 0);
                flags = entry.Has(next, 8) ? entry.U32(next) : 0;
                next += 8;
            }
            if (!entry.Has(next, 12))
            {
                continue;
            }
            uint dataSize = entry.U32(next + 8);
            long last = next + 12 + dataSize - 4;
            bool? wasRun = !isTen ? (flags & 2) != 0 : dataSize >= 4 && entry.Has(last, 4) ? entry.U32(last) == 1 : null;
            entries.Add(new AppCompatCacheEntry(path, entry.FileTime(next), entries.Count) { WasRun = wasRun, IsProof = !isTen });
        }
        return entries;
    }
}
