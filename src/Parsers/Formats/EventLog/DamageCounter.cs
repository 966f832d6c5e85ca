using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.EventLog;

/// <summary>Counts what is wrong with a file by its kind, so that a file full of damage says each once, with the first place.</summary>
internal sealed class DamageCounter
{
    private readonly List<Kind> _kinds = [];

    /// <summary>Counts one.</summary>
    public void Note(string code, string message, long offset, bool losesContent, string? expected = null, string? actual = null)
    {
        foreach (Kind known in _kinds)
        {
            if (known.Diagnostic.Code == code)
            {
                known.Count++;
                return;
            }
        }
        _kinds.Add(new Kind(new Diagnostic(code, message) { Offset = offset, LosesContent = losesContent, Expected = expected, Actual = actual }));
    }

    /// <summary>Hands on each kind.</summary>
    public void Report(IDiagnosticSink sink)
    {
        foreach (Kind kind in _kinds)
        {
            sink.Report(kind.Count == 1 ? kind.Diagnostic
                : kind.Diagnostic with { Actual = string.Create(CultureInfo.InvariantCulture, $"{kind.Count} times{(kind.Diagnostic.Actual is { } first ? ", first " + first : "")}") });
        }
        _kinds.Clear();
    }

    private sealed class Kind(Diagnostic diagnostic)
    {
        public Diagnostic Diagnostic { get; } = diagnostic;
        public long Count { get; set; } = 1;
    }
}
