using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>
/// A volume with shadow copies, as the copy-on-write driver would keep them. It knows by itself what each copy must show (<see cref="States"/>), whatever is written to the stores, and writes catalog,
/// stores and blocks by the description of the format. What an unused block shows is undefined: <see cref="ModelState.IsDefined"/>.
/// </summary>
internal sealed class ShadowCopyModel
{
    public const int Block = 0x4000;
    public const int Header = 128;
    private static readonly byte[] s_identifier = new Guid("3808876b-c176-4e48-b7ae-04046e6cc752").ToByteArray();

    private readonly byte[] _live;
    private readonly List<Store> _stores = [];
    private readonly long _storeStart;
    private long _next;

    /// <param name="volume">What the volume holds; changed in place.</param>
    /// <param name="storeStart">From here to the end it belongs to the stores: a multiple of the block size.</param>
    public ShadowCopyModel(byte[] volume, long storeStart)
    {
        _live = volume;
        _storeStart = storeStart;
        _next = storeStart;
        long catalog = Take();
        CatalogOffset = catalog;
        WriteHeader(0x1E00, 1, 1, 0x1E00, 0x1E00, 0);
        U64(0x1E00 + 32, 0x1E00);
        U64(0x1E00 + 48, (ulong)catalog);
        U64(0x1E00 + 24, 0x1E00);
    }

    /// <summary>What each copy that is left must show, from old to new.</summary>
    public IReadOnlyList<ModelState> States => _stores.ConvertAll(store => store.State);

    /// <summary>Blocks of the volume that are not of the stores.</summary>
    public int DataBlocks => (int)(_storeStart / Block);

    /// <summary>Tells the identifiers of one volume from those of another; those of sets are the same.</summary>
    public short VolumeNumber { get; init; } = 2;

    /// <summary>Where the catalog begins.</summary>
    public long CatalogOffset { get; }

    /// <summary>The volume as it is now.</summary>
    public byte[] Live => _live;

    /// <summary>Which kinds of descriptors there are: plain, forwarder, overlay, unused.</summary>
    public (int Plain, int Forwarders, int Overlays, int Unused) Counts =>
        (Count(d => d.Flags == 0), Count(d => (d.Flags & 1) != 0), Count(d => (d.Flags & 2) != 0), Count(d => (d.Flags & 4) != 0));

    /// <summary>Makes a copy. <paramref name="isUnused"/> tells which blocks the file system does not use.</summary>
    public void Snapshot(DateTime created, Func<int, bool>? isUnused = null)
    {
        bool[] unused = new bool[(_live.Length + Block - 1) / Block];
        bool[] never = new bool[unused.Length];
        Store? before = _stores.Count > 0 ? _stores[^1] : null;
        // What was moved somewhere is kept there, although no copy knows the place as used.
        bool[]? previous = before is null ? null : [.. before.NeverUsed.Select((value, i) => value && !before.MovedTo.ContainsKey(i))];
        for (int i = 0; i < DataBlocks; i++)
        {
            // The boot area holds the header of the copies.
            unused[i] = i > 0 && isUnused is not null && isUnused(i);
            never[i] = unused[i] && (previous is null || previous[i]);
        }
        var state = new ModelState([.. _live], created, [.. unused.Select(value => !value)]);
        var store = new Store(state, unused, never, previous) { HeaderOffset = Take(), Number = _stores.Count + 1, Volume = VolumeNumber };
        // What the newest copy shows of the stores' own blocks is not asked for.
        Array.Fill(state.IsDefined, false, DataBlocks, unused.Length - DataBlocks);
        _stores.Add(store);
    }

