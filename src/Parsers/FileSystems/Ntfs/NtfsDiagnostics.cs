using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>What is wrong with an NTFS volume, each thing once.</summary>
internal sealed class NtfsDiagnostics(IDiagnosticSink sink) : OnceDiagnostics(sink, "ntfs")
{
    /// <summary>Passes the words of an exception on, for a structure that is left out.</summary>
    public void Report(string code, string message, CorruptDataException reason, ulong record, bool losesContent = false) =>
        Report(code, message, reason.Expected, reason.Actual, -1, record, losesContent);
}
