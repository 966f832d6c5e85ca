namespace Forensics.Analyzer.Signatures;

/// <summary>A rule, list or pool file that the user gave cannot be used. The message is one sentence that names file and reason.</summary>
public sealed class SignatureException(string message, Exception? inner = null) : Exception(message, inner);
