using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Compression;

/// <summary>Compression of a file by the Windows overlay filter: FILE_PROVIDER_COMPRESSION_ of ntifs.h.</summary>
public enum WofAlgorithm
{
    /// <summary>XPRESS Huffman in chunks of 4 KiB.</summary>
    Xpress4K = 0,
    /// <summary>LZX in chunks of 32 KiB.</summary>
    Lzx = 1,
    /// <summary>XPRESS Huffman in chunks of 8 KiB.</summary>
    Xpress8K = 2,
    /// <summary>XPRESS Huffman in chunks of 16 KiB.</summary>
    Xpress16K = 3,
}

/// <summary>
/// Content of a file that the Windows overlay filter compressed (CompactOS, <c>compact /exe</c>), from its stream <c>WofCompressedData</c>: a table of where chunks begin, then the chunks, of which
/// one that did not get smaller is stored as it is. Offsets and lengths in bytes. Thread-safe.
/// </summary>
/// <remarks>Damage of a chunk throws <see cref="CorruptDataException"/> for reads that touch it, others go on. Specification: none is public; the same layout as a resource of a WIM file.</remarks>
public static class WofContent
{
    /// <summary>A source of the content. Nothing is read.</summary>
    /// <param name="compressed">The stream.</param>
    /// <param name="uncompressedSize">Size of the content, which is that of the unnamed stream.</param>
    /// <param name="algorithm">From the reparse point.</param>
    /// <exception cref="CorruptDataException">The stream is shorter than its table.</exception>
    public static IByteSource Open(IByteSource compressed, long uncompressedSize, WofAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(compressed);
        ArgumentOutOfRangeException.ThrowIfNegative(uncompressedSize);
        int chunkSize = algorithm switch
        {
            WofAlgorithm.Xpress4K => 4096,
            WofAlgorithm.Lzx => Lzx.WindowSize,
            WofAlgorithm.Xpress8K => 8192,
            WofAlgorithm.Xpress16K => 16384,
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
        };
        return new Chunks(compressed, uncompressedSize, chunkSize, algorithm == WofAlgorithm.Lzx);
    }

    private sealed class Chunks : IByteSource, IPhysicallyOrdered
    {
        private const int CacheBytes = 512 << 10;
        private const int TableBlock = 4096;

        private readonly IByteSource _compressed;
        private readonly BlockCache _table;
        private readonly LruCache<byte[]> _chunks;
        private readonly int _chunkSize;
        private readonly bool _isLzx;
        private readonly int _entrySize;
        private readonly long _count;

        public Chunks(IByteSource compressed, long length, int chunkSize, bool isLzx)
        {
            Length = length;
            _compressed = compressed;
            _chunkSize = chunkSize;
            _isLzx = isLzx;
            _entrySize = length > uint.MaxValue ? sizeof(ulong) : sizeof(uint);
            _count = (length / chunkSize) + (length % chunkSize > 0 ? 1 : 0);
            long entries = Math.Max(0, _count - 1);
            if (entries > compressed.Length / _entrySize)
            {
                throw Damage(0, "a table of " + entries.ToString(CultureInfo.InvariantCulture) + " chunks", compressed.Length.ToString(CultureInfo.InvariantCulture) + " bytes in all");
            }
            _table = new BlockCache(new Slice(compressed, 0, entries * _entrySize), TableBlock, 4);
            _chunks = new LruCache<byte[]>(CacheBytes / chunkSize);
        }

        public long Length { get; }

        public long FirstPhysicalOffset => (_compressed as IPhysicallyOrdered)?.FirstPhysicalOffset ?? -1;

        public int ReadAt(long offset, Span<byte> destination)
        {
            if (offset >= Length)
            {
                return 0;
            }
            int wanted = (int)Math.Min(destination.Length, Length - offset);
            for (int done = 0; done < wanted;)
            {
                long chunk = (offset + done) / _chunkSize;
                int within = (int)((offset + done) % _chunkSize);
                int size = (int)Math.Min(_chunkSize, Length - (chunk * _chunkSize));
                int part = Math.Min(size - within, wanted - done);
                Read(chunk, size, within, destination.Slice(done, part));
                done += part;
            }
            return wanted;
        }

        private void Read(long chunk, int size, int within, Span<byte> destination)
        {
            if (destination.Length == size)
            {
                Decode(chunk, destination);
                return;
            }
            byte[]? decoded = _chunks.Find(chunk);
            if (decoded is null)
            {
                decoded = new byte[size];
                Decode(chunk, decoded);
                decoded = _chunks.Add(chunk, decoded);
            }
            decoded.AsSpan(within, destination.Length).CopyTo(destination);
        }

        private void Decode(long chunk, Span<byte> destination)
        {
            long start = chunk == 0 ? 0 : Entry(chunk - 1);
            long end = chunk == _count - 1 ? _compressed.Length - _table.Length : Entry(chunk);
            long position = start >= 0 && start <= _compressed.Length ? _table.Length + start : -1;
            // Written so that no entry, which may be any number, makes it overflow.
            if (position < 0 || end <= start || end > _compressed.Length - _table.Length || end - start > destination.Length)
            {
                throw Damage(chunk, "a chunk of at most " + destination.Length.ToString(CultureInfo.InvariantCulture) + " bytes inside the stream", string.Create(CultureInfo.InvariantCulture, $"{start} to {end}"));
            }
            int stored = (int)(end - start);
            if (stored == destination.Length)
            {
                _compressed.ReadExactly(position, destination, "ntfs.wof");
                return;
            }
            byte[] packed = ArrayPool<byte>.Shared.Rent(stored);
            try
            {
                _compressed.ReadExactly(position, packed.AsSpan(0, stored), "ntfs.wof");
                if (_isLzx)
                {
                    Lzx.Decompress(packed.AsSpan(0, stored), destination);
                }
                else
                {
                    XpressHuffman.Decompress(packed.AsSpan(0, stored), destination);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(packed);
            }
        }

        /// <summary>Where the chunk behind an entry begins, from the end of the table on.</summary>
        private long Entry(long index)
        {
            Span<byte> entry = stackalloc byte[sizeof(ulong)];
            entry = entry[.._entrySize];
            _table.ReadExactly(index * _entrySize, entry, "ntfs.wof");
            return _entrySize == sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(entry) : BinaryPrimitives.ReadInt64LittleEndian(entry);
        }

        private static CorruptDataException Damage(long chunk, string expected, string actual) => new("ntfs.wof.chunk", chunk, expected, actual);
    }
}
