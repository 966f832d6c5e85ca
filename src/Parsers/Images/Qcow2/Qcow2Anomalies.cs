using System.Collections.Concurrent;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Qcow2;

/// <summary>What can be wrong below the header.</summary>
internal enum Qcow2Anomaly
{
    TableMisaligned,
    TablePastEnd,
    ClusterMisaligned,
    ClusterPastEnd,
    CompressedDamaged,
    CompressedTooLong,
    SubclusterConflict,
    ReservedBits,
}

/// <summary>
/// Reports damage met while reading. The disk is divided into at most 1,024 stretches and each kind is reported once a stretch: the number is bounded, and the same
/// reads give the same diagnostics whatever the order and the number of threads.
/// </summary>
internal sealed class Qcow2Anomalies
{
    private const int MaxStretches = 1024;

    private readonly ConcurrentDictionary<(Qcow2Anomaly Kind, long Stretch), bool> _reported = new();
    private readonly IDiagnosticSink _diagnostics;
    private readonly long _stretch;
    private readonly long _size;

    public Qcow2Anomalies(Qcow2Geometry geometry, IDiagnosticSink diagnostics)
    {
        _diagnostics = diagnostics;
        _size = geometry.Size;
        // At most 2^22 L1 entries of at most 2^39 bytes: no overflow.
        long tables = (geometry.Size + geometry.L1Coverage - 1) / geometry.L1Coverage;
        _stretch = geometry.L1Coverage * Math.Max(1, (tables + MaxStretches - 1) / MaxStretches);
    }

    /// <summary>Notes damage at a guest offset.</summary>
    public void Report(Qcow2Anomaly kind, long position)
    {
        long stretch = position / _stretch;
        if (!_reported.TryAdd((kind, stretch), true))
        {
            return;
        }
        (string code, string what, bool losesContent) = kind switch
        {
            Qcow2Anomaly.TableMisaligned => ("qcow2.l2.misaligned", "an L1 entry points into a cluster instead of to one; what it maps reads as zeros", true),
            Qcow2Anomaly.TablePastEnd => ("qcow2.l2.past-end", "an L2 table lies past the end of the image file; what it maps reads as zeros", true),
            Qcow2Anomaly.ClusterMisaligned => ("qcow2.cluster.misaligned", "an L2 entry points into a cluster instead of to one; the cluster reads as zeros", true),
            Qcow2Anomaly.ClusterPastEnd => ("qcow2.cluster.past-end", "a cluster lies past the end of the image file; what is missing reads as zeros", true),
            Qcow2Anomaly.CompressedDamaged => ("qcow2.compressed.damaged", "a compressed cluster cannot be decompressed whole; the rest of it reads as zeros", true),
            Qcow2Anomaly.CompressedTooLong => ("qcow2.compressed.too-long", "a compressed cluster holds more than a cluster; the excess is ignored", false),
            Qcow2Anomaly.SubclusterConflict => ("qcow2.subcluster.conflict", "a subcluster is marked as stored and as zero, or as stored nowhere; it reads as zeros", true),
            _ => ("qcow2.l2.reserved", "reserved bits of an L2 entry are set and ignored", false),
        };
        long start = stretch * _stretch;
        _diagnostics.Report(new Diagnostic(code, string.Create(CultureInfo.InvariantCulture, $"{what} (guest offsets {start} to {Math.Min(start + _stretch, _size) - 1})"))
        {
            Offset = start,
            LosesContent = losesContent,
        });
    }
}
