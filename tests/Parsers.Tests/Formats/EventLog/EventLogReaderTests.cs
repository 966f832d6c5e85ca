using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.EventLog;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.EventLog;

/// <summary>Event logs against <c>evtxexport</c> of libevtx: those of other projects, and our own.</summary>
public sealed class EventLogReaderTests
{
    private static readonly DateTimeOffset s_time = new(2026, 3, 9, 10, 0, 0, 123, TimeSpan.Zero);

    /// <summary>Name, records, recovered records that evtxexport exports, and what it says of them beyond that (-1: not compared).</summary>
    [Theory]
    [InlineData("plaso/evtx/System.evtx.zst", 5009, 0)]
    [InlineData("evtx/Application_no_crc32.evtx.zst", 17, 0)]
    [InlineData("evtx/Security_short_selected.evtx.zst", 7, 0)]
    [InlineData("evtx/new-user-security.evtx.zst", 4, 0)]
    [InlineData("evtx/sample_with_a_bad_chunk_magic.evtx.zst", 267, 81)]
    public void Every_record_of_the_shared_logs_is_that_of_libevtx(string name, int records, int recovered)
    {
        SharedImages.Require();
        EvtxExport.Require();
        string path = SharedImages.Unpack(name);
        List<ExportedEvent> expected = EvtxExport.Read(path, "items");
        List<ExportedEvent> expectedRecovered = EvtxExport.Read(path, "recovered");
        Assert.Equal((records, recovered), (expected.Count, expectedRecovered.Count));

        List<(bool IsCarved, string Text)> found = ReadAll(File.ReadAllBytes(path), out DiagnosticList diagnostics);

        HashSet<string> current = [.. found.Where(one => !one.IsCarved).Select(one => one.Text)];
        Assert.All(expected, one => Assert.Contains(Text(one), current));
        HashSet<string> all = [.. found.Select(one => one.Text)];
        Assert.All(expectedRecovered, one => Assert.Contains(Text(one), all));
        if (recovered == 0)
        {
            Assert.Equal(records, found.Count(one => !one.IsCarved));
            Assert.Empty(diagnostics.Items);
        }
        else
        {
            // Behind damage libevtx gives up on a chunk; here records are searched for behind it.
            Assert.InRange(found.Count(one => !one.IsCarved), records, records + recovered);
            Assert.Equal(["evtx.chunk.records", "evtx.record.size", "evtx.chunk.magic"], diagnostics.Items.Select(one => one.Code));
        }
    }

    [Fact]
    public void What_the_writer_of_the_tests_writes_is_read_alike_by_both()
    {
        EvtxExport.Require();
        byte[] file = EvtxWriter.Write(Samples(500));
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, file);
            List<ExportedEvent> expected = EvtxExport.Read(path, "items");
            List<(bool IsCarved, string Text)> found = ReadAll(file, out DiagnosticList diagnostics);

