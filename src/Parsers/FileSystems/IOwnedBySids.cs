namespace Forensics.Parsers.FileSystems;

/// <summary>A file system that names owners by Windows security identifiers. Thread-safe.</summary>
public interface IOwnedBySids
{
    /// <summary>Owner and primary group of a file in string form (<c>S-1-5-18</c>); null where the descriptor is missing or damaged, which is reported.</summary>
    FileOwner OwnerOf(FileEntry file);
}

/// <summary>Who a file belongs to.</summary>
/// <param name="Owner">Security identifier ([MS-DTYP] 2.4.2.1); null when unknown.</param>
/// <param name="Group">Primary group; null when unknown.</param>
public readonly record struct FileOwner(string? Owner, string? Group);
