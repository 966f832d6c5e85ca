using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using Forensics.Parsers.Bytes;
using SharpCompress.Compressors.ZStandard;
using SharpCompress.Compressors.ZStandard.Unsafe;

namespace Forensics.Parsers.Images.Qcow2;

/// <summary>Decompresses single clusters: raw deflate or a zstd frame, never more than a cluster of output. Thread-safe.</summary>
internal sealed class ClusterDecoder(IByteSource file, bool isZstd, int clusterSize)
{
    /// <summary>A frame may ask for a window of up to 8 MiB (QEMU uses at most the cluster size); more would be memory at the image's bidding.</summary>
    private const int MaxWindowLog = 23;

    /// <summary>Decoders that are not in use; each holds native tables that are costly to make for every cluster.</summary>
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
            var input = new MemoryStream(stored, 0, available, writable: false);
            isLonger = false;
            int count = isZstd ? Zstd(input, target) : Deflate(input, target, out isLonger);
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
            // Damaged: what came out so far is kept and the caller reports the cluster as incomplete.
            isLonger = false;
        }
        return done;
    }

    private int Zstd(MemoryStream input, Span<byte> target)
    {
        if (!_idle.TryTake(out Decompressor? decoder))
        {
            decoder = new Decompressor();
            decoder.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
        }
        int done = 0;
        try
        {
            using var stream = new DecompressionStream(input, decoder, bufferSize: 0, checkEndOfStream: false, preserveDecompressor: true);
            Fill(stream, target, ref done);
        }
        catch (Exception e) when (e is ZstdException or InvalidDataException or EndOfStreamException)
        {
            // Damaged, as above. The decoder's state is unknown now, so it is not used again.
            decoder.Dispose();
            return done;
        }
        _idle.Add(decoder);
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
