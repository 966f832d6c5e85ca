using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Opens a log for reading from the beginning to the end.</summary>
internal static class PackedLog
{
    public static LogContent Open(LogInput input, IDiagnosticSink diagnostics)
    {
        _ = diagnostics;
        return new StoredLog(input.Content);
    }
}
