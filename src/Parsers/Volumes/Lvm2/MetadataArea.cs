using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>
/// A metadata area of a physical volume: a header and a ring of texts, of which the header names the one that counts.
/// Specification: lvm2's lib/format_text/layout.h and the documentation of libvslvm.
/// </summary>
/// <remarks>Limitations: a precommitted text, which LVM uses only while it writes, is not read.</remarks>
internal static class MetadataArea
{
    private const int HeaderSize = 512;
    private const int MaxRing = 16 << 20;

    /// <summary>
    /// The volume group that an area describes; null when it describes none, or none that can be used. When the text the header names is damaged, the newest older text
    /// that is still whole in the ring is taken. Throws only what the volume throws.
    /// </summary>
    public static VolumeGroupText? Read(string name, IByteSource volume, ulong areaOffset, ulong areaSize, MetadataTexts texts, ParseContext context, out bool isDamaged)
    {
        isDamaged = true;
        if (areaOffset > long.MaxValue || (long)areaOffset > volume.Length - HeaderSize)
        {
            Report(context, "lvm.mda.past-end", name + ": a metadata area lies past the end of the volume", null, false);
            return null;
        }
        long offset = (long)areaOffset;
        byte[] bytes = volume.ReadArray(offset, HeaderSize);
        var header = new Header(bytes);
        if (!header.HasMagic || header.Version != 1)
        {
            Report(context, "lvm.mda.header", name + ": a metadata area has no header of version 1", offset, false);
            return null;
        }
        bool isIntact = header.IsIntact;
        if (!isIntact)
        {
            Report(context, "lvm.mda.checksum", name + ": the header of a metadata area has a wrong checksum; it is read as far as it makes sense", offset, false);
        }
        // The header repeats its own place and size; what lies past the volume cannot be read in any case.
        long size = Math.Min((long)Math.Min(isIntact ? header.Size : areaSize, long.MaxValue), volume.Length - offset);
        bool isIgnored = (header.LocationFlags & 1) != 0;
        if (header.LocationOffset == 0)
        {
            isDamaged = false;
            return null;
        }
        byte[]? text = Text(volume, offset, size, header.LocationOffset, header.LocationSize, texts);
        string? problem = text is null ? "its place or size cannot be" : PhysicalVolumeLabel.Checksum(text) != header.LocationChecksum ? "its checksum is wrong" : null;
        if (problem is null && texts.Parse(text, false, out problem) is { } group)
        {
            isDamaged = false;
            return group with { IsIgnored = isIgnored };
        }
        // Older texts have no checksum, but end as they should; only where there is none the damaged one itself is better than nothing.
        VolumeGroupText? older = Older(volume, offset, size, header.LocationOffset, texts, context) ?? (text is null ? null : texts.Parse(text, false, out _));
        Report(context, "lvm.text.damaged", name + ": the metadata text cannot be used (" + problem + ")" + (older is null
            ? "; no older one is left in this area"
            : string.Create(CultureInfo.InvariantCulture, $"; number {older.SequenceNumber} is kept in case there is no sound copy")), offset, false);
        return older is null ? null : older with { IsOlder = true };
    }

    private static byte[]? Text(IByteSource volume, long area, long areaSize, ulong textOffset, ulong textSize, MetadataTexts texts)
    {
        if (textOffset < HeaderSize || textOffset >= (ulong)areaSize || textSize is 0 or > LvmText.MaxBytes || textSize > (ulong)(areaSize - HeaderSize) || !texts.Allows((long)textSize))
        {
            return null;
        }
        int first = (int)Math.Min((long)textSize, areaSize - (long)textOffset);
        byte[] text = new byte[(int)textSize];
        volume.ReadOrZero(area + (long)textOffset, text.AsSpan(0, first));
        // The ring goes on after the header.
        volume.ReadOrZero(area + HeaderSize, text.AsSpan(first));
        return text;
    }

    /// <summary>Texts begin at multiples of 512 with the name of the group, a brace and its identifier.</summary>
    private static VolumeGroupText? Older(IByteSource volume, long area, long areaSize, ulong current, MetadataTexts texts, ParseContext context)
    {
        int length = (int)Math.Min(areaSize - HeaderSize, MaxRing);
        if (length <= 0 || !texts.Allows(length))
        {
            return null;
        }
        byte[] ring = new byte[length * 2];
        volume.ReadOrZero(area + HeaderSize, ring.AsSpan(0, length));
        ring.AsSpan(0, length).CopyTo(ring.AsSpan(length));
        VolumeGroupText? best = null;
        // A text that does not end makes the parser read to the end of the ring: after a few of them it is enough.
        int failures = 0;
        for (int start = 0; start < length && failures < 16; start += 512)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> text = ring.AsSpan(start, Math.Min(length, LvmText.MaxBytes));
            int brace = text[..Math.Min(text.Length, 160)].IndexOf(" {\nid = \""u8);
            if ((ulong)start + HeaderSize == current || brace <= 0 || text[..brace].ContainsAnyInRange((byte)0, (byte)' '))
            {
                continue;
            }
            if (!texts.Allows(512) || texts.Parse(text, true, out _) is not { } found)
            {
                failures++;
                texts.Allows(text.Length);
            }
            else if (best is null || found.SequenceNumber > best.SequenceNumber)
            {
                best = found;
            }
        }
        return best;
    }

    private static void Report(ParseContext context, string code, string message, long? offset, bool losesContent) =>
        context.Diagnostics.Report(new Diagnostic(code, message) { Offset = offset, LosesContent = losesContent });

    /// <summary>The mda_header and its first raw_locn (little endian), fields named as in lvm2's lib/format_text/layout.h.</summary>
    private readonly ref struct Header(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public uint ChecksumXl => BinaryPrimitives.ReadUInt32LittleEndian(_bytes);
        public bool HasMagic => _bytes[4..].StartsWith(" LVM2 x[5A%r0N*>"u8);
        public uint Version => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[20..]);
        public ulong Size => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[32..]);
        public ulong LocationOffset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[40..]);
        public ulong LocationSize => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[48..]);
        public uint LocationChecksum => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[56..]);
        public uint LocationFlags => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[60..]);
        public bool IsIntact => Checksum(_bytes[4..HeaderSize]) == ChecksumXl;

        private static uint Checksum(ReadOnlySpan<byte> bytes) => PhysicalVolumeLabel.Checksum(bytes);
    }
}
