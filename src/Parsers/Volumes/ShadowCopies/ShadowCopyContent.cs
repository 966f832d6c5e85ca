using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>Puts the stores of a shadow copy and of all newer ones over the volume.</summary>
internal static class ShadowCopyContent
{
    /// <summary>Most blocks kept of all stores together: 128 GiB of the volume.</summary>
    private const int MaximumBlocks = 1 << 23;
    /// <summary>Most blocks of one list: a gibibyte of descriptors.</summary>
    private const int MaximumListBlocks = 1 << 16;

    /// <summary>
    /// The volume as it was when the first of the copies was made. Throws <see cref="CorruptDataException"/> when its own store cannot be read, and <see cref="LimitExceededException"/>.
    /// </summary>
    /// <param name="copies">The copy and all newer ones, from old to new.</param>
    public static IByteSource Open(IByteSource volume, IReadOnlyList<ShadowCopy> copies, ParseContext context)
    {
        ShadowCopy copy = copies[0];
        if (copy.Store is null || copy.Problem is not null)
        {
            throw new CorruptDataException("vss.store", -1, "the store of " + copy.Name, copy.Problem ?? "none in the catalog");
        }
        long length = Math.Min(copy.VolumeSize, volume.Length);
        if (length < copy.VolumeSize)
        {
            context.Diagnostics.Report(new Diagnostic("vss.size", copy.Name + " is larger than what is there of the volume; its end is left out")
            {
                Expected = copy.VolumeSize.ToString(CultureInfo.InvariantCulture) + " bytes",
                Actual = volume.Length.ToString(CultureInfo.InvariantCulture) + " bytes",
                LosesContent = true,
            });
        }
        // Byte offset in the volume of each block that is not where the copy had it.
        var places = new Dictionary<long, long>();
        StoreBlockMap own = new();
        for (int i = copies.Count - 1; i >= 0; i--)
        {
            own = Load(volume, copies[i], i == 0, MaximumBlocks - places.Count, context);
            Lay(own, places);
        }
        List<BlockRange> unused = [];
        // Only of the newest copy: what an older one did not use may have been used, and kept, by the time of a newer one.
        if (copies.Count == 1 && copy.Store is { } store)
        {
            unused = Unused(volume, store, length, copy.Name, context);
            foreach (long target in own.MoveTargets)
            {
                places.TryAdd(target, target * StoreBlock.Size);
            }
        }
        var segments = new ShadowCopySegments(volume, length, unused, context.Limits.ContentRuns);
        var blocks = new List<long>(places.Keys);
        blocks.AddRange(own.Overlays.Keys.Where(block => !places.ContainsKey(block)));
        blocks.Sort();
        foreach (long block in blocks)
        {
            segments.Block(block, places.TryGetValue(block, out long place) ? place : null, own.Overlays.TryGetValue(block, out StoreBlockMap.Overlay overlay) ? overlay : null);
        }
        return segments.ToSource();
    }

    /// <summary>Lays a store over the state that the newer ones make.</summary>
    private static void Lay(StoreBlockMap store, Dictionary<long, long> places)
    {
        // A forwarder names a block of that newer state, so nothing of it may change before all are looked up.
        var changes = new List<(long Block, long Place)>(store.Count);
        foreach ((long block, StoreBlockMap.Entry entry) in store.Entries)
        {
            changes.Add((block, !entry.IsForwarder ? entry.Place : places.TryGetValue(entry.Place, out long place) ? place : entry.Place * StoreBlock.Size));
        }
        foreach ((long block, long place) in changes)
        {
            places[block] = place;
        }
    }

    private static StoreBlockMap Load(IByteSource volume, ShadowCopy copy, bool isOwn, int maximum, ParseContext context)
    {
        var map = new StoreBlockMap();
        if (copy.Store is not { } store)
        {
            context.Diagnostics.Report(new Diagnostic("vss.store.missing", "the store of " + copy.Name + " is missing; what only it keeps is seen as it was later") { LosesContent = true });
            return map;
        }
        long damaged = 0;
        bool isEmpty = true;
        foreach (byte[] block in new StoreChain(volume, StoreRecordType.BlockList, "the list of blocks of " + copy.Name, "vss.blocks", MaximumListBlocks, context).Read(store.BlockList))
        {
            isEmpty = false;
            for (int offset = StoreBlock.HeaderSize; offset + BlockDescriptor.Size <= block.Length; offset += BlockDescriptor.Size)
            {
                var descriptor = new BlockDescriptor(block.AsSpan(offset, BlockDescriptor.Size));
                if (!descriptor.IsEmpty && !map.Add(descriptor, volume.Length))
                {
                    damaged++;
                }
            }
            if (map.Count > maximum)
            {
                throw new LimitExceededException("vss.blocks", MaximumBlocks);
            }
        }
        if (isEmpty && isOwn)
        {
            // A state of which nothing is kept would be the volume of today under the name of a copy.
            throw new CorruptDataException("vss.blocks", store.BlockList <= long.MaxValue ? (long)store.BlockList : -1, "the list of blocks of " + copy.Name, "none that can be read");
        }
        if (damaged > 0)
        {
            context.Diagnostics.Report(new Diagnostic("vss.block.outside", damaged.ToString(CultureInfo.InvariantCulture) + " block descriptors of " + copy.Name
                + " name no block of the volume; they are left out and their blocks seen as they were later")
            {
                LosesContent = true,
            });
        }
        return map;
    }

    private static List<BlockRange> Unused(IByteSource volume, StorePlaces store, long length, string name, ParseContext context)
    {
        long blocks = (length + StoreBlock.Size - 1) / StoreBlock.Size;
        List<BlockRange> current = StoreBitmap.Read(volume, store.Bitmap, blocks, name, context);
        return store.PreviousBitmap == 0 || current.Count == 0 ? current
            : StoreBitmap.Intersect(current, StoreBitmap.Read(volume, store.PreviousBitmap, blocks, name, context));
    }
}
