using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>
/// Virtual hard disk version 2 of Hyper-V: fixed, dynamic and differencing with its chain of parents, blocks of 1 to 256 MiB, sectors of 512 and 4096 bytes; the log of an
/// image that was not closed is replayed in memory. Specification: [MS-VHDX], https://learn.microsoft.com/openspecs/windows_protocols/ms-vhdx
/// </summary>
/// <remarks>
/// Throws <see cref="UnsupportedFeatureException"/> for a required region or metadata item that is not known and for a parent that is refused or not there, and
/// <see cref="CorruptDataException"/> naming the structure; damage below is a diagnostic and reads as zeros.
/// Limitations: a log longer than 64 MiB or without a complete sequence is not replayed and said; blocks that the guest discarded read as zeros, whatever the file still holds
/// there; user metadata is not looked at.
/// </remarks>
public sealed class VhdxFormat : IFormat<DiskImage>
{
    /// <inheritdoc/>
    public string Name => "vhdx";

    /// <inheritdoc/>
    public int HeaderSize => 8;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => header.StartsWith("vhdxfile"u8);

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context) => VhdxReader.Open(source, context).Image;
}
