using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Wmi;

/// <summary>INDEX.BTR: the keys of the objects of the WMI repository, in a B-tree of pages.</summary>
/// <remarks>Source: https://github.com/libyal/dtformats/blob/main/documentation/WMI%20repository%20file%20format.asciidoc. Limitations: keys of at most 8 parts of 160 characters; 1 Mi pages.</remarks>
internal sealed class WmiIndex(IByteSource file, WmiPageMap map, IDiagnosticSink diagnostics)
{
    private const uint ActivePage = 0xACCC;
    private const uint NoPage = uint.MaxValue;
    private const int MaximumPages = 1 << 20;
    private const int MaximumParts = 8;
    private const int MaximumPart = 160;

    /// <summary>All keys that begin with <c>NS_</c> and have a part beginning with <c>CI_</c>, in the order of the pages. False when the tree cannot be read.</summary>
    public bool TryCollect(HashSet<string> classHashes, List<string> keys, int maximumKeys, CancellationToken cancellation)
    {
        if (Root() is not { } root)
        {
            diagnostics.Report(new Diagnostic("wmi.index.root", "no page of the index is its root") { LosesContent = true });
            return false;
        }
        var seen = new HashSet<uint>();
        var open = new Stack<uint>();
        open.Push(root);
        byte[] page = new byte[WmiPageMap.PageSize];
        bool isWhole = true;
        while (open.TryPop(out uint logical) && seen.Count < MaximumPages && keys.Count < maximumKeys)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!seen.Add(logical))
            {
                isWhole = false;
                diagnostics.Report(new Diagnostic("wmi.index.cycle", "a page of the index is met twice") { Offset = logical });
                continue;
            }
            try
            {
                if (!Read(logical, page) || !Visit(new FieldView(page, "wmi.index"), open, classHashes, keys))
                {
                    isWhole = false;
                    diagnostics.Report(new Diagnostic("wmi.index.page", "a page of the index is not stored or not active") { Offset = logical });
                }
            }
            catch (CorruptDataException exception)
            {
                isWhole = false;
                diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { Offset = logical });
            }
        }
        return isWhole;
    }

    private uint? Root()
    {
        byte[] page = new byte[WmiPageMap.PageSize];
        uint inHeader = Read(0, page) ? BitConverter.ToUInt32(page, 12) : 0;
        foreach (uint candidate in (uint[])[map.RootPage, inHeader, 1])
        {
            if (candidate is not (0 or NoPage) && Read(candidate, page) && new FieldView(page, "wmi.index").U32(0) == ActivePage)
            {
                return candidate;
            }
        }
        return null;
    }

    private bool Read(uint logical, byte[] page) =>
        map.Find(logical) is { } physical && (physical + 1L) * WmiPageMap.PageSize <= file.Length && file.ReadUpTo((long)physical * WmiPageMap.PageSize, page) == page.Length;

    private static bool Visit(FieldView page, Stack<uint> open, HashSet<string> classHashes, List<string> keys)
    {
        if (page.U32(0) != ActivePage)
        {
            return false;
        }
        uint count = page.U32(16);
        long children = 20 + count * 4L;
        long keyTable = children + (count + 1L) * 4;
        long definitions = keyTable + count * 2L;
        int definitionCount = page.U16(definitions);
        long strings = definitions + 2 + definitionCount * 2L;
        int stringCount = page.U16(strings);
        long data = strings + 2 + (stringCount + 1L) * 2;
        if (!page.Has(0, data))
        {
            return false;
        }
        for (long i = count; i >= 0; i--)
        {
            if (page.U32(children + i * 4) is var child and not (0 or NoPage))
            {
                open.Push(child);
            }
        }
        var key = new StringBuilder();
        for (long i = 0; i < count; i++)
        {
            long definition = definitions + 2 + page.U16(keyTable + i * 2) * 2L;
            int parts = Math.Min((int)page.U16(definition), MaximumParts);
            bool isWanted = false;
            key.Clear();
            for (int part = 0; part < parts; part++)
            {
                int number = page.U16(definition + 2 + part * 2);
                if (number > stringCount)
                {
                    break;
                }
                string text = page.Ansi(data + page.U16(strings + 2 + number * 2L), MaximumPart);
                isWanted |= text.StartsWith("CI_", StringComparison.Ordinal) && classHashes.Contains(text[3..]);
                key.Append(part == 0 ? "" : "/").Append(text);
            }
            if (isWanted)
            {
                keys.Add(key.ToString());
            }
        }
        return true;
    }
}
