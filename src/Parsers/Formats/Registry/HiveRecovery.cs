using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Registry;

/// <summary>What was done to bring a hive to its last consistent state.</summary>
public sealed record RegistryReplay
{
    /// <summary>The base block says that a write was under way: its sequence numbers differ, or its checksum is wrong.</summary>
    public bool WasDirty { get; init; }
    /// <summary>The base block was taken from a log.</summary>
    public bool HeaderFromLog { get; init; }
    /// <summary>Entries of logs that were applied; a log of the old format is one.</summary>
    public int Entries { get; init; }
    /// <summary>Pages written by them, with repetitions.</summary>
    public int Pages { get; init; }
    /// <summary>Sequence number of the last entry; null when none was applied.</summary>
    public uint? LastSequence { get; init; }
}

/// <summary>Applies transaction logs to a hive as Windows would when it loads it, without writing anything: as an overlay.</summary>
internal sealed class HiveRecovery
{
    private const int Page = 512;
    private const int MaximumPages = 4 << 20;
    private const int TimestampOfFirstBin = BaseBlock.Stored + 20;

    private readonly IByteSource _hive;
    private readonly RegistryAnomalies _anomalies;
    private readonly List<HiveLog> _logs = [];
    private readonly Dictionary<uint, long> _pages = [];

    private HiveRecovery(IByteSource hive, RegistryAnomalies anomalies)
    {
        _hive = hive;
        _anomalies = anomalies;
    }

    /// <summary>The hive with its logs applied.</summary>
    public IByteSource Source { get; private set; } = MemorySource.Empty;
    /// <summary>The base block in force.</summary>
    public byte[] Header { get; private set; } = [];
    /// <summary>Bytes of hive bins after the replay.</summary>
    public uint BinsSize { get; private set; }
    public RegistryReplay Report { get; private set; } = new();

    /// <summary>Opens; throws <see cref="UnknownFormatException"/> for what is no hive and <see cref="CorruptDataException"/> when no base block is usable.</summary>
    public static HiveRecovery Run(IByteSource hive, IByteSource? log1, IByteSource? log2, RegistryAnomalies anomalies, CancellationToken cancellation)
    {
        var recovery = new HiveRecovery(hive, anomalies);
        byte[] header = hive.ReadArray(0, BaseBlock.Size);
        bool isThere = header.Length == BaseBlock.Size && new BaseBlock(header).HasSignature;
        bool isValid = isThere && new BaseBlock(header).HasRightChecksum;
        bool isDirty = !isValid || new BaseBlock(header).IsDirty;
        if (isDirty)
        {
            recovery.OpenLog(log1, "LOG1", cancellation);
            recovery.OpenLog(log2, "LOG2", cancellation);
        }
        bool fromLog = !isValid && recovery._logs.Count > 0;
        if (fromLog)
        {
            header = recovery._logs.MinBy(log => log.Entries.Count > 0 ? log.Entries[0].Sequence : uint.MaxValue)!.Header;
        }
        else if (!isThere)
        {
            throw header.Length < BaseBlock.Size || header.AsSpan().ContainsAnyExcept((byte)0)
                ? new UnknownFormatException("not a registry hive")
                : new CorruptDataException("registry.base-block", 0, "regf", "zeros");
        }
        else if (!isValid)
        {
            anomalies.Report("registry.base-block.checksum", "the checksum of the base block is wrong and no log replaces it", 508);
        }
        recovery.Header = header;
        recovery.BinsSize = new BaseBlock(header).HiveBinsDataSize;
        recovery.Report = new RegistryReplay { WasDirty = isDirty, HeaderFromLog = fromLog };
        recovery.Source = hive;
        if (isDirty)
        {
            recovery.Apply(isValid);
        }
        return recovery;
    }

    private void OpenLog(IByteSource? source, string name, CancellationToken cancellation)
    {
        if (source is not null && HiveLog.Open(source, name, _anomalies, cancellation) is { } log)
        {
            _logs.Add(log);
        }
    }

