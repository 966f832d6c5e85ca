using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>
/// Reads parts of compressed clusters. A cluster that is wanted whole is decompressed straight into the caller's memory; one that is wanted in part is kept in a bounded
/// cache, sharded so that threads do not wait for each other. Thread-safe.
/// </summary>
/// <param name="file">The file with the compressed data.</param>
/// <param name="isZstd">zstd frames, else raw deflate.</param>
/// <param name="clusterSize">Bytes of a cluster.</param>
/// <param name="cacheBytes">Room for decompressed clusters.</param>
/// <param name="anomalies">Where damage is reported.</param>
/// <param name="kinds">The format's words for damage.</param>
internal sealed class CompressedClusters(IByteSource file, bool isZstd, int clusterSize, int cacheBytes, MappedAnomalies anomalies, TableAnomalies kinds)
{
    private readonly LruCache<byte[]> _clusters = new(Math.Clamp(cacheBytes / clusterSize, 2, 4096));
    private readonly ClusterDecoder _decoder = new(file, isZstd, clusterSize);

    /// <summary>Reads a part of one cluster.</summary>
    /// <param name="position">Guest offset of the part.</param>
    /// <param name="host">Offset in the file of the compressed data.</param>
    /// <param name="stored">Bytes of compressed data, at most.</param>
    /// <param name="target">Receives the part, which ends inside the cluster.</param>
    public void Read(long position, long host, int stored, Span<byte> target)
    {
        int within = (int)(position & (clusterSize - 1));
        if (within == 0 && target.Length == clusterSize)
        {
            Decode(position, host, stored, target);
            return;
        }
        long cluster = position / clusterSize;
        byte[]? decoded = _clusters.Find(cluster);
        if (decoded is null)
        {
            decoded = GC.AllocateUninitializedArray<byte>(clusterSize);
            Decode(position - within, host, stored, decoded);
            decoded = _clusters.Add(cluster, decoded);
        }
        decoded.AsSpan(within, target.Length).CopyTo(target);
    }

    private void Decode(long position, long host, int stored, Span<byte> target)
    {
        if (host >= file.Length)
        {
            target.Clear();
            anomalies.Report(kinds.UnitPastEnd, position);
        }
        else if (!_decoder.Decode(host, stored, target, out bool isLonger))
        {
            anomalies.Report(kinds.CompressedDamaged, position);
        }
        else if (isLonger)
        {
            anomalies.Report(kinds.CompressedTooLong, position);
        }
    }
}
