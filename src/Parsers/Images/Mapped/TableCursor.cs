using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>Keeps the table block used last during one read, so that neighbouring entries do not go through the shared cache.</summary>
internal ref struct TableCursor
{
    private ReadOnlySpan<byte> _block;
    private long _index;

    /// <summary>The cached bytes from a file offset to the end of its cache block; empty past the end of the file.</summary>
    public ReadOnlySpan<byte> From(BlockCache tables, long offset)
    {
        long index = offset / tables.BlockSize;
        if (_block.IsEmpty || index != _index)
        {
            _block = tables.Block(index).Span;
            _index = index;
        }
        int within = (int)(offset & (tables.BlockSize - 1));
        return within < _block.Length ? _block[within..] : [];
    }
}
