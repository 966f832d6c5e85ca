using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Collects diagnostics from all threads, bounded: of each code at most <see cref="MaximumPerCode"/> are kept, always the smallest in report order, so that the
/// result does not depend on thread timing. What was not kept is counted.
/// </summary>
public sealed class DiagnosticCollector : IDiagnosticSink
{
    /// <summary>How many of one code are kept.</summary>
    public const int MaximumPerCode = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedSet<Diagnostic>> _byCode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _dropped = new(StringComparer.Ordinal);

    /// <summary>Something that should have been looked at was not.</summary>
    public bool LosesContent { get; private set; }

    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic)
    {
        lock (_lock)
        {
            LosesContent |= diagnostic.LosesContent;
            if (!_byCode.TryGetValue(diagnostic.Code, out SortedSet<Diagnostic>? kept))
            {
                _byCode[diagnostic.Code] = kept = new SortedSet<Diagnostic>(Comparer<Diagnostic>.Create(Compare));
            }
            if (kept.Add(diagnostic) && kept.Count > MaximumPerCode)
            {
                kept.Remove(kept.Max!);
                _dropped[diagnostic.Code] = _dropped.GetValueOrDefault(diagnostic.Code) + 1;
            }
        }
    }

    /// <summary>A sink that adds volume and path where they are missing.</summary>
    public IDiagnosticSink For(string volume, string? path = null) => new Scope(this, volume, path);

    /// <summary>Everything kept, sorted, with one summary entry for each code that was cut.</summary>
    public IReadOnlyList<Diagnostic> ToList()
    {
        lock (_lock)
        {
            var all = _byCode.Values.SelectMany(kept => kept).ToList();
            foreach ((string code, long count) in _dropped)
            {
                all.Add(new Diagnostic(code, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{count} more of this kind")));
            }
            all.Sort(Compare);
            return all;
        }
    }

    private static int Compare(Diagnostic a, Diagnostic b)
    {
        int order = string.CompareOrdinal(a.Volume, b.Volume);
        order = order != 0 ? order : string.CompareOrdinal(a.Path, b.Path);
        order = order != 0 ? order : string.CompareOrdinal(a.Code, b.Code);
        order = order != 0 ? order : Nullable.Compare(a.MetadataAddress, b.MetadataAddress);
        order = order != 0 ? order : Nullable.Compare(a.Offset, b.Offset);
        order = order != 0 ? order : string.CompareOrdinal(a.Message, b.Message);
        order = order != 0 ? order : string.CompareOrdinal(a.Expected, b.Expected);
        return order != 0 ? order : string.CompareOrdinal(a.Actual, b.Actual);
    }

    private sealed class Scope(DiagnosticCollector target, string volume, string? path) : IDiagnosticSink
    {
        public void Report(Diagnostic diagnostic) =>
            target.Report(diagnostic with { Volume = diagnostic.Volume ?? volume, Path = diagnostic.Path ?? path });
    }
}
