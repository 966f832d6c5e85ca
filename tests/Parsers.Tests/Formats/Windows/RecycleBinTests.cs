using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.RecycleBin;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Records of the Recycle Bin.</summary>
public sealed class RecycleBinTests
{
    [Theory]
    [InlineData("$I103S5F.jpg", @"C:\Users\random\Downloads\bunnies.jpg", 222_255, "2016-06-29T21:37:45.618000000Z")]
    [InlineData("$II3DF3L.zip", @"C:\Users\nfury\Documents\Alloy Research\StarFury.zip", 724_919, "2012-03-12T20:49:58.633000000Z")]
    public void Files_of_both_versions_give_path_size_and_time(string name, string path, long size, string time)
    {
        RecycleBinRecord record = RecycleBinRecord.Parse(File.ReadAllBytes(Path.Combine(SharedImages.Require(), "plaso/recycler", name)));
        Assert.Equal((path, size, time), (record.OriginalPath, record.Size, record.Deleted.ToString()));
    }

    [Fact]
    public void INFO2_of_Windows_XP_gives_its_records()
    {
        IReadOnlyList<RecycleBinRecord> records = RecycleBinRecord.ParseInfo2(File.ReadAllBytes(Path.Combine(SharedImages.Require(), "plaso/recycler/INFO2")));
        Assert.Equal(4, records.Count);
        RecycleBinRecord first = records[0];
        Assert.Equal((@"C:\Documents and Settings\Mr. Evil\Desktop\lalsetup250.exe", 1u, "Dc1.exe", 2_160_128L), (first.OriginalPath, first.Index, first.StoredName, first.Size));
        Assert.Equal("2004-08-25T16:18:25.237000000Z", first.Deleted.ToString());
        Assert.All(records, record => Assert.False(record.IsRemoved));
    }

    [Fact]
    public void What_left_the_bin_is_marked()
    {
        byte[] record = new ByteWriter().U32(5).U32(0).U32(0).U32(800).U32(0).U8(0).Ansi(@":\x\a.b\name", 259).U32(9).U32(3).U64(ByteWriter.Ticks(2004, 1, 1)).U32(5).Utf16(@"D:\x\a.b\name", 520).ToArray();
        RecycleBinRecord read = Assert.Single(RecycleBinRecord.ParseInfo2(record));
        Assert.Equal((true, @"D:\x\a.b\name", "Dd9", 20L), (read.IsRemoved, read.OriginalPath, read.StoredName, read.Offset));
        Assert.Throws<CorruptDataException>(() => RecycleBinRecord.ParseInfo2(record[..10]));
        Assert.Throws<CorruptDataException>(() => RecycleBinRecord.Parse(record));
    }

    [Fact]
    public void Changed_records_are_read_or_refused()
    {
        byte[] v2 = new ByteWriter().U64(2).U64(5).U64(ByteWriter.Ticks(2026, 1, 1)).U32(6).Utf16("C:\\ab\0").ToArray();
        byte[] info2 = new ByteWriter().U32(5).U32(0).U32(0).U32(280).U32(0).Ansi(@"C:\a.exe", 260).U32(1).U32(2).U64(1).U32(5).ToArray();
        Mutations.Run([v2, info2], 5000, bytes => _ = bytes.Length > 4 && bytes[0] == 5 ? RecycleBinRecord.ParseInfo2(bytes).Count : RecycleBinRecord.Parse(bytes).OriginalPath.Length);
    }
}
