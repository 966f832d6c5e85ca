using Forensics.Parsers;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Which metadata alone makes a file worth keeping as a fact.</summary>
public static class FileFactsRules
{
    private const int OthersMayWrite = 0b000_000_010;
    private const int Sticky = 0x200;
    private const int SetUser = 0x800;
    // Setgid without the group's execute bit once meant mandatory locking.
    private const int SetGroupAndRun = 0x400 | 0b000_001_000;

    /// <summary>Immutable or append-only: a favourite way to protect persistence.</summary>
    public static bool HasNotableFlags(FileEntry entry) => entry.Flags is { } flags && (flags & (InodeFlags.Immutable | InodeFlags.AppendOnly)) != 0;

    /// <summary>A program that runs with the rights of its owner or group.</summary>
    public static bool IsSetId(FileEntry entry) => entry.Type == FileType.Regular && HasModes(entry) && ((entry.Permissions & SetUser) != 0 || (entry.Permissions & SetGroupAndRun) == SetGroupAndRun);

    /// <summary>A regular file that may grant capabilities to whoever runs it: only programs do.</summary>
    public static bool MayHaveCapabilities(FileEntry entry) => entry.Type == FileType.Regular && HasModes(entry) && (entry.Permissions & 0b001_001_001) != 0;

    /// <summary>A directory in which everybody may replace everything: what root starts from there is in everybody's hands.</summary>
    public static bool IsOpenDirectory(FileEntry entry) => entry.Type == FileType.Directory && HasModes(entry) && (entry.Permissions & (OthersMayWrite | Sticky)) == OthersMayWrite;

    /// <summary>Its permission bits mean something. Windows file systems have none; what stands in their place says nothing.</summary>
    public static bool HasModes(FileEntry entry) => entry.DosAttributes is null;
}
