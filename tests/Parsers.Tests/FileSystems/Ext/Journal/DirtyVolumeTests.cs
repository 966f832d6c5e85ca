using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ext.Journal;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>File systems copied while they were mounted: with the journal replayed, and without, the reader sees what the kernel sees.</summary>
public sealed class DirtyVolumeTests
{
    public static TheoryData<string> Committed() => [.. JournalFixture.Committed];

    public static TheoryData<string> Makeable() =>
        ["csum-v3-64bit", "csum-v3-4k", "no-csum-ext3", "csum-v1", "async-v1", "async-v3", "data-journal", "escape", "revoke", "wrap", "external"];

    [Theory]
    [MemberData(nameof(Committed))]
    public void A_committed_one_is_read_as_by_the_kernel(string name)
    {
        using JournalFixture fixture = JournalFixture.Open(name);
        Compare(name, fixture);
    }

    [Theory]
    [MemberData(nameof(Makeable))]
    public void One_made_now_is_read_as_by_the_kernel(string name)
    {
        using JournalFixture fixture = JournalFixture.Make(name);
        Compare(name, fixture);
    }

    [Fact]
    public void Without_its_external_journal_a_volume_is_read_as_it_lies_on_the_disk()
    {
        using JournalFixture fixture = JournalFixture.Make("external");
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(fixture.Image), diagnostics);
        Assert.Empty(KernelListing.Differences(fixture.Plain, fileSystem));
        Assert.Equal("not replayable", fileSystem.Facts.Journal?.View);
        Assert.Contains("11111111-2222-3333-4444-555555555555", fileSystem.Facts.Journal?.Problem, StringComparison.Ordinal);
        Assert.True(fileSystem.Facts.NeedsRecovery);
        Assert.Contains(diagnostics.Items, d => d.Code == "ext4.journal.external" && d.LosesContent);
    }

    private static void Compare(string name, JournalFixture fixture)
    {
        var diagnostics = new DiagnosticList();
        var volume = new MemorySource(fixture.Image);
        var replayed = (ExtFileSystem)ExtWalk.Open(volume, diagnostics, externalJournal: fixture.ExternalJournal);
        Assert.Empty(KernelListing.Differences(fixture.Replayed, replayed));
        Assert.Empty(diagnostics.Items);
        JournalFacts facts = Assert.IsType<JournalFacts>(replayed.Facts.Journal);
        Assert.Equal("replayed", facts.View);
        Assert.Null(facts.Problem);
        Assert.False(replayed.Facts.NeedsRecovery);
        Assert.True(facts.FirstCommit?.CompareTo(Assert.IsType<Timestamp>(facts.LastCommit)) < 0);
        Assert.Equal(name == "revoke", facts.RevokedBlocks > 0);

        IFileSystem plain = ExtWalk.Open(volume, journal: JournalView.Ignore, externalJournal: fixture.ExternalJournal);
        Assert.Empty(KernelListing.Differences(fixture.Plain, plain, []));
        Assert.Equal(facts with { View = "ignored" }, plain.Facts.Journal);
        Assert.True(plain.Facts.NeedsRecovery);
        ExtFileSystem before = Assert.IsType<ExtFileSystem>(replayed.BeforeReplay);
        Assert.Empty(KernelListing.Differences(fixture.Plain, before, []));
        TouchedFiles(fixture, replayed);
    }

    /// <summary>Every file of which the two listings of the kernel differ was touched; some that were not touched are known as such.</summary>
    private static void TouchedFiles(JournalFixture fixture, ExtFileSystem replayed)
    {
        HashSet<string> plain = [.. File.ReadAllLines(fixture.Plain)];
        HashSet<string> changed = [.. File.ReadAllLines(fixture.Replayed).Where(line => !plain.Contains(line)).Select(line => line.Split('\t')[0])];
        foreach (WalkedFile file in ExtWalk.Files(replayed))
        {
            Assert.True(!changed.Contains(file.Path) || replayed.IsTouchedByReplay(file.Entry), file.Path);
        }
    }
}
