using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes;

/// <summary>Partition tables inside assembled volumes, such as the disk of a virtual machine on a logical volume, and inside their partitions, eight deep.</summary>
internal sealed class NestedTables
{
    private const int MaxPartitions = 2048;
    private const int MaxDiagnostics = 8;

    private int _partitions;

    /// <summary>Adds a volume and, when it has a partition table, its partitions, named <c>VOLUME:gpt1</c>; each after the volume that it lies in.</summary>
    public void Add(Volume volume, List<Volume> target, ParseContext context)
    {
        var open = new Stack<(Volume Volume, int Depth)>();
        open.Push((volume, 0));
        while (open.TryPop(out (Volume Volume, int Depth) item))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (item.Volume.UnreadableBecause is not null)
            {
                target.Add(item.Volume);
                continue;
            }
            // What is said about a table counts only when it is one.
            var said = new DiagnosticList();
            IVolumeSystem table = VolumeProbe.Open(item.Volume.Content, context with { Diagnostics = said });
            if (table.Kind == "none" || table.Volumes.Count == 0 || IsFileSystem(item.Volume))
            {
                target.Add(item.Volume);
                continue;
            }
            IReadOnlyList<Diagnostic> items = said.Items;
            for (int i = 0; i < Math.Min(items.Count, MaxDiagnostics); i++)
            {
                context.Diagnostics.Report(items[i] with { Volume = item.Volume.Name });
            }
            if (item.Depth >= VolumeAssembly.MaximumDepth)
            {
                context.Diagnostics.Report(new Diagnostic("volume.depth", item.Volume.Name + ": partition tables are nested deeper than eight; this one is not read") { LosesContent = true });
                target.Add(item.Volume);
                continue;
            }
            if (_partitions + table.Volumes.Count > MaxPartitions)
            {
                // Tables that overlap each other multiply with each level.
                context.Diagnostics.Report(new Diagnostic("volume.count", item.Volume.Name + ": there are too many partitions inside volumes; those of this one are not read") { LosesContent = true });
                target.Add(item.Volume);
                continue;
            }
            _partitions += table.Volumes.Count;
            target.Add(item.Volume with { MemberOf = "partitioned volume " + item.Volume.Name });
            for (int i = table.Volumes.Count - 1; i >= 0; i--)
            {
                Volume inner = table.Volumes[i];
                open.Push((inner with { Name = item.Volume.Name + ":" + inner.Name, Offset = -1 }, item.Depth + 1));
            }
        }
    }

    /// <summary>Whether a volume holds something that is no partition table, whatever its first sector looks like. Boot sectors are for the partition formats to tell apart.</summary>
    private static bool IsFileSystem(Volume volume) =>
        KnownSignatures.Identify(volume.Content) is { } known && known is not (KnownSignatures.Empty or "ntfs" or "exfat" or "fat" or "fat12" or "fat16" or "fat32" or "zfs");
}
