using Forensics.Parsers.Bytes.Compressed;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>A part of a compressed file that can be decompressed alone: an xz block, a zstd frame.</summary>
/// <param name="Offset">Where its content begins in the decompressed data.</param>
/// <param name="Length">Bytes of its content.</param>
/// <param name="PackedOffset">Where it begins in the compressed file.</param>
/// <param name="PackedLength">Its bytes there.</param>
/// <param name="Kind">What its decoder must know besides (xz: the kind of check).</param>
internal readonly record struct PackedBlock(long Offset, long Length, long PackedOffset, long PackedLength, int Kind);

/// <summary>The blocks of one file and how to decode one. Thread-safe.</summary>
internal interface IPackedBlocks
{
    /// <summary>Name of the format, for diagnostics.</summary>
    string Format { get; }

    /// <summary>In order, each beginning where the one before ends.</summary>
    IReadOnlyList<PackedBlock> Blocks { get; }

    /// <summary>Decodes a block from its beginning. Throws <c>CorruptDataException</c> when it is damaged.</summary>
    ForwardReader Open(PackedBlock block);
}
