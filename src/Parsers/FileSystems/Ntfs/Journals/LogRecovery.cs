using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>The second and third pass over the log: what was logged is applied, and what belongs to transactions that never ended is taken back.</summary>
internal static class LogRecovery
{
    /// <summary>What the passes met.</summary>
    /// <param name="Committed">Transactions with updates that ended.</param>
    /// <param name="RolledBack">Transactions that did not.</param>
    /// <param name="Problem">Why a part was left out, one clause; null when nothing was.</param>
    internal sealed record Outcome(int Committed, int RolledBack, string? Problem);

    /// <summary>Runs both passes.</summary>
    /// <param name="records">The log.</param>
    /// <param name="restart">Its restart area.</param>
    /// <param name="state">What the first pass learned.</param>
    /// <param name="redoFrom">Number of the first record.</param>
    /// <param name="applier">Takes the updates.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CorruptDataException">The first record is not in the log any more.</exception>
    /// <exception cref="LimitExceededException">More pages than may be kept.</exception>
    public static Outcome Run(LogRecords records, LogRestart restart, LogState state, ulong redoFrom, LogApplier applier, CancellationToken cancellation)
    {
        LogRecord record = records.Read(redoFrom)
            ?? throw new CorruptDataException("ntfs.logfile.record", restart.Place(redoFrom), "the oldest record that has to be applied", "no record with its number");
        // Records of transactions that never ended, by number: undo follows them and nothing else.
        var unfinished = new Dictionary<ulong, LogRecord>();
        var updating = new HashSet<uint>();
        int committed = 0;
        for (LogRecord? next = record; next is not null; next = records.Next(next))
        {
            cancellation.ThrowIfCancellationRequested();
            var client = new LogClientRecord(next.ClientData.Span);
            if (next.RecordType != LogRecordHeader.ClientRecord || !client.IsUsable)
            {
                continue;
            }
            applier.Redo(client, next.Lsn);
            if (client.RedoOperation is LogOperation.CommitTransaction or LogOperation.ForgetTransaction)
            {
                committed += updating.Remove(next.TransactionId) ? 1 : 0;
            }
            else if (client.RedoOperation.Target() != LogTarget.None)
            {
                updating.Add(next.TransactionId);
            }
            if (state.Transactions.TryGetValue(next.TransactionId, out LogTransaction? transaction) && transaction.IsActive && next.Lsn >= transaction.FirstLsn)
            {
                unfinished[next.Lsn] = next;
            }
        }
        (int rolledBack, string? problem) = Undo(state, unfinished, applier, cancellation);
        return new Outcome(committed, rolledBack, problem);
    }

    private static (int RolledBack, string? Problem) Undo(LogState state, Dictionary<ulong, LogRecord> unfinished, LogApplier applier, CancellationToken cancellation)
    {
        int rolledBack = 0;
        string? problem = null;
        foreach (LogTransaction transaction in state.Transactions.OrderBy(each => each.Key).Select(each => each.Value).Where(each => each.IsActive))
        {
            int before = applier.Applied;
            ulong lsn = transaction.UndoNextLsn;
            while (lsn != 0)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!unfinished.TryGetValue(lsn, out LogRecord? record))
                {
                    problem = "a transaction that never ended is not in the log from its beginning and was taken back in part";
                    break;
                }
                applier.Undo(new LogClientRecord(record.ClientData.Span));
                // Backwards only: a chain that turns round would never end.
                lsn = record.UndoNextLsn < lsn ? record.UndoNextLsn : 0;
            }
            rolledBack += applier.Applied > before ? 1 : 0;
        }
        return (rolledBack, problem);
    }
}
