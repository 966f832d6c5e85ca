using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>
/// Finds the shadow copies that Windows (since Vista; "Microsoft Software Shadow Copy provider") keeps on an NTFS volume: a header in the boot area, a catalog, and a store for each copy with what was
/// overwritten since. Specification: libyal, "Volume Shadow Snapshot (VSS) format", https://github.com/libyal/libvshadow/tree/main/documentation
/// </summary>
/// <remarks>
/// Limitations: copies whose catalog entries are gone (deleted copies) are not searched for; stores on another volume, and those of Windows Server 2003, are not read; block range lists are not needed
/// for reading and are not looked at. As with libvshadow, sectors written in the copy itself (overlays) show in that copy only, and unused blocks of the newest copy read as zeros, while those of older
/// copies show what a newer state has there: in truth their content is undefined.
/// </remarks>
public static class ShadowCopyVolume
{
    /// <summary>Where the header lies in the volume.</summary>
    public const int HeaderOffset = 0x1E00;

    private const int HeaderSize = 512;
    private const int MaximumCatalogBlocks = 256;
    /// <summary>Windows keeps at most 512.</summary>
    private const int MaximumCopies = 4096;

    /// <summary>
    /// The copies from old to new; none when the volume has none. Reads the catalog and the headers of the stores only. Never throws because of what is stored: a broken catalog gives what it still
    /// names, with diagnostics, which are no loss for who looks at the volume of today. <see cref="ShadowCopy.Open"/> reports to the same diagnostics.
    /// </summary>
    /// <param name="volume">The NTFS volume.</param>
    /// <param name="context">Limits and where diagnostics go.</param>
    public static IReadOnlyList<ShadowCopy> Find(IByteSource volume, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(context);
        byte[] bytes = volume.ReadArray(HeaderOffset, HeaderSize);
        if (bytes.Length < StoreBlock.HeaderSize)
        {
            return [];
        }
        var header = new StoreBlock(bytes);
        if (!header.HasIdentifier)
        {
            return [];
        }
        if (header.RecordType != StoreRecordType.VolumeHeader || header.Version is not (1 or 2))
        {
            context.Diagnostics.Report(new Diagnostic("vss.header", "the header of the shadow copies is none that is known; copies cannot be listed")
            {
                Offset = HeaderOffset,
                Expected = "version 1 or 2, record type 1",
                Actual = string.Create(CultureInfo.InvariantCulture, $"version {header.Version}, record type {(uint)header.RecordType}"),
            });
            return [];
        }
        var copies = new Dictionary<Guid, CopyEntry>();
        var stores = new Dictionary<Guid, StorePlaces>();
        ReadCatalog(volume, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(48)), copies, stores, context);
        return Describe(volume, copies, stores, context);
    }

    private static void ReadCatalog(IByteSource volume, ulong offset, Dictionary<Guid, CopyEntry> copies, Dictionary<Guid, StorePlaces> stores, ParseContext context)
    {
        int unknown = 0;
        int twice = 0;
        foreach (byte[] block in new StoreChain(volume, StoreRecordType.Catalog, "the catalog of the shadow copies", "vss.catalog", MaximumCatalogBlocks, context) { LosesContent = false }.Read(offset))
        {
            for (int position = StoreBlock.HeaderSize; position + CatalogEntry.Size <= block.Length; position += CatalogEntry.Size)
            {
                var entry = new CatalogEntry(block.AsSpan(position, CatalogEntry.Size));
                switch (entry.EntryType)
                {
                    case 0 or CatalogEntry.Unused:
                        break;
                    case CatalogEntry.Copy when copies.Count < MaximumCopies:
                        twice += copies.TryAdd(entry.StoreIdentifier, new CopyEntry(entry.VolumeSize, entry.SequenceNumber, entry.CreationTime)) ? 0 : 1;
                        break;
                    case CatalogEntry.Store when stores.Count < MaximumCopies:
                        var places = new StorePlaces(entry.StoreBlockListOffset, entry.StoreHeaderOffset, entry.StoreBitmapOffset, entry.StorePreviousBitmapOffset);
                        twice += stores.TryAdd(entry.StoreIdentifier, places) ? 0 : 1;
                        break;
                    default:
                        unknown++;
                        break;
                }
            }
        }
        int alone = stores.Keys.Count(store => !copies.ContainsKey(store));
        if (unknown + twice + alone > 0)
        {
            context.Diagnostics.Report(new Diagnostic("vss.catalog.entry", string.Create(CultureInfo.InvariantCulture,
                $"the catalog of the shadow copies has entries that are left out: {unknown} of no known type or too many, {twice} named before, {alone} stores without a copy")));
        }
    }

    private static List<ShadowCopy> Describe(IByteSource volume, Dictionary<Guid, CopyEntry> entries, Dictionary<Guid, StorePlaces> stores, ParseContext context)
    {
        var copies = new List<ShadowCopy>(entries.Count);
        IByteSource Open(ShadowCopy copy) => ShadowCopyContent.Open(volume, copies.GetRange(copy.Index - 1, copies.Count - copy.Index + 1), context);
        byte[] block = new byte[StoreBlock.Size];
        foreach ((Guid storeId, CopyEntry entry) in entries.OrderBy(entry => entry.Value.CreationTime).ThenBy(entry => entry.Value.SequenceNumber).ThenBy(entry => entry.Key))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            StorePlaces? store = stores.TryGetValue(storeId, out StorePlaces places) ? places : null;
            bool hasHeader = store is not null && HasHeader(volume, places.Header, block);
            string? problem = store is null ? "the catalog does not say where its store lies"
                : entry.VolumeSize > long.MaxValue || entry.VolumeSize < StoreBlock.Size ? "the catalog gives its volume an impossible size" : null;
            if (problem is not null || !hasHeader)
            {
                context.Diagnostics.Report(new Diagnostic("vss.store", string.Create(CultureInfo.InvariantCulture, $"vss{copies.Count + 1}: {problem ?? "the header of its store cannot be read"}"))
                {
                    Offset = store is not null && places.Header <= long.MaxValue ? (long)places.Header : null,
                });
            }
            StoreInformation information = hasHeader ? new StoreInformation(block) : default;
            copies.Add(new ShadowCopy(Open)
            {
                Index = copies.Count + 1,
                StoreId = storeId,
                Id = hasHeader ? information.CopyIdentifier : null,
                SetId = hasHeader ? information.CopySetIdentifier : null,
                Created = Time(entry.CreationTime),
                VolumeSize = (long)Math.Min(entry.VolumeSize, long.MaxValue),
                Attributes = hasHeader ? information.AttributeFlags : 0,
                Kind = hasHeader ? (information.Type, information.Provider) : default,
                OriginatingMachine = hasHeader ? information.OperatingMachine : null,
                ServiceMachine = hasHeader ? information.ServiceMachine : null,
                Problem = problem,
                Store = store,
            });
        }
        return copies;
    }

    private static bool HasHeader(IByteSource volume, ulong offset, byte[] block)
    {
        if (offset > (ulong)Math.Max(0, volume.Length - StoreBlock.Size) || volume.ReadUpTo((long)offset, block) < StoreBlock.Size)
        {
            return false;
        }
        var header = new StoreBlock(block);
        return header is { HasIdentifier: true, Version: 1, RecordType: StoreRecordType.StoreHeader };
    }

    /// <summary>FILETIME: 100 ns since 1601.</summary>
    private static DateTimeOffset? Time(ulong value)
    {
        const ulong Last = 2650467743999999999;
        return value is 0 or > Last ? null : new DateTimeOffset(DateTime.FromFileTimeUtc((long)value));
    }

    private readonly record struct CopyEntry(ulong VolumeSize, ulong SequenceNumber, ulong CreationTime);
}
