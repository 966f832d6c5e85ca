using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes;

/// <summary>Turns sector ranges of a partition table into volumes and reports what cannot be right. Shared by MBR and GPT.</summary>
internal sealed class PartitionLayout(IByteSource disk, string system, int sectorSize, IDiagnosticSink diagnostics)
{
    private readonly List<Volume> _volumes = [];
    private readonly HashSet<(long Offset, long Length)> _seen = [];

    /// <summary>The volumes so far, in table order.</summary>
    public IReadOnlyList<Volume> Volumes => _volumes;

    /// <summary>
    /// Adds the range of <paramref name="sectors"/> sectors from <paramref name="first"/>. A range past the end of the disk is cut, one that is already there or that
    /// no disk can have is left out; both are reported. Null when it was left out. <paramref name="describe"/> adds what the table says besides.
    /// </summary>
    public Volume? Add(string name, ulong first, ulong sectors, Func<Volume, Volume> describe)
    {
        ulong most = long.MaxValue / (ulong)sectorSize;
        if (first > most || sectors == 0)
        {
            Report("range", name + " lies where no disk can have it and is left out", null, true, "sectors below " + Text(most), "first sector " + Text(first) + ", " + Text(sectors) + " sectors");
            return null;
        }
        long offset = (long)first * sectorSize;
        // Saturated: a length that overflows is past the end in any case.
        long length = (long)Math.Min(sectors, most - first) * sectorSize;
        if (!_seen.Add((offset, length)))
        {
            Report("duplicate", name + " is the same range as an earlier partition and is left out", offset, false, null, null);
            return null;
        }
        if (length > disk.Length - Math.Min(offset, disk.Length))
        {
            string what = offset >= disk.Length ? " lies past the end of the disk" : " ends past the end of the disk and is cut";
            Report("past-end", name + what, offset, true, "at most " + Text((ulong)disk.Length) + " bytes", Text((ulong)offset) + " + " + Text((ulong)length) + " bytes");
        }
        Volume volume = describe(new Volume(name, offset, length, new Slice(disk, offset, length)));
        _volumes.Add(volume);
        return volume;
    }

    /// <summary>Reports each partition that begins before an earlier one (by offset) has ended.</summary>
    public void ReportOverlaps()
    {
        var sorted = new List<Volume>(_volumes);
        sorted.Sort(static (a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Length.CompareTo(b.Length));
        Volume? furthest = null;
        foreach (Volume volume in sorted)
        {
            if (furthest is not null && volume.Offset - furthest.Offset < furthest.Length)
            {
                Report("overlap", volume.Name + " overlaps " + furthest.Name, volume.Offset, false, "partitions apart", null);
            }
            if (furthest is null || (ulong)volume.Offset + (ulong)volume.Length > (ulong)furthest.Offset + (ulong)furthest.Length)
            {
                furthest = volume;
            }
        }
    }

    /// <summary>Reports something about the table; the code is prefixed by the table's kind.</summary>
    public void Report(string code, string message, long? offset, bool losesContent, string? expected, string? actual) =>
        diagnostics.Report(new Diagnostic(system + "." + code, message) { Offset = offset, LosesContent = losesContent, Expected = expected, Actual = actual });

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
