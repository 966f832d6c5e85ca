using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vhd;

/// <summary>
/// Virtual hard disk of Virtual PC, Hyper-V, Azure, XenServer, VirtualBox and QEMU: fixed, dynamic and differencing with its chain of parents.
/// Specification: Microsoft, Virtual Hard Disk Image Format Specification 1.0.
/// </summary>
/// <remarks>
/// A dynamic disk begins with a copy of its footer and is told by that; a fixed one is a raw disk with a footer after it, looked for when nothing else matches
/// and believed only when checksum, type and size agree. Throws <see cref="UnsupportedFeatureException"/> for a parent that is refused or not there and
/// <see cref="CorruptDataException"/> naming the header field; damage below is a diagnostic and reads as zeros.
/// Limitations: the disk is as large as the footer's <c>current size</c>, never as its geometry says; the saved state of Virtual PC is not looked at; the modification time
/// of a parent, which a copied file no longer has, is only compared with when the parent was made.
/// </remarks>
public sealed class VhdFormat : IFormat<DiskImage>
{
    /// <inheritdoc/>
    public string Name => "vhd";

    /// <inheritdoc/>
    public int HeaderSize => 8;

    /// <inheritdoc/>
    public bool SearchesBackups => true;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => VhdFooter.IsCookie(header);

    /// <summary>Opens the disk. Throws <see cref="UnknownFormatException"/> when the file neither begins nor ends as a VHD.</summary>
    public DiskImage Open(IByteSource source, ParseContext context) => VhdReader.Open(source, context).Image;
}
