using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Packages;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Packages;

/// <summary>Databases of rpm that were cut, changed or made to hurt.</summary>
public sealed class RpmHostileTests
{
    public static TheoryData<string, string> Databases => new() { { "rpmdb.sqlite", "rpmdb.sqlite" }, { "Packages.db", "Packages.db" }, { "Packages.le.hash", "Packages" }, { "Packages.be.btree", "Packages" } };

    [Theory]
    [MemberData(nameof(Databases))]
    public void Database_cut_at_64_points_gives_what_is_there_and_says_so(string fixture, string name)
    {
        byte[] whole = Fixture.Unpack(fixture);
        for (int i = 1; i < 64; i++)
        {
            PackageIndex index = Host(name, whole[..(int)((long)whole.Length * i / 64)]).Read(out DiagnosticList diagnostics);
            Assert.InRange(index.Packages.Count, 0, 5);
            Assert.True(diagnostics.Items.Any(item => item.LosesContent) || index.Packages.Count == 5, $"point {i}: {index.Packages.Count} packages and nothing said");
        }
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public void Mutated_database_gives_diagnostics_in_bounded_time(string fixture, string name)
    {
        byte[] whole = Fixture.Unpack(fixture);
        var random = new Random(11);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 150; i++)
        {
            byte[] mutant = [.. whole];
            Mutator.Mutate(random, mutant, [0..128, 4096..4200, 8192..8320, Range.All]);
            Mutator.Mutate(random, mutant, [4096..5000, Range.All]);
            PackageIndex index = Host(name, mutant).Read(out _);
            foreach (PackageFile file in index.Files)
            {
                Assert.StartsWith("/", file.Path, StringComparison.Ordinal);
            }
        }
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    [Fact]
    public void Header_says_what_it_says_and_the_later_of_two_equal_tags_counts()
    {
        byte[] header = new HeaderBuilder().Text(1000, "tool").Text(1001, "1").Text(1002, "2").Number(1003, 7).Text(1000, "other").Texts(1027, "/old/style", "/b").Texts(1035, "", "b1946ac92492d2347c6235b4d2611184").Build();
        PackageIndex index = Ndb(header).Read(out DiagnosticList diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal("other 7:1-2", Assert.Single(index.Packages).ToString());
        Assert.Equal(["/old/style", "/b"], index.Files.Select(file => file.Path));
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge("/b", "hello\n"u8.ToArray()).State);
    }

    [Fact]
    public void Entries_that_point_outside_or_count_too_much_are_left_out()
    {
        byte[] header = new HeaderBuilder().Text(1000, "tool").Raw(1117, 8, 0, uint.MaxValue).Raw(1030, 3, 5, 0x40000000).Raw(1035, 8, -1, 3).Raw(1036, 99, 0, 1).Raw(1028, 4, int.MaxValue, 1).Build();
        PackageIndex index = Ndb(header).Read(out DiagnosticList diagnostics);
        Assert.Single(index.Packages);
        Assert.Equal(["rpm.header.damaged"], diagnostics.Items.Select(item => item.Code));
    }

    [Fact]
    public void Directory_numbers_out_of_range_and_lists_of_unequal_length_lose_only_their_files()
    {
        byte[] header = new HeaderBuilder().Text(1000, "tool").Texts(1117, "a", "b", "c").Texts(1118, "/d/", "/e/").Numbers(1116, 0, 9, 1).Texts(1039, "root").Build();
        PackageIndex index = Ndb(header).Read(out DiagnosticList diagnostics);
        Assert.Equal(["/d/a", "/e/c"], index.Files.Select(file => file.Path));
        Assert.Equal(["rpm.header.damaged"], diagnostics.Items.Select(item => item.Code));
    }

    [Fact]
    public void Long_directory_names_times_many_files_are_bounded()
    {
        // 64 KiB of directory times 100,000 names would be 6 GB of paths; 40,000 of 3,750 bytes are what the limit is for.
        byte[] tooLong = new HeaderBuilder().Text(1000, "tool").Texts(1117, [.. Enumerable.Repeat("a", 100_000)]).Texts(1118, "/" + new string('d', 65536)).Numbers(1116, new int[100_000]).Build();
        Assert.Equal(0, Ndb(tooLong).Read(out DiagnosticList diagnostics).FileCount);
        Assert.Equal(["packages.path.bad"], diagnostics.Items.Select(item => item.Code));
        byte[] many = new HeaderBuilder().Text(1000, "tool").Texts(1117, [.. Enumerable.Range(0, 40_000).Select(i => "a" + i)]).Texts(1118, "/" + string.Join('/', Enumerable.Repeat("dddddddddddddd", 250))).Numbers(1116, new int[40_000]).Build();
        PackageIndex index = Ndb(many).Read(out diagnostics);
        Assert.InRange(index.FileCount, 30_000, 40_000);
        Assert.Equal(["packages.limit"], diagnostics.Items.Select(item => item.Code));
    }

    [Fact]
    public void Same_path_in_one_package_again_and_again_costs_no_more_than_other_paths()
    {
        byte[] header = new HeaderBuilder().Text(1000, "tool").Texts(1117, [.. Enumerable.Repeat("a", 200_000)]).Texts(1118, "/d/").Numbers(1116, new int[200_000]).Build();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        PackageIndex index = Ndb(header).Read();
        Assert.Equal(200_000, index.FileCount);
        Assert.Equal(ProvenanceState.Unverified, index.Judge("/d/a", [1]).State);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Slots_that_share_one_blob_or_lie_give_it_once()
    {
        byte[] header = new HeaderBuilder().Text(1000, "tool").Build();
        byte[] database = NdbImage(header);
        for (int slot = 3; slot < 200; slot++)
        {
            database.AsSpan(32, 16).CopyTo(database.AsSpan(slot * 16));
        }
        BinaryPrimitives.WriteUInt32LittleEndian(database.AsSpan(210 * 16 + 8), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(database.AsSpan(12), uint.MaxValue);
        PackageIndex index = Host("Packages.db", database).Read(out DiagnosticList diagnostics);
        Assert.Single(index.Packages);
        Assert.Equal(["ndb.blob.overlap", "ndb.slot.damaged", "ndb.slots.cut"], diagnostics.Items.Select(item => item.Code).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Wrong_checksum_is_said_and_the_package_kept()
    {
        byte[] database = NdbImage(new HeaderBuilder().Text(1000, "tool").Build());
        database[^12]++;
        Assert.Single(Host("Packages.db", database).Read(out DiagnosticList diagnostics).Packages);
        Assert.Equal(("ndb.blob.checksum", false), (diagnostics.Items.Single().Code, diagnostics.Items.Single().LosesContent));
        database[4] = 9;
        Host("Packages.db", database).Read(out diagnostics);
        Assert.Equal("packages.file.unreadable", diagnostics.Items.Single().Code);
    }

    [Theory]
    [InlineData(24, 1, "packages.file.unreadable")]      // encrypted
    [InlineData(16, 99, "packages.file.unreadable")]     // version
    [InlineData(21, 0, "packages.file.unreadable")]      // page size
    [InlineData(21, 0x7F, "packages.file.unreadable")]
    [InlineData(35, 0x7F, "bdb.cut")]                    // last page
    public void Berkeley_header_that_makes_no_sense_is_refused_or_reported(int offset, byte value, string code)
    {
        byte[] database = Fixture.Unpack("Packages.le.hash");
        database[offset] = value;
        Host("Packages", database).Read(out DiagnosticList diagnostics);
        Assert.Contains(diagnostics.Items, item => item.Code == code && item.LosesContent);
    }

    [Fact]
    public void Overflow_pages_in_a_circle_lose_their_value_only()
    {
        byte[] database = Fixture.Unpack("Packages.le.hash");
        int damaged = 0;
        for (int page = 4096; page < database.Length; page += 4096)
        {
            if (database[page + 25] == 7 && damaged++ % 2 == 0)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(database.AsSpan(page + 16), (uint)(page / 4096));
            }
        }
        PackageIndex index = Host("Packages", database).Read(out DiagnosticList diagnostics);
        Assert.InRange(index.Packages.Count, 0, 4);
        Assert.Contains(diagnostics.Items, item => item.Code == "bdb.overflow.chain");
    }

    private static HostMemory Host(string name, byte[] content) => new HostMemory().Add("/var/lib/rpm/" + name, content);

    private static HostMemory Ndb(byte[] header) => Host("Packages.db", NdbImage(header));

    /// <summary>A database of one page of slots and one blob.</summary>
    private static byte[] NdbImage(byte[] header)
    {
        int blocks = (16 + header.Length + 12 + 15) / 16;
        var image = new byte[4096 + blocks * 16];
        "RpmP"u8.CopyTo(image);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(12), 1);
        for (int slot = 2; slot < 256; slot++)
        {
            "Slot"u8.CopyTo(image.AsSpan(slot * 16));
        }
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(36), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(40), 256);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(44), (uint)blocks);
        Span<byte> blob = image.AsSpan(4096);
        "BlbS"u8.CopyTo(blob);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[4..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[12..], (uint)header.Length);
        header.CopyTo(blob[16..]);
        uint a = 1;
        uint b = 0;
        foreach (byte value in blob[..^12])
        {
            a = (a + value) % 65521;
            b = (b + a) % 65521;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(blob[^12..], b << 16 | a);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[^8..], (uint)header.Length);
        "BlbE"u8.CopyTo(blob[^4..]);
        return image;
    }

    /// <summary>Writes a header of chosen entries.</summary>
    private sealed class HeaderBuilder
    {
        private readonly List<(int Tag, uint Type, int Offset, uint Count)> _entries = [];
        private readonly MemoryStream _data = new();

        public HeaderBuilder Text(int tag, string text) => Data(tag, 6, 1, Encoding.UTF8.GetBytes(text + "\0"));

        public HeaderBuilder Texts(int tag, params string[] texts) => Data(tag, 8, (uint)texts.Length, Encoding.UTF8.GetBytes(string.Concat(texts.Select(text => text + "\0"))));

        public HeaderBuilder Number(int tag, int value) => Numbers(tag, value);

        public HeaderBuilder Numbers(int tag, params int[] values)
        {
            var bytes = new byte[values.Length * 4];
            for (int i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(i * 4), values[i]);
            }
            return Data(tag, 4, (uint)values.Length, bytes);
        }

        public HeaderBuilder Raw(int tag, uint type, int offset, uint count)
        {
            _entries.Add((tag, type, offset, count));
            return this;
        }

        public byte[] Build()
        {
            var header = new byte[8 + _entries.Count * 16 + _data.Length];
            BinaryPrimitives.WriteInt32BigEndian(header, _entries.Count);
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), (int)_data.Length);
            for (int i = 0; i < _entries.Count; i++)
            {
                Span<byte> entry = header.AsSpan(8 + i * 16);
                BinaryPrimitives.WriteInt32BigEndian(entry, _entries[i].Tag);
                BinaryPrimitives.WriteUInt32BigEndian(entry[4..], _entries[i].Type);
                BinaryPrimitives.WriteInt32BigEndian(entry[8..], _entries[i].Offset);
                BinaryPrimitives.WriteUInt32BigEndian(entry[12..], _entries[i].Count);
            }
            _data.ToArray().CopyTo(header.AsSpan(8 + _entries.Count * 16));
            return header;
        }

        private HeaderBuilder Data(int tag, uint type, uint count, byte[] bytes)
        {
            Raw(tag, type, (int)_data.Length, count);
            _data.Write(bytes);
            return this;
        }
    }
}
