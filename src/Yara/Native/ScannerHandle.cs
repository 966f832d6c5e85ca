using System.Runtime.InteropServices;
using Forensics.Yara.Scanning;

namespace Forensics.Yara.Native;

/// <summary>YR_SCANNER with its callback. Keeps its rules alive.</summary>
internal sealed unsafe class ScannerHandle : SafeHandle
{
    /// <summary>
    /// SCAN_FLAGS_NO_TRYCATCH: libyara must never install its SIGSEGV handler. Up to 4.4 it may stay installed for ever once two threads scan, and the
    /// next null reference in managed code then hangs the process.
    /// </summary>
    private const int NoTryCatch = 4;
    private const int ReportRulesMatching = 8;

    private readonly RulesHandle _rules;
    private readonly GCHandle _collector;

    private ScannerHandle(RulesHandle rules, nint scanner, MatchCollector collector)
        : base(0, ownsHandle: true)
    {
        _rules = rules;
        _collector = GCHandle.Alloc(collector);
        SetHandle(scanner);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>A scanner over rules; the collector receives what matches.</summary>
    public static ScannerHandle Create(RulesHandle rules, MatchCollector collector, int timeoutSeconds)
    {
        bool added = false;
        rules.DangerousAddRef(ref added);
        LibYara library = rules.Library;
        nint scanner;
        int error = library.ScannerCreate(rules.DangerousGetHandle(), &scanner);
        if (error != YaraError.Success)
        {
            rules.DangerousRelease();
            throw new InsufficientMemoryException("YARA could not create a scanner: " + YaraError.Describe(error));
        }
        ScannerHandle result = new(rules, scanner, collector);
        library.ScannerSetCallback(scanner, &MatchCollector.OnMessage, GCHandle.ToIntPtr(result._collector));
        library.ScannerSetFlags(scanner, NoTryCatch | ReportRulesMatching);
        library.ScannerSetTimeout(scanner, timeoutSeconds);
        return result;
    }

    /// <summary>Scans a content; libyara's error code.</summary>
    public int Scan(ReadOnlySpan<byte> content)
    {
        // An empty span pins to a null pointer, which libyara takes for a missing buffer.
        byte nothing = 0;
        fixed (byte* start = content)
        {
            return _rules.Library.ScannerScanMem(handle, start == null ? &nothing : start, (nuint)content.Length);
        }
    }

    /// <summary>Sets an external variable; libyara copies the value.</summary>
    public int Define(ReadOnlySpan<byte> identifier, ReadOnlySpan<byte> value)
    {
        fixed (byte* name = identifier, text = value)
        {
            return _rules.Library.ScannerDefineString(handle, name, text);
        }
    }

    /// <summary>The rule that was being evaluated when the scan failed, 0 when unknown.</summary>
    public nint LastErrorRule() => _rules.Library.ScannerLastErrorRule(handle);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _rules.Library.ScannerDestroy(handle);
        _collector.Free();
        _rules.DangerousRelease();
        return true;
    }
}
