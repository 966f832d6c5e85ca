using Forensics.Parsers;

namespace Forensics.Analyzer.Listing;

/// <summary>Writes rows of files in one format. Not thread-safe.</summary>
public abstract class FileRowWriter(Stream output) : RowWriter(output)
{
    /// <summary>What precedes the first row.</summary>
    public virtual void WriteHeader()
    {
    }

    /// <summary>Whether the format shows owners that are named by security identifiers; finding them out costs time.</summary>
    public virtual bool ShowsOwners => false;

    /// <summary>Writes one row.</summary>
    public abstract void Write(in FileRow row);

    /// <summary><c>orphan</c> or <c>deleted</c>; <c>allocated</c> for what has a name.</summary>
    protected static ReadOnlySpan<byte> AllocationName(Allocation allocation) => allocation switch
    {
        Allocation.Orphan => "orphan"u8,
        Allocation.Deleted => "deleted"u8,
        _ => "allocated"u8,
    };

    /// <summary>The certainty in the words of all reports.</summary>
    protected static ReadOnlySpan<byte> CertaintyName(Certainty certainty) => certainty switch
    {
        Certainty.Intact => "intact"u8,
        Certainty.PossiblyOverwritten => "possibly overwritten"u8,
        _ => "metadata only"u8,
    };

    /// <summary>What the journal did, in the words of all reports; empty when nothing.</summary>
    protected static ReadOnlySpan<byte> JournalStateName(JournalState state) => state switch
    {
        JournalState.Added => "added"u8,
        JournalState.Changed => "changed"u8,
        JournalState.Removed => "removed"u8,
        _ => [],
    };

    /// <summary>The letter of a row: that of its file, or <c>a</c> for a named stream.</summary>
    protected static byte TypeLetter(in FileRow row) => row.Stream is null ? TypeLetter(row.File.Type) : (byte)'a';

    /// <summary>The one-letter type: <c>f d l c b p s</c>, <c>-</c> when unknown.</summary>
    protected static byte TypeLetter(FileType type) => type switch
    {
        FileType.Regular => (byte)'f',
        FileType.Directory => (byte)'d',
        FileType.SymbolicLink => (byte)'l',
        FileType.CharacterDevice => (byte)'c',
        FileType.BlockDevice => (byte)'b',
        FileType.Fifo => (byte)'p',
        FileType.Socket => (byte)'s',
        _ => (byte)'-',
    };
}
