namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>When an older copy of a directory showed a name.</summary>
internal readonly record struct Sighting(uint Sequence, Timestamp? CommitTime);

/// <summary>A name that was seen where no entry of the file system has it now, or that has it now and perhaps meant another file then.</summary>
internal sealed class NameRemnant(string path, uint inode, FileType type, bool inDeletedDirectory)
{
    private readonly List<Sighting> _sightings = [];

    /// <summary>Display form.</summary>
    public string Path { get; } = path;

    /// <summary>The inode it named; 0 when that was wiped.</summary>
    public uint Inode { get; } = inode;

    /// <summary>Type stored beside the name.</summary>
    public FileType Type { get; } = type;

    /// <summary>The directory itself is gone.</summary>
    public bool InDeletedDirectory { get; } = inDeletedDirectory;

    /// <summary>It stands in slack, or in a block of a directory that is gone: when it was in use is not known.</summary>
    public bool IsUndated { get; set; }

    /// <summary>The directory has this name for this inode now.</summary>
    public bool IsLive { get; set; }

    /// <summary>Older copies of the directory that show it in use.</summary>
    public IReadOnlyList<Sighting> Sightings => _sightings;

    /// <summary>The newest of them; null when there is none.</summary>
    public Sighting? Newest { get; private set; }

    public void Add(Sighting sighting)
    {
        _sightings.Add(sighting);
        if (Newest is not { } newest || Sequence.AtOrBefore(newest.Sequence, sighting.Sequence))
        {
            Newest = sighting;
        }
    }

    /// <summary>Whether a file of a type can have had this name.</summary>
    public bool Fits(FileType type) => Type == FileType.Unknown || Type == type;

    /// <summary>Where the name was found, one clause.</summary>
    public string Origin => (Newest is null, InDeletedDirectory) switch
    {
        (true, false) => "slack of the directory",
        (true, true) => "a block of a deleted directory",
        (false, false) => "an older copy of the directory in the journal",
        (false, true) => "an older copy of a deleted directory in the journal",
    };
}
