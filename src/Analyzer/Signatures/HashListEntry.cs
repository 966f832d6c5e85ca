namespace Forensics.Analyzer.Signatures;

/// <summary>What a list says about a digest.</summary>
/// <param name="Algorithm"><c>md5</c>, <c>sha1</c>, <c>sha256</c>.</param>
/// <param name="Name">Name of the malware or sample; null when the list gives none.</param>
/// <param name="Source">The list: its file name, with the source column when the row has one (<c>list.csv: Some Source</c>).</param>
public readonly record struct HashListEntry(string Algorithm, string? Name, string Source);
