using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>What is wrong with an ext volume, each thing once.</summary>
internal sealed class ExtDiagnostics(IDiagnosticSink sink) : OnceDiagnostics(sink, "ext4");
