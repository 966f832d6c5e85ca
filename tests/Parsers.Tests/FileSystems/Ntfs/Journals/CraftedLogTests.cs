using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.FileSystems.Ntfs.Journals;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs.Journals;

/// <summary>Volumes of mkntfs with a log written by hand, as a host leaves it that stops without warning.</summary>
public sealed class CraftedLogTests
{
    private static readonly (ushort, uint, ulong, uint)[] s_open = [(24, 0x80, 0, 0)];

    [Theory]
    [InlineData(1, 0, false, false)]
    [InlineData(1, 0, true, false)]
    [InlineData(1, 0, false, true)]
    [InlineData(2, 0, false, false)]
    [InlineData(2, 0, true, false)]
    [InlineData(1, -1, false, false)]
    [InlineData(2, -1, false, true)]
    public void A_committed_change_shows_and_an_uncommitted_one_does_not(int version, int startPage, bool tornTail, bool is32Bit)
    {
        MadeVolume.Require();
        var volume = new MadeVolume();
        int pages = volume.LogSize / LogFileWriter.PageSize - (version == 1 ? 4 : 34);
        var log = new LogFileWriter(volume.LogSize, version, startPage: startPage < 0 ? pages - 1 : 0);
        // A table of more than a page, of clusters nothing is logged for, so that a record goes over pages and, at the end of the ring, round it.
        var dirty = Enumerable.Range(0, 200).Select(i => ((ushort)24, 5000L + i, 0L, 0UL)).ToArray();
        ulong checkpoint = log.Checkpoint(s_open, dirty, is32Bit);
        Rename(log, volume, "OLDLABEL", "NEWLABEL");
        log.Write(24, LogFileWriter.Client(LogOperation.ForgetTransaction, LogOperation.CompensationLogRecord));
        Rename(log, volume, "NEWLABEL", "HALFDONE");
        volume.PutLog(log.Build(checkpoint, tornTail: tornTail));

        var diagnostics = new DiagnosticList();
        var after = (NtfsFileSystem)new NtfsFormat().Open(volume.Source, ParseContext.Quiet with { Diagnostics = diagnostics });

        Assert.Equal("NEWLABEL", after.Facts.Label);
        JournalFacts facts = Assert.IsType<JournalFacts>(after.Facts.Journal);
        Assert.Equal(("replayed", null, 1, 1L), (facts.View, facts.Problem, facts.Transactions, facts.Blocks));
        Assert.Equal(1, after.Replay!.RolledBack);
        Assert.Empty(diagnostics.Items);
        NtfsFileSystem before = Assert.IsType<NtfsFileSystem>(after.BeforeReplay);
        Assert.Equal("OLDLABEL", before.Facts.Label);
        Assert.True(after.IsTouchedByReplay(after.Open(3)));
        Assert.True(after.IsChangedByReplay(after.Open(3), before.Open(3)));
        Assert.False(after.IsTouchedByReplay(after.Open(6)));
        Assert.False(after.IsChangedByReplay(after.Open(6), before.Open(6)));
    }

    [Fact]
    public void The_volume_as_it_lies_on_the_disk_can_be_asked_for()
    {
        MadeVolume.Require();
        MadeVolume volume = Renamed(isClosed: false);

        IFileSystem plain = new NtfsFormat().Open(volume.Source, ParseContext.Quiet with { Journal = JournalView.Ignore });

        Assert.Equal("OLDLABEL", plain.Facts.Label);
        Assert.Equal(("ignored", 1), (plain.Facts.Journal!.View, plain.Facts.Journal.Transactions));
        Assert.Null(((IJournaledFileSystem)plain).BeforeReplay);
        Assert.True(plain.Facts.NeedsRecovery);
    }

    [Fact]
    public void A_log_that_was_closed_in_order_is_left_alone_whatever_it_holds()
    {
        MadeVolume.Require();
        IFileSystem fileSystem = new NtfsFormat().Open(Renamed(isClosed: true).Source, ParseContext.Quiet);

        Assert.Equal("OLDLABEL", fileSystem.Facts.Label);
        Assert.Equal("clean", fileSystem.Facts.Journal!.View);
        Assert.Contains("closed in order", fileSystem.Facts.Journal.Problem, StringComparison.Ordinal);
        Assert.False(fileSystem.Facts.NeedsRecovery);
    }

