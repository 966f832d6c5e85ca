using Forensics.Parsers;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Which metadata alone makes a file worth keeping as a fact.</summary>
public static class FileFactsRules
{
    private const int OthersMayWrite = 0b000_000_010;
    private const int Sticky = 0x200;

    /// <summary>Immutable or append-only: a favourite way to protect persistence.</summary>
    public static bool HasNotableFlags(FileEntry entry) => entry.Flags is { } flags && (flags & (InodeFlags.Immutable | InodeFlags.AppendOnly)) != 0;

    /// <summary>A directory in which everybody may replace everything: what root starts from there is in everybody's hands.</summary>
    public static bool IsOpenDirectory(FileEntry entry) => entry.Type == FileType.Directory && (entry.Permissions & (OthersMayWrite | Sticky)) == OthersMayWrite;
}
