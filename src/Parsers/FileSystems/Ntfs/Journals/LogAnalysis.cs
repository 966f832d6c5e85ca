using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>The first pass over the log: from the last checkpoint to the end, to learn what NTFS had in memory.</summary>
internal static class LogAnalysis
{
    private const int LcnRangeSize = 16;

    /// <summary>Reads the tables of the checkpoint and every record after it.</summary>
    /// <param name="records">The log.</param>
    /// <param name="restart">Names the checkpoint.</param>
    /// <param name="redoFrom">The record with which the second pass begins; 0 when nothing waits.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CorruptDataException">The log does not hold what its restart area names.</exception>
    /// <exception cref="LimitExceededException">More than a log can hold in earnest.</exception>
    public static LogState Run(LogRecords records, LogRestart restart, out ulong redoFrom, CancellationToken cancellation)
    {
        var state = new LogState();
        redoFrom = 0;
        if (restart.CheckpointLsn == 0)
        {
            return state;
        }
        LogRecord record = Required(records, restart, restart.CheckpointLsn, "checkpoint");
        if (record.RecordType != LogRecordHeader.ClientRestart || record.ClientData.Length < LogCheckpoint.Size)
        {
            throw new CorruptDataException("ntfs.logfile.checkpoint", restart.Place(record.Lsn), "a restart record of 64 bytes", "type " + record.RecordType);
        }
        ulong start = ReadTables(records, restart, record, state);
        record = Required(records, restart, start, "start of the checkpoint");
        ulong first = 0;
        while (records.Next(record) is { } next)
        {
            cancellation.ThrowIfCancellationRequested();
            record = next;
            first = first == 0 ? record.Lsn : first;
            if (record.RecordType != LogRecordHeader.ClientRecord)
            {
                continue;
            }
            var client = new LogClientRecord(record.ClientData.Span);
            if (!client.IsUsable)
            {
                throw new CorruptDataException("ntfs.logfile.record", restart.Place(record.Lsn), "a record whose parts lie inside it", record.ClientData.Length + " bytes");
            }
            Follow(state, record, client);
        }
        redoFrom = first == 0 && !state.HasDirty && state.Transactions.Count == 0 ? 0 : state.OldestLsn(first == 0 ? ulong.MaxValue : first);
        redoFrom = redoFrom == ulong.MaxValue ? 0 : redoFrom;
        return state;
    }

    private static ulong ReadTables(LogRecords records, LogRestart restart, LogRecord record, LogState state)
    {
        var checkpoint = new LogCheckpoint(record.ClientData.Span);
        if (checkpoint.TransactionTableLength != 0)
        {
            LogTables.ReadTransactions(Dump(records, restart, checkpoint.TransactionTableLsn, LogOperation.TransactionTableDump), state);
        }
        if (checkpoint.DirtyPageTableLength != 0)
        {
            LogTables.ReadDirtyPages(Dump(records, restart, checkpoint.DirtyPageTableLsn, LogOperation.DirtyPageTableDump), checkpoint.MajorVersion == 0, state);
        }
        if (checkpoint.OpenAttributeTableLength != 0)
        {
            LogTables.ReadAttributes(Dump(records, restart, checkpoint.OpenAttributeTableLsn, LogOperation.OpenAttributeTableDump), state);
        }
        return checkpoint.StartOfCheckpoint != 0 ? checkpoint.StartOfCheckpoint : record.Lsn;
    }

    private static ReadOnlySpan<byte> Dump(LogRecords records, LogRestart restart, ulong lsn, LogOperation kind)
    {
        LogRecord record = Required(records, restart, lsn, kind.ToString());
        var client = new LogClientRecord(record.ClientData.Span);
        if (!client.IsUsable || client.RedoOperation != kind)
        {
            throw new CorruptDataException("ntfs.logfile.table", restart.Place(lsn), kind.ToString(), client.IsUsable ? client.RedoOperation.ToString() : "a damaged record");
        }
        return client.DumpedTable;
    }

    private static LogRecord Required(LogRecords records, LogRestart restart, ulong lsn, string what) =>
        records.Read(lsn) ?? throw new CorruptDataException("ntfs.logfile.record", restart.Place(lsn), what, "no record with its number");

    private static void Follow(LogState state, LogRecord record, in LogClientRecord client)
    {
        LogTransaction transaction = state.Continue(record.TransactionId, record.Lsn,
            client.UndoOperation == LogOperation.CompensationLogRecord || client.RedoOperation == LogOperation.EndTopLevelAction ? record.UndoNextLsn : record.Lsn);
        switch (client.RedoOperation)
        {
            case LogOperation.DeleteDirtyClusters:
                ReadOnlySpan<byte> ranges = client.RedoData;
                for (int at = 0; at + LcnRangeSize <= ranges.Length; at += LcnRangeSize)
                {
                    state.Forget(BinaryPrimitives.ReadInt64LittleEndian(ranges[at..]), BinaryPrimitives.ReadInt64LittleEndian(ranges[(at + 8)..]));
                }
                break;
            case LogOperation.OpenNonresidentAttribute:
                if (LogTables.Attribute(client.RedoData) is { } opened)
                {
                    state.Attributes[client.TargetAttribute] = opened;
                }
                break;
            case LogOperation.HotFix:
                if (client.LcnsToFollow > 0)
                {
                    state.Move(client.TargetAttribute, client.TargetVcn, client.LcnForPage(0));
                }
                break;
            case LogOperation.PrepareTransaction or LogOperation.CommitTransaction:
                transaction.IsActive = false;
                break;
            case LogOperation.ForgetTransaction:
                state.Transactions.Remove(record.TransactionId);
                break;
            default:
                if (client.RedoOperation.Target() != LogTarget.None)
                {
                    for (int i = 0; i < client.LcnsToFollow; i++)
                    {
                        state.Touch(client.TargetAttribute, client.TargetVcn + i, client.LcnForPage(i), record.Lsn);
                    }
                }
                break;
        }
    }
}
