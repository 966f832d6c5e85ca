using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>A transaction of the log.</summary>
internal sealed class LogTransaction
{
    /// <summary>Neither prepared nor committed: its updates are taken back.</summary>
    public bool IsActive { get; set; } = true;
    /// <summary>Its first record.</summary>
    public ulong FirstLsn { get; init; }
    /// <summary>The record to take back first; 0 when there is none.</summary>
    public ulong UndoNextLsn { get; set; }
}

/// <summary>
/// The state NTFS had in memory when the host stopped, as far as the log tells: open attributes, clusters with changes that may not have reached the disk, and transactions.
/// For one thread. Bounded: about 120 bytes a cluster, at most a million of them.
/// </summary>
internal sealed class LogState
{
    private const int MostClusters = 1_000_000;
    private const int MostTransactions = 100_000;

    private readonly record struct Dirty(long Lcn, ulong OldestLsn);

    private readonly Dictionary<(ushort Attribute, long Vcn), Dirty> _dirty = [];
    private readonly Dictionary<long, List<(ushort Attribute, long Vcn)>> _byLcn = [];

    /// <summary>By byte offset in their table.</summary>
    public Dictionary<ushort, LogTables.OpenAttribute> Attributes { get; } = [];

    /// <summary>By their id.</summary>
    public Dictionary<uint, LogTransaction> Transactions { get; } = [];

    /// <summary>Whether any page may have to be written again.</summary>
    public bool HasDirty => _dirty.Count > 0;

    /// <summary>The oldest record that may not have reached the disk or may have to be taken back; <paramref name="otherwise"/> when none is older.</summary>
    public ulong OldestLsn(ulong otherwise)
    {
        ulong oldest = otherwise;
        foreach (Dirty dirty in _dirty.Values)
        {
            oldest = dirty.OldestLsn != 0 && dirty.OldestLsn < oldest ? dirty.OldestLsn : oldest;
        }
        foreach (LogTransaction transaction in Transactions.Values)
        {
            oldest = transaction.FirstLsn != 0 && transaction.FirstLsn < oldest ? transaction.FirstLsn : oldest;
        }
        return oldest;
    }

    /// <summary>A cluster was changed.</summary>
    /// <param name="attribute">Attribute by its place in the table.</param>
    /// <param name="vcn">Cluster of the attribute.</param>
    /// <param name="lcn">Where it lies; 0 when that is not known.</param>
    /// <param name="lsn">The record that did it; the oldest counts.</param>
    public void Touch(ushort attribute, long vcn, long lcn, ulong lsn)
    {
        if (_dirty.Count >= MostClusters)
        {
            throw new LimitExceededException("ntfs.logfile.dirty_clusters", _dirty.Count);
        }
        (ushort, long) key = (attribute, vcn);
        if (_dirty.TryGetValue(key, out Dirty known))
        {
            _dirty[key] = new Dirty(lcn, known.OldestLsn != 0 && known.OldestLsn < lsn ? known.OldestLsn : lsn);
            if (known.Lcn == lcn)
            {
                return;
            }
        }
        else
        {
            _dirty.Add(key, new Dirty(lcn, lsn));
        }
        if (lcn <= 0)
        {
            return;
        }
        if (!_byLcn.TryGetValue(lcn, out List<(ushort, long)>? owners))
        {
            _byLcn.Add(lcn, owners = []);
        }
        if (owners.Count >= 1000)
        {
            // Each attribute has a cluster of the volume once; a thousand owners are made up.
            throw new LimitExceededException("ntfs.logfile.owners_of_cluster", owners.Count);
        }
        owners.Add(key);
    }

    /// <summary>A bad cluster was replaced by another one.</summary>
    public void Move(ushort attribute, long vcn, long lcn)
    {
        if (_dirty.TryGetValue((attribute, vcn), out Dirty known) && known.Lcn > 0)
        {
            Touch(attribute, vcn, lcn, known.OldestLsn);
        }
    }

    /// <summary>Clusters were freed: what is logged for them must not be written, since they may belong to somebody else by now.</summary>
    public void Forget(long lcn, long count)
    {
        if (lcn < 0 || count <= 0)
        {
            return;
        }
        if (count > _byLcn.Count)
        {
            foreach (long each in _byLcn.Keys.Where(each => each >= lcn && each - lcn < count).ToArray())
            {
                Forget(each);
            }
            return;
        }
        for (long i = 0; i < count && lcn <= long.MaxValue - count; i++)
        {
            Forget(lcn + i);
        }
    }

    /// <summary>Where a changed cluster lies: 0 when it was freed, and for records older than what is missing on the disk; -1 when it is not known to have changed.</summary>
    /// <param name="attribute">Attribute by its place in the table.</param>
    /// <param name="vcn">Cluster of the attribute.</param>
    /// <param name="lsn">The record that is about to be applied; null when it is taken back.</param>
    public long Lcn(ushort attribute, long vcn, ulong? lsn) =>
        !_dirty.TryGetValue((attribute, vcn), out Dirty dirty) ? -1 : lsn is null || lsn >= dirty.OldestLsn ? Math.Max(0, dirty.Lcn) : 0;

    /// <summary>A record of a transaction was written.</summary>
    public LogTransaction Continue(uint id, ulong lsn, ulong undoNext)
    {
        if (!Transactions.TryGetValue(id, out LogTransaction? transaction))
        {
            if (Transactions.Count >= MostTransactions)
            {
                throw new LimitExceededException("ntfs.logfile.transactions", Transactions.Count);
            }
            Transactions.Add(id, transaction = new LogTransaction { FirstLsn = lsn });
        }
        transaction.UndoNextLsn = undoNext;
        return transaction;
    }

    private void Forget(long lcn)
    {
        if (!_byLcn.Remove(lcn, out List<(ushort Attribute, long Vcn)>? owners))
        {
            return;
        }
        foreach ((ushort, long) key in owners)
        {
            if (_dirty.TryGetValue(key, out Dirty dirty) && dirty.Lcn == lcn)
            {
                _dirty[key] = dirty with { Lcn = 0 };
            }
        }
    }
}
