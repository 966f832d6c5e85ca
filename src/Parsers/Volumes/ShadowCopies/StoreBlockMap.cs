using System.Runtime.InteropServices;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>
/// The block descriptors of one store, taken in the order of its list: later ones change what earlier ones say. Blocks are counted in units of <see cref="StoreBlock.Size"/>.
/// Specification: libyal, Volume Shadow Snapshot (VSS) format, "Successive block descriptors".
/// </summary>
internal sealed class StoreBlockMap
{
    /// <summary>Only an overlay is known of a block.</summary>
    public const long NoPlace = -1;

    private readonly Dictionary<long, Entry> _entries = [];
    private readonly Dictionary<long, Overlay> _overlays = [];
    // Where blocks were moved to, and which block that was: a copy of the new place made later is a copy of the moved block.
    private readonly Dictionary<long, long> _moved = [];

    /// <summary>A place of a block.</summary>
    /// <param name="Place">Byte offset in the volume as it is now, or <see cref="NoPlace"/>; of a forwarder, the block number in the next newer state.</param>
    /// <param name="IsForwarder">Whether it moved.</param>
    public readonly record struct Entry(long Place, bool IsForwarder);

    /// <summary>Sectors written in the shadow copy itself.</summary>
    /// <param name="Place">Byte offset of the block that has them, each at its own place in the block.</param>
    /// <param name="Sectors">Bit N stands for sector N of 512 bytes.</param>
    public readonly record struct Overlay(long Place, uint Sectors);

    /// <summary>The places by block number, without those of which only an overlay is known.</summary>
    public IEnumerable<KeyValuePair<long, Entry>> Entries => _entries.Where(entry => entry.Value.Place != NoPlace);

    /// <summary>The overlays by block number.</summary>
    public IReadOnlyDictionary<long, Overlay> Overlays => _overlays;

    /// <summary>Blocks known, for limits.</summary>
    public int Count => _entries.Count;

    /// <summary>Blocks that other blocks were moved to: what lies there is data, whatever the bitmap says.</summary>
    public IEnumerable<long> MoveTargets => _moved.Keys;

    /// <summary>Takes the next descriptor; false when it is damaged and was left out.</summary>
    /// <param name="descriptor">Any 32 bytes.</param>
    /// <param name="volumeLength">Bytes of the volume that can be read.</param>
    public bool Add(in BlockDescriptor descriptor, long volumeLength)
    {
        BlockFlags flags = descriptor.Flags;
        if ((flags & BlockFlags.NotUsed) != 0)
        {
            return true;
        }
        bool isForwarder = (flags & BlockFlags.Forwarder) != 0;
        bool isOverlay = (flags & BlockFlags.Overlay) != 0;
        ulong place = isForwarder ? descriptor.RelativeOffset : descriptor.Offset;
        if (!IsBlock(descriptor.OriginalOffset, volumeLength) || (isForwarder ? isOverlay || !IsBlock(place, volumeLength) : place > (ulong)Math.Max(0, volumeLength - StoreBlock.Size)))
        {
            return false;
        }
        long block = (long)(descriptor.OriginalOffset / StoreBlock.Size);
        if (isOverlay)
        {
            AddOverlay(block, (long)place, descriptor.AllocationBitmap);
            return true;
        }
        if (_moved.Remove(block, out long moved))
        {
            block = moved;
        }
        if (!isForwarder)
        {
            _entries[block] = new Entry((long)place, false);
            return true;
        }
        long target = (long)(place / StoreBlock.Size);
        // Two forwarders that point to each other: the second is to be ignored.
        if (target != block)
        {
            _entries[block] = new Entry(target, true);
            _moved[target] = block;
        }
        return true;
    }

    private void AddOverlay(long block, long place, uint sectors)
    {
        ref Overlay overlay = ref CollectionsMarshal.GetValueRefOrAddDefault(_overlays, block, out bool exists);
        // A second one extends the first: it lies in the same block of the store, whatever it says.
        overlay = exists ? overlay with { Sectors = overlay.Sectors | sectors } : new Overlay(place, sectors);
        _entries.TryAdd(block, new Entry(NoPlace, false));
    }

    private static bool IsBlock(ulong offset, long length) => offset < (ulong)length && offset % StoreBlock.Size == 0;
}