            Assert.Equal(500, expected.Count);
            Assert.Equal(expected.Select(Text), found.Select(one => one.Text));
            Assert.Empty(diagnostics.Items);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Values_of_all_kinds_have_the_text_that_Windows_gives_them(bool isNested)
    {
        var one = new WrittenEvent("P", 7, s_time, ("text", "a\u20AC"), ("int", -5), ("uint", 5u), ("long", -7L), ("hex", 0x1F4UL), ("yes", true), ("guid", Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10")),
            ("time", s_time), ("sid", "S-1-5-21-1-2-3-1001"), ("bytes", new byte[] { 1, 0xAB }), ("many", new[] { "x", "", "y" }), ("none", null), ("empty", "")) { IsNested = isNested, UserSid = "S-1-5-18", Level = 3 };
        var reader = new EventLogReader(new MemorySource(EvtxWriter.Write(one)), NullDiagnosticSink.Instance);

        Assert.True(reader.Read());

        EventRecord record = reader.Current;
        Assert.Equal(("P", 7, 1L, 3L, "Security", "WS1", "S-1-5-18"), (record.Provider, record.EventId, record.RecordId, record.Level, record.Channel, record.Computer, record.UserSid));
        Assert.Equal("2026-03-09T10:00:00.123000000Z", record.TimeCreated.ToString());
        Assert.Equal(4096 + 512, record.Offset);
        Assert.Equal(["text=a\u20AC", "int=-5", "uint=5", "long=-7", "hex=0x1f4", "yes=true", "guid={01020304-0506-0708-090a-0b0c0d0e0f10}", "time=2026-03-09T10:00:00.123000000Z", "sid=S-1-5-21-1-2-3-1001", "bytes=01AB",
            "many=x", "many=", "many=y", "none=", "empty="], Enumerable.Range(0, record.FieldCount).Select(i => record.FieldName(i) + "=" + record.FieldText(i)));
        Assert.Equal((0x1F4L, -5L, null), (record.Number("hex"), record.Number("int"), record.Number("text")));
        Assert.False(record.IsDamaged);
        Assert.False(reader.Read());
    }

    [Fact]
    public void Data_of_UserData_are_named_by_their_elements()
    {
        var reader = new EventLogReader(new MemorySource(EvtxWriter.Write(new WrittenEvent("P", 7, s_time, ("User", "eve"), ("Address", "203.0.113.9")) { UserData = "EventXML" })), NullDiagnosticSink.Instance);
        Assert.True(reader.Read());
        Assert.Equal(("EventXML", "eve", "203.0.113.9"), (reader.Current.DataName, reader.Current.Text("User"), reader.Current.Text("Address")));
    }

    [Fact]
    public void The_filter_sees_provider_and_number_and_leaves_the_others_out()
    {
        var asked = new List<(string, int)>();
        var reader = new EventLogReader(new MemorySource(EvtxWriter.Write(Samples(40))), NullDiagnosticSink.Instance, (provider, id) =>
        {
            asked.Add((provider, id));
            return id == 4625;
        });
        int wanted = 0;
        while (reader.Read())
        {
            Assert.Equal("eve", reader.Current.Text("TargetUserName"));
            wanted++;
        }
        Assert.Equal((40, 10, 40L), (asked.Count, wanted, reader.Records));
        Assert.Contains(("Service Control Manager", 7045), asked);
    }

    [Fact]
    public void Numbers_that_are_missing_are_gaps_unless_something_is_damaged()
    {
        WrittenEvent[] events = [.. Samples(6).Select((one, i) => one with { RecordId = (ulong)(i < 3 ? 10 + i : 20 + i) })];
        byte[] file = EvtxWriter.Write(events);
        EventRecordGap gap = Assert.Single(GapsOf(file));
        Assert.Equal((12L, 23L), (gap.Before, gap.After));
        file[4096 + 52] ^= 1;
        Assert.Empty(GapsOf(file));
    }

    [Fact]
    public void Records_in_free_space_are_carved_and_those_of_a_dirty_file_are_current()
    {
        byte[] file = EvtxWriter.Write(Samples(8));
        int third = Offsets(file)[2];
        // As when the service was stopped before it wrote the header of the chunk.
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4096 + 48), (uint)(third - 4096));
        EvtxWriter.Seal(file.AsSpan(4096));
        Assert.Equal([false, false, true, true, true, true, true, true], ReadAll(file, out _).Select(one => one.IsCarved));
        file[120] = 1;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(124), EvtxWriter.Crc32(file.AsSpan(0, 120)));
        Assert.Equal(Enumerable.Repeat(false, 8), ReadAll(file, out DiagnosticList diagnostics).Select(one => one.IsCarved));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void A_log_without_any_header_of_one_is_refused()
    {
        Assert.Equal("evtx.header.corrupt", Assert.Throws<CorruptDataException>(() => new EventLogReader(new MemorySource(new byte[100]), NullDiagnosticSink.Instance)).Code);
        byte[] file = EvtxWriter.Write(Samples(3));
        file[0] = 0;
        Assert.Equal(3, ReadAll(file, out DiagnosticList diagnostics).Count);
        Assert.Equal("evtx.header.magic", Assert.Single(diagnostics.Items).Code);
    }

    /// <summary>Events of two providers, some nested, some in the root template.</summary>
    internal static IEnumerable<WrittenEvent> Samples(int count) => Enumerable.Range(0, count).Select(i => (i % 4) switch
    {
        0 => new WrittenEvent("Microsoft-Windows-Security-Auditing", 4625, s_time.AddSeconds(i), ("TargetUserName", "eve"), ("LogonType", 10u), ("IpAddress", "203.0.113." + (i % 200).ToString(CultureInfo.InvariantCulture))) { IsNested = true },
        1 => new WrittenEvent("Service Control Manager", 7045, s_time.AddSeconds(i), ("ServiceName", "s" + i.ToString(CultureInfo.InvariantCulture)), ("ImagePath", @"C:\x.exe")) { Channel = "System", UserSid = "S-1-5-18" },
        2 => new WrittenEvent("Microsoft-Windows-Eventlog", 1102, s_time.AddSeconds(i), ("SubjectUserName", "admin")) { UserData = "LogFileCleared", IsNested = true },
        _ => new WrittenEvent("Other", i, s_time.AddSeconds(i), ("", "first"), ("", "second")),
    });

    /// <summary>Offsets of the records.</summary>
    internal static List<int> Offsets(byte[] file)
    {
        var reader = new EventLogReader(new MemorySource(file), NullDiagnosticSink.Instance);
        var offsets = new List<int>();
        while (reader.Read())
        {
            offsets.Add((int)reader.Current.Offset);
        }
        return offsets;
    }

    internal static List<(bool IsCarved, string Text)> ReadAll(byte[] file, out DiagnosticList diagnostics)
    {
        diagnostics = new DiagnosticList();
        var reader = new EventLogReader(new MemorySource(file), diagnostics);
        var found = new List<(bool, string)>();
        while (reader.Read())
        {
            found.Add((reader.Current.IsCarved, Text(reader.Current)));
        }
        return found;
    }

    private static IReadOnlyList<EventRecordGap> GapsOf(byte[] file)
    {
        var reader = new EventLogReader(new MemorySource(file), NullDiagnosticSink.Instance);
        while (reader.Read())
        {
            Assert.NotEqual(0, reader.Current.RecordId);
        }
        return reader.Gaps;
    }

    private static string Text(EventRecord record) => string.Join('|',
        [
            record.Provider, Plain(record.ProviderGuid), record.EventId, record.Qualifiers, record.Version, record.Level, record.Task, record.Opcode,
            record.Keywords is { } keywords ? Plain("0x" + keywords.ToString("x", CultureInfo.InvariantCulture)) : "", Plain(record.TimeCreated?.ToString()), record.EventRecordId, Plain(record.ActivityId),
            record.ProcessId, record.ThreadId, record.Channel, record.Computer, record.UserSid,
            .. Enumerable.Range(0, record.FieldCount).Select(i => (object)(record.FieldName(i) + "=" + Plain(record.FieldText(i)))),
        ]);

    private static string Text(ExportedEvent exported)
    {
        string Of(string key) => Plain(exported.System.GetValueOrDefault(key));
        return string.Join('|',
        [
            Of("Provider@Name"), Of("Provider@Guid"), Of("EventID"), Of("EventID@Qualifiers"), Of("Version"), Of("Level"), Of("Task"), Of("Opcode"), Of("Keywords"), Of("TimeCreated@SystemTime"), Of("EventRecordID"),
            Of("Correlation@ActivityID"), Of("Execution@ProcessID"), Of("Execution@ThreadID"), Of("Channel"), Of("Computer"), Of("Security@UserID"),
            .. exported.Data.Select(datum => datum.Name + "=" + Plain(datum.Value)),
        ]);
    }

    /// <summary>Both write the same value in several ways: zeros in front of hexadecimal numbers, capitals in GUIDs, digits of times, ends of lines, white space at the ends.</summary>
    private static string Plain(string? text)
    {
        string value = (text ?? "").Replace("\r\n", "\n", StringComparison.Ordinal).Trim();
        if (value.StartsWith("0x", StringComparison.Ordinal))
        {
            return "0x" + value[2..].TrimStart('0').ToLowerInvariant();
        }
        if (value is ['{', .., '}'] && value.Length == 38)
        {
            return value.ToLowerInvariant();
        }
        return value is [_, _, _, _, '-', .., 'Z'] && value.Length >= 20 ? value[..^1].TrimEnd('0') : value;
    }
}
