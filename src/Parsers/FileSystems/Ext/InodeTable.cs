using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>
/// Raw inodes by number, through a bounded cache of large pieces of the inode tables: neighbours are asked for together.
/// Thread-safe without locks: a cached piece never changes, and a lost race only reads it twice.
/// </summary>
internal sealed class InodeTable(IByteSource volume, ExtLayout layout, GroupDescriptors groups, FastCommitOverlay? fastCommits = null)
{
    // 64 KiB keeps a piece out of the large object heap only just not; the piece is a multiple of every inode size, so no inode straddles two.
    private const int PieceSize = 64 << 10;
    private const int Ways = 4;
    private const int Sets = 128;

    private readonly Piece?[] _pieces = new Piece?[Sets * Ways];
    private readonly byte[] _nextVictim = new byte[Sets];

    private sealed record Piece(long Number, byte[] Data, int Length);

    /// <summary>
    /// The bytes of an inode after fast commits; they stay valid. Throws <c>CorruptDataException</c> when the number is out of range or its place cannot be read.
    /// </summary>
    public ReadOnlyMemory<byte> Read(ulong inode, out long offset)
    {
        if (inode == 0 || inode > layout.InodeCount)
        {
            throw new CorruptDataException("ext4.inode", -1, "a number from 1 to " + Text(layout.InodeCount), Text((long)Math.Min(inode, long.MaxValue)));
        }
        long index = (long)inode - 1;
        long group = index / layout.InodesPerGroup;
        offset = groups.InodeTable(group) * layout.BlockSize + index % layout.InodesPerGroup * layout.InodeSize;
        long number = offset / PieceSize;
        int start = (int)(offset % PieceSize);
        Piece piece = Find(number) ?? Load(number, offset);
        if (piece.Length < start + layout.InodeSize)
        {
            throw new CorruptDataException("ext4.inode", offset, "an inode inside the image", "the end of the image at " + Text(volume.Length));
        }
        ReadOnlyMemory<byte> raw = piece.Data.AsMemory(start, layout.InodeSize);
        return fastCommits?.Find(inode) is { } edit ? edit.Apply(raw, layout, inode) : raw;
    }

    private Piece? Find(long number)
    {
        int first = (int)(number % Sets) * Ways;
        for (int way = first; way < first + Ways; way++)
        {
            Piece? piece = Volatile.Read(ref _pieces[way]);
            if (piece is not null && piece.Number == number)
            {
                return piece;
            }
        }
        return null;
    }

    private Piece Load(long number, long inodeOffset)
    {
        long start = number * PieceSize;
        var data = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(volume.Length - start, 0, PieceSize));
        Piece piece;
        try
        {
            piece = new Piece(number, data, volume.ReadUpTo(start, data));
        }
        catch (ImageReadException)
        {
            // A bad sector elsewhere in the piece must not cost this inode: read it alone and do not keep the piece.
            var alone = new byte[PieceSize];
            volume.ReadExactly(inodeOffset, alone.AsSpan((int)(inodeOffset - start), layout.InodeSize), "ext4.inode");
            return new Piece(number, alone, PieceSize);
        }
        int set = (int)(number % Sets);
        byte victim = _nextVictim[set];
        _nextVictim[set] = unchecked((byte)(victim + 1));
        Volatile.Write(ref _pieces[set * Ways + victim % Ways], piece);
        return piece;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
