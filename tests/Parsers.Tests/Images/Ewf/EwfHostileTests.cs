using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Forensics.Parsers.Images.Ewf;
using Xunit;

namespace Forensics.Parsers.Tests.Images.Ewf;

/// <summary>Sections, tables and chunks that lie or are damaged: what is wrong reads as zeros and is listed, the copies are used where they help, and every chain ends.</summary>
public sealed class EwfHostileTests
{
    private const int Chunk = EwfBuilder.ChunkSize;

    private readonly DiagnosticList _diagnostics = new();
    private readonly byte[] _raw = TestDisk.Mixed(20 * Chunk + 5120, seed: 23);

    private IEnumerable<string> Codes => _diagnostics.Items.Select(diagnostic => diagnostic.Code).Distinct();

    [Fact]
    public void Image_of_the_builder_is_sound()
    {
        Assert.Equal(_raw, Read(Sound()));
        Assert.Empty(_diagnostics.Items);
        Assert.Equal(_raw, Read(new EwfBuilder().Volume(_raw.Length).Chunks(_raw, fillLast: true).Section("done", []).Build()));
        Assert.Empty(_diagnostics.Items);
    }

    [Theory]
    [InlineData("table", 0)]
    [InlineData("table", -100)]
    [InlineData("sectors", 0)]
    [InlineData("sectors", -1000000)]
    [InlineData("volume", 0)]
    public void Section_that_leads_back_ends_the_chain(string type, int distance)
    {
        byte[] image = Sound();
        int at = Find(image, type);
        BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(at + 16), Math.Max(0, at + distance));
        SealSection(image, at);
        Read(image);
        Assert.Contains("ewf.section.loop", Codes);
        Assert.Contains(_diagnostics.Items, diagnostic => diagnostic is { Code: "ewf.section.loop", LosesContent: true });
    }

    [Theory]
    [InlineData(1L << 40)]
    [InlineData(-1L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Section_that_leads_past_the_end_ends_the_chain(long next)
    {
        byte[] image = Sound();
        int at = Find(image, "sectors");
        BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(at + 16), next);
        SealSection(image, at);
        Assert.False(Read(image).AsSpan().ContainsAnyExcept((byte)0));
        Assert.Contains("ewf.section.past-end", Codes);
        Assert.Contains("ewf.chunks.missing", Codes);
    }

    [Fact]
    public void Unknown_and_damaged_section_descriptors_are_told_apart()
    {
        byte[] image = Sound();
        image[Find(image, "table") + 40] ^= 1;
        Assert.Equal(_raw, Read(image));
        Assert.Equal(["ewf.section.checksum"], Codes);
        image[Find(image, "sectors")] ^= 1;
        Assert.False(Read(image).AsSpan().ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Entry_of_a_table_that_was_changed_is_taken_from_the_copy(int entry)
    {
        byte[] image = Sound();
        image[Find(image, "table") + 76 + 24 + entry * 4 + 1] ^= 0x40;
        Assert.Equal(_raw, Read(image));
        Assert.Equal(["ewf.table.mirror"], Codes);
        Assert.DoesNotContain(_diagnostics.Items, diagnostic => diagnostic.LosesContent);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(20)]
    public void Table_whose_header_is_damaged_is_replaced_by_the_copy(int offset)
    {
        byte[] image = Sound();
        image[Find(image, "table") + 76 + offset] ^= 0xFF;
        Assert.Equal(_raw, Read(image));
        Assert.DoesNotContain(_diagnostics.Items, diagnostic => diagnostic.LosesContent);
    }

    [Fact]
    public void Damage_in_table_and_copy_costs_only_the_chunks_it_concerns()
    {
        byte[] image = Sound();
        foreach (string type in new[] { "table", "table2" })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(Find(image, type) + 76 + 24 + 5 * 4), 0x7FFFFFF0);
        }
        byte[] expected = [.. _raw];
        expected.AsSpan(5 * Chunk, Chunk).Clear();
        byte[] content = Read(image);
        // The chunk before it now ends at an offset that cannot be, which does not matter to it.
        Assert.Equal(expected, content);
        Assert.Equal(["ewf.chunk.past-end", "ewf.table.checksum"], Codes.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Chunk_with_a_flipped_bit_is_zeros_and_its_range_is_listed(int chunk)
    {
        byte[] image = Sound();
        int table = Find(image, "table") + 76 + 24;
        image[(int)(BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(table + chunk * 4)) & 0x7FFFFFFF) + 60] ^= 0x10;
        byte[] expected = [.. _raw];
        expected.AsSpan(chunk * Chunk, Chunk).Clear();
        Assert.Equal(expected, Read(image));
        Diagnostic listed = Assert.Single(_diagnostics.Items);
        Assert.Equal(("ewf.chunk.damaged", (long?)chunk * Chunk, true), (listed.Code, listed.Offset, listed.LosesContent));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"guest offsets {chunk * Chunk} to {(chunk + 1) * Chunk - 1}"), listed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Chunk_that_expands_without_end_costs_no_more_than_a_chunk()
    {
        byte[] bomb = EwfBuilder.Compress(new byte[100 << 20]);
        var builder = new EwfBuilder().Volume(Chunk);
        uint entry = (uint)(builder.Position + 76) | 0x80000000;
        byte[] image = builder.Section("sectors", bomb).Table([entry]).Section("done", []).Build();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Read(image).AsSpan().ContainsAnyExcept((byte)0));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 << 20);
        Assert.Equal(["ewf.chunk.damaged"], Codes);
    }

    [Fact]
    public void Header_that_expands_without_end_is_cut_at_a_mebibyte()
    {
        byte[] image = new EwfBuilder().Section("header", EwfBuilder.Compress(Encoding.ASCII.GetBytes("1\nmain\nc\n" + new string('A', 40 << 20)))).Volume(_raw.Length).Chunks(_raw).Section("done", []).Build();
        long before = GC.GetAllocatedBytesForCurrentThread();
        DiskImage disk = Open(image);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 << 20);
        Assert.Equal(3000, disk.Facts.First(fact => fact.Key == "case number").Value.Length);
        Assert.Equal(["ewf.header.damaged"], Codes);
    }

    [Fact]
    public void Thousands_of_headers_that_expand_cost_no_more_than_a_few()
    {
        byte[] text = EwfBuilder.Compress(new byte[1 << 20]);
        var builder = new EwfBuilder().Volume(_raw.Length);
        for (int i = 0; i < 2000; i++)
        {
            builder.Section("header", text);
        }
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(_raw, Read(builder.Chunks(_raw).Section("done", []).Build()));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Entries_that_lead_back_or_to_each_other_are_only_data()
    {
        var builder = new EwfBuilder().Volume(4 * Chunk);
        uint start = (uint)builder.Position + 76;
        byte[] data = [.. _raw[..Chunk], .. EwfBuilder.Bytes(EwfBuilder.Adler(_raw.AsSpan(0, Chunk)))];
        byte[] image = builder.Section("sectors", data).Table([start, start, 0, start]).Section("done", []).Build();
        byte[] content = Read(image);
        Assert.Equal(_raw[..Chunk], content[..Chunk]);
        Assert.Equal(_raw[..Chunk], content[(3 * Chunk)..]);
        Assert.False(content.AsSpan(2 * Chunk, Chunk).ContainsAnyExcept((byte)0));
        Assert.Equal(["ewf.chunk.damaged"], Codes);
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(0x40000000u)]
    [InlineData(0x01000001u)]
    public void Table_that_states_more_entries_than_it_holds_is_not_believed(uint count)
    {
        byte[] image = Sound();
        foreach (string type in new[] { "table", "table2" })
        {
            int at = Find(image, type) + 76;
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), count);
            EwfBuilder.Sealed(image[at..(at + 24)]).CopyTo(image, at);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Read(image).AsSpan().ContainsAnyExcept((byte)0));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 << 20);
        Assert.Contains(_diagnostics.Items, diagnostic => diagnostic is { Code: "ewf.chunks.missing", LosesContent: true });
    }

    [Fact]
    public void Base_offset_places_chunks_behind_two_gibibytes()
    {
        const long Far = 5L << 30;
        byte[] near = new EwfBuilder().Volume(_raw.Length).Build();
        // The sectors section begins in the first part and its chunks lie far behind it.
        byte[] far = new EwfBuilder(origin: 0).Chunks(_raw, hasMirror: false).Build();
        int sectors = Find(far, "sectors");
        int table = Find(far, "table");
        byte[] bridge = new EwfBuilder().Section("sectors", []).Build()[13..];
        BinaryPrimitives.WriteInt64LittleEndian(bridge.AsSpan(16), Far);
        BinaryPrimitives.WriteInt64LittleEndian(bridge.AsSpan(24), Far - near.Length);
        SealSection(bridge, 0);
        uint[] entries = [.. Enumerable.Range(0, 21).Select(i => BinaryPrimitives.ReadUInt32LittleEndian(far.AsSpan(table + 100 + i * 4)))];
        byte[] end = new EwfBuilder(origin: Far - 13).Table(entries, baseOffset: (ulong)(Far - table)).Section("done", []).Build()[13..];
        var image = new PatchworkSource(Far + end.Length, (0, near), (near.Length, bridge), (Far - table + sectors + 76, far[(sectors + 76)..table]), (Far, end));
        Assert.Equal(_raw, ReadSource(image));
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Offsets_that_ran_over_into_the_flag_are_understood()
    {
        // EnCase 6.7.1: from 2 GiB on, all 32 bits are offset and nothing is compressed.
        const uint First = 0x7FFFC000;
        byte[] raw = _raw[..(6 * Chunk)];
        byte[] near = new EwfBuilder().Volume(raw.Length).Build();
        var chunks = new List<byte>();
        var entries = new List<uint>();
        for (int i = 0; i < 6; i++)
        {
            entries.Add(First + (uint)chunks.Count);
            byte[] chunk = raw[(i * Chunk)..((i + 1) * Chunk)];
            chunks.AddRange([.. chunk, .. EwfBuilder.Bytes(EwfBuilder.Adler(chunk))]);
        }
        long tableAt = First + chunks.Count;
        byte[] bridge = new EwfBuilder().Section("sectors", []).Build()[13..];
        BinaryPrimitives.WriteInt64LittleEndian(bridge.AsSpan(16), tableAt);
        BinaryPrimitives.WriteInt64LittleEndian(bridge.AsSpan(24), tableAt - near.Length);
        SealSection(bridge, 0);
        byte[] end = new EwfBuilder(origin: tableAt - 13).Table([.. entries]).Section("done", []).Build()[13..];
        var image = new PatchworkSource(tableAt + end.Length, (0, near), (near.Length, bridge), (First, chunks.ToArray()), (tableAt, end));
        Assert.Equal(raw, ReadSource(image));
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Geometry_comes_from_the_copy_when_the_checksum_of_the_volume_section_is_wrong()
    {
        byte[] image = new EwfBuilder().Volume(_raw.Length).Chunks(_raw).Volume(_raw.Length, "data").Section("done", []).Build();
        image[Find(image, "volume") + 76 + 8] ^= 0x55;
        Assert.Equal(_raw, Read(image));
        Assert.Equal(["ewf.volume.checksum"], Codes);
    }

    [Theory]
    [InlineData(0u, "chunk-size")]
    [InlineData(uint.MaxValue, "chunk-size")]
    [InlineData(1u << 18, "chunk-size")]
    public void Geometry_that_cannot_be_is_an_error(uint sectorsPerChunk, string field)
    {
        byte[] image = new EwfBuilder().Volume(_raw.Length, sectorsPerChunk: sectorsPerChunk).Chunks(_raw).Section("done", []).Build();
        Assert.Contains(field, Assert.Throws<CorruptDataException>(() => Open(image)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Image_without_a_volume_section_logical_evidence_and_a_later_segment_alone_are_refused_by_name()
    {
        Assert.Throws<CorruptDataException>(() => Open(new EwfBuilder().Section("done", []).Build()));
        Assert.Contains("logical evidence", Assert.Throws<UnsupportedFeatureException>(() => Open(new EwfBuilder().Volume(0, mediaType: 14).Build())).Message, StringComparison.Ordinal);
        Assert.Contains("logical evidence", Assert.Throws<UnsupportedFeatureException>(() => Open(new EwfBuilder().Volume(512).Section("ltree", new byte[48]).Build())).Message, StringComparison.Ordinal);
        Assert.Contains("segment 2", Assert.Throws<UnsupportedFeatureException>(() => Open(new EwfBuilder(segment: 2).Volume(512).Build())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sectors_that_could_not_be_acquired_are_reported()
    {
        var header = new byte[520];
        header[0] = 2;
        byte[] entries = [.. EwfBuilder.Bytes(10), .. EwfBuilder.Bytes(4), .. EwfBuilder.Bytes(100), .. EwfBuilder.Bytes(1)];
        byte[] image = new EwfBuilder().Volume(_raw.Length).Chunks(_raw).Section("error2", [.. EwfBuilder.Sealed(header), .. entries, .. EwfBuilder.Bytes(EwfBuilder.Adler(entries))]).Section("done", []).Build();
        Assert.Equal(_raw, Read(image));
        Assert.Equal([5120L, 51200L], _diagnostics.Items.Select(diagnostic => diagnostic.Offset ?? 0));
        Assert.All(_diagnostics.Items, diagnostic => Assert.Equal(("ewf.acquisition.error", true), (diagnostic.Code, diagnostic.LosesContent)));
    }

    [Fact]
    public void Digests_that_disagree_or_are_damaged_are_reported()
    {
        byte[] hash = new byte[36];
        hash.AsSpan(0, 16).Fill(0x11);
        byte[] digest = new byte[80];
        digest.AsSpan(0, 36).Fill(0x22);
        byte[] image = new EwfBuilder().Volume(_raw.Length).Chunks(_raw).Section("digest", EwfBuilder.Sealed(digest)).Section("hash", EwfBuilder.Sealed(hash)).Section("done", []).Build();
        DiskImage disk = Open(image);
        Assert.Equal([new StoredDigest("md5", string.Concat(Enumerable.Repeat("22", 16))), new StoredDigest("sha1", string.Concat(Enumerable.Repeat("22", 20)))], disk.StoredDigests);
        Assert.Equal(["ewf.digest.conflict"], Codes);
        image[Find(image, "digest") + 76] ^= 1;
        Assert.Equal(string.Concat(Enumerable.Repeat("11", 16)), Assert.Single(Open(image).StoredDigests).Hex);
        Assert.Contains("ewf.digest.damaged", Codes);
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><xheader><notes>&a;</notes></xheader>")]
    [InlineData("<xheader><notes>")]
    [InlineData("\0\0")]
    public void Xml_with_a_doctype_or_damage_opens_nothing_and_is_reported(string xml)
    {
        byte[] image = new EwfBuilder().Section("xheader", EwfBuilder.Compress(Encoding.UTF8.GetBytes(xml))).Volume(_raw.Length).Chunks(_raw).Section("done", []).Build();
        DiskImage disk = Open(image);
        Assert.DoesNotContain(disk.Facts, fact => fact.Key == "notes");
        Assert.Equal(["ewf.header.damaged"], Codes);
    }

    [Fact]
    public void Incomplete_image_is_a_loss()
    {
        Read(new EwfBuilder().Volume(_raw.Length).Chunks(_raw).Section("incomplete", new byte[10]).Section("done", []).Build());
        Assert.Contains(_diagnostics.Items, diagnostic => diagnostic is { Code: "ewf.incomplete", LosesContent: true });
    }

    [Fact]
    public void Image_cut_at_sixty_four_points_is_refused_or_says_what_is_missing() =>
        HostileRun.CutAtSixtyFourPoints(new EwfBuilder().Volume(_raw.Length).Chunks(_raw[..(8 * Chunk)]).Chunks(_raw[(8 * Chunk)..]).Section("done", []).Build(), _raw, (image, diagnostics) =>
        {
            IByteSource content = ImageProbe.Open(new MemorySource(image), [new EwfFormat()], new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None)).Content;
            return content.ReadArray(0, (int)content.Length);
        });

    [Fact]
    public void Mutated_images_never_do_more_than_fail()
    {
        byte[] sound = new EwfBuilder().Section("header", EwfBuilder.Compress("1\nmain\nc\tn\nA\tB\n\n"u8)).Volume(_raw.Length).Chunks(_raw).Volume(_raw.Length, "data")
            .Section("hash", EwfBuilder.Sealed(new byte[36])).Section("done", []).Build();
        int table = Find(sound, "table");
        var places = new Range[] { ..600, Find(sound, "sectors")..(Find(sound, "sectors") + 200), table..(table + 260), table..(table + 100), table..sound.Length };
        var random = new Random(77);
        int opened = 0;
        for (int i = 0; i < 200; i++)
        {
            byte[] image = [.. sound];
            Mutator.Mutate(random, image, places);
            for (int at = 13; i % 2 == 0 && at >= 0 && at + 76 <= image.Length;)
            {
                // Half of them get checksums that are right again, so that the numbers are believed.
                SealSection(image, at);
                long next = BinaryPrimitives.ReadInt64LittleEndian(image.AsSpan(at + 16));
                at = next > at && next < image.Length ? (int)next : -1;
            }
            opened += HostileRun.Exercise(new MemorySource(image), NullDiagnosticSink.Instance) ? 1 : 0;
        }
        Assert.True(opened > 30);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5551)]
    [InlineData(5552)]
    [InlineData(5553)]
    [InlineData(70_001)]
    public void Adler32_is_that_of_the_specification(int length)
    {
        byte[] data = new byte[length];
        Array.Fill(data, (byte)0xFF);
        Assert.Equal(EwfBuilder.Adler(data), Adler32.Compute(data));
        new Random(length).NextBytes(data);
        Assert.Equal(EwfBuilder.Adler(data), Adler32.Compute(data));
    }

    private byte[] Sound() => new EwfBuilder().Volume(_raw.Length).Chunks(_raw).Section("done", []).Build();

    private DiskImage Open(byte[] image) => OpenSource(new MemorySource(image));

    private DiskImage OpenSource(IByteSource image) => ImageProbe.Open(image, Catalog.Images, new ParseContext(ScanLimits.Default, _diagnostics, CancellationToken.None));

    private byte[] Read(byte[] image) => ReadSource(new MemorySource(image));

    private byte[] ReadSource(IByteSource image)
    {
        IByteSource content = OpenSource(image).Content;
        return content.ReadArray(0, (int)content.Length);
    }

    /// <summary>Offset of the first section of a type.</summary>
    private static int Find(byte[] image, string type)
    {
        for (int at = 13; ;)
        {
            if (Encoding.ASCII.GetString(image, at, 16).TrimEnd('\0') == type)
            {
                return at;
            }
            at = (int)BinaryPrimitives.ReadInt64LittleEndian(image.AsSpan(at + 16));
        }
    }

    private static void SealSection(byte[] image, int at) => EwfBuilder.Sealed(image[at..(at + 76)]).CopyTo(image, at);
}
