using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>What <see cref="FastCommitCursor.Next"/> met.</summary>
internal enum FastCommitStep
{
    /// <summary>A record.</summary>
    Tag,
    /// <summary>Bytes that are no record.</summary>
    Invalid,
    /// <summary>A block that cannot be read.</summary>
    Unreadable,
    /// <summary>The area, or as much of it as is read, has ended.</summary>
    End,
}

/// <summary>Goes through the records of a fast-commit area, one block in memory. Not thread-safe.</summary>
/// <remarks>
/// Records fill a block up to fewer than four bytes before its end; kernels before 6.2 leave the last byte out, which reads the same.
/// Limitations: at most <see cref="MostBytes"/> of the area are read, far more than mke2fs makes for the largest journal.
/// </remarks>
internal sealed class FastCommitCursor
{
    /// <summary>Most bytes of an area that are read.</summary>
    public const long MostBytes = 64 << 20;

    private readonly FastCommitArea _area;
    private readonly int _inodeSize;
    private readonly long _blockCount;
    private readonly byte[] _block;
    private long _nextBlock;
    private int _position;

    public FastCommitCursor(FastCommitArea area, int inodeSize)
    {
        _area = area;
        _inodeSize = inodeSize;
        _blockCount = Math.Min(area.BlockCount, MostBytes / area.BlockSize);
        _block = new byte[area.BlockSize];
        _position = _block.Length;
    }

    /// <summary>More blocks than are read.</summary>
    public bool IsCut => _blockCount < _area.BlockCount;

    /// <summary>Number in the journal of the block that is being read.</summary>
    public long Block => _area.FirstBlock + _nextBlock - 1;

    /// <summary>The next record; it is valid until the next call.</summary>
    public FastCommitStep Next(out FastCommitTag tag)
    {
        tag = default;
        if (_block.Length - _position < FastCommitTag.BaseSize)
        {
            if (_nextBlock >= _blockCount)
            {
                return FastCommitStep.End;
            }
            _position = 0;
            if (!TryRead(_nextBlock++))
            {
                _position = _block.Length;
                return FastCommitStep.Unreadable;
            }
        }
        if (!FastCommitTag.TryRead(_block.AsSpan(_position), _inodeSize, out tag))
        {
            return FastCommitStep.Invalid;
        }
        _position += tag.Size;
        return FastCommitStep.Tag;
    }

    /// <summary>Leaves the rest of the block out.</summary>
    public void SkipBlock() => _position = _block.Length;

    private bool TryRead(long number)
    {
        try
        {
            return _area.Journal.ReadUpTo((_area.FirstBlock + number) * _area.BlockSize, _block) == _block.Length;
        }
        catch (ForensicException failure) when (failure is ImageReadException or CorruptDataException)
        {
            // The image fails there, or the journal's own map leads out of the volume.
            return false;
        }
    }
}
