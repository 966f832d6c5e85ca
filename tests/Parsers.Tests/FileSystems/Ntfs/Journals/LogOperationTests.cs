using System.Buffers.Binary;
using Forensics.Parsers.FileSystems.Ntfs.Journals;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs.Journals;

/// <summary>Operations on records and indexes one by one: those that the logs of the shared images do not hold, and what each must refuse.</summary>
public sealed class LogOperationTests
{
    [Fact]
    public void The_end_of_a_record_is_written()
    {
        byte[] record = Record();

        Assert.True(Apply(LogOperation.WriteEndOfFileRecordSegment, record, 0x58, 0, [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]));

        Assert.Equal(0x60u, BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(0x18)));
        Assert.Equal(uint.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(0x58)));
    }

    [Fact]
    public void An_attribute_grows_and_shrinks_with_its_value()
    {
        byte[] record = Record();
        byte[] old = [.. record];

        Assert.True(Apply(LogOperation.UpdateResidentValue, record, 0x38, 0x18, [.. Enumerable.Range(1, 21).Select(i => (byte)i)]));
        Assert.Equal((0x30u, 21u, 0x78u), (U32(record, 0x3C), U32(record, 0x48), U32(record, 0x18)));
        // What follows has moved as a whole.
        Assert.Equal(old[0x58..0x70], record[0x68..0x80]);
        Assert.True(Apply(LogOperation.UpdateResidentValue, record, 0x38, 0x18, old[0x50..0x54]));
        Assert.Equal(old[0x58..0x68], record[0x58..0x68]);
    }

    [Theory]
    [InlineData((int)LogOperation.DeleteAttribute, 0x40, 0, 0)]
    [InlineData((int)LogOperation.DeleteAttribute, 0x68, 0, 0)]
    [InlineData((int)LogOperation.CreateAttribute, 0x38, 0, 8)]
    [InlineData((int)LogOperation.UpdateResidentValue, 0x38, 0x08, 4)]
    [InlineData((int)LogOperation.UpdateResidentValue, 0x38, 0x18, 2000)]
    [InlineData((int)LogOperation.UpdateMappingPairs, 0x38, 0x40, 4)]
    [InlineData((int)LogOperation.SetNewAttributeSizes, 0x38, 0, 32)]
    [InlineData((int)LogOperation.AddIndexEntryRoot, 0x38, 0x40, 32)]
    [InlineData((int)LogOperation.DeleteIndexEntryRoot, 0x38, 0x30, 0)]
    [InlineData((int)LogOperation.InitializeFileRecordSegment, 1000, 0, 100)]
    [InlineData((int)LogOperation.ZeroEndOfFileRecord, 1000, 0, 100)]
    public void What_does_not_fit_a_record_changes_nothing(int operation, int at, int within, int length)
    {
        byte[] record = Record();
        byte[] old = [.. record];

        Assert.False(Apply((LogOperation)operation, record, at, within, new byte[length]));
        Assert.Equal(old, record);
    }

    [Fact]
    public void Entries_of_an_index_come_and_go_and_get_children()
    {
        byte[] list = Index();
        byte[] old = [.. list];
        byte[] entry = Entry(0x20, flags: 1, fill: 0x77);

        Assert.True(IndexUpdate.Apply(LogOperation.AddIndexEntryAllocation, list, 0x20, entry));
        Assert.Equal(0x70u, U32(list, 4));
        Assert.Equal(entry, list[0x20..0x40]);
        Assert.Equal(old[0x20..0x50], list[0x40..0x70]);
        Assert.True(IndexUpdate.Apply(LogOperation.SetIndexEntryVcnAllocation, list, 0x20, [9, 0, 0, 0, 0, 0, 0, 0]));
        Assert.Equal(9ul, BinaryPrimitives.ReadUInt64LittleEndian(list.AsSpan(0x38)));
        Assert.True(IndexUpdate.Apply(LogOperation.DeleteIndexEntryAllocation, list, 0x20, []));
        Assert.Equal(old[..0x50], list[..0x50]);
    }

    [Fact]
    public void The_rest_of_an_index_is_cut_off()
    {
        byte[] list = Index();

        Assert.True(IndexUpdate.Apply(LogOperation.WriteEndOfIndexBuffer, list, 0x20, Entry(0x10, flags: 2, fill: 0)));

        Assert.Equal(0x30u, U32(list, 4));
        Assert.Equal(2, list[0x2C]);
    }

    [Fact]
    public void Data_of_a_view_index_are_replaced_inside_their_entry()
    {
        byte[] list = Index();
        list[0x20] = 0x10;

        Assert.True(IndexUpdate.Apply(LogOperation.UpdateRecordDataAllocation, list, 0x20, [1, 2, 3]));
        Assert.Equal([1, 2, 3], list[0x30..0x33]);
        Assert.False(IndexUpdate.Apply(LogOperation.UpdateRecordDataAllocation, list, 0x20, new byte[0x11]));
    }

    [Theory]
    [InlineData((int)LogOperation.AddIndexEntryAllocation, 0x18, 0x20)]
    [InlineData((int)LogOperation.AddIndexEntryAllocation, 0x20, 0x200)]
    [InlineData((int)LogOperation.DeleteIndexEntryAllocation, 0x40, 0)]
    [InlineData((int)LogOperation.SetIndexEntryVcnAllocation, 0x20, 8)]
    [InlineData((int)LogOperation.UpdateFileNameAllocation, 0x20, 56)]
    [InlineData((int)LogOperation.WriteEndOfIndexBuffer, 0x50, 0x200)]
    public void What_does_not_fit_an_index_changes_nothing(int operation, int at, int length)
    {
        byte[] list = Index();
        byte[] old = [.. list];
        byte[] data = new byte[length];
        if (length >= 0x10)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(8), (ushort)length);
        }

        Assert.False(IndexUpdate.Apply((LogOperation)operation, list, at, data));
        Assert.Equal(old, list);
    }

    private static bool Apply(LogOperation operation, byte[] record, int at, int within, byte[] data) =>
        FileRecordUpdate.Apply(operation, record, new LogClientRecord(LogFileWriter.Client(operation, LogOperation.Noop, data, record: at, within: within)), data);

    /// <summary>A record of 1 KiB: a resident attribute with 4 bytes at 0x38, one with 8 marked bytes at 0x58 - and the end.</summary>
    private static byte[] Record()
    {
        byte[] record = new byte[1024];
        "FILE"u8.CopyTo(record);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(0x14), 0x38);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(0x18), 0x68);
        Attribute(record.AsSpan(0x38), 0x80, 0x20, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(0x58), uint.MaxValue);
        record.AsSpan(0x5C, 12).Fill(0xAB);
        return record;
    }

    private static void Attribute(Span<byte> attribute, uint type, uint size, uint length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(attribute, type);
        BinaryPrimitives.WriteUInt32LittleEndian(attribute[4..], size);
        BinaryPrimitives.WriteUInt32LittleEndian(attribute[0x10..], length);
        attribute[0x14] = 0x18;
        attribute.Slice(0x18, 4).Fill(0x44);
    }

    /// <summary>A header, entries at 0x10 and 0x20, the last one at 0x40, and room up to 0x100.</summary>
    private static byte[] Index()
    {
        byte[] list = new byte[0x100];
        list[0] = 0x10;
        BinaryPrimitives.WriteUInt32LittleEndian(list.AsSpan(4), 0x50);
        BinaryPrimitives.WriteUInt32LittleEndian(list.AsSpan(8), 0x100);
        Entry(0x10, 0, 0).CopyTo(list, 0x10);
        Entry(0x20, 0, 0x55).CopyTo(list, 0x20);
        Entry(0x10, 2, 0).CopyTo(list, 0x40);
        return list;
    }

    private static byte[] Entry(ushort size, ushort flags, byte fill)
    {
        byte[] entry = new byte[size];
        entry.AsSpan(0x10).Fill(fill);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(8), size);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(0x0C), flags);
        return entry;
    }

    private static uint U32(byte[] data, int at) => BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(at));
}
