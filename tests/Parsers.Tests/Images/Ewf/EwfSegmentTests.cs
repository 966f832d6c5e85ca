using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Images.Ewf;

/// <summary>Segments that are missing, foreign or cut: named, and everything that can be placed is read.</summary>
public sealed class EwfSegmentTests : IDisposable
{
    private const int Part = 4 * EwfBuilder.ChunkSize;

    private readonly TempFolder _folder = new();
    private readonly byte[] _raw = TestDisk.Mixed(5 * Part, seed: 19);

    public EwfSegmentTests()
    {
        _raw.AsSpan().Replace((byte)0, (byte)9);
        for (int i = 1; i <= 5; i++)
        {
            _folder.Write($"disk.E0{i}", Segment(i, i == 5 ? "done" : "next"));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_segments_make_the_disk()
    {
        using OpenedDisk disk = Open();
        disk.AssertEquals(_raw);
        Assert.Empty(disk.Diagnostics);
    }

    [Fact]
    public void Missing_segment_is_named_and_those_behind_it_are_placed_from_the_end()
    {
        File.Delete(_folder.File("disk.E03"));
        using OpenedDisk disk = Open();
        AssertOnlyMissing(disk.Read(), 2, 1);
        Assert.Contains("'disk.E03' is missing", Assert.Single(disk.Diagnostics, diagnostic => diagnostic.Code == "ewf.segment.missing").Message, StringComparison.Ordinal);
        Diagnostic range = Assert.Single(disk.Diagnostics, diagnostic => diagnostic.Code == "ewf.chunks.missing");
        Assert.Contains($"guest offsets {2 * Part} to {3 * Part - 1}", range.Message, StringComparison.Ordinal);
        Assert.All(disk.Diagnostics, diagnostic => Assert.True(diagnostic.LosesContent));
    }

    [Fact]
    public void Segments_behind_several_gaps_cannot_be_placed()
    {
        File.Delete(_folder.File("disk.E02"));
        File.Delete(_folder.File("disk.E04"));
        using OpenedDisk disk = Open();
        AssertOnlyMissing(disk.Read(), 1, 4);
        Assert.Contains("ewf.chunks.missing", disk.Codes);
    }

    [Fact]
    public void Last_segments_that_are_missing_leave_the_first()
    {
        File.Delete(_folder.File("disk.E04"));
        File.Delete(_folder.File("disk.E05"));
        using OpenedDisk disk = Open();
        AssertOnlyMissing(disk.Read(), 3, 2);
        Assert.Contains("disk.E04", Assert.Single(disk.Diagnostics, diagnostic => diagnostic.Code == "ewf.segment.missing").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_with_another_number_or_that_is_none_is_not_used()
    {
        File.Copy(_folder.File("disk.E04"), _folder.File("disk.E03"), overwrite: true);
        using (OpenedDisk disk = Open())
        {
            AssertOnlyMissing(disk.Read(), 2, 1);
            Assert.Contains("is segment 4, not 3", disk.Diagnostics.First(diagnostic => diagnostic.Code == "ewf.segment.missing").Message, StringComparison.Ordinal);
        }
        _folder.Write("disk.E03", "no segment at all"u8.ToArray());
        using OpenedDisk other = Open();
        AssertOnlyMissing(other.Read(), 2, 1);
    }

    [Fact]
    public void Segment_that_is_cut_short_loses_its_chunks_and_no_others()
    {
        byte[] whole = File.ReadAllBytes(_folder.File("disk.E03"));
        _folder.Write("disk.E03", whole[..(whole.Length / 2)]);
        using OpenedDisk disk = Open();
        AssertOnlyMissing(disk.Read(), 2, 1);
        Assert.Contains("ewf.section.past-end", disk.Codes);
    }

    [Fact]
    public void Extension_in_the_other_case_is_found_and_a_renamed_first_segment_is_explained()
    {
        File.Move(_folder.File("disk.E02"), _folder.File("disk.e02"));
        using (OpenedDisk disk = Open())
        {
            disk.AssertEquals(_raw);
        }
        File.Move(_folder.File("disk.E01"), _folder.File("evidence.bin"));
        using OpenedDisk renamed = new OpenedDisk(_folder.File("evidence.bin"));
        AssertOnlyMissing(renamed.Read(), 1, 4);
        Assert.Contains("does not end in .E01", renamed.Diagnostics.First(diagnostic => diagnostic.Code == "ewf.segment.missing").Message, StringComparison.Ordinal);
    }

    private OpenedDisk Open() => new OpenedDisk(_folder.File("disk.E01"));

    private byte[] Segment(int number, string end)
    {
        var builder = new EwfBuilder(number);
        builder.Volume(_raw.Length, number == 1 ? "volume" : "data");
        return builder.Chunks(_raw[((number - 1) * Part)..(number * Part)]).Section(end, []).Build();
    }

    private void AssertOnlyMissing(byte[] content, int first, int count)
    {
        byte[] expected = [.. _raw];
        expected.AsSpan(first * Part, count * Part).Clear();
        Assert.True(expected.AsSpan().SequenceEqual(content));
    }
}
