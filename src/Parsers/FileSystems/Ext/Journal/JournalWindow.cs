using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>Blocks of a journal, read ahead in pieces of 256 KiB: recovery is one long sequential read. For one thread.</summary>
internal sealed class JournalWindow(JournalLog log)
{
    private const int PieceSize = 256 << 10;

    private readonly byte[] _piece = GC.AllocateUninitializedArray<byte>(PieceSize);
    private long _start;
    private int _length;

    /// <summary>A block; false when it lies outside the journal or cannot be read. Valid until the next call.</summary>
    public bool TryRead(uint block, out ReadOnlySpan<byte> content)
    {
        int size = log.BlockSize;
        long offset = (long)block * size;
        if (block < log.Length && (offset < _start || offset + size > _start + _length))
        {
            Load(offset, size);
        }
        if (block >= log.Length || offset < _start || offset + size > _start + _length)
        {
            content = default;
            return false;
        }
        content = _piece.AsSpan((int)(offset - _start), size);
        return true;
    }

    private void Load(long offset, int size)
    {
        int wanted = (int)Math.Min(PieceSize, (long)log.Length * size - offset);
        _start = offset;
        _length = 0;
        // A bad spot, or the end of a cut image, later in the piece must not cost this block.
        if (!TryLoad(offset, wanted))
        {
            TryLoad(offset, size);
        }
    }

    private bool TryLoad(long offset, int wanted)
    {
        try
        {
            _length = log.Source.ReadUpTo(offset, _piece.AsSpan(0, wanted));
            return true;
        }
        catch (ForensicException failure) when (failure is ImageReadException or CorruptDataException)
        {
            _length = 0;
            return false;
        }
    }
}
