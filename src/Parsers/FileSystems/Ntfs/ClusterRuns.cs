using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>Makes runs of bytes of runs of clusters.</summary>
internal static class ClusterRuns
{
    /// <summary>The stored stretches of an attribute below <paramref name="length"/> bytes, neighbours joined; holes are left out.</summary>
    /// <param name="runs">Ascending by <see cref="DataRun.Vcn"/>; what overlaps the run before is left out.</param>
    /// <param name="clusterSize">Bytes of a cluster.</param>
    /// <param name="length">Bytes of the attribute that are to be read.</param>
    /// <param name="volumeLength">Stretches are cut where the volume ends; <see cref="long.MaxValue"/> not to cut.</param>
    public static ContentRun[] ToBytes(List<DataRun> runs, int clusterSize, long length, long volumeLength = long.MaxValue)
    {
        var result = new List<ContentRun>(Math.Min(runs.Count, 64));
        long end = 0;
        foreach (DataRun run in runs)
        {
            // At most 2^48 clusters of 2 MiB would not fit: what lies beyond the end is no matter.
            if (run.Vcn > (length - 1) / clusterSize)
            {
                break;
            }
            long logical = run.Vcn * clusterSize;
            if (run.IsHole || logical < end)
            {
                continue;
            }
            long physical = run.Lcn * clusterSize;
            long count = run.Count > (length - logical) / clusterSize ? length - logical : run.Count * clusterSize;
            count = Math.Min(count, volumeLength - physical);
            if (count <= 0)
            {
                continue;
            }
            end = logical + count;
            if (result.Count > 0 && result[^1] is var last && last.End == logical && last.Physical + last.Length == physical)
            {
                result[^1] = last with { Length = last.Length + count };
                continue;
            }
            result.Add(new ContentRun(logical, count, physical));
        }
        return [.. result];
    }
}
