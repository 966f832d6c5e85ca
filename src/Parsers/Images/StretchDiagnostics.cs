using System.Collections.Concurrent;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images;

/// <summary>
/// Reports damage met while a container is read. The disk is divided into at most 1,024 stretches and each code is reported once a stretch: the number is bounded, and
/// the same reads give the same diagnostics whatever the order and the number of threads. Thread-safe.
/// </summary>
internal sealed class StretchDiagnostics
{
    private const int MaxStretches = 1024;

    private readonly ConcurrentDictionary<(string Code, long Stretch), bool> _reported = new();
    private readonly IDiagnosticSink _diagnostics;
    private readonly long _stretch;
    private readonly long _size;

    /// <param name="size">Size of the disk in bytes.</param>
    /// <param name="unit">What a stretch is a multiple of, in bytes.</param>
    /// <param name="diagnostics">Where reports go.</param>
    public StretchDiagnostics(long size, long unit, IDiagnosticSink diagnostics)
    {
        _diagnostics = diagnostics;
        _size = size;
        long units = size / unit + 1;
        long perStretch = units / MaxStretches + 1;
        _stretch = perStretch > long.MaxValue / unit ? long.MaxValue : perStretch * unit;
    }

    /// <summary>Notes damage at a guest offset.</summary>
    public void Report(string code, string what, bool losesContent, long position)
    {
        long stretch = position / _stretch;
        if (!_reported.TryAdd((code, stretch), true))
        {
            return;
        }
        long start = stretch * _stretch;
        long last = start + Math.Min(_stretch, Math.Max(_size - start, 1)) - 1;
        _diagnostics.Report(new Diagnostic(code, string.Create(CultureInfo.InvariantCulture, $"{what} (guest offsets {start} to {last})"))
        {
            Offset = start,
            LosesContent = losesContent,
        });
    }
}
