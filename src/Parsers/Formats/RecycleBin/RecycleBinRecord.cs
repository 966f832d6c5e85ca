using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.RecycleBin;

/// <summary>What the Recycle Bin notes of one thing put into it.</summary>
/// <param name="OriginalPath">Where it lay.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Deleted">When it was put there.</param>
public sealed record RecycleBinRecord(string OriginalPath, long Size, Timestamp? Deleted)
{
    private const int Info2Header = 20;
    private const int AnsiRecord = 280;
    private const int UnicodeRecord = 800;
    private const int MaximumRecords = 65_536;

    /// <summary>Number in <c>INFO2</c>; null for <c>$I</c> files.</summary>
    public uint? Index { get; init; }
    /// <summary>It was taken out again or removed for good (<c>INFO2</c> only).</summary>
    public bool IsRemoved { get; init; }
    /// <summary>Name the content has in the bin (<c>INFO2</c> only): <c>Dc4.exe</c>.</summary>
    public string? StoredName { get; init; }
    /// <summary>Byte offset of the record.</summary>
    public long Offset { get; init; }

    /// <summary>Reads a <c>$I</c> file, version 1 (Vista to 8.1) or 2. Source: https://github.com/libyal/dtformats/blob/main/documentation/Windows%20Recycler%20file%20formats.asciidoc</summary>
    /// <exception cref="CorruptDataException">Too short, or none.</exception>
    public static RecycleBinRecord Parse(ReadOnlySpan<byte> file)
    {
        var view = new FieldView(file, "recyclebin");
        ulong version = view.U64(0);
        if (version is not (1 or 2))
        {
            throw new CorruptDataException("recyclebin", 0, "version 1 or 2", version.ToString(CultureInfo.InvariantCulture));
        }
        string path = version == 1 ? view.Utf16(24, 520) : view.Utf16(28, view.U32(24) * 2L);
        return new RecycleBinRecord(path, unchecked((long)view.U64(8)), view.FileTime(16));
    }

    /// <summary>Reads <c>INFO2</c> of Windows 95 to 2003. The same source.</summary>
    /// <exception cref="CorruptDataException">Too short, or records of another size.</exception>
    public static IReadOnlyList<RecycleBinRecord> ParseInfo2(ReadOnlySpan<byte> file)
    {
        var view = new FieldView(file, "recyclebin.info2");
        uint size = view.U32(12);
        if (size is not (AnsiRecord or UnicodeRecord))
        {
            throw new CorruptDataException("recyclebin.info2", 12, "records of 280 or 800 bytes", size.ToString(CultureInfo.InvariantCulture));
        }
        var found = new List<RecycleBinRecord>();
        for (long at = Info2Header; view.Has(at, AnsiRecord) && found.Count < MaximumRecords; at += size)
        {
            uint index = view.U32(at + 260);
            uint drive = view.U32(at + 264);
            // The first character of the name in the code page is overwritten when the thing leaves the bin.
            bool isRemoved = view.U8(at) == 0;
            string path = size == UnicodeRecord ? view.Utf16(at + AnsiRecord, 520) : isRemoved ? "?" + view.Ansi(at + 1, 259) : view.Ansi(at, 260);
            if (path.Length == 0)
            {
                continue;
            }
            string suffix = path.LastIndexOf('.') is var dot and >= 0 && path.IndexOf('\\', dot) < 0 ? path[dot..] : "";
            found.Add(new RecycleBinRecord(path, view.U32(at + 276), view.FileTime(at + 268))
            {
                Index = index,
                IsRemoved = isRemoved,
                StoredName = drive < 26 ? new StringBuilder("D").Append((char)('a' + drive)).Append(index.ToString(CultureInfo.InvariantCulture)).Append(suffix).ToString() : null,
                Offset = at,
            });
        }
        return found;
    }
}
