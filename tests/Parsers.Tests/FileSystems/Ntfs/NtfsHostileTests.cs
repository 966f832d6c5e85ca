using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.Tests.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs;

/// <summary>Records that no system writes: each is read as far as it makes sense, said to be wrong, and costs no other file anything.</summary>
public sealed class NtfsHostileTests
{
    private const uint Data = 0x80;
    private const uint FileName = 0x30;

    [Theory]
    [InlineData(0x0B, "0000", "bytes per sector")]
    [InlineData(0x0B, "0010", "clusters")]
    [InlineData(0x0B, "ffff", "bytes per sector")]
    [InlineData(0x0D, "00", "sectors per cluster")]
    [InlineData(0x0D, "e0", "sectors per cluster")]
    [InlineData(0x0D, "03", "sectors per cluster")]
    [InlineData(0x28, "0000000000000000", "number of sectors")]
    [InlineData(0x28, "ffffffffffffffff", "number of sectors")]
    [InlineData(0x30, "ffffffffffffff7f", "first cluster of the master file table")]
    [InlineData(0x40, "00", "clusters per file record")]
    [InlineData(0x40, "80", "clusters per file record")]
    [InlineData(0x40, "7f", "clusters per file record")]
    [InlineData(0x40, "e1", "clusters per file record")]
    [InlineData(0x44, "80", "clusters per index record")]
    public void An_impossible_number_in_the_boot_sector_is_refused_by_name(int offset, string hex, string field)
    {
        var patch = NtfsPatch.New();
        Convert.FromHexString(hex).CopyTo(patch.Image.AsSpan(offset));
        // Without its backup.
        patch.Image.AsSpan(patch.Image.Length - 4096).Clear();
        CorruptDataException refusal = Assert.Throws<CorruptDataException>(() => patch.Open());
        if (field != "clusters")
        {
            Assert.Contains(field, refusal.Expected, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_backup_of_the_boot_sector_is_used_and_said_to_be()
    {
        var patch = NtfsPatch.New();
        int before = ExtWalk.Files(patch.Open()).Count;
        patch.Image.AsSpan(0, 512).Clear();
        var diagnostics = new DiagnosticList();
        Assert.Equal(before, ExtWalk.Files(patch.Open(diagnostics)).Count);
        Assert.Contains(diagnostics.Items, item => item.Code == "ntfs.boot.backup");
        Assert.False(new NtfsFormat().Matches(patch.Image));
    }

    [Fact]
    public void Anything_else_is_no_NTFS() =>
        Assert.Throws<UnknownFormatException>(() => new NtfsFormat().Open(new MemorySource(new byte[1 << 20]), ParseContext.Quiet));

    [Fact]
    public void The_mirror_of_record_0_is_used_when_that_is_gone()
    {
        var patch = NtfsPatch.New();
        int before = ExtWalk.Files(patch.Open()).Count;
        patch.Raw(0).Clear();
        var diagnostics = new DiagnosticList();
        Assert.Equal(before, ExtWalk.Files(patch.Open(diagnostics)).Count + 1);
        Assert.Contains(diagnostics.Items, item => item.Code == "ntfs.mft.mirror_used");
    }

    [Fact]
    public void Record_0_is_believed_when_its_mirror_differs()
    {
        var patch = NtfsPatch.New();
        byte[] mirror = patch.Read(0);
        int at = NtfsPatch.Find(mirror, Data);
        mirror[at + mirror[at + 0x20] + 1]--;
        mirror.CopyTo(patch.Image.AsSpan(patch.MirrorOffset));
        var diagnostics = new DiagnosticList();
        Assert.Equal(Paths(NtfsPatch.New().Open()), Paths(patch.Open(diagnostics)));
        Assert.Contains(diagnostics.Items, item => item.Code == "ntfs.mft.mirror");
    }

    [Fact]
    public void A_table_whose_record_and_mirror_are_gone_is_refused()
    {
        var patch = NtfsPatch.New();
        int mirror = patch.MirrorOffset;
        patch.Raw(0).Clear();
        patch.Image.AsSpan(mirror, NtfsPatch.RecordSize).Clear();
        Assert.Throws<CorruptDataException>(() => patch.Open());
    }

    /// <summary>As on volumes whose table grew in many pieces: record 0 maps its beginning only, and a record in that beginning the rest.</summary>
    [Fact]
    public void The_map_of_the_table_may_go_on_in_a_record_of_the_table()
    {
        var patch = NtfsPatch.New();
        IReadOnlyList<string> before = Paths(patch.Open());
        const ulong Further = 16;
        byte[] first = patch.Read(0);
        int at = NtfsPatch.Find(first, Data);
        var runs = new List<DataRun>();
        MappingPairs.Decode(first.AsSpan(at + first[at + 0x20]), 0, 1 << 20, 100, runs);
        DataRun whole = Assert.Single(runs);
        const byte Kept = 40;
        new byte[] { 0x21, Kept, (byte)whole.Lcn, (byte)(whole.Lcn >> 8), 0 }.CopyTo(first, at + first[at + 0x20]);
        long next = whole.Lcn + Kept;
        byte[] rest = NtfsPatch.Nonresident(Data, 0, [0x21, checked((byte)(whole.Count - Kept)), (byte)next, (byte)(next >> 8), 0]);
        rest[0x10] = Kept;
        NtfsPatch.Insert(first, NtfsPatch.Find(first, FileName), NtfsPatch.Resident(0x20, (byte[])[.. NtfsPatch.ListEntry(Data, 0, patch.ReferenceOf(0)), .. NtfsPatch.ListEntry(Data, Kept, patch.ReferenceOf(Further))]));
        patch.Change(Further, record =>
        {
            BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(0x20), patch.ReferenceOf(0));
            record[0x16] = 1;
            int begin = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(0x14));
            rest.CopyTo(record.AsSpan(begin));
            BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(begin + rest.Length), uint.MaxValue);
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(0x18), begin + rest.Length + 8);
        });
        patch.Write(0, first);
        var diagnostics = new DiagnosticList();
        Assert.Equal(before, Paths(patch.Open(diagnostics)));
        Assert.DoesNotContain(diagnostics.Items, item => item.LosesContent);
    }

    public static TheoryData<string> Lists => ["empty", "itself", "circle", "endless", "broken", "beyond"];

    [Theory]
    [MemberData(nameof(Lists))]
    public void An_attribute_list_that_cannot_be_ends(string kind)
    {
        var patch = NtfsPatch.New();
        byte[] list = kind switch
        {
            "empty" => NtfsPatch.Resident(0x20, []),
            "itself" => NtfsPatch.Resident(0x20, NtfsPatch.ListEntry(Data, 0, patch.ReferenceOf(NtfsPatch.PlainFile))),
            "circle" => NtfsPatch.Resident(0x20, NtfsPatch.ListEntry(Data, 0, patch.ReferenceOf(NtfsPatch.ResidentFile))),
            "endless" => NtfsPatch.Nonresident(0x20, 1L << 40, [0x11, 1, 8, 0]),
            "broken" => NtfsPatch.Resident(0x20, new byte[64]),
            _ => NtfsPatch.Resident(0x20, NtfsPatch.ListEntry(Data, 0, 0x0001_FFFF_FFFF_FFFF)),
        };
        patch.Change(NtfsPatch.PlainFile, record => NtfsPatch.Insert(record, NtfsPatch.Find(record, FileName), list));
        if (kind == "circle")
        {
            byte[] back = NtfsPatch.Resident(0x20, NtfsPatch.ListEntry(Data, 0, patch.ReferenceOf(NtfsPatch.PlainFile)));
            patch.Change(NtfsPatch.ResidentFile, record => NtfsPatch.Insert(record, NtfsPatch.Find(record, FileName), back));
        }
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = patch.Open(diagnostics);
        Assert.Equal(Paths(NtfsPatch.New().Open()), Paths(fileSystem));
        // What the base record itself holds is still there.
        Assert.Equal("5420afa22f6423a9f59e669540656bb4", ExtWalk.Md5(fileSystem.OpenContent(fileSystem.Open(NtfsPatch.PlainFile))));
        Assert.Equal(kind is not ("empty" or "itself"), diagnostics.Items.Any(item => item.Code.StartsWith("ntfs.attribute_list.", StringComparison.Ordinal)));
    }

    public static TheoryData<string, string> RunLists => new()
    {
        { "99 00", "nine bytes of length" }, { "0f 00", "fifteen" }, { "11 05 ff", "a negative cluster" }, { "12 ff 7f 01 00", "beyond the volume" }, { "00", "nothing" }, { "11 00 40", "no length" },
        { "18 ff ff ff ff ff ff ff 7f 01 00", "2^63 clusters" }, { "81 01 ff ff ff ff ff ff ff 7f 00", "a distance of 2^63" },
    };

    [Theory]
    [MemberData(nameof(RunLists))]
    public void A_map_that_cannot_be_reads_as_zeros_and_is_reported(string hex, string what)
    {
        Assert.NotEmpty(what);
        var patch = NtfsPatch.New();
        patch.Change(NtfsPatch.PlainFile, record =>
        {
            int at = NtfsPatch.Find(record, Data);
            Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)).CopyTo(record.AsSpan(at + record[at + 0x20]));
        });
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = patch.Open(diagnostics);
        IByteSource content = fileSystem.OpenContent(fileSystem.Open(NtfsPatch.PlainFile));
        Assert.Equal(9000, content.Length);
        Assert.DoesNotContain(content.ReadArray(0, 9000), value => value != 0);
        Assert.Contains(diagnostics.Items, item => item is { Code: "ntfs.runlist" or "ntfs.content.unmapped", LosesContent: true });
    }

    public static TheoryData<string> Attributes => ["huge value", "no length", "beyond the record", "name outside", "odd form", "used bytes", "first attribute"];

    [Theory]
    [MemberData(nameof(Attributes))]
    public void An_attribute_that_cannot_be_is_passed_over_and_reported(string kind)
    {
        var patch = NtfsPatch.New();
        patch.Change(NtfsPatch.ResidentFile, record =>
        {
            int at = NtfsPatch.Find(record, Data);
            switch (kind)
            {
                case "huge value":
                    BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(at + 0x10), uint.MaxValue);
                    break;
                case "no length":
                    BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(at + 4), 0);
                    break;
                case "beyond the record":
                    BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(at + 4), 0x7FFFFFF8);
                    break;
                case "name outside":
                    record[at + 9] = 200;
                    BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(at + 0x0A), 0xFFF0);
                    break;
                case "odd form":
                    record[at + 8] = 7;
                    break;
                case "used bytes":
                    BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(0x18), 0x60);
                    break;
                default:
                    BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(0x14), 0xFFFE);
                    break;
            }
        });
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = patch.Open(diagnostics);
        foreach (WalkedFile file in ExtWalk.Files(fileSystem))
        {
            Exercise.One(fileSystem, file.Entry);
        }
        // Also where no name is left of it: then no path leads to the record, which is listed as an orphan.
        Assert.NotNull(fileSystem.Open(NtfsPatch.ResidentFile));
        Assert.Contains(diagnostics.Items, item => item is { Code: "ntfs.attribute", MetadataAddress: NtfsPatch.ResidentFile });
        Assert.Contains("/file2", Paths(fileSystem));
    }

    [Fact]
    public void Of_many_attributes_of_one_kind_the_first_counts()
    {
        var patch = NtfsPatch.New();
        patch.Change(NtfsPatch.PlainFile, record =>
        {
            for (int i = 0; i < 40; i++)
            {
                NtfsPatch.Insert(record, NtfsPatch.Find(record, Data), NtfsPatch.Resident(Data, "0123"u8));
            }
        });
        IFileSystem fileSystem = patch.Open();
        FileEntry entry = fileSystem.Open(NtfsPatch.PlainFile);
        Assert.Equal(4, entry.Size);
        Assert.Equal("0123"u8.ToArray(), fileSystem.OpenContent(entry).ReadArray(0, 100));
        Assert.Empty(((IAlternateStreams)fileSystem).ListStreams(entry));
    }

    [Theory]
    [InlineData(4, 0xFFFE)]
    [InlineData(6, 0)]
    [InlineData(6, 200)]
    public void A_record_without_a_usable_update_sequence_is_flagged_and_still_read(int offset, int value)
    {
        var patch = NtfsPatch.New();
        BinaryPrimitives.WriteUInt16LittleEndian(patch.Raw(NtfsPatch.ResidentFile)[offset..], (ushort)value);
        var diagnostics = new DiagnosticList();
        Assert.Contains("/file1", Paths(patch.Open(diagnostics)));
        Assert.Contains(diagnostics.Items, item => item is { Code: "ntfs.record.update_sequence", MetadataAddress: NtfsPatch.ResidentFile });
    }

    [Fact]
    public void A_torn_record_is_flagged_and_still_read()
    {
        var patch = NtfsPatch.New();
        patch.Raw(NtfsPatch.ResidentFile)[^2] ^= 0x55;
        var diagnostics = new DiagnosticList();
        Assert.Contains("/file1", Paths(patch.Open(diagnostics)));
        Assert.Contains(diagnostics.Items, item => item is { Code: "ntfs.record.update_sequence", Actual: "Torn" });
    }

    [Fact]
    public void Directories_in_a_circle_end_the_walk_and_what_is_in_them_is_an_orphan()
    {
        var patch = NtfsPatch.New();
        ulong itself = patch.ReferenceOf(NtfsPatch.Directory);
        patch.Change(NtfsPatch.Directory, record => BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(NtfsPatch.Find(record, FileName) + 0x18), itself));
        IFileSystem fileSystem = patch.Open();
        Assert.DoesNotContain(Paths(fileSystem), path => path.StartsWith("/file0", StringComparison.Ordinal));
        var orphans = ((IDeletedFiles)fileSystem).FindOrphans().ToDictionary(file => file.File.MetadataAddress, file => file.DisplayPath);
        Assert.Equal("/$OrphanFiles/file0/file0", orphans[65]);
        Assert.Contains(66UL, orphans.Keys);
    }

    [Fact]
    public void A_name_in_a_directory_that_was_given_away_is_not_listed_in_its_successor()
    {
        var patch = NtfsPatch.New();
        patch.Change(65, record => BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(NtfsPatch.Find(record, FileName) + 0x18 + 6), 0x7777));
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = patch.Open(diagnostics);
        Assert.DoesNotContain("/file0/file0", Paths(fileSystem));
        Assert.Contains(diagnostics.Items, item => item.Code == "ntfs.name.orphan");
        DeletedFile orphan = Assert.Single(((IDeletedFiles)fileSystem).FindOrphans());
        Assert.Equal(("/$OrphanFiles/file0", Allocation.Orphan, 65UL), (orphan.DisplayPath, orphan.File.Allocation, orphan.File.MetadataAddress));
        Assert.Equal(1050, fileSystem.OpenContent(orphan.File).Length);
    }

    [Fact]
    public void Times_at_both_ends_of_what_can_be_stored_do_not_overflow()
    {
        var patch = NtfsPatch.New();
        patch.Change(NtfsPatch.PlainFile, record =>
        {
            int value = NtfsPatch.Find(record, 0x10) + 0x18;
            BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(value), 0);
            BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(value + 8), ulong.MaxValue);
        });
        FileEntry entry = patch.Open().Open(NtfsPatch.PlainFile);
        Assert.Equal("1601-01-01T00:00:00.000000000Z", entry.Created.ToString());
        Assert.Equal(1_833_029_933_770, entry.Modified!.Value.Seconds);
        Assert.Equal(955_161_500, entry.Modified!.Value.Nanoseconds);
    }

    [Fact]
    public void An_image_cut_anywhere_is_read_as_far_as_it_goes()
    {
        byte[] image = NtfsPatch.New().Image;
        for (int i = 0; i < 64; i++)
        {
            Try(image.AsSpan(0, image.Length * i / 64).ToArray());
        }
    }

    [Fact]
    public void Random_bytes_in_records_only_ever_cause_errors_of_the_family()
    {
        var random = new Random(20261128);
        byte[] good = NtfsPatch.New().Image;
        for (int round = 0; round < 400; round++)
        {
            var patch = NtfsPatch.New();
            bool keepsSequences = random.Next(2) == 0;
            for (int change = random.Next(1, 12); change > 0; change--)
            {
                ulong number = (ulong)(random.Next(3) == 0 ? random.Next(0, 27) : random.Next(64, 70));
                int offset = random.Next(0x400);
                byte value = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
                if (keepsSequences)
                {
                    patch.Change(number, record => record[0x30 + (offset % 0x1C0)] = value);
                }
                else
                {
                    patch.Raw(number)[offset] = value;
                }
            }
            Try(patch.Image);
        }
        Assert.Equal(good, NtfsPatch.New().Image);
    }

    private static void Try(byte[] image)
    {
        try
        {
            IFileSystem fileSystem = new NtfsFormat().Open(new MemorySource(image), ParseContext.Quiet);
            Assert.NotNull(fileSystem.Facts);
            foreach (WalkedFile file in ExtWalk.Files(fileSystem, []))
            {
                Exercise.One(fileSystem, file.Entry);
                ((IOwnedBySids)fileSystem).OwnerOf(file.Entry);
                foreach (AlternateStream stream in ((IAlternateStreams)fileSystem).ListStreams(file.Entry))
                {
                    Assert.NotEmpty(stream.Name);
                }
            }
            foreach (DeletedFile file in ((IDeletedFiles)fileSystem).FindOrphans().Concat(((IDeletedFiles)fileSystem).FindDeleted()))
            {
                Exercise.One(fileSystem, file.File);
            }
        }
        catch (ForensicException failure)
        {
            Assert.NotEmpty(failure.Message);
        }
    }

    private static List<string> Paths(IFileSystem fileSystem) => [.. ExtWalk.Files(fileSystem, []).Select(file => file.Path).Order(StringComparer.Ordinal)];
}
