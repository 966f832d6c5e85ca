using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.SystemdJournal;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.SystemdJournal;

/// <summary>Entries of journal files compared with journalctl; damaged, cut and hostile files.</summary>
public sealed class JournalFileTests
{
    private static readonly string[] s_fields = ["MESSAGE", "SYSLOG_IDENTIFIER", "_COMM", "_EXE", "_PID", "_UID", "UNIT", "_HOSTNAME"];

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Entries_and_values_are_those_of_journalctl(bool isCompressed, bool isCompact)
    {
        byte[] journal = JournalSamples.Make(isCompressed, isCompact);
        var diagnostics = new DiagnosticList();

        List<string> found = Read(journal, diagnostics);

        Assert.Equal(JournalSamples.Entries, found.Count);
        Assert.Equal(JournalSamples.OfJournalctl(journal, s_fields), found);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(isCompact, JournalFile.Open(new MemorySource(journal), diagnostics).IsCompact);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void Values_packed_by_LZ4_and_XZ_are_those_of_journalctl(bool lz4, bool isCompact)
    {
        byte[] journal = JournalSamples.Recompress(JournalSamples.Make(isCompressed: false, isCompact), lz4);
        var diagnostics = new DiagnosticList();

        Assert.Equal(JournalSamples.OfJournalctl(journal, s_fields), Read(journal, diagnostics));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void A_value_longer_than_the_limit_is_cut_and_reported()
    {
        byte[] journal = JournalSamples.Make(isCompressed: true, isCompact: false);
        var diagnostics = new DiagnosticList();
        using JournalReader reader = JournalFile.Open(new MemorySource(journal), diagnostics).ReadEntries(["MESSAGE"], 100, TestContext.Current.CancellationToken);
        int longest = 0;
        while (reader.Read())
        {
            longest = Math.Max(longest, reader.Value(0).Length);
        }

        Assert.Equal(100, longest);
        Assert.Contains(diagnostics.Items, d => d.Code == "journal.value-cut" && d.LosesContent);
    }

    [Fact]
    public void Without_the_chain_of_arrays_every_entry_is_found_by_its_object()
    {
        byte[] journal = JournalSamples.Make(isCompressed: true, isCompact: false);
        List<string> expected = Read(journal, new DiagnosticList());
        BinaryPrimitives.WriteInt64LittleEndian(journal.AsSpan(176), 0);
        var diagnostics = new DiagnosticList();

        Assert.Equal(expected, Read(journal, diagnostics));
        Assert.Contains(diagnostics.Items, d => d.Code == "journal.chain");
    }

    [Fact]
    public void Entries_behind_the_end_of_the_chain_are_read_and_reported()
    {
        byte[] journal = JournalSamples.Make(isCompressed: true, isCompact: false);
        List<string> expected = Read(journal, new DiagnosticList());
        // As in an image taken between the writing of an entry and its linking: the header counts less.
        BinaryPrimitives.WriteInt64LittleEndian(journal.AsSpan(152), JournalSamples.Entries - 20);
        var diagnostics = new DiagnosticList();

        Assert.Equal(expected, Read(journal, diagnostics));
        Assert.Contains(diagnostics.Items, d => d.Code == "journal.unlinked" && d.Actual == "20");
    }

    [Fact]
    public void Behind_a_damaged_place_the_reading_goes_on()
    {
        byte[] journal = JournalSamples.Make(isCompressed: true, isCompact: true);
        List<string> expected = Read(journal, new DiagnosticList());
        int middle = (int)(FirstData(journal) + BinaryPrimitives.ReadInt64LittleEndian(journal.AsSpan(136))) / 2;
        new Random(1).NextBytes(journal.AsSpan(middle / 8 * 8, 4096));
        BinaryPrimitives.WriteInt64LittleEndian(journal.AsSpan(176), 0);
        var diagnostics = new DiagnosticList();

        List<string> found = Read(journal, diagnostics);

        Assert.InRange(found.Count, JournalSamples.Entries - 60, JournalSamples.Entries - 1);
        Assert.Equal(expected[^1], found[^1]);
        Assert.Contains(diagnostics.Items, d => d.Code == "journal.object" && d.LosesContent);
    }

    [Fact]
    public void Cut_at_64_places_it_gives_what_is_left_and_says_so()
    {
        byte[] journal = JournalSamples.Make(isCompressed: true, isCompact: false);
        List<string> expected = Read(journal, new DiagnosticList());
        int used = (int)BinaryPrimitives.ReadInt64LittleEndian(journal.AsSpan(136)) + 100;
        long data = FirstData(journal);
        int before = 0;
        for (int i = 1; i < 64; i++)
        {
            // The tables in front take most of a small file: every eighth cut lies in them, the others in what follows.
            byte[] cut = journal[..(int)(i < 8 ? data * i / 8 : data + (used - data) * i / 64)];
            var diagnostics = new DiagnosticList();
            List<string> found = Read(cut, diagnostics);
            Assert.Contains(diagnostics.Items, d => d.Code == "journal.truncated" && d.LosesContent);
            Assert.InRange(found.Count, before, expected.Count);
            // All but those whose data are gone are as they were.
            Assert.True(found.Zip(expected).Count(pair => pair.First == pair.Second) >= found.Count - 2);
            before = found.Count;
        }
        Assert.InRange(before, JournalSamples.Entries - 40, JournalSamples.Entries);
    }

    [Theory]
    [InlineData(12, 0x40)]
    [InlineData(88, 0xFF)]
    [InlineData(88, 0x01)]
    [InlineData(0, 0x00)]
    public void A_header_that_cannot_be_used_is_refused_by_name(int at, byte value)
    {
        byte[] journal = JournalSamples.Make(isCompressed: false, isCompact: false);
        journal[at] = value;

        Assert.ThrowsAny<ForensicException>(() => Read(journal, new DiagnosticList()));
        Assert.ThrowsAny<ForensicException>(() => Read(journal[..100], new DiagnosticList()));
    }

    [Fact]
    public void Arrays_that_name_themselves_or_each_other_end()
    {
        byte[] journal = JournalSamples.Make(isCompressed: true, isCompact: false);
        List<string> expected = Read(journal, new DiagnosticList());
        long first = BinaryPrimitives.ReadInt64LittleEndian(journal.AsSpan(176));
        BinaryPrimitives.WriteInt64LittleEndian(journal.AsSpan((int)first + 16), first);
        BinaryPrimitives.WriteInt64LittleEndian(journal.AsSpan(152), long.MaxValue);

        Assert.Equal(expected, Read(journal, new DiagnosticList()));
    }

    [Fact]
    public void Enormous_sizes_and_counts_cost_nothing()
    {
        byte[] journal = JournalSamples.Make(isCompressed: true, isCompact: false);
        for (int at = 88; at < 208; at += 8)
        {
            byte[] bad = (byte[])journal.Clone();
            BinaryPrimitives.WriteUInt64LittleEndian(bad.AsSpan(at), at == 88 ? 208 : ulong.MaxValue);
            Read(bad, new DiagnosticList());
        }
    }

    [Fact]
    public void Changed_bytes_anywhere_end_in_entries_or_a_refusal()
    {
        byte[] journal = JournalSamples.Make(isCompressed: true, isCompact: false);
        long tail = BinaryPrimitives.ReadInt64LittleEndian(journal.AsSpan(136)) + 200;
        long firstData = FirstData(journal);
        var random = new Random(9);
        journal = journal[..(int)tail];
        for (int round = 0; round < 60; round++)
        {
            byte[] bad = (byte[])journal.Clone();
            for (int k = 0; k < 400; k++)
            {
                long at = k < 2 ? random.Next(208) : random.NextInt64(firstData, bad.Length);
                bad[at] = (byte)random.Next(256);
            }
            try
            {
                Read(bad, new DiagnosticList());
            }
            catch (ForensicException)
            {
                // Refused by its header.
                continue;
            }
        }
    }

    /// <summary>Where the hash tables end.</summary>
    private static long FirstData(byte[] journal) =>
        320 + BinaryPrimitives.ReadInt64LittleEndian(journal.AsSpan(112)) + BinaryPrimitives.ReadInt64LittleEndian(journal.AsSpan(128));

    private static List<string> Read(byte[] journal, DiagnosticList diagnostics)
    {
        JournalFile file = JournalFile.Open(new MemorySource(journal), diagnostics);
        using JournalReader reader = file.ReadEntries(s_fields, 64 << 10, TestContext.Current.CancellationToken);
        var found = new List<string>();
        while (reader.Read())
        {
            var values = new List<string>();
            for (int i = 0; i < s_fields.Length; i++)
            {
                values.Add(Encoding.Latin1.GetString(reader.Value(i)));
            }
            found.Add(JournalSamples.Show(reader.Realtime.ToString(CultureInfo.InvariantCulture), reader.Monotonic.ToString(CultureInfo.InvariantCulture),
                reader.BootId.ToString("x32", CultureInfo.InvariantCulture), values));
            Assert.True(found.Count < 100_000);
        }
        return found;
    }
}
