using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>A run of clusters.</summary>
/// <param name="Vcn">First cluster in the attribute.</param>
/// <param name="Count">Clusters, positive.</param>
/// <param name="Lcn">First cluster on the volume; -1 for a hole.</param>
public readonly record struct DataRun(long Vcn, long Count, long Lcn)
{
    /// <summary>First cluster of the attribute after the run.</summary>
    public long End => Vcn + Count;
    /// <summary>Nothing is stored: sparse, or the rest of a compression unit.</summary>
    public bool IsHole => Lcn < 0;
}

/// <summary>The mapping pairs array of a non-resident attribute: pairs of length and signed distance to the cluster of the run before, each in as few bytes as it needs.</summary>
public static class MappingPairs
{
    /// <summary>Appends the runs in order. Stops at the end mark, at the end of the bytes, and when <paramref name="maximumRuns"/> is reached.</summary>
    /// <param name="pairs">From the first header byte to the end of the attribute record.</param>
    /// <param name="lowestVcn">First cluster of the attribute that this record maps.</param>
    /// <param name="clusterCount">Clusters of the volume: a run outside is damage.</param>
    /// <param name="maximumRuns">Most runs that <paramref name="runs"/> may hold in the end.</param>
    /// <param name="runs">Takes the runs; those before a damaged pair stay in it.</param>
    /// <exception cref="CorruptDataException">A pair that cannot be; <c>Offset</c> counts from the first header byte.</exception>
    /// <exception cref="LimitExceededException">More runs than allowed.</exception>
    public static void Decode(ReadOnlySpan<byte> pairs, long lowestVcn, long clusterCount, int maximumRuns, List<DataRun> runs)
    {
        int position = 0;
        long vcn = lowestVcn;
        long lcn = 0;
        while (position < pairs.Length && pairs[position] != 0)
        {
            int lengthBytes = pairs[position] & 0x0F;
            int distanceBytes = pairs[position] >> 4;
            if (lengthBytes is 0 or > 8 || distanceBytes > 8 || position + 1 + lengthBytes + distanceBytes > pairs.Length)
            {
                throw Damage(position, "1 to 8 bytes of length and at most 8 of distance inside the attribute", pairs[position].ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
            }
            long count = Signed(pairs.Slice(position + 1, lengthBytes));
            // A volume has fewer than 2^48 clusters even with a sparse file on it; more would overflow what is made of it.
            if (count <= 0 || count > 1L << 48 || vcn < 0 || vcn > (1L << 48) - count)
            {
                throw Damage(position, "a run of 1 to 2^48 clusters", count.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
            long start = -1;
            if (distanceBytes > 0)
            {
                long distance = Signed(pairs.Slice(position + 1 + lengthBytes, distanceBytes));
                start = distance is < -(1L << 48) or > 1L << 48 ? -1 : lcn + distance;
                if (start < 0 || start > clusterCount - count)
                {
                    throw Damage(position, "clusters inside the volume", start.ToString(System.Globalization.CultureInfo.InvariantCulture) + " for " + count.ToString(System.Globalization.CultureInfo.InvariantCulture));
                }
                lcn = start;
            }
            if (runs.Count >= maximumRuns)
            {
                throw new LimitExceededException("ntfs.runs", runs.Count);
            }
            runs.Add(new DataRun(vcn, count, start));
            vcn += count;
            position += 1 + lengthBytes + distanceBytes;
        }
    }

    private static long Signed(ReadOnlySpan<byte> bytes)
    {
        long value = unchecked((sbyte)bytes[^1]);
        for (int i = bytes.Length - 2; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }
        return value;
    }

    private static CorruptDataException Damage(int position, string expected, string actual) => new("ntfs.runlist", position, expected, actual);
}
