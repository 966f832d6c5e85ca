using System.Buffers;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>
/// The content of a file made of blocks that can be decompressed alone. A block is decompressed when it is first read, once, into a sparse temporary file: what nobody reads costs nothing,
/// and threads that read different blocks decompress them side by side.
/// </summary>
/// <remarks>
/// A damaged block is the diagnostic <c>FORMAT.block.damaged</c>, and reads as far as it could be decoded, then as zeros.
/// Limitations: to know where the data after a hole begin, the blocks up to there are decompressed.
/// </remarks>
internal sealed class LazySpool : ISparseByteSource
{
    private const int BufferSize = 1 << 20;
    private const int Locks = 64;
    private const int MaxReports = 256;

    private readonly IPackedBlocks _packed;
    private readonly ITemporaryFile _file;
    private readonly ParseContext _context;
    private readonly bool[] _isReady;
    private readonly Lock[] _locks = new Lock[Locks];
    private int _reports;

    public LazySpool(IPackedBlocks packed, ITemporaryFile file, ParseContext context)
    {
        _packed = packed;
        _file = file;
        _context = context;
        _isReady = new bool[packed.Blocks.Count];
        for (int i = 0; i < Locks; i++)
        {
            _locks[i] = new Lock();
        }
        Length = packed.Blocks.Count == 0 ? 0 : packed.Blocks[^1].Offset + packed.Blocks[^1].Length;
        file.SetLength(Length);
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length || destination.IsEmpty)
        {
            return 0;
        }
        int index = Find(offset);
        PackedBlock block = _packed.Blocks[index];
        Need(index);
        int count = (int)Math.Min(destination.Length, block.Offset + block.Length - offset);
        return _file.ReadUpTo(offset, destination[..count]);
    }

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long length)
    {
        for (int index = offset < Length ? Find(offset) : _isReady.Length; index < _isReady.Length; index++)
        {
            PackedBlock block = _packed.Blocks[index];
            long end = block.Offset + block.Length;
            Need(index);
            if (_file.NextData(Math.Max(offset, block.Offset), out start, out length) && start < end)
            {
                length = Math.Min(length, end - start);
                return true;
            }
        }
        start = Length;
        length = 0;
        return false;
    }

    private int Find(long offset)
    {
        IReadOnlyList<PackedBlock> blocks = _packed.Blocks;
        int low = 0;
        int high = blocks.Count - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (blocks[middle].Offset + blocks[middle].Length > offset)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        return low;
    }

    private void Need(int index)
    {
        if (Volatile.Read(ref _isReady[index]))
        {
            return;
        }
        // Held while a block is decoded: whoever else wants this block has to wait for it anyway.
        lock (_locks[index % Locks])
        {
            if (!_isReady[index])
            {
                Unpack(_packed.Blocks[index]);
                Volatile.Write(ref _isReady[index], true);
            }
        }
    }

    private void Unpack(PackedBlock block)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        long done = 0;
        try
        {
            using ForwardReader reader = _packed.Open(block);
            while (true)
            {
                _context.Cancellation.ThrowIfCancellationRequested();
                int count = reader.ReadUpTo(buffer.AsSpan(0, BufferSize));
                if (count == 0)
                {
                    break;
                }
                if (count > block.Length - done)
                {
                    throw new CorruptDataException(_packed.Format + ".block", block.PackedOffset, block.Length + " bytes", "more");
                }
                Spool.Write(_file, block.Offset + done, buffer.AsSpan(0, count));
                done += count;
            }
            if (done != block.Length)
            {
                throw new CorruptDataException(_packed.Format + ".block", block.PackedOffset, block.Length + " bytes", done + " bytes");
            }
        }
        catch (ForensicException failure) when (failure is CorruptDataException or LimitExceededException or UnsupportedFeatureException)
        {
            Report(block, failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Report(PackedBlock block, ForensicException failure)
    {
        if (Interlocked.Increment(ref _reports) > MaxReports)
        {
            return;
        }
        _context.Diagnostics.Report(new Diagnostic(_packed.Format + ".block.damaged", string.Create(CultureInfo.InvariantCulture,
            $"bytes {block.Offset} to {block.Offset + block.Length - 1} of the decompressed data are damaged: {failure.Message}"))
        {
            Offset = block.PackedOffset,
            LosesContent = true,
        });
    }
}
