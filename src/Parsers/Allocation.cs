namespace Forensics.Parsers;

/// <summary>Whether a file still belongs to the file system.</summary>
public enum Allocation
{
    /// <summary>It has a name.</summary>
    Allocated,
    /// <summary>Its last name is gone while a process still had it open: the content is complete until that process ends.</summary>
    Orphan,
    /// <summary>It is gone; what is left was found in free space, in slack or in older copies of metadata.</summary>
    Deleted,
}

/// <summary>How much of a deleted file can be trusted.</summary>
public enum Certainty
{
    /// <summary>Nothing of its content has been given to another file.</summary>
    Intact,
    /// <summary>Part of its content lies in blocks that belong to another file now, or in blocks whose state cannot be told.</summary>
    PossiblyOverwritten,
    /// <summary>Where the content lay is not known any more.</summary>
    MetadataOnly,
}

/// <summary>What replaying the journal did to a file, seen from the file system as it lies on the disk.</summary>
public enum JournalState
{
    /// <summary>Nothing.</summary>
    Unchanged,
    /// <summary>It exists only after replay.</summary>
    Added,
    /// <summary>It is another file, or its metadata or content differ, after replay; a later access time alone does not count.</summary>
    Changed,
    /// <summary>It exists only before replay.</summary>
    Removed,
}

/// <summary>Which state of a journaled file system is shown.</summary>
public enum JournalView
{
    /// <summary>As the system itself would see it after mounting: changes that only the journal holds are applied, in memory.</summary>
    Replay,
    /// <summary>As the blocks lie on the disk.</summary>
    Ignore,
}
