using System.Numerics;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images;

/// <summary>A table of fixed-size entries in an image file, of which a bounded part is kept in memory. Offsets are bytes from the start of the table. Thread-safe.</summary>
internal sealed class CachedTable
{
    private readonly BlockCache _blocks;
    private readonly int _shift;

    /// <summary>A table of <paramref name="length"/> bytes, clamped to the file, kept in blocks of <paramref name="blockSize"/> bytes.</summary>
    public CachedTable(IByteSource file, long offset, long length, int blockSize, int capacity)
    {
        var table = new Slice(file, offset, length);
        Length = table.Length;
        _blocks = new BlockCache(table, blockSize, capacity);
        _shift = BitOperations.Log2((uint)blockSize);
    }

    /// <summary>Bytes of the table that the file has.</summary>
    public long Length { get; }

    /// <summary>Keeps the block used last, so that neighbouring entries do not go through the shared cache.</summary>
    public ref struct Cursor
    {
        private ReadOnlySpan<byte> _block;
        private long _index;

        /// <summary>The bytes of an entry, aligned to its size, a power of two; empty past the end of the table.</summary>
        public ReadOnlySpan<byte> Entry(CachedTable table, long offset, int size)
        {
            ReadOnlySpan<byte> block = Block(table, offset, out int within);
            return within + size <= block.Length ? block.Slice(within, size) : [];
        }

        /// <summary>The block an offset lies in, shorter at the end of the table, and where in it.</summary>
        public ReadOnlySpan<byte> Block(CachedTable table, long offset, out int within)
        {
            long index = offset >> table._shift;
            if (_block.IsEmpty || index != _index)
            {
                _block = table._blocks.Block(index).Span;
                _index = index;
            }
            within = (int)(offset & ((1L << table._shift) - 1));
            return _block;
        }
    }
}
