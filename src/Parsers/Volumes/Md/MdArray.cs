using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes.Raid;

namespace Forensics.Parsers.Volumes.Md;

/// <summary>Makes the content of an array from those of its members that are there and up to date.</summary>
internal static class MdArray
{
    /// <summary>More members than the kernel allows.</summary>
    public const int MaxMembers = 1024;

    /// <summary>The content. Throws a <see cref="ForensicException"/> whose message is the reason when the array cannot be read.</summary>
    /// <param name="super">The newest superblock.</param>
    /// <param name="columns">Data area of each place; null where the member is missing.</param>
    public static IByteSource Open(MdSuperblock super, IByteSource?[] columns, string name, IDiagnosticSink diagnostics)
    {
        int missing = 0;
        foreach (IByteSource? column in columns)
        {
            missing += column is null ? 1 : 0;
        }
        int chunk = super.Level is 1 or -1 ? 0 : super.ChunkSize is >= 512 and <= 1 << 30 && super.ChunkSize % 512 == 0 ? (int)super.ChunkSize
            : throw new CorruptDataException("md.chunk_size", super.Offset, "whole sectors up to 1 GiB", super.ChunkSize.ToString(CultureInfo.InvariantCulture));
        switch (super.Level)
        {
            case -1:
                Require(columns, missing, 0);
                return Linear(columns, super.ChunkSize);
            case 0:
                Require(columns, missing, 0);
                return Striped(super, columns, chunk, name, diagnostics);
            case 1:
                Require(columns, missing, columns.Length - 1);
                IByteSource first = Array.Find(columns, column => column is not null)!;
                return new Slice(first, 0, super.UsedSize);
            case 4 or 5 or 6:
                ParityLayout parity = ParityLayout.Create(super.Level, super.Layout, columns.Length) ?? throw Unsupported(super);
                Require(columns, missing, 1);
                return new ParitySource(columns, parity, chunk, Multiply(super.UsedSize / chunk * chunk, parity.DataColumns));
            case 10:
                Raid10Layout layout = Raid10Layout.Create(super.Layout, columns.Length, chunk, super.UsedSize) ?? throw Unsupported(super);
                return Raid10Source.IsComplete(columns, layout) ? new Raid10Source(columns, layout, layout.Length) : throw Missing(columns, missing);
            default:
                throw Unsupported(super);
        }
    }

    private static IByteSource Linear(IByteSource?[] columns, long chunk)
    {
        var parts = new List<SourceSegment>(columns.Length);
        long position = 0;
        foreach (IByteSource? column in columns)
        {
            // With a rounding, each member gives whole multiples of it.
            long length = chunk > 0 ? column!.Length / chunk * chunk : column!.Length;
            if (length > 0)
            {
                parts.Add(new SourceSegment(position, length, column, 0));
                position = Add(position, length);
            }
        }
        return SegmentedSource.Create(parts, position);
    }

    /// <summary>
    /// RAID 0 over members of different size: a zone over all of them as far as the smallest goes, another over those that are larger, and so on. Kernels up to 3.13 began each
    /// zone after the first at another member than later ones.
    /// </summary>
    private static IByteSource Striped(MdSuperblock super, IByteSource?[] columns, int chunk, string name, IDiagnosticSink diagnostics)
    {
        var zones = new List<SourceSegment>();
        long position = 0;
        long done = 0;
        while (true)
        {
            var longer = new List<IByteSource>();
            long end = long.MaxValue;
            foreach (IByteSource? column in columns)
            {
                long length = column!.Length / chunk * chunk;
                if (length > done)
                {
                    longer.Add(column);
                    end = Math.Min(end, length);
                }
            }
            if (longer.Count == 0)
            {
                break;
            }
            var zone = new List<IByteSource>(longer.Count);
            long turn = super.Layout == 1 ? position / chunk % longer.Count : 0;
            for (int i = 0; i < longer.Count; i++)
            {
                zone.Add(new Slice(longer[(int)((i + turn) % longer.Count)], done, end - done));
            }
            long size = Multiply(end - done, longer.Count);
            zones.Add(new SourceSegment(position, size, new StripedSource(zone, chunk, size), 0));
            position = Add(position, size);
            done = end;
        }
        if (zones.Count > 1 && super.Layout is not (1 or 2))
        {
            diagnostics.Report(new Diagnostic("md.raid0.layout", name + ": members differ in size and the superblock does not say which of two layouts holds; that of kernels since 3.14 is taken")
            {
                LosesContent = true,
            });
        }
        return SegmentedSource.Create(zones, position);
    }

    private static void Require(IByteSource?[] columns, int missing, int spare)
    {
        if (missing > spare)
        {
            throw Missing(columns, missing);
        }
    }

    private static MdUnavailableException Missing(IByteSource?[] columns, int missing) =>
        new(string.Create(CultureInfo.InvariantCulture, $"member {Array.IndexOf(columns, null)} of {columns.Length} is missing{(missing > 1 ? " and others" : "")}"));

    private static UnsupportedFeatureException Unsupported(MdSuperblock super) =>
        new(string.Create(CultureInfo.InvariantCulture, $"RAID level {super.Level} with layout {super.Layout}"));

    private static long Add(long a, long b) => a > long.MaxValue - b ? throw new CorruptDataException("md.size", -1, "a size of 63 bits", "more") : a + b;

    private static long Multiply(long a, long b) => a > long.MaxValue / b ? throw new CorruptDataException("md.size", -1, "a size of 63 bits", "more") : a * b;
}

/// <summary>An array cannot be read because members are not there.</summary>
internal sealed class MdUnavailableException(string message) : ForensicException(message)
{
    /// <inheritdoc/>
    public override string Code => "md.unavailable";
}
