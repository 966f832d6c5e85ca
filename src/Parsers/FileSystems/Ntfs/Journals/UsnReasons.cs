namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>What happened to a file, with the names of the Windows SDK without <c>USN_REASON_</c> ([MS-FSCC] 2.3.62). Reasons add up until the file is closed.</summary>
[Flags]
public enum UsnReasons : uint
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>Bytes of the content were overwritten.</summary>
    DataOverwrite = 0x00000001,
    /// <summary>The content grew.</summary>
    DataExtend = 0x00000002,
    /// <summary>The content was cut.</summary>
    DataTruncation = 0x00000004,
    /// <summary>Bytes of a named stream were overwritten.</summary>
    NamedDataOverwrite = 0x00000010,
    /// <summary>A named stream grew.</summary>
    NamedDataExtend = 0x00000020,
    /// <summary>A named stream was cut.</summary>
    NamedDataTruncation = 0x00000040,
    /// <summary>The file was created.</summary>
    FileCreate = 0x00000100,
    /// <summary>The file was deleted.</summary>
    FileDelete = 0x00000200,
    /// <summary>Extended attributes changed.</summary>
    EaChange = 0x00000400,
    /// <summary>Owner or access rights changed.</summary>
    SecurityChange = 0x00000800,
    /// <summary>The name in the record is the one before a renaming.</summary>
    RenameOldName = 0x00001000,
    /// <summary>The name in the record is the one after a renaming.</summary>
    RenameNewName = 0x00002000,
    /// <summary>Whether the content is to be indexed changed.</summary>
    IndexableChange = 0x00004000,
    /// <summary>Attributes or times changed.</summary>
    BasicInfoChange = 0x00008000,
    /// <summary>A hard link was added or removed.</summary>
    HardLinkChange = 0x00010000,
    /// <summary>It was compressed or decompressed.</summary>
    CompressionChange = 0x00020000,
    /// <summary>It was encrypted or decrypted.</summary>
    EncryptionChange = 0x00040000,
    /// <summary>Its object identifier changed.</summary>
    ObjectIdChange = 0x00080000,
    /// <summary>Its reparse point changed.</summary>
    ReparsePointChange = 0x00100000,
    /// <summary>A named stream was added, removed or renamed.</summary>
    StreamChange = 0x00200000,
    /// <summary>A transacted change.</summary>
    TransactedChange = 0x00400000,
    /// <summary>Its integrity setting changed.</summary>
    IntegrityChange = 0x00800000,
    /// <summary>Its desired storage class changed.</summary>
    DesiredStorageClassChange = 0x01000000,
    /// <summary>The last handle was closed.</summary>
    Close = 0x80000000,
}

/// <summary>Who caused a change, with the names of the Windows SDK without <c>USN_SOURCE_</c>.</summary>
[Flags]
public enum UsnSources : uint
{
    /// <summary>An ordinary change.</summary>
    None = 0,
    /// <summary>The system moved data without changing what applications see.</summary>
    DataManagement = 0x1,
    /// <summary>Private data were added, such as a thumbnail.</summary>
    AuxiliaryData = 0x2,
    /// <summary>A replication service brought it up to date.</summary>
    ReplicationManagement = 0x4,
    /// <summary>A client of replication did.</summary>
    ClientReplicationManagement = 0x8,
}
