using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>
/// Finds out where the master file table lies. Record 0 says so about the whole table, itself included; when its attribute list leads to further records for that, these lie in the part that is known by
/// then. The mirror's record 0 is taken when the first cannot be used.
/// </summary>
internal sealed class MasterFileTableLocator(IByteSource volume, NtfsGeometry geometry, NtfsDiagnostics diagnostics, ParseContext context)
{
    // The system keeps the table's own further records at its start; nobody needs many steps to reach them.
    private const int MostSteps = 64;

    /// <summary>The table.</summary>
    /// <exception cref="CorruptDataException">Neither record 0 nor its mirror can be used.</exception>
    public MasterFileTable Locate()
    {
        byte[]? primary = ReadFirst(geometry.MftOffset);
        byte[]? mirror = geometry.MftMirrorOffset < 0 ? null : ReadFirst(geometry.MftMirrorOffset);
        byte[]? first = primary ?? mirror;
        if (first is null)
        {
            throw new CorruptDataException("ntfs.mft", geometry.MftOffset, "a record 0 that says where the table lies, or a mirror of it", "neither");
        }
        if (primary is null)
        {
            diagnostics.Report("ntfs.mft.mirror_used", "record 0 of the master file table cannot be used; its mirror is", "a record with runs", "another", geometry.MftOffset);
        }
        else if (mirror is null)
        {
            diagnostics.Report("ntfs.mft.mirror", "the mirror of record 0 of the master file table cannot be used", "a record with runs", "another", geometry.MftMirrorOffset);
        }
        else if (!DataOf(primary).SequenceEqual(DataOf(mirror)))
        {
            diagnostics.Report("ntfs.mft.mirror", "record 0 of the master file table and its mirror say different things about where the table lies; the record is believed", "the same", "another", geometry.MftMirrorOffset);
        }
        return Map(first);
    }

    /// <summary>Record 0 at a place; null when it cannot be one.</summary>
    private byte[]? ReadFirst(long offset)
    {
        byte[] record = volume.ReadArray(offset, geometry.RecordSize);
        if (record.Length < geometry.RecordSize || !new FileRecordView(record).IsFile)
        {
            return null;
        }
        UpdateSequence.Restore(record);
        return DataOf(record).IsEmpty ? null : record;
    }

    /// <summary>The mapping pairs of the first part of the unnamed $DATA.</summary>
    private static ReadOnlySpan<byte> DataOf(byte[] record)
    {
        foreach (AttributeView attribute in new FileRecordView(record))
        {
            if (attribute.Is(AttributeType.Data, default) && !attribute.IsResident && attribute.LowestVcn == 0 && attribute.FileSize > 0 && attribute.Pairs is [not 0, ..])
            {
                return attribute.Pairs;
            }
        }
        return default;
    }

    private MasterFileTable Map(byte[] first)
    {
        var runs = new List<DataRun>();
        List<AttributeListEntry> list = [];
        long size = 0;
        foreach (AttributeView attribute in new FileRecordView(first))
        {
            if (attribute.TypeCode == AttributeType.AttributeList)
            {
                list = AttributeList.Read(attribute, 0, volume, geometry, diagnostics);
            }
            else if (size == 0 && attribute.Is(AttributeType.Data, default) && !attribute.IsResident && attribute.LowestVcn == 0)
            {
                size = attribute.FileSize;
                Decode(attribute, runs);
            }
        }
        MasterFileTable table = Table(runs, size);
        int steps = 0;
        var seen = new HashSet<ulong> { 0 };
        long end = runs.Count == 0 ? 0 : runs[^1].End;
        foreach (AttributeListEntry entry in list.Where(entry => entry is { TypeCode: AttributeType.Data, IsNamed: false, LowestVcn: > 0 }).OrderBy(entry => entry.LowestVcn))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (!seen.Add(entry.Record))
            {
                continue;
            }
            if (entry.Record >= (ulong)table.RecordCount && ++steps <= MostSteps)
            {
                table = Table(runs, size);
            }
            if (!TryAppend(table, entry, runs))
            {
                diagnostics.Report("ntfs.mft.part", "a part of the map of the master file table cannot be read: files are missing", "a record that continues record 0",
                    "record " + entry.Record.ToString(CultureInfo.InvariantCulture), -1, entry.Record, losesContent: true);
            }
            end = runs.Count == 0 ? 0 : runs[^1].End;
        }
        table = Table(runs, size);
        if (end < (size - 1) / geometry.ClusterSize + 1)
        {
            diagnostics.Report("ntfs.mft.map", "the master file table is larger than its map: files are missing", size.ToString(CultureInfo.InvariantCulture) + " bytes",
                end.ToString(CultureInfo.InvariantCulture) + " clusters", geometry.MftOffset, 0, losesContent: true);
        }
        return table;
    }

    private bool TryAppend(MasterFileTable table, AttributeListEntry entry, List<DataRun> runs)
    {
        if (entry.Record >= (ulong)table.RecordCount)
        {
            return false;
        }
        ReadOnlyMemory<byte> record = table.Read(entry.Record);
        var view = new FileRecordView(record.Span);
        if (!view.IsFile || !view.IsInUse || (view.BaseFileRecordSegment & FileRecordView.NumberMask) != 0 || view.BaseFileRecordSegment == 0)
        {
            return false;
        }
        foreach (AttributeView attribute in view)
        {
            if (attribute.Is(AttributeType.Data, default) && !attribute.IsResident && attribute.LowestVcn == entry.LowestVcn)
            {
                Decode(attribute, runs);
                return true;
            }
        }
        return false;
    }

    private void Decode(in AttributeView attribute, List<DataRun> runs)
    {
        try
        {
            MappingPairs.Decode(attribute.Pairs, attribute.LowestVcn, geometry.ClusterCount, context.Limits.ContentRuns, runs);
        }
        catch (CorruptDataException exception)
        {
            diagnostics.Report("ntfs.mft.runlist", "the map of the master file table is damaged: files are missing", exception, 0, losesContent: true);
        }
    }

    /// <summary>The table as far as it is mapped and lies inside the volume.</summary>
    private MasterFileTable Table(List<DataRun> runs, long size)
    {
        ContentRun[] stored = ClusterRuns.ToBytes(runs, geometry.ClusterSize, Math.Max(size, 0), volume.Length);
        return new MasterFileTable(new RunListSource(volume, stored, stored.Length == 0 ? 0 : stored[^1].End), geometry, diagnostics);
    }
}