    /// <summary>Writes to the volume: the newest copy keeps what was there.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        for (int block = (int)(offset / Block); block <= (int)((offset + data.Length - 1) / Block); block++)
        {
            Keep(block);
        }
        data.CopyTo(_live.AsSpan((int)offset));
    }

    /// <summary>Moves a block to an unused place and writes something new over it, as defragmenting does. False when the driver would not do it by reference.</summary>
    public bool Move(int from, int to, ReadOnlySpan<byte> replacement)
    {
        Store store = _stores[^1];
        if (from == to || !store.NeverUsed[to] || store.Kept.Contains(to) || store.MovedTo.ContainsKey(to) || store.Left.Contains(to))
        {
            return false;
        }
        bool isTarget = store.MovedTo.ContainsKey(from);
        if (!isTarget && (store.NeverUsed[from] || store.Kept.Contains(from)))
        {
            return false;
        }
        store.Descriptors.Add(new Descriptor(from * (long)Block, to * (long)Block, 0, 1, 0));
        store.MovedTo[to] = true;
        if (isTarget)
        {
            store.MovedTo.Remove(from);
            store.Left.Add(from);
        }
        else
        {
            store.Kept.Add(from);
        }
        _live.AsSpan(from * Block, Block).CopyTo(_live.AsSpan(to * Block));
        replacement[..Block].CopyTo(_live.AsSpan(from * Block));
        return true;
    }

    /// <summary>Writes sectors of 512 bytes in the newest copy itself, as recovery does right after it was made.</summary>
    public void Overlay(int block, int sector, ReadOnlySpan<byte> data)
    {
        Store store = _stores[^1];
        uint bits = 0;
        for (int i = 0; i < data.Length / 512; i++)
        {
            bits |= 1u << (sector + i);
        }
        bool isFirst = !store.OverlayPlaces.TryGetValue(block, out long place);
        if (isFirst)
        {
            store.OverlayPlaces[block] = place = Take();
        }
        data.CopyTo(_live.AsSpan((int)place + sector * 512));
        data.CopyTo(store.State.Bytes.AsSpan(block * Block + sector * 512));
        store.Descriptors.Add(new Descriptor(block * (long)Block, isFirst ? place - _storeStart : 1, place, 2, bits));
    }

    /// <summary>A descriptor that is to be ignored.</summary>
    public void Noise(int block) => _stores[^1].Descriptors.Add(new Descriptor(block * (long)Block, 0, _storeStart, 4, 0));

    /// <summary>Adds a descriptor as it is; the model does not know what it means.</summary>
    public void Raw(long original, long relative, long offset, uint flags, uint bitmap) => _stores[^1].Descriptors.Add(new Descriptor(original, relative, offset, flags, bitmap));

    /// <summary>Deletes the oldest copy: its entries of the catalog become unused.</summary>
    public void DeleteOldest() => _stores.RemoveAt(0);

    /// <summary>Writes catalog and stores into the volume.</summary>
    /// <param name="perCatalogBlock">Entries of copies in a block of the catalog: fewer make more blocks.</param>
    /// <param name="isScattered">The entries of the stores do not follow those of their copies; libvshadow then joins the wrong ones.</param>
    public byte[] Finish(int perCatalogBlock = 60, bool isScattered = false)
    {
        List<byte[]> entries = [UnusedEntry()];
        foreach (Store store in _stores)
        {
            WriteStore(store);
        }
        // Entries lie in no order of age.
        foreach (Store store in Enumerable.Reverse(_stores))
        {
            entries.AddRange(isScattered ? [UnusedEntry(), CopyEntry(store)] : [UnusedEntry(), CopyEntry(store), StoreEntry(store)]);
        }
        if (isScattered)
        {
            entries.InsertRange(entries.Count / 2, _stores.Select(StoreEntry));
        }
        WriteCatalog(entries, perCatalogBlock);
        return _live;
    }

    /// <summary>Where the parts of a store lie, for tests that break them.</summary>
    public (long Header, long List, long Bitmap) Places(int index) => (_stores[index].HeaderOffset, _stores[index].ListOffset, _stores[index].BitmapOffset);

    private int Count(Func<Descriptor, bool> match) => _stores.Sum(store => store.Descriptors.Count(match));

    private void Keep(int block)
    {
        if (_stores.Count == 0 || block >= DataBlocks)
        {
            return;
        }
        Store store = _stores[^1];
        bool isTarget = store.MovedTo.Remove(block);
        if (!isTarget && (store.NeverUsed[block] || store.Kept.Contains(block) || store.Left.Contains(block)))
        {
            return;
        }
        long place = Take();
        _live.AsSpan(block * Block, Block).CopyTo(_live.AsSpan((int)place));
        store.Descriptors.Add(new Descriptor(block * (long)Block, place - _storeStart, place, 0, 0));
        if (isTarget)
        {
            store.Left.Add(block);
        }
        else
        {
            store.Kept.Add(block);
        }
    }

    private void WriteStore(Store store)
    {
        int perBlock = (Block - Header) / 32;
        List<Descriptor[]> lists = [.. store.Descriptors.Chunk(perBlock)];
        if (lists.Count == 0)
        {
            lists.Add([]);
        }
        long[] places = [.. lists.Select(_ => Take())];
        store.ListOffset = places[0];
        for (int i = 0; i < lists.Count; i++)
        {
            WriteHeader(places[i], 1, 3, places[i] - _storeStart, places[i], i + 1 < lists.Count ? places[i + 1] : 0);
            for (int k = 0; k < lists[i].Length; k++)
            {
                long at = places[i] + Header + k * 32;
                Descriptor d = lists[i][k];
                U64(at, (ulong)d.Original);
                U64(at + 8, (ulong)d.Relative);
                U64(at + 16, (ulong)d.Offset);
                U32(at + 24, d.Flags);
                U32(at + 28, d.Bitmap);
            }
        }
        store.BitmapOffset = WriteBitmap(store.Unused);
        store.PreviousBitmapOffset = store.Previous is null ? 0 : WriteBitmap(store.Previous);
        store.RangesOffset = Take();
        WriteHeader(store.RangesOffset, 1, 5, store.RangesOffset - _storeStart, store.RangesOffset, 0);
        U64(store.RangesOffset + Header, (ulong)_storeStart);
        U64(store.RangesOffset + Header + 16, (ulong)(_next - _storeStart));
        long header = store.HeaderOffset;
        WriteHeader(header, 1, 4, header - _storeStart, header, 0);
        U64(header + 48, 100);
        store.CopyId.ToByteArray().CopyTo(_live.AsSpan((int)header + Header + 16));
        store.SetId.ToByteArray().CopyTo(_live.AsSpan((int)header + Header + 32));
        U32(header + Header + 48, 13);
        U32(header + Header + 52, 1);
        U32(header + Header + 56, 0x0042000D);
        long at2 = header + Header + 64;
        foreach (string machine in new[] { "WS01.corp.example", "SRV02" })
        {
            byte[] text = Encoding.Unicode.GetBytes(machine);
            BinaryPrimitives.WriteUInt16LittleEndian(_live.AsSpan((int)at2), (ushort)text.Length);
            text.CopyTo(_live.AsSpan((int)at2 + 2));
            at2 += 2 + text.Length;
        }
    }

    private long WriteBitmap(bool[] bits)
    {
        int perBlock = (Block - Header) * 8;
        int blocks = (bits.Length + perBlock - 1) / perBlock;
        long[] places = [.. Enumerable.Range(0, blocks).Select(_ => Take())];
        for (int i = 0; i < blocks; i++)
        {
            WriteHeader(places[i], 1, 6, places[i] - _storeStart, places[i], i + 1 < blocks ? places[i + 1] : 0);
            for (int k = 0; k < perBlock && i * perBlock + k < bits.Length; k++)
            {
                if (bits[i * perBlock + k])
                {
                    _live[places[i] + Header + k / 8] |= (byte)(1 << k % 8);
                }
            }
        }
        return places[0];
    }

    private void WriteCatalog(List<byte[]> entries, int perBlock)
    {
        byte[][][] blocks = [.. entries.Chunk(perBlock)];
        long[] places = [CatalogOffset, .. Enumerable.Range(1, blocks.Length - 1).Select(_ => Take())];
        for (int i = 0; i < blocks.Length; i++)
        {
            WriteHeader(places[i], 1, 2, i * Block, places[i], i + 1 < blocks.Length ? places[i + 1] : 0);
            for (int k = 0; k < blocks[i].Length; k++)
            {
                blocks[i][k].CopyTo(_live.AsSpan((int)places[i] + Header + k * 128));
            }
        }
    }

    private byte[] CopyEntry(Store store)
    {
        byte[] entry = new byte[128];
        entry[0] = 2;
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(8), _live.Length);
        store.StoreId.ToByteArray().CopyTo(entry, 16);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(32), store.Number);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(40), 0x40);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(48), store.State.Created.ToFileTimeUtc());
        return entry;
    }

    private static byte[] StoreEntry(Store store)
    {
        byte[] entry = new byte[128];
        entry[0] = 3;
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(8), store.ListOffset);
        store.StoreId.ToByteArray().CopyTo(entry, 16);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(32), store.HeaderOffset);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(40), store.RangesOffset);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(48), store.BitmapOffset);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(72), store.PreviousBitmapOffset);
        return entry;
    }

    private static byte[] UnusedEntry()
    {
        byte[] entry = new byte[128];
        entry[0] = 1;
        return entry;
    }

    private void WriteHeader(long at, uint version, uint type, long relative, long current, long next)
    {
        s_identifier.CopyTo(_live.AsSpan((int)at));
        U32(at + 16, version);
        U32(at + 20, type);
        U64(at + 24, (ulong)relative);
        U64(at + 32, (ulong)current);
        U64(at + 40, (ulong)next);
    }

    private long Take()
    {
        long place = _next;
        _next += Block;
        if (_next > _live.Length)
        {
            throw new InvalidOperationException("the volume of the test has no room left for its stores");
        }
        _live.AsSpan((int)place, Block).Clear();
        return place;
    }

    private void U32(long at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_live.AsSpan((int)at), value);

    private void U64(long at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_live.AsSpan((int)at), value);

    private readonly record struct Descriptor(long Original, long Relative, long Offset, uint Flags, uint Bitmap);

    private sealed class Store(ModelState state, bool[] unused, bool[] neverUsed, bool[]? previous)
    {
        public ModelState State { get; } = state;
        public bool[] Unused { get; } = unused;
        // Neither this copy nor one before it used the block, so that nothing of it is kept.
        public bool[] NeverUsed { get; } = neverUsed;
        public bool[]? Previous { get; } = previous;
        public required int Number { get; init; }
        public required short Volume { get; init; }
        public required long HeaderOffset { get; init; }
        public long ListOffset { get; set; }
        public long BitmapOffset { get; set; }
        public long PreviousBitmapOffset { get; set; }
        public long RangesOffset { get; set; }
        public List<Descriptor> Descriptors { get; } = [];
        public HashSet<int> Kept { get; } = [];
        public Dictionary<int, bool> MovedTo { get; } = [];
        public HashSet<int> Left { get; } = [];
        public Dictionary<int, long> OverlayPlaces { get; } = [];
        public Guid StoreId => new(Number, 1, Volume, 3, 4, 5, 6, 7, 8, 9, 10);
        public Guid CopyId => new(Number, 0xC0, Volume, 3, 4, 5, 6, 7, 8, 9, 10);
        public Guid SetId => new(Number, 0x5E, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    }
}

/// <summary>What a copy must show.</summary>
/// <param name="Bytes">The volume.</param>
/// <param name="Created">When it was made.</param>
/// <param name="IsDefined">By block, whether its content is defined.</param>
internal sealed record ModelState(byte[] Bytes, DateTime Created, bool[] IsDefined)
{
    /// <summary>Blocks that differ where they are defined.</summary>
    public IEnumerable<int> Differences(ReadOnlyMemory<byte> shown)
    {
        for (int i = 0; i < IsDefined.Length; i++)
        {
            int start = i * ShadowCopyModel.Block;
            int count = Math.Min(ShadowCopyModel.Block, Bytes.Length - start);
            if (IsDefined[i] && (shown.Length < start + count || !shown.Span.Slice(start, count).SequenceEqual(Bytes.AsSpan(start, count))))
            {
                yield return i;
            }
        }
    }
}
