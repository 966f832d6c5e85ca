using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Registry;

/// <summary>Reports damage of one hive; a hive that is broken all over says so once instead of a million times.</summary>
internal sealed class RegistryAnomalies(IDiagnosticSink sink)
{
    private const int Most = 256;

    private int _count;

    /// <summary>Reports at an offset in the hive file (or in the log, by the code).</summary>
    public void Report(string code, string message, long offset, bool losesContent = true)
    {
        int number = Interlocked.Increment(ref _count);
        if (number < Most)
        {
            sink.Report(new Diagnostic(code, message) { Offset = offset, LosesContent = losesContent });
        }
        else if (number == Most)
        {
            sink.Report(new Diagnostic("registry.more", "further damage of the hive is not listed") { LosesContent = true });
        }
    }
}
