using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Registry;

/// <summary>Keys and values that were deleted, as Windows deletes: cells marked free and merged, the last element of the list moved up.</summary>
public sealed class DeletedRegistryTests
{
    private const int Bins = 4096;

    [Fact]
    public void A_deleted_key_is_found_with_its_path_and_values()
    {
        var writer = new RegistryHiveWriter();
        WrittenKey gone = writer.Key(@"Software\Run\Evil");
        gone.Text("payload", "C:\\evil.exe").Number("n", 7);
        writer.Key(@"Software\Run\Kept").Text("x", "y");
        byte[] hive = writer.ToBytes();
        Delete(hive, gone);
        foreach (WrittenValue value in gone.Values)
        {
            Free(hive, value.CellOffset);
        }

        RegistryHive read = RegistryHiveTests.Open(hive);
        DeletedRegistryEntries deleted = read.FindDeleted();

        RegistryKey key = Assert.Single(deleted.Keys);
        Assert.Equal(@"Software\Run\Evil", key.Path);
        Assert.True(key.IsDeleted);
        Assert.Equal(["payload", "n"], key.Values().Select(value => value.Name));
        Assert.All(key.Values(), value => Assert.True(value.IsDeleted));
        Assert.Equal(@"C:\evil.exe", key.FindValue("payload")!.AsText());
        Assert.Equal("2026-11-20T10:00:00.000000000Z", key.LastWritten.ToString());
        Assert.Empty(deleted.Values);
        Assert.True(deleted.IsComplete);
        Assert.DoesNotContain(read.Keys(), live => live.IsDeleted);
    }

    [Fact]
    public void Records_in_merged_free_cells_are_found()
    {
        var writer = new RegistryHiveWriter();
        WrittenKey gone = writer.Key("Gone");
        gone.Text("first", "one").Text("second", "two");
        byte[] hive = writer.ToBytes();
        Delete(hive, gone);
        // The key's cell, those of its values and the rest of the bin become one.
        int start = (int)gone.CellOffset;
        int size = 0;
        for (int at = start; at < hive.Length - Bins;)
        {
            int cell = Math.Abs(BinaryPrimitives.ReadInt32LittleEndian(hive.AsSpan(Bins + at)));
            bool isList = hive.AsSpan(Bins + at + 4, 2).SequenceEqual("lh"u8);
            if (isList)
            {
                break;
            }
            size += cell;
            at += cell;
        }
        BinaryPrimitives.WriteInt32LittleEndian(hive.AsSpan(Bins + start), size);

        DeletedRegistryEntries deleted = RegistryHiveTests.Open(hive).FindDeleted();

        // The key's own size is that of the merged cell now; the values inside kept theirs.
        Assert.Equal("Gone", Assert.Single(deleted.Keys).Name);
        Assert.Equal(["first", "second"], deleted.Keys[0].Values().Select(value => value.Name));
    }

    [Fact]
    public void A_deleted_value_of_a_living_key_is_found()
    {
        var writer = new RegistryHiveWriter();
        WrittenKey key = writer.Key("Run");
        key.Text("kept", "fine").Text("removed", "evil");
        byte[] hive = writer.ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(Bins + (int)key.CellOffset + 4 + 36), 1);
        Free(hive, key.Values[1].CellOffset);

        DeletedRegistryEntries deleted = RegistryHiveTests.Open(hive).FindDeleted();

        Assert.Empty(deleted.Keys);
        RegistryValue value = Assert.Single(deleted.Values);
        Assert.Equal("removed", value.Name);
        Assert.Equal("evil", value.AsText());
        Assert.Null(value.Key);
    }

    [Fact]
    public void The_path_of_a_key_whose_parent_is_gone_begins_with_a_question_mark()
    {
        var writer = new RegistryHiveWriter();
        WrittenKey parent = writer.Key("Parent");
        WrittenKey gone = writer.Key(@"Parent\Gone");
        byte[] hive = writer.ToBytes();
        Delete(hive, gone);
        Delete(hive, parent);
        hive.AsSpan(Bins + (int)parent.CellOffset + 4, 2).Clear();

        Assert.Equal(@"?\Gone", Assert.Single(RegistryHiveTests.Open(hive).FindDeleted().Keys).Path);
    }

    [Fact]
    public void What_lies_in_the_slack_of_a_record_is_found()
    {
        // A cell was taken by a shorter record, and its end still holds an older value.
        var host = new RegistryHiveWriter();
        WrittenKey wide = host.Key(new string('n', 200));
        byte[] hosted = host.ToBytes();
        int at = Bins + (int)wide.CellOffset + 4;
        BinaryPrimitives.WriteUInt16LittleEndian(hosted.AsSpan(at + 72), 4);
        int aligned = (int)((wide.CellOffset + 4 + 76 + 4 + 7) / 8 * 8);
        BinaryPrimitives.WriteInt32LittleEndian(hosted.AsSpan(Bins + aligned), 32);
        "vk"u8.CopyTo(hosted.AsSpan(Bins + aligned + 4));
        BinaryPrimitives.WriteUInt16LittleEndian(hosted.AsSpan(Bins + aligned + 6), 3);
        BinaryPrimitives.WriteUInt32LittleEndian(hosted.AsSpan(Bins + aligned + 8), 0x80000000);
        BinaryPrimitives.WriteUInt16LittleEndian(hosted.AsSpan(Bins + aligned + 20), 1);
        "old"u8.CopyTo(hosted.AsSpan(Bins + aligned + 24));

        Assert.Equal("old", Assert.Single(RegistryHiveTests.Open(hosted).FindDeleted().Values).Name);
    }

    [Fact]
    public void There_are_no_more_than_the_limit()
    {
        var writer = new RegistryHiveWriter();
        var gone = Enumerable.Range(0, 50).Select(i => writer.Key("k" + i)).ToList();
        byte[] hive = writer.ToBytes();
        foreach (WrittenKey key in gone)
        {
            Free(hive, key.CellOffset);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(Bins + (int)writer.Root.CellOffset + 4 + 20), 0);
        RegistryHive read = RegistryHive.Open(new Forensics.Parsers.Bytes.MemorySource(hive), null, null, ParseContext.Quiet with { Limits = new ScanLimits { DeletedFiles = 10 } });

        DeletedRegistryEntries deleted = read.FindDeleted();

        Assert.Equal(10, deleted.Keys.Count);
        Assert.False(deleted.IsComplete);
    }

    [Theory]
    [MemberData(nameof(RegistryHiveOracleTests.Hives), MemberType = typeof(RegistryHiveOracleTests))]
    public void Nothing_that_lives_is_called_deleted(string image)
    {
        RegistryHive hive = RegistryHiveOracleTests.Open(SharedImages.Unpack(image), new DiagnosticList());
        var living = new HashSet<uint>(hive.Keys().Select(key => key.CellOffset));
        living.UnionWith(hive.Keys().SelectMany(key => key.Values()).Select(value => value.CellOffset));

        DeletedRegistryEntries deleted = hive.FindDeleted();

        Assert.DoesNotContain(deleted.Keys, key => living.Contains(key.CellOffset));
        Assert.DoesNotContain(deleted.Values, value => living.Contains(value.CellOffset));
    }

    private static void Delete(byte[] hive, WrittenKey key) => RegistryDeletionWriter.DeleteKey(hive, key);

    private static void Free(byte[] hive, uint cell) => RegistryDeletionWriter.Free(hive, cell);
}
