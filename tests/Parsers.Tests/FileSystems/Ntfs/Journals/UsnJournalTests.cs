using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ntfs.Journals;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs.Journals;

public sealed class UsnJournalTests
{
    [Fact]
    public void The_journal_that_Windows_wrote_is_read_record_for_record()
    {
        RealLog real = RealLog.Open("ntfs-samples/ntfs.tgz", "ntfs.raw", 1048576);
        UsnJournal? journal = real.FileSystem.OpenChangeJournal(ParseContext.Quiet, out UsnJournalInfo? info);
        Assert.NotNull(journal);
        UsnRecord[] records = [.. journal.Read()];

        Assert.Equal(188, records.Length);
        Assert.All(records, record => Assert.Equal(record.Usn, record.ByteOffset));
        // Digest of all fields, made with icat and a script of its own.
        string[] lines = [.. records.Select(record => string.Create(CultureInfo.InvariantCulture,
            $"{record.Usn} {record.FileRecord}-{record.FileSequence} {record.ParentRecord}-{record.ParentSequence} {(uint)record.Reasons:x} {record.SecurityId} {record.Attributes:x} {FileTime(record.Time)} {Encoding.UTF8.GetString(record.Name.Span)}"))];
        Assert.Equal("9ce4f2e9dade3a222b83528779547367", Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)))));
        Assert.Equal((0, 0), (journal.ExtentRecords, journal.DamagedPages));
        Assert.Equal(new UsnJournalInfo(0x2000000, 0x800000, 0x01D6627EBC0BD708, 0), info);
        Assert.StartsWith("2020-07-25T", info!.Created!.Value.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_of_files_that_are_still_there_are_those_of_the_live_tree()
    {
        RealLog real = RealLog.Open("ntfs-samples/ntfs.tgz", "ntfs.raw", 1048576);
        UsnJournal journal = real.FileSystem.OpenChangeJournal(ParseContext.Quiet, out _)!;
        var paths = UsnPaths.Build(journal.Read(), real.FileSystem.FindDirectory);
        Dictionary<string, string> last = [];
        foreach (UsnRecord record in journal.Read())
        {
            last[record.FileRecord.ToString(CultureInfo.InvariantCulture)] = paths.PathOf(record);
        }
        var listed = SharedImages.Oracles().Single(oracle => oracle is { View: "ntfs3g", Member: "ntfs.raw" }).Rows().Where(row => row["inode"].Length > 0)
            .GroupBy(row => row["inode"]).ToDictionary(rows => rows.Key, rows => rows.Select(row => row["path"]).ToArray());
        string[] both = [.. last.Keys.Where(listed.ContainsKey)];

        Assert.True(both.Length >= 15, both.Length.ToString(CultureInfo.InvariantCulture));
        // A record that was used again since is another file's.
        Assert.All(both.Where(number => ((Forensics.Parsers.FileSystems.Ntfs.NtfsFileEntry)real.FileSystem.Open(ulong.Parse(number, CultureInfo.InvariantCulture))).SequenceNumber == journal.Read().Last(r => r.FileRecord.ToString(CultureInfo.InvariantCulture) == number).FileSequence),
            number => Assert.Contains(last[number], listed[number]));
    }

    [Fact]
    public void Version_3_has_wide_references()
    {
        byte[] page = new byte[4096];
        int at = UsnWriter.V3(page, 0, usn: 7 << 20, file: (42, 3), parent: (5, 5), UsnReasons.FileCreate | UsnReasons.Close, "ä\ud800");
        UsnRecord record = Assert.Single(new UsnJournal(new MemorySource(page), ParseContext.Quiet).Read());

        Assert.True(at > 0);
        Assert.Equal((7L << 20, 0L, 3), (record.Usn, record.ByteOffset, record.Version));
        Assert.Equal((42UL, (ushort)3, 5UL, (ushort)5), (record.FileRecord, record.FileSequence, record.ParentRecord, record.ParentSequence));
        Assert.Equal(UsnReasons.FileCreate | UsnReasons.Close, record.Reasons);
        Assert.Equal("c3a4eda080", Convert.ToHexStringLower(record.Name.Span));
        Assert.Equal(UsnWriter.SomeTime, record.Time);
    }

    [Fact]
    public void Version_4_is_counted_and_damage_costs_the_rest_of_its_page_only()
    {
        byte[] journal = new byte[3 * 4096];
        int at = UsnWriter.V2(journal, 0, 0, (40, 1), (5, 5), UsnReasons.FileCreate, "one");
        at = UsnWriter.V4(journal, at);
        int bad = at;
        at = UsnWriter.V2(journal, at, at, (41, 1), (5, 5), UsnReasons.FileCreate, "lost");
        UsnWriter.V2(journal, at, at, (42, 1), (5, 5), UsnReasons.FileCreate, "lost too");
        UsnWriter.V2(journal, 4096, 4096, (43, 1), (5, 5), UsnReasons.FileCreate, "two");
        UsnWriter.V2(journal, 8192, 8192, (44, 1), (5, 5), UsnReasons.FileDelete, "three");
        BinaryPrimitives.WriteUInt32LittleEndian(journal.AsSpan(bad), 4096);
        var diagnostics = new DiagnosticList();
        var reader = new UsnJournal(new MemorySource(journal), ParseContext.Quiet with { Diagnostics = diagnostics });

        Assert.Equal(["one", "two", "three"], reader.Read().Select(record => Encoding.UTF8.GetString(record.Name.Span)));
        Assert.Equal((1, 1), (reader.ExtentRecords, reader.DamagedPages));
        Diagnostic damage = Assert.Single(diagnostics.Items);
        Assert.Equal(("ntfs.usn.record", bad, true), (damage.Code, damage.Offset, damage.LosesContent));
    }

    [Fact]
    public void Sixteen_tebibytes_of_hole_are_passed_over()
    {
        byte[] page = new byte[4096];
        long place = (16L << 40) - 4096;
        UsnWriter.V2(page, 0, place, (40, 1), (5, 5), UsnReasons.FileCreate, "late");
        var sparse = new RunListSource(new MemorySource(page), [new ContentRun(place, 4096, 0)], 16L << 40);

        UsnRecord record = Assert.Single(new UsnJournal(sparse, ParseContext.Quiet).Read());

        Assert.Equal((place, place), (record.Usn, record.ByteOffset));
    }

    [Fact]
    public void Paths_are_those_of_the_time_of_the_event()
    {
        (ulong, ushort) root = (5, 5), a = (30, 1), b = (31, 1), gone = (32, 1), reused = (32, 2), live = (33, 1);
        const uint Directory = 0x10;
        byte[] page = new byte[4096];
        int at = 0;
        void Event((ulong, ushort) file, (ulong, ushort) parent, UsnReasons reasons, string name, uint attributes = 0) =>
            at = UsnWriter.V2(page, at, at, file, parent, reasons, name, attributes);
        Event((50, 1), b, UsnReasons.FileCreate, "before.txt");
        Event((51, 1), gone, UsnReasons.FileCreate, "dropper.exe");
        Event(gone, a, UsnReasons.FileDelete | UsnReasons.Close, "stage", Directory);
        Event(a, root, UsnReasons.RenameOldName, "alpha", Directory);
        Event(a, root, UsnReasons.RenameNewName, "beta", Directory);
        Event((52, 1), b, UsnReasons.FileCreate, "after.txt");
        Event(reused, root, UsnReasons.FileCreate, "other", Directory);
        Event((53, 1), reused, UsnReasons.FileCreate, "new.txt");
        Event(b, a, UsnReasons.RenameOldName, "sub", Directory);
        Event(b, root, UsnReasons.RenameNewName, "moved", Directory);
        Event((54, 1), b, UsnReasons.FileCreate, "last.txt");
        Event((55, 1), (99, 1), UsnReasons.FileCreate, "nowhere.txt");
        Event((56, 1), live, UsnReasons.FileCreate, "quiet.txt");
        var journal = new UsnJournal(new MemorySource(page), ParseContext.Quiet);

        var paths = UsnPaths.Build(journal.Read(), (record, sequence) => (record, sequence) switch
        {
            (30, 1) => new UsnDirectory("beta"u8.ToArray(), 5, 5),
            (31, 1) => new UsnDirectory("moved"u8.ToArray(), 5, 5),
            (33, 1) => new UsnDirectory("live"u8.ToArray(), 31, 1),
            _ => null,
        });

        Assert.Equal(
            [
                "/alpha/sub/before.txt", "/alpha/stage/dropper.exe", "/alpha/stage", "/alpha", "/beta", "/beta/sub/after.txt", "/other", "/other/new.txt", "/beta/sub", "/moved",
                "/moved/last.txt", "?/nowhere.txt", "/moved/live/quiet.txt",
            ],
            journal.Read().Select(paths.PathOf));
        Assert.True(paths.IsComplete);
    }

    [Fact]
    public void Directories_that_contain_each_other_end_in_a_question_mark()
    {
        byte[] page = new byte[4096];
        int at = UsnWriter.V2(page, 0, 0, (30, 1), (31, 1), UsnReasons.FileCreate, "a", 0x10);
        UsnWriter.V2(page, at, at, (31, 1), (30, 1), UsnReasons.FileCreate, "b", 0x10);
        var journal = new UsnJournal(new MemorySource(page), ParseContext.Quiet);
        var paths = UsnPaths.Build(journal.Read(), (_, _) => null);

        Assert.All(journal.Read(), record => Assert.StartsWith("?/", paths.PathOf(record), StringComparison.Ordinal));
    }

    [Fact]
    public void Ten_thousand_mutants_cost_records_and_nothing_else()
    {
        byte[] sample = new byte[5 * 4096];
        for (int page = 0; page < 5; page++)
        {
            for (int at = page * 4096, i = 0; i < 20; i++)
            {
                at = i % 7 == 3 ? UsnWriter.V4(sample, at) : i % 2 == 0 ? UsnWriter.V2(sample, at, at, (40, 1), (5, 5), UsnReasons.Close, "name" + i, 0x10) : UsnWriter.V3(sample, at, at, (41, 1), (40, 1), UsnReasons.Close, "other");
            }
        }
        var random = new Random(20201);
        for (int round = 0; round < 10_000; round++)
        {
            byte[] mutant = [.. sample];
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
            }
            var journal = new UsnJournal(new MemorySource(mutant.AsMemory(0, random.Next(mutant.Length))), ParseContext.Quiet);
            var paths = UsnPaths.Build(journal.Read(), (_, _) => null);
            Assert.All(journal.Read(), record => Assert.NotEmpty(paths.PathOf(record)));
        }
    }

    private static long FileTime(Timestamp? time) => ((time!.Value.Seconds + 11_644_473_600) * 10_000_000) + (time.Value.Nanoseconds / 100);
}
