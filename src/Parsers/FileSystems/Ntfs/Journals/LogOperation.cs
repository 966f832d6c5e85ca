namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>What a record of <c>$LogFile</c> does to a page (redo) or takes back (undo). Names as NTFS itself uses them.</summary>
internal enum LogOperation : ushort
{
    Noop = 0x00,
    CompensationLogRecord = 0x01,
    InitializeFileRecordSegment = 0x02,
    DeallocateFileRecordSegment = 0x03,
    WriteEndOfFileRecordSegment = 0x04,
    CreateAttribute = 0x05,
    DeleteAttribute = 0x06,
    UpdateResidentValue = 0x07,
    UpdateNonresidentValue = 0x08,
    UpdateMappingPairs = 0x09,
    DeleteDirtyClusters = 0x0A,
    SetNewAttributeSizes = 0x0B,
    AddIndexEntryRoot = 0x0C,
    DeleteIndexEntryRoot = 0x0D,
    AddIndexEntryAllocation = 0x0E,
    DeleteIndexEntryAllocation = 0x0F,
    WriteEndOfIndexBuffer = 0x10,
    SetIndexEntryVcnRoot = 0x11,
    SetIndexEntryVcnAllocation = 0x12,
    UpdateFileNameRoot = 0x13,
    UpdateFileNameAllocation = 0x14,
    SetBitsInNonresidentBitMap = 0x15,
    ClearBitsInNonresidentBitMap = 0x16,
    HotFix = 0x17,
    EndTopLevelAction = 0x18,
    PrepareTransaction = 0x19,
    CommitTransaction = 0x1A,
    ForgetTransaction = 0x1B,
    OpenNonresidentAttribute = 0x1C,
    OpenAttributeTableDump = 0x1D,
    AttributeNamesDump = 0x1E,
    DirtyPageTableDump = 0x1F,
    TransactionTableDump = 0x20,
    UpdateRecordDataRoot = 0x21,
    UpdateRecordDataAllocation = 0x22,
    UpdateRelativeDataIndex = 0x23,
    UpdateRelativeDataAllocation = 0x24,
    ZeroEndOfFileRecord = 0x25,
}

/// <summary>What an operation works on.</summary>
internal enum LogTarget
{
    /// <summary>No page: bookkeeping of the log itself.</summary>
    None,
    /// <summary>A record of the master file table.</summary>
    FileRecord,
    /// <summary>An index buffer (<c>INDX</c>).</summary>
    IndexBuffer,
    /// <summary>Plain bytes of a non-resident attribute.</summary>
    Value,
    /// <summary>It changes a page in a way that is not implemented.</summary>
    Unknown,
}

/// <summary>Sorting of the operations.</summary>
internal static class LogOperations
{
    /// <summary>What an operation works on.</summary>
    public static LogTarget Target(this LogOperation operation) => operation switch
    {
        LogOperation.InitializeFileRecordSegment or LogOperation.DeallocateFileRecordSegment or LogOperation.WriteEndOfFileRecordSegment
            or LogOperation.CreateAttribute or LogOperation.DeleteAttribute or LogOperation.UpdateResidentValue or LogOperation.UpdateMappingPairs
            or LogOperation.SetNewAttributeSizes or LogOperation.AddIndexEntryRoot or LogOperation.DeleteIndexEntryRoot or LogOperation.SetIndexEntryVcnRoot
            or LogOperation.UpdateFileNameRoot or LogOperation.UpdateRecordDataRoot or LogOperation.ZeroEndOfFileRecord => LogTarget.FileRecord,
        LogOperation.AddIndexEntryAllocation or LogOperation.DeleteIndexEntryAllocation or LogOperation.WriteEndOfIndexBuffer
            or LogOperation.SetIndexEntryVcnAllocation or LogOperation.UpdateFileNameAllocation or LogOperation.UpdateRecordDataAllocation => LogTarget.IndexBuffer,
        LogOperation.UpdateNonresidentValue or LogOperation.SetBitsInNonresidentBitMap or LogOperation.ClearBitsInNonresidentBitMap => LogTarget.Value,
        LogOperation.Noop or LogOperation.CompensationLogRecord or LogOperation.DeleteDirtyClusters or LogOperation.HotFix or LogOperation.EndTopLevelAction
            or LogOperation.PrepareTransaction or LogOperation.CommitTransaction or LogOperation.ForgetTransaction or LogOperation.OpenNonresidentAttribute
            or LogOperation.OpenAttributeTableDump or LogOperation.AttributeNamesDump or LogOperation.DirtyPageTableDump or LogOperation.TransactionTableDump => LogTarget.None,
        _ => LogTarget.Unknown,
    };
}