    [Fact]
    public void A_log_as_mkntfs_leaves_it_is_clean()
    {
        MadeVolume.Require();
        Assert.Equal(("clean", null), (new MadeVolume().FileSystem.Facts.Journal!.View, new MadeVolume().FileSystem.Facts.Journal!.Problem));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_log_without_its_last_checkpoint_counts_as_lost_only_when_it_was_not_closed(bool isClosed)
    {
        MadeVolume.Require();
        var volume = new MadeVolume();
        var log = new LogFileWriter(volume.LogSize);
        ulong checkpoint = log.Checkpoint(s_open);
        volume.PutLog(log.Build(checkpoint + 1000, isClosed));
        var diagnostics = new DiagnosticList();

        IFileSystem fileSystem = new NtfsFormat().Open(volume.Source, ParseContext.Quiet with { Diagnostics = diagnostics });

        Assert.Equal(isClosed ? "clean" : "not replayable", fileSystem.Facts.Journal!.View);
        Assert.Contains("checkpoint", fileSystem.Facts.Journal.Problem, StringComparison.Ordinal);
        Assert.Equal(!isClosed, Assert.Single(diagnostics.Items).LosesContent);
    }

    [Theory]
    [InlineData(false, 15)]
    [InlineData(true, 0)]
    public void The_driver_of_Linux_reads_the_state_of_these_logs_alike(bool isClosed, int exitCode)
    {
        MadeVolume.Require();
        if (!File.Exists("/usr/bin/ntfs-3g.probe") && !File.Exists("/bin/ntfs-3g.probe"))
        {
            Assert.Skip("ntfs-3g.probe is not installed");
        }
        MadeVolume volume = Renamed(isClosed);
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, volume.Source.ReadArray(0, (int)volume.Source.Length));
            using Process probe = Process.Start(new ProcessStartInfo("ntfs-3g.probe", ["--readwrite", file]) { RedirectStandardError = true })!;
            string said = probe.StandardError.ReadToEnd();
            probe.WaitForExit();
            Assert.True(probe.ExitCode == exitCode, probe.ExitCode + ": " + said);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Without_a_restart_area_the_volume_is_shown_as_it_lies_and_that_is_said()
    {
        MadeVolume.Require();
        MadeVolume volume = Renamed(isClosed: false);
        volume.PutLog(new byte[2 * LogFileWriter.PageSize]);
        var diagnostics = new DiagnosticList();

        IFileSystem fileSystem = new NtfsFormat().Open(volume.Source, ParseContext.Quiet with { Diagnostics = diagnostics });

        Assert.Equal("OLDLABEL", fileSystem.Facts.Label);
        Assert.Equal("not replayable", fileSystem.Facts.Journal!.View);
        Assert.True(fileSystem.Facts.NeedsRecovery);
        Diagnostic said = Assert.Single(diagnostics.Items);
        Assert.Equal(("ntfs.logfile.restart", true), (said.Code, said.LosesContent));
    }

    [Fact]
    public void What_is_not_applied_is_named_and_the_rest_is_applied()
    {
        MadeVolume.Require();
        var volume = new MadeVolume();
        var log = new LogFileWriter(volume.LogSize);
        ulong checkpoint = log.Checkpoint(s_open);
        Rename(log, volume, "OLDLABEL", "NEWLABEL");
        log.Write(24, LogFileWriter.Client(LogOperation.UpdateRelativeDataIndex, LogOperation.Noop, new byte[8], lcns: [volume.MftLcn]));
        log.Write(24, LogFileWriter.Client((LogOperation)0x99, LogOperation.Noop, new byte[8], lcns: [volume.MftLcn]));
        log.Write(24, LogFileWriter.Client(LogOperation.DeleteAttribute, LogOperation.Noop, lcns: [volume.MftLcn], record: 0x31));
        log.Write(24, LogFileWriter.Client(LogOperation.ForgetTransaction, LogOperation.CompensationLogRecord));
        volume.PutLog(log.Build(checkpoint));
        var diagnostics = new DiagnosticList();

        IFileSystem fileSystem = new NtfsFormat().Open(volume.Source, ParseContext.Quiet with { Diagnostics = diagnostics });

        Assert.Equal("NEWLABEL", fileSystem.Facts.Label);
        Assert.Equal("not applied: DeleteAttribute (1), UpdateRelativeDataIndex (1), an unknown operation (1)", fileSystem.Facts.Journal!.Problem);
        Assert.Equal("ntfs.logfile.incomplete", Assert.Single(diagnostics.Items).Code);
    }

    [Fact]
    public void Values_and_bitmaps_are_written_where_their_clusters_lie_and_freed_ones_are_not()
    {
        byte[] disk = new byte[64 * 4096];
        var log = new LogFileWriter(64 * LogFileWriter.PageSize);
        ulong checkpoint = log.Checkpoint([(24, 0x80, 40, 0), (64, 0x80, 41, 0)]);
        byte[] eight = [1, 2, 3, 4, 5, 6, 7, 8];
        // Over the end of a cluster into the next one, which lies elsewhere.
        log.Write(24, LogFileWriter.Client(LogOperation.UpdateNonresidentValue, LogOperation.Noop, eight, vcn: 2, lcns: [10, 20], block: 7, record: 508));
        log.Write(24, LogFileWriter.Client(LogOperation.SetBitsInNonresidentBitMap, LogOperation.ClearBitsInNonresidentBitMap, Range(13, 7), Range(13, 7), attribute: 64, vcn: 0, lcns: [30]));
        log.Write(24, LogFileWriter.Client(LogOperation.ClearBitsInNonresidentBitMap, LogOperation.SetBitsInNonresidentBitMap, Range(14, 1), Range(14, 1), attribute: 64, vcn: 0, lcns: [30]));
        log.Write(24, LogFileWriter.Client(LogOperation.UpdateNonresidentValue, LogOperation.Noop, eight, vcn: 9, lcns: [40]));
        log.Write(24, LogFileWriter.Client(LogOperation.DeleteDirtyClusters, LogOperation.Noop, [.. BitConverter.GetBytes(39L), .. BitConverter.GetBytes(5L)]));
        log.Write(24, LogFileWriter.Client(LogOperation.UpdateNonresidentValue, LogOperation.Noop, eight, vcn: 12, lcns: [45]));
        log.Write(24, LogFileWriter.Client(LogOperation.HotFix, LogOperation.Noop, vcn: 12, lcns: [46]));
        log.Write(24, LogFileWriter.Client(LogOperation.CommitTransaction, LogOperation.CompensationLogRecord));
        // Never ended: the bits are taken back.
        log.Write(40, LogFileWriter.Client(LogOperation.SetBitsInNonresidentBitMap, LogOperation.ClearBitsInNonresidentBitMap, Range(80, 8), Range(80, 8), attribute: 64, vcn: 0, lcns: [30]), undoNext: 0);

        LogFileReplay replay = Open(disk, log.Build(checkpoint));

        Assert.Equal(("replayed", null, 1, 1), (replay.Facts.View, replay.Facts.Problem, replay.Facts.Transactions, replay.RolledBack));
        byte[] after = replay.View.ReadArray(0, disk.Length);
        byte[] expected = new byte[disk.Length];
        eight.AsSpan(0, 4).CopyTo(expected.AsSpan((11 * 4096) - 4));
        eight.AsSpan(4).CopyTo(expected.AsSpan(20 * 4096));
        expected[(30 * 4096) + 1] = 0b1010_0000;
        expected[(30 * 4096) + 2] = 0b0000_1111;
        eight.CopyTo(expected, 46 * 4096);
        Assert.Equal(expected, after);
        Assert.Equal([40UL, 41UL], replay.TouchedValues.Order());
    }

    [Fact]
    public void A_page_that_reached_the_disk_before_the_checkpoint_is_not_written_again()
    {
        byte[] disk = new byte[64 * 4096];
        var log = new LogFileWriter(64 * LogFileWriter.PageSize);
        ulong old = log.Write(24, LogFileWriter.Client(LogOperation.UpdateNonresidentValue, LogOperation.Noop, [1], vcn: 1, lcns: [11]));
        log.Write(24, LogFileWriter.Client(LogOperation.UpdateNonresidentValue, LogOperation.Noop, [2], vcn: 2, lcns: [12]));
        ulong late = log.Write(24, LogFileWriter.Client(LogOperation.UpdateNonresidentValue, LogOperation.Noop, [3], vcn: 3, lcns: [13]));
        log.Write(24, LogFileWriter.Client(LogOperation.ForgetTransaction, LogOperation.CompensationLogRecord));
        ulong checkpoint = log.Checkpoint([(24, 0x80, 40, 0)], [(24, 1, 11, old), (24, 3, 13, late + 1)]);

        byte[] after = Open(disk, log.Build(checkpoint)).View.ReadArray(0, disk.Length);

        Assert.Equal((1, 0, 0), (after[11 * 4096], after[12 * 4096], after[13 * 4096]));
    }

    [Fact]
    public void More_than_64_mebibytes_of_changed_pages_are_left_alone()
    {
        var log = new LogFileWriter(4 << 20);
        ulong checkpoint = log.Checkpoint([(24, 0x80, 40, 0)]);
        for (int i = 0; i < (64 << 20) / 4096 + 1; i++)
        {
            log.Write(24, LogFileWriter.Client(LogOperation.UpdateNonresidentValue, LogOperation.Noop, [1], vcn: i, lcns: [100 + i]));
        }
        var volume = new RunListSource(MemorySource.Empty, [], 1L << 30);

        LogFileReplay replay = LogFileReplay.Open(volume, new NtfsGeometry(512, 4096, 1024, 4096, volume.Length / 4096, 0, 0, 0), new MemorySource(log.Build(checkpoint)), ParseContext.Quiet);

        Assert.Equal("not replayable", replay.Facts.View);
        Assert.Contains("ntfs.logfile.pages", replay.Facts.Problem, StringComparison.Ordinal);
        Assert.Same(volume, replay.View);
    }

    [Fact]
    public void Ten_thousand_mutants_give_a_view_or_a_reason_and_nothing_else()
    {
        byte[] disk = new byte[64 * 4096];
        var log = new LogFileWriter(48 * LogFileWriter.PageSize, startPage: 42);
        ulong checkpoint = log.Checkpoint([(24, 0x80, 0, 0), (64, 0xA0, 41, 4096), (104, 0x80, 40, 0)], [(24, 0, 4, 0), (64, 1, 5, 0)]);
        foreach (LogOperation operation in Enum.GetValues<LogOperation>())
        {
            log.Write((uint)operation % 3 * 40, LogFileWriter.Client(operation, LogOperation.CreateAttribute, new byte[48], new byte[48], attribute: (ushort)(24 + ((int)operation % 3 * 40)), vcn: 1, lcns: [6], record: 56, within: 64));
        }
        byte[] sample = log.Build(checkpoint);
        var used = Enumerable.Range(0, sample.Length).Where(i => sample[i] != 0).ToArray();
        var random = new Random(6);
        var geometry = new NtfsGeometry(512, 4096, 1024, 4096, 64, 4 * 4096, 0, 0);
        for (int round = 0; round < 10_000; round++)
        {
            byte[] mutant = [.. sample];
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                int at = used[random.Next(used.Length)] + random.Next(3) * random.Next(8);
                mutant[at % mutant.Length] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            }
            LogFileReplay replay = LogFileReplay.Open(new MemorySource(disk), geometry, new MemorySource(mutant.AsMemory(0, round % 10 == 0 ? random.Next(mutant.Length) : mutant.Length)), ParseContext.Quiet);
            Assert.Equal(disk.Length, replay.View.ReadArray(0, disk.Length).Length);
        }
    }

