using Forensics.Parsers;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Which metadata alone makes a file worth keeping as a fact.</summary>
public static class FileFactsRules
{
    /// <summary>Immutable or append-only: a favourite way to protect persistence.</summary>
    public static bool HasNotableFlags(FileEntry entry) => entry.Flags is { } flags && (flags & (InodeFlags.Immutable | InodeFlags.AppendOnly)) != 0;
}
