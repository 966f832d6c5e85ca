namespace Forensics.Yara;

/// <summary>YARA cannot be used on this machine. The message is one sentence for the user: what to install, or why the version is not supported.</summary>
public sealed class YaraUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