    private static MadeVolume Renamed(bool isClosed)
    {
        var volume = new MadeVolume();
        var log = new LogFileWriter(volume.LogSize);
        ulong checkpoint = log.Checkpoint(s_open);
        Rename(log, volume, "OLDLABEL", "NEWLABEL");
        log.Write(24, LogFileWriter.Client(LogOperation.ForgetTransaction, LogOperation.CompensationLogRecord));
        volume.PutLog(log.Build(checkpoint, isClosed));
        return volume;
    }

    /// <summary>The label is the resident value of an attribute of record 3, 24 bytes after its header.</summary>
    private static void Rename(LogFileWriter log, MadeVolume volume, string from, string to) =>
        log.Write(24, LogFileWriter.Client(LogOperation.UpdateResidentValue, LogOperation.UpdateResidentValue, Encoding.Unicode.GetBytes(to), Encoding.Unicode.GetBytes(from),
            lcns: [volume.MftLcn], block: 3 * volume.FileSystem.Geometry.RecordSize / 512, record: volume.LabelAttribute, within: 24));

    private static LogFileReplay Open(byte[] disk, byte[] log) =>
        LogFileReplay.Open(new MemorySource(disk), new NtfsGeometry(512, 4096, 1024, 4096, disk.Length / 4096, 0, 0, 0), new MemorySource(log), ParseContext.Quiet);

    private static byte[] Range(uint first, uint count)
    {
        byte[] range = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(range, first);
        BinaryPrimitives.WriteUInt32LittleEndian(range.AsSpan(4), count);
        return range;
    }
}
