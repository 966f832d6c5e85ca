using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images;

/// <summary>
/// A raw image: the bytes of the disk and nothing else; matches everything and so is tried last. A fixed VHD is a raw image followed by a 512-byte footer,
/// which is taken off (format <c>vhd (fixed)</c>).
/// </summary>
/// <remarks>
/// Throws nothing of its own. Specification of the footer: Microsoft, Virtual Hard Disk Image Format Specification 1.0.
/// Limitations: a footer is believed only when its checksum, type (fixed) and size agree with the file, because the guest can write the last sector of a raw disk.
/// </remarks>
public sealed class RawFormat : IFormat<DiskImage>
{
    private const int FooterSize = 512;
    private const uint FixedDisk = 2;

    /// <inheritdoc/>
    public string Name => "raw";

    /// <inheritdoc/>
    public int HeaderSize => 0;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => true;

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        if (source.Length > FooterSize)
        {
            long end = source.Length - FooterSize;
            Span<byte> footer = stackalloc byte[FooterSize];
            if (source.ReadUpTo(end, footer) == FooterSize && footer.StartsWith("conectix"u8))
            {
                if (IsFixedVhd(footer, end))
                {
                    return new DiskImage("vhd (fixed)", new Slice(source, 0, end))
                    {
                        Facts =
                        [
                            new("virtual size", end.ToString(CultureInfo.InvariantCulture)),
                            new("creator application", PathText.FromBytes(footer.Slice(28, 4))),
                        ],
                    };
                }
                context.Diagnostics.Report(new Diagnostic("vhd.footer", "the last sector looks like the footer of a VHD that is not fixed or is damaged; the image is read as raw")
                {
                    Offset = end,
                });
            }
        }
        return new DiskImage(Name, source) { Facts = [new("virtual size", source.Length.ToString(CultureInfo.InvariantCulture))] };
    }

    private static bool IsFixedVhd(ReadOnlySpan<byte> footer, long rawLength)
    {
        uint sum = 0;
        for (int i = 0; i < FooterSize; i++)
        {
            sum += i is >= 64 and < 68 ? 0u : footer[i];
        }
        ulong currentSize = BinaryPrimitives.ReadUInt64BigEndian(footer[48..]);
        // Some writers round the data up to the CHS geometry, so the file may hold more than the footer says, never less.
        return BinaryPrimitives.ReadUInt32BigEndian(footer[60..]) == FixedDisk
            && BinaryPrimitives.ReadUInt32BigEndian(footer[64..]) == ~sum
            && currentSize > 0 && currentSize <= (ulong)rawLength && (ulong)rawLength - currentSize < 64 << 20;
    }
}
