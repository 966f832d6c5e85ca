using Forensics.Yara.Native;
using Forensics.Yara.Scanning;

namespace Forensics.Yara;

/// <summary>Compiled rules: read-only, shared by the scanners of any number of threads.</summary>
public sealed class YaraRuleSet : IDisposable
{
    private readonly RulesHandle _rules;
    private readonly RuleCatalog _catalog;
    private readonly ExternalSet _externals;
    private bool _disposed;

    internal YaraRuleSet(RulesHandle rules, ExternalSet externals)
    {
        _rules = rules;
        _catalog = new RuleCatalog(rules.Library.Layout);
        _externals = externals;
    }

    /// <summary>Makes a scanner for one thread, to be reused for all its contents.</summary>
    /// <param name="timeout">Limit for one scan, rounded up to whole seconds; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    public YaraScanner CreateScanner(TimeSpan timeout)
    {
        int seconds = 0;
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
            // libyara counts nanoseconds in 64 bits: more than a day is not a limit worth having.
            seconds = (int)Math.Min(Math.Ceiling(timeout.TotalSeconds), 86_400);
        }
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new YaraScanner(_rules, _catalog, _externals, seconds);
    }

    /// <summary>Releases the rules once the last scanner using them is gone too.</summary>
    public void Dispose()
    {
        _disposed = true;
        _rules.Dispose();
    }
}
