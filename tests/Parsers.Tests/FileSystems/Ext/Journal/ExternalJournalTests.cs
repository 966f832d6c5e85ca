using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>A journal that was moved onto a device of its own, as the format describes it, and is given beside the volume: the listing is the kernel's of before.</summary>
public sealed class ExternalJournalTests
{
    private const int BlockSize = 1024;
    private const string Uuid = "33333333-4444-5555-6666-777777777777";

    /// <summary>With blocks of 1 KiB the device holds its ext superblock in block 1, the journal's in block 2, and the ring from block 3 on.</summary>
    private const int FirstOfRing = 3;

    [Fact]
    public void The_device_with_the_right_uuid_is_replayed()
    {
        using JournalFixture fixture = JournalFixture.Open("revoke");
        (byte[] volume, byte[] journal) = Move(fixture.Image);
        (_, byte[] other) = Move(fixture.Image, "99999999-4444-5555-6666-777777777777");
        IFileSystem fileSystem = Open(volume, new DiagnosticList(), new MemorySource(new byte[100]), new MemorySource(other), new MemorySource(volume), new MemorySource(journal));
        Assert.Empty(KernelListing.Differences(fixture.Replayed, fileSystem));
        Assert.Equal("replayed", fileSystem.Facts.Journal?.View);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_it_or_with_another_the_plain_view_is_shown(bool givesAnother)
    {
        using JournalFixture fixture = JournalFixture.Open("revoke");
        (byte[] volume, _) = Move(fixture.Image);
        (_, byte[] other) = Move(fixture.Image, "99999999-4444-5555-6666-777777777777");
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = Open(volume, diagnostics, givesAnother ? [new MemorySource(other)] : []);
        Assert.Empty(KernelListing.Differences(fixture.Plain, fileSystem, []));
        Assert.Equal("not replayable", fileSystem.Facts.Journal?.View);
        Assert.Contains(diagnostics.Items, d => d is { Code: "ext4.journal.external", LosesContent: true });
    }

    [Fact]
    public void A_journal_of_several_file_systems_is_refused()
    {
        (byte[] volume, byte[] journal) = Move(JournalFixture.Open("revoke").Image);
        BinaryPrimitives.WriteUInt32BigEndian(journal.AsSpan(2 * BlockSize + 0x40), 2);
        var diagnostics = new DiagnosticList();
        Assert.Equal("not replayable", Open(volume, diagnostics, new MemorySource(journal)).Facts.Journal?.View);
        Assert.Contains(diagnostics.Items, d => d.Code == "ext4.journal.users");
    }

    private static IFileSystem Open(byte[] volume, IDiagnosticSink diagnostics, params IByteSource[] journals) =>
        new Parsers.FileSystems.Ext.ExtFormat().Open(new MemorySource(volume), ParseContext.Quiet with { Diagnostics = diagnostics, ExternalJournals = journals });

    /// <summary>Takes the journal out of a volume and puts its ring on a fresh device.</summary>
    private static (byte[] Volume, byte[] Journal) Move(byte[] image, string uuid = Uuid)
    {
        using ExtImage device = ExtImage.Make("-O journal_dev -b 1024 -U " + uuid, 2, withTree: false);
        byte[] journal = device.Bytes();
        byte[] volume = (byte[])image.Clone();
        var inside = new JournalDamage(volume);
        uint start = BinaryPrimitives.ReadUInt32BigEndian(inside.Block(volume, 0)[0x1C..]);
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(inside.Block(volume, 0)[0x18..]);
        for (int i = 1; i < 1024; i++)
        {
            inside.Block(volume, i).CopyTo(journal.AsSpan((i - 1 + FirstOfRing) * BlockSize));
        }
        Span<byte> superblock = journal.AsSpan(2 * BlockSize);
        Assert.Equal((uint)FirstOfRing, BinaryPrimitives.ReadUInt32BigEndian(superblock[0x14..]));
        // s_start and s_sequence; JBD2_FEATURE_INCOMPAT_REVOKE; one user.
        BinaryPrimitives.WriteUInt32BigEndian(superblock[0x1C..], start - 1 + FirstOfRing);
        BinaryPrimitives.WriteUInt32BigEndian(superblock[0x18..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(superblock[0x28..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(superblock[0x40..], 1);
        // s_journal_uuid in place of s_journal_inum.
        Convert.FromHexString(Uuid.Replace("-", "", StringComparison.Ordinal)).CopyTo(volume.AsSpan(1024 + 0xD0));
        volume.AsSpan(1024 + 0xE0, 4).Clear();
        return (volume, journal);
    }
}
