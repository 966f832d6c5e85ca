using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Registry;

/// <summary>
/// A registry hive, read without changing it: when its base block says that a write was under way, its transaction logs are applied in memory first, as Windows does when it
/// loads it. Thread-safe. Specification: https://github.com/msuhanov/regf
/// </summary>
/// <remarks>
/// Versions 1.0 to 1.6. Damage is a diagnostic (<c>registry.*</c>) and costs the key, value or list concerned. Bounds: keys nest to 512, no key is its own ancestor, lists are clamped to
/// their cells, and all that a hive hands out is bounded by its own size.
/// Limitations: volatile keys are not on disk; symbolic links are shown, not followed; layered keys (hives of containers, version 1.6) are read without their base; logs of transactions
/// (TxR) are not read; versions 1.0 and 1.1 are read by their description alone, there being no sample.
/// </remarks>
public sealed class RegistryHive
{
    /// <summary>How many bytes <see cref="Matches"/> wants.</summary>
    public const int HeaderSize = 4;

    private readonly HiveCells _cells;
    private readonly ScanLimits _limits;
    private readonly CancellationToken _cancellation;

    private RegistryHive(HiveRecovery recovery, RegistryAnomalies anomalies, ParseContext context)
    {
        var header = new BaseBlock(recovery.Header);
        MajorVersion = (int)Math.Min(header.MajorVersion, int.MaxValue);
        MinorVersion = (int)Math.Min(header.MinorVersion, int.MaxValue);
        LastWritten = Timestamp.FromFileTime(header.LastWritten);
        FileName = header.FileName;
        Replay = recovery.Report;
        _limits = context.Limits;
        _cancellation = context.Cancellation;
        _cells = new HiveCells(recovery.Source, recovery.BinsSize, MinorVersion, anomalies);
        if (_cells.BinsSize < recovery.BinsSize)
        {
            anomalies.Report("registry.cut", "the hive is shorter than its base block says", recovery.Source.Length);
        }
        Root = RegistryKey.TryOpen(_cells, header.RootCellOffset, parent: null)
            ?? throw new CorruptDataException("registry.root", BaseBlock.Stored + (long)header.RootCellOffset, "a key", "none");
    }

    /// <summary>The key that all others are below.</summary>
    public RegistryKey Root { get; }
    /// <summary>1.</summary>
    public int MajorVersion { get; }
    /// <summary>0 to 6: 3 NT 4.0 and still used, 5 XP and later, 6 layered.</summary>
    public int MinorVersion { get; }
    /// <summary>When the hive was written; Windows 8.1 and later leave it alone.</summary>
    public Timestamp LastWritten { get; }
    /// <summary>The end of the path it had when it was written; for orientation only.</summary>
    public string FileName { get; }
    /// <summary>What the logs did.</summary>
    public RegistryReplay Replay { get; }

    /// <summary>Whether bytes begin like a hive.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => header.StartsWith(BaseBlock.Magic);

    /// <summary>
    /// Opens a hive with its logs, either of which may be null. They are used only when the base block asks for it. The hive itself may be empty or all zeros when a log holds all of it.
    /// Throws <see cref="UnknownFormatException"/> for what is no hive and <see cref="CorruptDataException"/> when its base block or root key is unusable.
    /// </summary>
    public static RegistryHive Open(IByteSource hive, IByteSource? log1, IByteSource? log2, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(hive);
        ArgumentNullException.ThrowIfNull(context);
        var anomalies = new RegistryAnomalies(context.Diagnostics);
        return new RegistryHive(HiveRecovery.Run(hive, log1, log2, anomalies, context.Cancellation), anomalies, context);
    }

    /// <summary>The key at a path below the root, names separated by <c>\</c>, in any case; null when there is none.</summary>
    public RegistryKey? Find(string path) => Root.Find(path);

    /// <summary>Every key once, parents before children.</summary>
    public IEnumerable<RegistryKey> Keys()
    {
        foreach (RegistryKey key in Root.Tree())
        {
            _cancellation.ThrowIfCancellationRequested();
            yield return key;
        }
    }

    /// <summary>Searches free space and the slack of records for keys and values that were deleted. Reads all of the hive.</summary>
    public DeletedRegistryEntries FindDeleted() => new DeletedRegistryScan(_cells, Root, _limits, _cancellation).Run();
}
