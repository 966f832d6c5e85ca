using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>What a stretch of an extent is.</summary>
internal enum VmdkPieceKind
{
    /// <summary>Not stored here: the parent has it, or it is zeros.</summary>
    Absent,
    /// <summary>Zeros, whatever the parent holds.</summary>
    Zero,
    /// <summary>Stored in the file of the extent.</summary>
    Stored,
}

/// <summary>A stretch of an extent.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Where it begins in the file, when stored.</param>
/// <param name="Length">Bytes, at least one.</param>
internal readonly record struct VmdkPiece(VmdkPieceKind Kind, long Offset, long Length);

/// <summary>A part of a virtual disk with a mapping of its own. Positions are bytes from the start of the extent. Thread-safe.</summary>
internal abstract class VmdkExtent(long length)
{
    /// <summary>Bytes of the disk it makes up.</summary>
    public long Length { get; } = length;

    /// <summary>
    /// The stretch at a position, of one kind and contiguous in the file. It may be longer than <paramref name="limit"/>, beyond which nobody looks for more of it.
    /// </summary>
    public abstract VmdkPiece Map(long position, long limit);

    /// <summary>Fills the target from a stored piece that begins at <paramref name="position"/>; what is damaged is zeros and reported.</summary>
    public abstract void Read(long position, in VmdkPiece piece, Span<byte> target);
}

/// <summary>An extent of zeros (type <c>ZERO</c>), or one that cannot be had.</summary>
internal sealed class ZeroExtent(long length) : VmdkExtent(length)
{
    public override VmdkPiece Map(long position, long limit) => new(VmdkPieceKind.Zero, 0, Length - position);

    public override void Read(long position, in VmdkPiece piece, Span<byte> target) => target.Clear();
}

/// <summary>An extent stored as it is (types <c>FLAT</c> and <c>VMFS</c>). What the file is too short for is zeros; whoever opens it reports that.</summary>
internal sealed class FlatExtent(IByteSource file, long start, long length) : VmdkExtent(length)
{
    /// <summary>Bytes that the file holds of it.</summary>
    public long Available { get; } = Math.Clamp(file.Length - start, 0, length);

    public override VmdkPiece Map(long position, long limit) => position < Available
        ? new VmdkPiece(VmdkPieceKind.Stored, start + position, Available - position)
        : new VmdkPiece(VmdkPieceKind.Zero, 0, Length - position);

    public override void Read(long position, in VmdkPiece piece, Span<byte> target)
    {
        int count = file.ReadUpTo(piece.Offset, target);
        target[count..].Clear();
    }
}
