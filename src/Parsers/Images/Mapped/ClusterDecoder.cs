using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using Forensics.Parsers.Bytes;
using SharpCompress.Compressors.ZStandard;
using SharpCompress.Compressors.ZStandard.Unsafe;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>Decompresses single clusters: raw deflate or zstd, never more than a cluster of output. Thread-safe.</summary>
internal sealed class ClusterDecoder(IByteSource file, bool isZstd, int clusterSize)
{
    /// <summary>A frame may ask for a window of up to 8 MiB (QEMU uses at most the cluster size); more would be memory at the image's bidding.</summary>
    private const int MaxWindowLog = 23;

    /// <summary>Decoders that are not in use; each holds tables that are costly to make for every cluster.</summary>
    private readonly ConcurrentBag<Decompressor> _idle = [];

    /// <summary>
    /// Fills <paramref name="target"/> (one cluster) from <paramref name="length"/> bytes at <paramref name="host"/>. False when the data end early or are damaged:
    /// what could be decompressed is kept, the rest is zeros. The stored length is rounded up, so bytes after the end of the data mean nothing.
    /// </summary>
    public bool Decode(long host, int length, Span<byte> target, out bool isLonger)
    {
        byte[] stored = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            int available = file.ReadUpTo(host, stored.AsSpan(0, length));
            isLonger = false;
            int count = isZstd ? Zstd(stored.AsSpan(0, available), stored, target) : Deflate(new MemoryStream(stored, 0, available, writable: false), target, out isLonger);
            target[count..].Clear();
            return count == clusterSize;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    private static int Deflate(MemoryStream input, Span<byte> target, out bool isLonger)
    {
        isLonger = false;
        int done = 0;
        try
        {
            using var inflater = new DeflateStream(input, CompressionMode.Decompress);
            Fill(inflater, target, ref done);
            isLonger = done == target.Length && inflater.ReadByte() >= 0;
        }
        catch (InvalidDataException)
        {
            // Damaged: what came out so far is kept; the caller reports the cluster unless it is whole.
            isLonger = false;
        }
        return done;
    }

    private int Zstd(ReadOnlySpan<byte> stored, byte[] array, Span<byte> target)
    {
        int frame = ZstdFrame.Length(stored);
        if (frame > 0)
        {
            Decompressor decoder = _idle.TryTake(out Decompressor? idle) ? idle : new Decompressor();
            try
            {
                int count = decoder.Unwrap(stored[..frame], target);
                _idle.Add(decoder);
                if (count == target.Length)
                {
                    return count;
                }
            }
            catch (ZstdException)
            {
                // Damaged, or more than a cluster. Its state is unknown now; the slow way below finds out what can be had.
                decoder.Dispose();
            }
        }
        return ZstdStream(new MemoryStream(array, 0, stored.Length, writable: false), target);
    }

    /// <summary>Several frames, a frame cut short or one that holds more than a cluster: byte by byte as far as it goes.</summary>
    private static int ZstdStream(MemoryStream input, Span<byte> target)
    {
        int done = 0;
        try
        {
            using var stream = new DecompressionStream(input, bufferSize: 0, checkEndOfStream: false);
            stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
            Fill(stream, target, ref done);
        }
        catch (ZstdException)
        {
            // Damaged: as for deflate.
            return done;
        }
        return done;
    }

    private static void Fill(Stream stream, Span<byte> target, ref int done)
    {
        while (done < target.Length)
        {
            int count = stream.Read(target[done..]);
            if (count == 0)
            {
                break;
            }
            done += count;
        }
    }
}
