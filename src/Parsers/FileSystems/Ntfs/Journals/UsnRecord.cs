namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>One event of the change journal (<c>USN_RECORD_V2</c> and <c>USN_RECORD_V3</c>, [MS-FSCC] 2.3.62).</summary>
/// <remarks>Limitations: of the 128-bit references of version 3 the lower half is given, which is all that NTFS uses.</remarks>
public sealed record UsnRecord
{
    /// <summary>Update sequence number: the byte offset of the record in the whole journal, ever growing.</summary>
    public required long Usn { get; init; }
    /// <summary>Where the record was found in <c>$J</c>, in bytes.</summary>
    public required long ByteOffset { get; init; }
    /// <summary>2 or 3.</summary>
    public required int Version { get; init; }
    /// <summary>When; null when none is stored.</summary>
    public Timestamp? Time { get; init; }
    /// <summary>MFT record number of the file (48 bits).</summary>
    public required ulong FileRecord { get; init; }
    /// <summary>Sequence number of that record: tells a file from the one that had the record before.</summary>
    public required ushort FileSequence { get; init; }
    /// <summary>MFT record number of the directory.</summary>
    public required ulong ParentRecord { get; init; }
    /// <summary>Sequence number of that record.</summary>
    public required ushort ParentSequence { get; init; }
    /// <summary>What happened.</summary>
    public required UsnReasons Reasons { get; init; }
    /// <summary>Who caused it.</summary>
    public UsnSources Sources { get; init; }
    /// <summary>Number of its security descriptor; 0 when none is told.</summary>
    public uint SecurityId { get; init; }
    /// <summary>FILE_ATTRIBUTE_ bits at that time ([MS-FSCC] 2.6).</summary>
    public uint Attributes { get; init; }
    /// <summary>Name in its directory: UTF-16 as WTF-8 bytes.</summary>
    public required ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>FILE_ATTRIBUTE_DIRECTORY.</summary>
    public bool IsDirectory => (Attributes & 0x10) != 0;
}
