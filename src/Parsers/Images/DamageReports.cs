using System.Collections.Concurrent;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images;

/// <summary>A kind of damage below the header of a container.</summary>
/// <param name="Code">Diagnostic code.</param>
/// <param name="Message">What is wrong and what is read instead.</param>
/// <param name="LosesContent">Whether bytes of the disk are missing.</param>
internal sealed record DamageKind(string Code, string Message, bool LosesContent = true);

/// <summary>
/// Reports damage met while reading. The disk is divided into at most 1,024 stretches and each kind is reported once a stretch: the number is bounded, and the same
/// reads give the same diagnostics whatever the order and the number of threads.
/// </summary>
internal sealed class DamageReports
{
    private const int MaxStretches = 1024;

    private readonly ConcurrentDictionary<(DamageKind Kind, long Stretch), bool> _reported = new();
    private readonly IDiagnosticSink _diagnostics;
    private readonly long _stretch;
    private readonly long _size;

    /// <param name="size">Size of the disk in bytes.</param>
    /// <param name="diagnostics">Receives the reports.</param>
    public DamageReports(long size, IDiagnosticSink diagnostics)
    {
        _size = size;
        _diagnostics = diagnostics;
        _stretch = Math.Max(1 << 20, size / MaxStretches + 1);
    }

    /// <summary>Notes damage at an offset of the disk.</summary>
    public void Report(DamageKind kind, long position)
    {
        long stretch = position / _stretch;
        if (!_reported.TryAdd((kind, stretch), true))
        {
            return;
        }
        long start = stretch * _stretch;
        _diagnostics.Report(new Diagnostic(kind.Code,
            string.Create(CultureInfo.InvariantCulture, $"{kind.Message} (guest offsets {start} to {Math.Min(start + _stretch, _size) - 1})"))
        {
            Offset = start,
            LosesContent = kind.LosesContent,
        });
    }
}
