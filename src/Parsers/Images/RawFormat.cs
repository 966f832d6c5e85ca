using System.Globalization;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images;

/// <summary>A raw image: the bytes of the disk and nothing else; matches everything and so is tried last.</summary>
/// <remarks>
/// Throws nothing of its own.
/// Limitations: the size of the disk is that of the file, even when it was cut.
/// </remarks>
public sealed class RawFormat : IFormat<DiskImage>
{
    /// <inheritdoc/>
    public string Name => "raw";

    /// <inheritdoc/>
    public int HeaderSize => 0;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => true;

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context) =>
        new(Name, source) { Facts = [new("virtual size", source.Length.ToString(CultureInfo.InvariantCulture))] };
}
