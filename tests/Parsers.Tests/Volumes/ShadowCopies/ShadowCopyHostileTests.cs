using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Forensics.Parsers.Volumes.ShadowCopies;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>Catalogs and stores that are damaged, contradictory or made to cost time and memory.</summary>
public sealed class ShadowCopyHostileTests
{
    private const int Block = ShadowCopyModel.Block;
    private const ulong Far = 1UL << 40;
    private readonly DiagnosticList _diagnostics = new();

    [Fact]
    public void Catalog_that_runs_in_a_circle_is_read_once()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(1, copies: 4);
        byte[] volume = model.Finish(perCatalogBlock: 2);
        long last = model.CatalogOffset;
        for (long next = last; (next = (long)Get(volume, last + 40)) != 0;)
        {
            last = next;
        }
        Set(volume, last + 40, (ulong)model.CatalogOffset);
        Assert.Equal(4, Find(volume).Count);
        Diagnostic diagnostic = Assert.Single(_diagnostics.Items);
        Assert.Equal("vss.catalog", diagnostic.Code);
        // Who looks at the volume of today misses nothing.
        Assert.False(diagnostic.LosesContent);
    }

    [Theory]
    [InlineData(Far)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0x8000000000000000)]
    [InlineData(1)]
    public void Catalog_outside_the_volume_or_nowhere_lists_nothing_and_says_so(ulong offset)
    {
        byte[] volume = ShadowCopyVolumes.Random(1).Finish();
        Set(volume, 0x1E00 + 48, offset);
        Assert.Empty(Find(volume));
        Assert.Equal("vss.catalog", Assert.Single(_diagnostics.Items).Code);
    }

    [Fact]
    public void Header_of_an_unknown_version_is_reported()
    {
        byte[] volume = ShadowCopyVolumes.Random(1).Finish();
        volume[0x1E00 + 16] = 3;
        Assert.Empty(Find(volume));
        Assert.Equal("vss.header", Assert.Single(_diagnostics.Items).Code);
    }

    [Fact]
    public void Circle_and_damage_in_a_list_of_blocks_end_it_and_lose_content()
    {
        foreach (ulong next in new ulong[] { 0, Far, 5 })
        {
            ShadowCopyModel model = ShadowCopyVolumes.Random(2, copies: 2);
            byte[] volume = model.Finish();
            long list = model.Places(1).List;
            Set(volume, list + 40, next == 0 ? (ulong)list : next);
            IReadOnlyList<ShadowCopy> copies = Find(volume);
            // The first block, which holds everything, was read before the chain breaks.
            Assert.Empty(model.States[1].Differences(ShadowCopyVolumes.All(copies[1].Open())));
            Assert.Contains(_diagnostics.Items, item => item is { Code: "vss.blocks", LosesContent: true });
        }
    }

    [Fact]
    public void A_copy_whose_list_cannot_be_read_is_refused_and_an_older_one_says_what_it_lacks()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(2, copies: 2);
        byte[] volume = model.Finish();
        volume.AsSpan((int)model.Places(1).List, 16).Clear();
        IReadOnlyList<ShadowCopy> copies = Find(volume);
        Assert.Null(copies[1].Problem);
        Assert.Throws<CorruptDataException>(() => copies[1].Open());
        Assert.Equal(volume.Length, copies[0].Open().Length);
        Assert.Contains(_diagnostics.Items, item => item is { Code: "vss.blocks", LosesContent: true });
    }

    [Fact]
    public void A_copy_without_a_store_has_a_problem_and_cannot_be_opened()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(2, copies: 2);
        byte[] volume = model.Finish();
        // The newest copy comes first: unused, unused, its entry, the entry of its store.
        volume[model.CatalogOffset + 128 + 3 * 128] = 1;
        IReadOnlyList<ShadowCopy> copies = Find(volume);
        Assert.NotNull(copies[1].Problem);
        Assert.Null(copies[1].Id);
        Assert.Throws<CorruptDataException>(() => copies[1].Open());
        Assert.Contains(_diagnostics.Items, item => item.Code == "vss.store");
        copies[0].Open();
        Assert.Contains(_diagnostics.Items, item => item is { Code: "vss.store.missing", LosesContent: true });
    }

    [Fact]
    public void A_damaged_header_of_a_store_costs_its_identifiers_only()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(4, copies: 2);
        byte[] volume = model.Finish();
        volume[model.Places(0).Header] ^= 1;
        IReadOnlyList<ShadowCopy> copies = Find(volume);
        Assert.Equal(((Guid?)null, (Guid?)null, (string?)null), (copies[0].Id, copies[0].SetId, copies[0].Problem));
        Assert.Empty(model.States[0].Differences(ShadowCopyVolumes.All(copies[0].Open())));
        Assert.Contains(_diagnostics.Items, item => item.Code == "vss.store");
    }

    [Fact]
    public void Machine_names_longer_than_the_header_are_left_out()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(4, copies: 1);
        byte[] volume = model.Finish();
        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan((int)model.Places(0).Header + 128 + 64), 0xFFFE);
        ShadowCopy copy = Assert.Single(Find(volume));
        Assert.Equal((null, null), (copy.OriginatingMachine, copy.ServiceMachine));
    }

    [Fact]
    public void Descriptors_outside_the_volume_are_left_out_and_counted()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(6, copies: 1);
        model.Raw((long)Far, 0, Block, 0, 0);
        model.Raw(Block, 0, (long)Far, 0, 0);
        model.Raw(Block + 512, 0, Block, 0, 0);
        model.Raw(-Block, 0, Block, 0, 0);
        model.Raw(Block, (long)Far, 0, 1, 0);
        model.Raw(Block, 2 * Block, 0, 3, 0);
        ShadowCopy copy = Assert.Single(Find(model.Finish()));
        Assert.Empty(model.States[0].Differences(ShadowCopyVolumes.All(copy.Open())));
        Diagnostic diagnostic = Assert.Single(_diagnostics.Items);
        Assert.Equal(("vss.block.outside", true), (diagnostic.Code, diagnostic.LosesContent));
        Assert.StartsWith("6 block descriptors", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_claimed_to_be_huge_is_as_long_as_what_is_there()
    {
        foreach (ulong size in new[] { Far, (ulong)long.MaxValue })
        {
            ShadowCopyModel model = ShadowCopyVolumes.Random(4, copies: 1);
            byte[] volume = model.Finish();
            Set(volume, model.CatalogOffset + 128 + 2 * 128 + 8, size);
            ShadowCopy copy = Assert.Single(Find(volume));
            Assert.Equal((long)size, copy.VolumeSize);
            Assert.Equal(volume.Length, copy.Open().Length);
            Assert.Contains(_diagnostics.Items, item => item is { Code: "vss.size", LosesContent: true });
        }
    }

    [Fact]
    public void Impossible_times_and_sizes_are_no_time_and_a_problem()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(4, copies: 1);
        byte[] volume = model.Finish();
        Set(volume, model.CatalogOffset + 128 + 2 * 128 + 8, ulong.MaxValue);
        Set(volume, model.CatalogOffset + 128 + 2 * 128 + 48, ulong.MaxValue);
        ShadowCopy copy = Assert.Single(Find(volume));
        Assert.Null(copy.Created);
        Assert.NotNull(copy.Problem);
        Assert.Throws<CorruptDataException>(() => copy.Open());
    }

    [Fact]
    public void Too_many_pieces_are_a_limit()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(8, copies: 1);
        var context = new ParseContext(ScanLimits.Default with { ContentRuns = 8 }, _diagnostics, TestContext.Current.CancellationToken);
        ShadowCopy copy = Assert.Single(ShadowCopyVolume.Find(new MemorySource(model.Finish()), context));
        Assert.Throws<LimitExceededException>(() => copy.Open());
        Assert.Contains(_diagnostics.Items, item => item.Code == "vss.bitmap.limit");
    }

    [Fact]
    public void A_million_descriptors_are_taken()
    {
        // One list of two thousand blocks over and over says the same, with forwarders in circles between.
        const int Lists = 2000;
        byte[] volume = new byte[(Lists + 200) * Block];
        var model = new ShadowCopyModel(volume, 100 * Block);
        model.Snapshot(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        for (int i = 0; i < Lists * 500; i++)
        {
            model.Raw(i % 90 * Block, (i * 7 + 3) % 90 * Block, i % 3 == 0 ? 0 : 100 * Block, i % 3 == 0 ? 1u : 0, 0);
        }
        ShadowCopy copy = Assert.Single(Find(model.Finish()));
        Assert.Equal(volume.Length, copy.Open().Length);
    }

    [Fact]
    public void Mutated_catalogs_and_stores_end_in_nothing_but_a_forensic_exception()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(11, copies: 4, dataBlocks: 40, storeBlocks: 300);
        byte[] sound = model.Finish(perCatalogBlock: 4);
        var places = new List<Range> { 0x1E00..0x1E80, Structure(model.CatalogOffset, 1024), Structure((long)Get(sound, model.CatalogOffset + 40), 1024) };
        for (int i = 0; i < model.States.Count; i++)
        {
            (long header, long list, long bitmap) = model.Places(i);
            places.AddRange([Structure(header, 256), Structure(list, 4096), Structure(bitmap, 160)]);
        }
        Range[] ranges = [.. places];
        byte[] volume = [.. sound];
        int opened = 0;
        int refused = 0;
        byte[] buffer = new byte[40 * Block];
        for (int seed = 1; seed <= 5000; seed++)
        {
            foreach (Range range in ranges)
            {
                sound.AsSpan(range).CopyTo(volume.AsSpan(range));
            }
            Mutator.Mutate(new Random(seed), volume, ranges);
            foreach (ShadowCopy copy in Find(volume))
            {
                try
                {
                    IByteSource source = copy.Open();
                    Assert.InRange(source.Length, 0, volume.Length);
                    // The blocks that stores know of, and the end.
                    foreach (long at in new[] { 0L, source.Length - 1000 })
                    {
                        Assert.Equal((int)Math.Clamp(source.Length - at, 0, buffer.Length), source.ReadUpTo(Math.Max(0, at), buffer));
                    }
                    opened++;
                }
                catch (ForensicException)
                {
                    refused++;
                }
            }
        }
        Assert.True(opened > 10_000 && refused > 20, $"{opened} opened, {refused} refused");
    }

    private static Range Structure(long offset, int length) => (int)offset..(int)(offset + length);

    private IReadOnlyList<ShadowCopy> Find(byte[] volume) =>
        ShadowCopyVolume.Find(new MemorySource(volume), new ParseContext(ScanLimits.Default, _diagnostics, TestContext.Current.CancellationToken));

    private static ulong Get(byte[] volume, long offset) => BinaryPrimitives.ReadUInt64LittleEndian(volume.AsSpan((int)offset));

    private static void Set(byte[] volume, long offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(volume.AsSpan((int)offset), value);
}