    private void Apply(bool isValid)
    {
        // A log of the new format always wins: a machine that was upgraded may still have one of the old.
        if (_logs.Any(log => log.IsNewFormat))
        {
            ApplyEntries(isValid);
        }
        else
        {
            ApplyOldFormat(isValid);
        }
        if (Report.Entries == 0)
        {
            _anomalies.Report("registry.dirty", "a write was under way when the machine stopped, and no log completes it: the last changes may be missing", 4);
            return;
        }
        Source = Overlay();
    }

    private void ApplyEntries(bool isValid)
    {
        uint expected = new BaseBlock(Header).SecondarySequenceNumber;
        uint? last = null;
        foreach (HiveLog log in _logs.Where(log => log.IsNewFormat && log.Entries.Count > 0).OrderBy(log => log.Entries[0].Sequence))
        {
            foreach (HiveLogEntry entry in log.Entries)
            {
                if (isValid && entry.Sequence < expected)
                {
                    continue; // already in the hive
                }
                if (last is { } previous && entry.Sequence != unchecked(previous + 1))
                {
                    _anomalies.Report("registry.log.gap", log.Name + ": sequence numbers are missing between the logs; what comes after them is not applied", 0);
                    return;
                }
                if (last is null && isValid && entry.Sequence != expected)
                {
                    // Both logs were turned over while the hive was reconciled in part, so that its bins are newer than its base block.
                    _anomalies.Report("registry.log.start", log.Name + ": the first entry is newer than the base block expects", 0, losesContent: false);
                }
                ApplyEntry(log, entry);
                last = entry.Sequence;
            }
        }
    }

    private void ApplyOldFormat(bool isValid)
    {
        ulong written = isValid ? new BaseBlock(Header).LastWritten : TimeOfFirstBin();
        foreach (HiveLog log in _logs.Where(log => log.Entries.Count > 0))
        {
            if (new BaseBlock(log.Header).LastWritten == written || !HasFirstBin())
            {
                ApplyEntry(log, log.Entries[0]);
                return;
            }
            _anomalies.Report("registry.log.other", log.Name + " belongs to another state of the hive and is left out", 12, losesContent: false);
        }
    }

    // A hive that was never written but to its log has no time to compare.
    private bool HasFirstBin()
    {
        Span<byte> signature = stackalloc byte[4];
        return _hive.ReadUpTo(BaseBlock.Stored, signature) == 4 && signature.SequenceEqual("hbin"u8);
    }

    private ulong TimeOfFirstBin()
    {
        Span<byte> time = stackalloc byte[8];
        return _hive.ReadUpTo(TimestampOfFirstBin, time) == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(time) : 0;
    }

    private void ApplyEntry(HiveLog log, HiveLogEntry entry)
    {
        long start = _logs.TakeWhile(other => other != log).Sum(other => other.Source.Length);
        foreach (DirtyPage page in entry.Pages)
        {
            for (uint within = 0; within < page.Length; within += Page)
            {
                _pages[(page.Offset + within) / Page] = start + page.Position + within;
            }
            if (_pages.Count > MaximumPages)
            {
                throw new LimitExceededException("registry.log.pages", MaximumPages);
            }
        }
        BinsSize = entry.BinsSize;
        Report = Report with { Entries = Report.Entries + 1, Pages = Report.Pages + entry.Pages.Count, LastSequence = entry.Sequence };
    }

    private OverlaySource Overlay()
    {
        var runs = new List<ContentRun>();
        foreach ((uint page, long position) in _pages.OrderBy(pair => pair.Key))
        {
            long logical = BaseBlock.Stored + (long)page * Page;
            if (runs.Count > 0 && runs[^1].End == logical && runs[^1].Physical + runs[^1].Length == position)
            {
                runs[^1] = runs[^1] with { Length = runs[^1].Length + Page };
            }
            else
            {
                runs.Add(new ContentRun(logical, Page, position));
            }
        }
        return new OverlaySource(_hive, SegmentedSource.Join([.. _logs.Select(log => log.Source)]), [.. runs], BaseBlock.Stored + (long)BinsSize);
    }
}
