using System.Buffers.Binary;
using System.Text;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>The rows N01 to N09.</summary>
internal static class NtfsCases
{
    private const uint StandardInformation = 0x10;
    private const uint List = 0x20;
    private const uint FileName = 0x30;
    private const uint Data = 0x80;
    private const uint ReparsePoint = 0xC0;

    private const string TooLarge = "scan.too-large";

    public static IReadOnlyList<NtfsCase> All { get; } =
    [
        new("N01 attribute list of no length", patch => patch.Edit("many.txt", record => record.Replace(record.Find(List), NtfsRecord.Resident(List, "", [])))) { IsOrphaned = true },
        new("N01 attribute list whose entry has no length", patch => patch.Edit("many.txt", record => record.Replace(record.Find(List), NtfsRecord.Resident(List, "", new byte[32])))) { Code = "ntfs.attribute_list" },
        new("N01 attribute list that names its own record for everything", patch => ListOf(patch, "many.txt", patch.Find("many.txt"), 1)),
        new("N01 attribute list that leads to a record which leads back", LeadBack),
        new("N01 attribute list that leads to another file", patch => ListOf(patch, "many.txt", patch.Find("plain.bin"), 1)) { Code = "ntfs.attribute_list" },
        new("N01 attribute list that leads behind the table", patch => ListOf(patch, "many.txt", 0xFFFF_FFFF_FFFF, 1)) { Code = "ntfs.attribute_list" },
        new("N01 attribute list of 2^40 bytes", patch => patch.Edit("many.txt", record => record.Replace(record.Find(List),
            NtfsRecord.NonResident(List, "", NtfsRecord.Pairs((1, 2_000)), 0, 1UL << 40, 1UL << 40, 1UL << 40)))) { Code = "ntfs.attribute_list" },
        new("N01 attribute list that names one record 8,000 times", Repeat),

        new("N02 record 0 has a list that names record 0", patch => ListOf(patch, "$MFT", 0, 1)) { Code = null },
        new("N02 the table's map lies inside itself", patch => patch.Edit(0, record => Runs(record, record.Find(Data), (patch.RecordCount * patch.RecordSize / patch.ClusterSize, MftCluster(patch)), (64, 0)))) { Code = null },
        new("N02 the table's map is empty", patch => patch.Edit(0, record => Runs(record, record.Find(Data)))) { Refusal = "ntfs.mft" },
        new("N02 the mirror disagrees", patch => BinaryPrimitives.WriteInt64LittleEndian(patch.Image.AsSpan(Mirror(patch) + 0x190), 0x0102030405060708)) { Code = null },
        new("N02 record 0 is gone, the mirror is there", patch => patch.Image.AsSpan(patch.OffsetOf(0), 1024).Clear()) { Code = "ntfs.mft.mirror_used" },
        new("N02 record 0 and the mirror are gone", patch => { patch.Image.AsSpan(patch.OffsetOf(0), 1024).Clear(); patch.Image.AsSpan(Mirror(patch), 1024).Clear(); }) { Refusal = "ntfs.mft" },
        .. BootCases("N02 record size", 0x40, [0, 0x80, 0xE1, 0xE0, 127]),
        .. BootCases("N02 index record size", 0x44, [0, 0x80, 0xE1]),
        .. BootCases("N04 cluster size", 0x0D, [0, 0xEB, 0xE7, 0x81, 3]),
        .. BootCases("N02 sector size", 0x0C, [0, 0xFF]),

        RunCase("N03 length of fifteen bytes", [0x1F, 1, 1, 1, 1, 1, 1, 1, 1, 0]),
        RunCase("N03 distance of fifteen bytes", [0xF1, 1, 1, 1, 1, 1, 1, 1, 1, 0]),
        RunCase("N03 length of no bytes", [0x10, 1, 0]),
        RunCase("N03 negative cluster", NtfsRecord.Pairs((9, -5))),
        RunCase("N03 cluster behind the volume", NtfsRecord.Pairs((9, 1L << 40))),
        RunCase("N03 sum larger than the volume", NtfsRecord.Pairs((9, 4_090))),
        RunCase("N03 distance of -2^63", NtfsRecord.Pairs((9, long.MinValue))),
        RunCase("N03 length of -1", NtfsRecord.Pairs((-1, 100))),
        RunCase("N03 length of 2^63-1", NtfsRecord.Pairs((long.MaxValue, 100))),
        RunCase("N03 no runs and claimed data", [0]),
        RunCase("N03 fewer runs than data", NtfsRecord.Pairs((2, 100))),
        new("N03 a gap between the parts of a file", patch => patch.Edit("plain.bin", record =>
        {
            int data = record.Find(Data);
            record.Put64(data + 16, 4);
        })) { Code = "ntfs.content.first_part" },
        new("N03 a file of 2^63-1 bytes", patch => patch.Edit("plain.bin", record => Sizes(record, long.MaxValue))) { Code = TooLarge },
        new("N03 a file of -1 bytes", patch => patch.Edit("plain.bin", record => Sizes(record, -1))) { Code = "ntfs." },
        new("N03 more initialised than there is", patch => patch.Edit("plain.bin", record => record.Put64(record.Find(Data) + 56, ulong.MaxValue))) { Code = null },
        new("N03 less initialised than nothing", patch => patch.Edit("plain.bin", record => record.Put64(record.Find(Data) + 56, 1UL << 63))) { Code = null },

        .. ((byte[])[1, 3, 5, 15, 31, 63, 64, 200, 255]).Select(unit => new NtfsCase($"N04 compression unit of 2^{unit} clusters", patch => patch.Edit("packed.txt", record => record.Put8(record.Find(Data) + 34, unit))) { Code = "feature.unsupported" }),

        Packed("N05 a chunk that grows beyond 4096 bytes", [0x03, 0xB0, 0x02, 0x41, 0xFF, 0x0F, 0x42, 0x43]),
        Packed("N05 a reference before the start", [0x03, 0xB0, 0x01, 0x00, 0x10, 0x00]),
        Packed("N05 a chunk longer than the unit", [0xFF, 0xBF]),
        Packed("N05 an uncompressed chunk of a wrong length", [0x05, 0x30, 1, 2, 3, 4, 5, 6]),
        Packed("N05 nothing but zeros", new byte[4_096]),
        Packed("N05 nothing but ones", [.. Enumerable.Repeat((byte)0xFF, 4_096)]),

        new("N06 resident value of 2^32-1 bytes", patch => patch.Edit("resident.txt", record => record.Put32(record.Find(Data) + 16, uint.MaxValue))) { Code = "ntfs." },
        new("N06 resident value that begins outside", patch => patch.Edit("resident.txt", record => record.Put16(record.Find(Data) + 20, 0xFFF0))) { Code = "ntfs." },
        new("N06 attribute of no length", patch => patch.Edit("resident.txt", record => record.Put32(record.Find(Data) + 4, 0))) { Code = "ntfs." },
        new("N06 attribute of seven bytes", patch => patch.Edit("resident.txt", record => record.Put32(record.Find(Data) + 4, 7))) { Code = "ntfs." },
        new("N06 attribute that is longer than the record", patch => patch.Edit("resident.txt", record => record.Put32(record.Find(Data) + 4, 0x8000_0000))) { Code = "ntfs." },
        new("N06 name outside of the attribute", patch => patch.Edit("many.txt", record =>
        {
            int stream = record.Attributes().First(offset => record.Get32(offset) == Data && record.Bytes[offset + 9] > 0);
            record.Put8(stream + 9, 255);
            record.Put16(stream + 10, 0xFF00);
        })) { Code = "ntfs." },
        new("N06 more used than the record has", patch => patch.Edit("resident.txt", record => record.Used = int.MaxValue)) { Code = null },
        new("N06 attributes that begin outside", patch => patch.Edit("resident.txt", record => record.Put16(20, 0xFFF8))) { Code = "ntfs.", IsOrphaned = true },
        new("N06 as many attributes of one type as fit", patch => patch.Edit("resident.txt", record =>
        {
            while (record.Used + 24 <= record.Bytes.Length - 16)
            {
                record.Insert(NtfsRecord.Resident(FileName, "", []));
            }
        })) { Code = "ntfs.name.damaged" },
        new("N06 as many streams of one name as fit", patch => patch.Edit("resident.txt", record =>
        {
            while (record.Used + 32 <= record.Bytes.Length - 16)
            {
                record.Insert(NtfsRecord.Resident(Data, "x", []));
            }
        })) { Code = null },
        new("N06 name that is longer than its attribute", patch => patch.Edit("resident.txt", record => record.Put8(record.ValueOf(record.Find(FileName)) + 64, 255))) { Code = "ntfs.name.damaged", IsOrphaned = true },
        new("N06 a file that is its own directory", patch => patch.Edit("dir", record => record.Put64(record.ValueOf(record.Find(FileName)), (ulong)record.Number | ((ulong)record.Sequence << 48))))
        {
            KeepsDirectory = false,
        },
        new("N06 two directories inside each other", patch => Circle(patch)) { KeepsDirectory = false },

        IndexCase("N07 entry of no length", block => BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(Entry(block) + 8), 0)),
        IndexCase("N07 entry that is longer than the record", block => BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(Entry(block) + 8), 0xFFF8)),
        IndexCase("N07 2^32-1 bytes of entries", block => BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(0x1C), uint.MaxValue)),
        IndexCase("N07 entries that begin outside", block => BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(0x18), 0xFFFF_FFF0)),
        IndexCase("N07 a child that is its parent", block => { block[Entry(block) + 12] |= 1; block[0x24] |= 1; block.AsSpan(Entry(block) + BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(Entry(block) + 8)) - 8, 8).Clear(); }),
        IndexCase("N07 a record that claims to be another", block => BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(0x10), 77)),
        IndexCase("N07 a record that is none", block => block.AsSpan(0, 4).Clear()),

        new("N08 no update sequence", patch => patch.Edit("resident.txt", record => record.Put16(6, 0))) { Code = "ntfs.record" },
        new("N08 update sequence behind the record", patch => patch.Edit("resident.txt", record => record.Put16(4, 0xFFF0))) { Code = "ntfs.record" },
        new("N08 update sequence of 65,535 numbers", patch => patch.Edit("resident.txt", record => record.Put16(6, 0xFFFF))) { Code = "ntfs.record" },
        new("N08 a torn record", patch => patch.Image[patch.OffsetOf(patch.Find("resident.txt")) + 1022] ^= 0x55) { Code = "ntfs.record.update_sequence", Rows = [("/resident.txt", "size", "28")] },
        new("N08 a record that says BAAD", patch => "BAAD"u8.CopyTo(patch.Image.AsSpan(patch.OffsetOf(patch.Find("resident.txt"))))) { Code = "ntfs.record" },

        Reparse("N09 link to a drive", NtfsBase.Link(0xA000_000C, @"\??\C:\", 0)),
        Reparse("N09 link to GLOBALROOT", NtfsBase.Link(0xA000_000C, @"\\?\GLOBALROOT\Device\HarddiskVolume1\x", 0)),
        Reparse("N09 link to a share", NtfsBase.Link(0xA000_000C, @"\??\UNC\server\share", 0)),
        Reparse("N09 link to itself", NtfsBase.Link(0xA000_000C, "symlink.txt", 1)),
        Reparse("N09 link out of the volume", NtfsBase.Link(0xA000_000C, @"..\..\..\..\..\etc\passwd", 1)),
        Reparse("N09 link with a name of nothing", NtfsBase.Link(0xA000_000C, "", 1)),
        Reparse("N09 link whose lengths lie", Lie(NtfsBase.Link(0xA000_000C, "witness.txt", 1)), "ntfs."),
        Reparse("N09 link of four bytes", [0x0C, 0, 0, 0xA0], "ntfs."),
        Reparse("N09 link of no bytes", [], "ntfs."),
        new("N09 a stream of 16 TiB that is all hole", patch => patch.Edit("resident.txt", record => record.Insert(
            NtfsRecord.NonResident(Data, "$J", NtfsRecord.Pairs((1L << 34, null)), (1L << 34) - 1, 0, 1UL << 44, 1UL << 44, 0x8000)))) { Code = TooLarge, Rows = [("/resident.txt:$J", "size", "17592186044416")] },
        new("N09 streams with colons and quotes in their names", patch => patch.Edit("many.txt", record =>
        {
            int stream = record.Attributes().First(offset => record.Get32(offset) == Data && record.Bytes[offset + 9] == 9);
            Encoding.Unicode.GetBytes("a:b\"c/\u202E\n\ud800").CopyTo(record.Bytes.AsSpan(stream + record.Get16(stream + 10)));
        })) { Code = null },
        .. ((ulong[])[0, 1, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF, 0x02FF_FFFF_FFFF_FFFF]).Select(time => new NtfsCase($"N09 times of {time:x}", patch => patch.Edit("resident.txt", record =>
        {
            int value = record.ValueOf(record.Find(StandardInformation));
            int name = record.ValueOf(record.Find(FileName));
            for (int i = 0; i < 4; i++)
            {
                record.Put64(value + (i * 8), time);
                record.Put64(name + 8 + (i * 8), time);
            }
        })) { Rows = [("/resident.txt", "size", "28")] }),
    ];

    private static NtfsCase RunCase(string id, byte[] pairs) => new(id, patch => patch.Edit("plain.bin", record =>
    {
        int data = record.Find(Data);
        record.Replace(data, NtfsRecord.NonResident(Data, "", pairs, 8, 9 * 1024, 9_000, 9_000));
    })) { Code = "ntfs." };

    private static NtfsCase Packed(string id, byte[] content) => new(id, patch =>
    {
        (_, long lcn, _) = patch.ContentOf("packed.txt")[0];
        content.CopyTo(patch.Image.AsSpan((int)lcn * patch.ClusterSize));
    }) { Code = null, Rows = [("/packed/packed.txt", "size", NtfsBase.Packed.Length.ToString(System.Globalization.CultureInfo.InvariantCulture))] };

    private static NtfsCase IndexCase(string id, Action<byte[]> change) => new(id, patch => patch.EditIndex("dir", 0, change));

    private static NtfsCase Reparse(string id, byte[] data, string? code = null) => new(id, patch => patch.Edit("symlink.txt", record =>
        record.Replace(record.Find(ReparsePoint), NtfsRecord.Resident(ReparsePoint, "", data)))) { Code = code };

    /// <summary>A wrong byte in the boot sector alone, for which its backup is taken, and in both.</summary>
    private static IEnumerable<NtfsCase> BootCases(string what, int offset, byte[] values)
    {
        foreach (byte value in values)
        {
            yield return new NtfsCase($"{what} {value:x2} in the boot sector", patch => patch.Image[offset] = value) { Code = "ntfs.boot.backup" };
            yield return new NtfsCase($"{what} {value:x2} in both boot sectors", patch =>
            {
                patch.Image[offset] = value;
                patch.Image[patch.Image.Length - 512 + offset] = value;
            }) { Refusal = "ntfs.boot" };
        }
    }

    private static byte[] Lie(byte[] data)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(10), 0xFFFE);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(8), 0xFFF0);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(12), 0xFFF0);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(14), 0xFFFE);
        return data;
    }

    private static int Entry(byte[] block) => 0x18 + (int)BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(0x18));

    private static int Mirror(NtfsPatch patch) => (int)BinaryPrimitives.ReadInt64LittleEndian(patch.Image.AsSpan(0x38)) * patch.ClusterSize;

    private static long MftCluster(NtfsPatch patch) => BinaryPrimitives.ReadInt64LittleEndian(patch.Image.AsSpan(0x30));

    private static void Sizes(NtfsRecord record, long size)
    {
        int data = record.Find(Data);
        record.Put64(data + 40, (ulong)size);
        record.Put64(data + 48, (ulong)size);
        record.Put64(data + 56, (ulong)size);
    }

    private static void Runs(NtfsRecord record, int attribute, params (long, long?)[] runs)
    {
        int room = (int)record.Get32(attribute + 4) - record.Get16(attribute + 32);
        byte[] pairs = NtfsRecord.Pairs(runs);
        byte[] old = record.Bytes.AsSpan(attribute, record.Get16(attribute + 32)).ToArray();
        if (pairs.Length <= room)
        {
            pairs.CopyTo(record.Bytes.AsSpan(attribute + record.Get16(attribute + 32)));
            return;
        }
        byte[] grown = new byte[(old.Length + pairs.Length + 7) & ~7];
        old.CopyTo(grown, 0);
        pairs.CopyTo(grown, old.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(grown.AsSpan(4), (uint)grown.Length);
        record.Replace(attribute, grown);
    }

    /// <summary>An attribute list that names one record for every type, its streams at growing clusters.</summary>
    private static void ListOf(NtfsPatch patch, string file, long target, ushort sequence) => patch.Edit(file, record =>
    {
        if (record.Has(List))
        {
            record.Remove(record.Find(List));
        }
        var entries = new List<byte>();
        entries.AddRange(NtfsRecord.ListEntry(StandardInformation, "", record.Number, record.Sequence, 0));
        for (int i = 1; i < 5; i++)
        {
            entries.AddRange(NtfsRecord.ListEntry(Data, "", target, sequence, 9, (ulong)(i * 1_000)));
        }
        while (record.Used + entries.Count + 24 > record.Bytes.Length)
        {
            record.Remove(record.Attributes().Last());
        }
        record.Insert(NtfsRecord.Resident(List, "", [.. entries]));
    });

    /// <summary>The further record of a file gets a list of its own that leads to the base record.</summary>
    private static void LeadBack(NtfsPatch patch)
    {
        long number = patch.Find("many.txt");
        for (long other = 0; other < patch.RecordCount; other++)
        {
            NtfsRecord record = patch.Read(other);
            if (record.IsInUse && (BinaryPrimitives.ReadInt64LittleEndian(record.Bytes.AsSpan(32)) & 0xFFFF_FFFF_FFFF) == number)
            {
                patch.Edit(other, part =>
                {
                    part.Remove(part.Attributes().Last());
                    part.Remove(part.Attributes().Last());
                    part.Insert(NtfsRecord.Resident(List, "", NtfsRecord.ListEntry(Data, "", number, patch.Read(number).Sequence, 0)));
                });
            }
        }
    }

    /// <summary>A list of 256 KiB that names one further record again and again.</summary>
    private static void Repeat(NtfsPatch patch)
    {
        long number = patch.Find("many.txt");
        long part = Enumerable.Range(0, (int)patch.RecordCount).First(other => patch.Read(other) is { IsInUse: true } record
            && (BinaryPrimitives.ReadInt64LittleEndian(record.Bytes.AsSpan(32)) & 0xFFFF_FFFF_FFFF) == number);
        ushort sequence = patch.Read(part).Sequence;
        // The last clusters of the volume but those of the backup boot sector are free.
        const int Clusters = 256;
        int start = (patch.Image.Length / patch.ClusterSize) - Clusters - 8;
        for (int i = 0; i < 8_000; i++)
        {
            NtfsRecord.ListEntry(Data, "", part, sequence, 9, (ulong)i).CopyTo(patch.Image.AsSpan((start * patch.ClusterSize) + (i * 32)));
        }
        patch.Edit(number, record => record.Replace(record.Find(List), NtfsRecord.NonResident(List, "", NtfsRecord.Pairs((Clusters, start)), Clusters - 1, 256 << 10, 8_000 * 32, 8_000 * 32)));
    }

    private static void Circle(NtfsPatch patch)
    {
        NtfsRecord dir = patch.Read(patch.Find("dir"));
        NtfsRecord packed = patch.Read(patch.Find("packed"));
        patch.Edit("dir", record => record.Put64(record.ValueOf(record.Find(FileName)), (ulong)packed.Number | ((ulong)packed.Sequence << 48)));
        patch.Edit("packed", record => record.Put64(record.ValueOf(record.Find(FileName)), (ulong)dir.Number | ((ulong)dir.Sequence << 48)));
    }
}
