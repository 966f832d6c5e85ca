using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vhd;

/// <summary>Decides which of the footer at the end of a file and its copy at the start is read, and whether there is one at all.</summary>
internal static class VhdFooterSearch
{
    /// <summary>What writers may leave between the end of a fixed disk and the footer.</summary>
    private const long MaxSlack = 64 << 20;

    /// <summary>The footer of a file that begins with a copy of it. Throws <see cref="CorruptDataException"/> when none can be used.</summary>
    public static byte[] OfTable(IByteSource source, IDiagnosticSink diagnostics)
    {
        byte[] copy = source.ReadArray(0, VhdFooter.Size);
        if (copy.Length < VhdFooter.Size)
        {
            throw new CorruptDataException("vhd.footer", 0, VhdFooter.Size + " bytes", copy.Length + " bytes");
        }
        byte[] footer = AtEnd(source, out long offset);
        bool isCopyRight = IsRight(copy);
        if (footer.Length > 0 && IsRight(footer))
        {
            if (!footer.AsSpan().SequenceEqual(copy.AsSpan(0, footer.Length)))
            {
                diagnostics.Report(new Diagnostic(isCopyRight ? "vhd.footer.disagree" : "vhd.footer.copy", isCopyRight
                    ? "the footer at the end of the image file and its copy at the start differ; the footer is used"
                    : "the copy of the footer at the start of the image file is damaged; the footer is used") { Offset = 0 });
            }
            return footer;
        }
        if (isCopyRight)
        {
            diagnostics.Report(footer.Length == 0
                ? new Diagnostic("vhd.footer.missing", "the image file does not end with a footer, it may have been cut short; the copy at its start is used") { Offset = offset }
                : new Diagnostic("vhd.footer.damaged", "the footer at the end of the image file is damaged; the copy at its start is used") { Offset = offset });
            return copy;
        }
        // Tools that edit a footer and forget its checksum do so in both places.
        bool agree = footer.Length > 0 && footer.AsSpan().SequenceEqual(copy.AsSpan(0, footer.Length));
        byte[] used = footer.Length > 0 && new VhdFooter(footer).HasTable ? footer : copy;
        var view = new VhdFooter(used);
        if (!view.HasTable)
        {
            throw view.DiskType == VhdFooter.Fixed
                ? new CorruptDataException("vhd.footer.disk-type", 60, "a dynamic or differencing disk, as the file begins with a copy of its footer", "a fixed disk")
                : new CorruptDataException("vhd.footer.disk-type", 60, "2, 3 or 4", view.DiskType.ToString(CultureInfo.InvariantCulture));
        }
        diagnostics.Report(new Diagnostic("vhd.footer.checksum", agree
            ? "the checksum of the footer is wrong in both copies, which are the same; they are used"
            : "no copy of the footer has the right checksum; one is used as it is")
        {
            Offset = 64,
            Expected = Hex(VhdFooter.ChecksumOf(used, 64)),
            Actual = Hex(view.Checksum),
            LosesContent = !agree,
        });
        return used;
    }

    /// <summary>
    /// The footer of a file that does not begin with one; empty when there is none that can be believed: the guest can write the last sector of its raw disk, so the checksum
    /// must be right and what the footer says must agree with the file.
    /// </summary>
    public static byte[] OfEnd(IByteSource source, IDiagnosticSink diagnostics)
    {
        byte[] footer = AtEnd(source, out long end);
        if (footer.Length == 0)
        {
            return [];
        }
        var view = new VhdFooter(footer);
        if (view.IsChecksumRight && view.DiskType == VhdFooter.Fixed && view.CurrentSize > 0 && view.CurrentSize <= (ulong)end && (ulong)end - view.CurrentSize < MaxSlack)
        {
            return footer;
        }
        byte[] start = source.ReadArray(0, VhdFooter.Size);
        bool isBootable = start.Length == VhdFooter.Size && start[510] == 0x55 && start[511] == 0xAA;
        if (view.IsChecksumRight && view.HasTable && !isBootable && HasDynamicHeader(source, view.DataOffset))
        {
            diagnostics.Report(new Diagnostic("vhd.footer.copy", "the copy of the footer at the start of the image file is gone; the footer at its end is used") { Offset = 0 });
            return footer;
        }
        diagnostics.Report(new Diagnostic("vhd.footer", "the last sector looks like the footer of a VHD but does not fit the file or is damaged; the image is read as raw") { Offset = end });
        return [];
    }

    /// <summary>The last 512 or 511 bytes when they begin with the cookie; else empty.</summary>
    private static byte[] AtEnd(IByteSource source, out long offset)
    {
        offset = source.Length - VhdFooter.Size;
        if (source.Length < 2 * VhdFooter.Size)
        {
            return [];
        }
        byte[] bytes = source.ReadArray(offset, VhdFooter.Size);
        if (bytes.Length < VhdFooter.Size || VhdFooter.IsCookie(bytes))
        {
            return bytes.Length < VhdFooter.Size ? [] : bytes;
        }
        offset++;
        return VhdFooter.IsCookie(bytes.AsSpan(1)) ? bytes[1..] : [];
    }

    private static bool IsRight(byte[] bytes)
    {
        var footer = new VhdFooter(bytes);
        return footer.HasCookie && footer.IsChecksumRight && footer.HasTable;
    }

    private static bool HasDynamicHeader(IByteSource source, ulong offset)
    {
        byte[] bytes = offset < (ulong)source.Length ? source.ReadArray((long)offset, VhdDynamicHeader.Size) : [];
        return bytes.Length == VhdDynamicHeader.Size && new VhdDynamicHeader(bytes) is { HasCookie: true, IsChecksumRight: true };
    }

    private static string Hex(uint value) => "0x" + value.ToString("x8", CultureInfo.InvariantCulture);
}
