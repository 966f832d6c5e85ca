using Forensics.Yara.Native;
using Forensics.Yara.Scanning;

namespace Forensics.Yara;

/// <summary>Scans contents with one rule set. For one thread at a time; make one a worker and reuse it.</summary>
/// <remarks>
/// <b>Limitations</b>: the content is scanned as a whole and in memory. Run it on threads with <see cref="YaraEngine.WorkerStackSize"/> bytes of stack.
/// Time limits are checked by libyara between steps, so a scan may run a little longer than its limit.
/// </remarks>
public sealed class YaraScanner : IDisposable
{
    private readonly ScannerHandle _scanner;
    private readonly MatchCollector _collector;
    private readonly RuleCatalog _catalog;
    private readonly ExternalValues _externals;
    private int _busy;
    private bool _disposed;

    internal YaraScanner(RulesHandle rules, RuleCatalog catalog, ExternalSet externals, int timeoutSeconds)
    {
        _catalog = catalog;
        _collector = new MatchCollector(catalog);
        _scanner = ScannerHandle.Create(rules, _collector, timeoutSeconds);
        _externals = new ExternalValues(externals);
    }

    /// <summary>Scans a content. What the scan runs into is in the result; only misuse throws.</summary>
    /// <exception cref="ObjectDisposedException">The scanner was disposed.</exception>
    /// <exception cref="InvalidOperationException">Another thread is scanning with this scanner.</exception>
    public YaraScanResult Scan(ReadOnlySpan<byte> content, in YaraExternals externals)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            throw new InvalidOperationException("A YARA scanner serves one thread at a time; create one for each worker.");
        }
        bool added = false;
        try
        {
            _scanner.DangerousAddRef(ref added);
            int error = _externals.Apply(_scanner, externals);
            if (error == YaraError.Success)
            {
                error = _scanner.Scan(content);
            }
            return ToResult(error);
        }
        finally
        {
            _collector.Reset();
            if (added)
            {
                _scanner.DangerousRelease();
            }
            Volatile.Write(ref _busy, 0);
        }
    }

    /// <summary>Releases the scanner.</summary>
    public void Dispose()
    {
        _disposed = true;
        _scanner.Dispose();
    }

    private YaraScanResult ToResult(int error)
    {
        // An exception in a callback cannot pass through native frames, so it was kept; it is our defect or lack of memory, never a scan outcome.
        _collector.Failure?.Throw();
        IReadOnlyList<YaraRuleMatch> matches = _collector.TakeMatches();
        switch (error)
        {
            case YaraError.Success when !_collector.HasTooManyMatches:
                return matches.Count == 0 ? YaraScanResult.Clean : new YaraScanResult(YaraScanOutcome.Completed, matches, null);
            case YaraError.Success:
            case YaraError.TooManyMatches:
                return new YaraScanResult(YaraScanOutcome.TooManyMatches, matches, $"string {_collector.FloodingString} matched more than 1,000,000 times and was not searched further");
            case YaraError.ScanTimeout:
                return new YaraScanResult(YaraScanOutcome.TimedOut, matches, "the time limit of the YARA scan was reached" + LastRule());
            default:
                return new YaraScanResult(YaraScanOutcome.Failed, matches, "YARA reported " + YaraError.Describe(error) + LastRule());
        }
    }

    private string LastRule()
    {
        nint rule = _scanner.LastErrorRule();
        if (rule == 0)
        {
            return "";
        }
        RuleInfo info = _catalog.Describe(rule);
        return $" in rule {info.Rule} of {info.Namespace}";
    }
}
