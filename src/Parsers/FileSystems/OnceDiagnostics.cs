using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems;

/// <summary>
/// Passes diagnostics of one volume on once: the same file is opened by the walk, by content workers and by link look-ups, and a hostile volume
/// could otherwise report without end. After <see cref="MostPerCode"/> of one code a single closing note follows. Thread-safe.
/// </summary>
/// <param name="sink">Receives them.</param>
/// <param name="family">First part of the codes: <c>ext4</c>, <c>ntfs</c>.</param>
internal class OnceDiagnostics(IDiagnosticSink sink, string family)
{
    private const int MostPerCode = 1000;

    private readonly HashSet<(string Code, long Offset, ulong Address)> _seen = [];
    private readonly Dictionary<string, int> _counts = [];

    /// <summary>Reports one anomaly.</summary>
    /// <param name="code">Stable code.</param>
    /// <param name="message">One sentence.</param>
    /// <param name="expected">What the format demands.</param>
    /// <param name="actual">What is there.</param>
    /// <param name="offset">Byte offset in the volume, -1 when there is none.</param>
    /// <param name="inode">Inode or record number concerned, 0 when none.</param>
    /// <param name="losesContent">Something that should be readable is not.</param>
    public void Report(string code, string message, string expected, string actual, long offset = -1, ulong inode = 0, bool losesContent = false)
    {
        lock (_seen)
        {
            _counts.TryGetValue(code, out int count);
            if (count > MostPerCode || !_seen.Add((code, offset, inode)))
            {
                return;
            }
            _counts[code] = count + 1;
            if (count == MostPerCode)
            {
                sink.Report(new Diagnostic(family + ".diagnostics.suppressed", $"further {code} in this volume are not listed") { LosesContent = losesContent });
                return;
            }
        }
        sink.Report(new Diagnostic(code, message)
        {
            Expected = expected,
            Actual = actual,
            Offset = offset < 0 ? null : offset,
            MetadataAddress = inode == 0 ? null : inode,
            LosesContent = losesContent,
        });
    }
}
