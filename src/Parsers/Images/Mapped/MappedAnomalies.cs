using System.Collections.Concurrent;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>One kind of damage below a header. Compared by reference: each format holds its own as constants.</summary>
/// <param name="code">Stable diagnostic code.</param>
/// <param name="meaning">What it means, without the place.</param>
/// <param name="losesContent">Whether bytes of the disk are missing.</param>
internal sealed class Anomaly(string code, string meaning, bool losesContent = true)
{
    public string Code => code;
    public string Meaning => meaning;
    public bool LosesContent => losesContent;
}

/// <summary>The kinds of damage that every table of a format can have, in the words of the format.</summary>
/// <param name="format">First part of the codes.</param>
/// <param name="table">The table with the entries: <c>l2</c>, <c>bmap</c>.</param>
/// <param name="unit">What an entry stands for: <c>cluster</c>, <c>block</c>.</param>
internal sealed class TableAnomalies(string format, string table, string unit)
{
    public Anomaly TableMisaligned { get; } = new($"{format}.{table}.misaligned", $"an L1 entry points into a {unit} instead of to one; what it maps reads as zeros");
    public Anomaly TablePastEnd { get; } = new($"{format}.{table}.past-end", $"a table ({table}) lies past the end of the image file; what it maps reads as zeros");
    public Anomaly UnitMisaligned { get; } = new($"{format}.{unit}.misaligned", $"a table entry points into a {unit} instead of to one; the {unit} reads as zeros");
    public Anomaly UnitPastEnd { get; } = new($"{format}.{unit}.past-end", $"a {unit} lies past the end of the image file; what is missing reads as zeros");
    public Anomaly CompressedDamaged { get; } = new($"{format}.compressed.damaged", $"a compressed {unit} cannot be decompressed whole; the rest of it reads as zeros");
    public Anomaly CompressedTooLong { get; } = new($"{format}.compressed.too-long", $"a compressed {unit} holds more than a {unit}; the excess is ignored", losesContent: false);
}

/// <summary>
/// Reports damage met while reading. The disk is divided into at most 1,024 stretches and each kind is reported once a stretch: the number is bounded, and the same
/// reads give the same diagnostics whatever the order and the number of threads.
/// </summary>
internal sealed class MappedAnomalies
{
    private const int MaxStretches = 1024;

    private readonly ConcurrentDictionary<(Anomaly Kind, long Stretch), bool> _reported = new();
    private readonly IDiagnosticSink _diagnostics;
    private readonly long _stretch;
    private readonly long _size;

    /// <param name="size">Size of the disk in bytes.</param>
    /// <param name="unit">What one top-level entry maps, in bytes; stretches are a multiple of it.</param>
    /// <param name="diagnostics">Where to.</param>
    public MappedAnomalies(long size, long unit, IDiagnosticSink diagnostics)
    {
        _diagnostics = diagnostics;
        _size = size;
        long units = size == 0 ? 1 : (size - 1) / unit + 1;
        long perStretch = Math.Max(1, (units - 1) / MaxStretches + 1);
        _stretch = perStretch > long.MaxValue / unit ? long.MaxValue : unit * perStretch;
    }

    /// <summary>Notes damage at a guest offset.</summary>
    public void Report(Anomaly kind, long position)
    {
        long stretch = position / _stretch;
        if (!_reported.TryAdd((kind, stretch), true))
        {
            return;
        }
        long start = stretch * _stretch;
        long end = Math.Min(_stretch, _size - start) + start - 1;
        _diagnostics.Report(new Diagnostic(kind.Code, string.Create(CultureInfo.InvariantCulture, $"{kind.Meaning} (guest offsets {start} to {end})"))
        {
            Offset = start,
            LosesContent = kind.LosesContent,
        });
    }
}
