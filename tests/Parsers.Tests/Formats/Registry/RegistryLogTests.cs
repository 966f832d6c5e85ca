using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Registry;

/// <summary>Transaction logs: when they are applied, in which order, and where it ends.</summary>
public sealed class RegistryLogTests
{
    [Fact]
    public void Regipys_user_hive_gains_what_its_tests_state()
    {
        RegistryHive before = OpenShared("hives/transactions_NTUSER.DAT.xz", null, null);
        RegistryHive after = OpenShared("hives/transactions_NTUSER.DAT.xz", "hives/transactions_ntuser.dat.log1.xz", "hives/transactions_ntuser.dat.log2.xz");

        Assert.Equal(132, after.Replay.Pages);
        Assert.True(after.Replay.WasDirty);
        Assert.False(after.Replay.HeaderFromLog);
        Assert.Equal(0, before.Replay.Entries);
        Assert.Equal((527, 60), Differences(before, after));
    }

    [Fact]
    public void Regipys_system_hive_gains_keys_and_loses_none()
    {
        RegistryHive before = OpenShared("hives/SYSTEM_B.xz", null, null);
        RegistryHive after = OpenShared("hives/SYSTEM_B.xz", "hives/SYSTEM_B.LOG1.xz", "hives/SYSTEM_B.LOG2.xz");

        Assert.Equal(315, after.Replay.Pages);
        // regipy's tests state 315 pages too, but 2,458 keys: the log makes the hive grow, and what we read of the result is what hivex reads (below).
        Dictionary<string, RegistryKey> first = ByPath(before);
        Dictionary<string, RegistryKey> second = ByPath(after);
        Assert.Equal(2472, second.Keys.Except(first.Keys).Count());
        Assert.Empty(first.Keys.Except(second.Keys));
    }

    [Fact]
    public void A_replayed_hive_is_whole()
    {
        foreach ((string hive, string log1, string log2) in new[]
        {
            ("hives/transactions_NTUSER.DAT.xz", "hives/transactions_ntuser.dat.log1.xz", "hives/transactions_ntuser.dat.log2.xz"),
            ("hives/SYSTEM_B.xz", "hives/SYSTEM_B.LOG1.xz", "hives/SYSTEM_B.LOG2.xz"),
        })
        {
            var diagnostics = new DiagnosticList();
            RegistryHive replayed = OpenShared(hive, log1, log2, diagnostics);

            Assert.True(replayed.Keys().SelectMany(key => key.Values()).All(value => value.Data().Length == value.DataSize));
            Assert.DoesNotContain(diagnostics.Items, diagnostic => diagnostic.Code != "registry.log.start");
        }
    }

    [Theory]
    [InlineData("hives/transactions_NTUSER.DAT.xz", "hives/transactions_ntuser.dat.log1.xz", "hives/transactions_ntuser.dat.log2.xz")]
    [InlineData("hives/SYSTEM_B.xz", "hives/SYSTEM_B.LOG1.xz", "hives/SYSTEM_B.LOG2.xz")]
    public void A_replayed_hive_put_into_a_file_is_the_same_to_hivex(string hive, string log1, string log2)
    {
        HiveRecovery recovery = HiveRecovery.Run(Source(hive), Source(log1), Source(log2), new RegistryAnomalies(NullDiagnosticSink.Instance), TestContext.Current.CancellationToken);
        byte[] whole = recovery.Source.ReadArray(0, (int)recovery.Source.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(4), recovery.Report.LastSequence!.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(8), recovery.Report.LastSequence!.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(40), recovery.BinsSize);
        RegistryHiveWriter.WriteChecksum(whole);
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, whole);
            Assert.Equal(string.Join('\n', HivexExport.Read(file)), string.Join('\n', HivexExport.Describe(OpenShared(hive, log1, log2).Root)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_change_that_only_the_log_holds_is_seen(bool newFormat)
    {
        (byte[] before, byte[] after) = TwoStates();
        byte[] log = newFormat ? RegistryLogWriter.NewFormat(8, before, after) : RegistryLogWriter.OldFormat(8, before, after);

        RegistryHive hive = Open(Dirty(before, 9, 8), log, null);

        Assert.Equal("evil.exe", hive.Find("Run")!.FindValue("new")!.AsText());
        Assert.Equal(1, hive.Replay.Entries);
        Assert.Equal(8u, hive.Replay.LastSequence);
    }

    [Fact]
    public void A_hive_that_is_not_dirty_is_left_alone()
    {
        (byte[] before, byte[] after) = TwoStates();

        RegistryHive hive = Open(before, RegistryLogWriter.NewFormat(8, before, after), null);

        Assert.Null(hive.Find("Run")!.FindValue("new"));
        Assert.False(hive.Replay.WasDirty);
    }

    [Fact]
    public void Two_logs_are_applied_in_the_order_of_their_sequence_numbers()
    {
        (byte[] first, byte[] second, byte[] third) = ThreeStates();
        byte[] early = RegistryLogWriter.NewFormat(8, first, second);
        byte[] late = RegistryLogWriter.NewFormat(9, second, third);

        foreach ((byte[] log1, byte[] log2) in new[] { (early, late), (late, early) })
        {
            RegistryHive hive = Open(Dirty(first, 9, 8), log1, log2);

            Assert.Equal("third", hive.Find("Run")!.FindValue("state")!.AsText());
            Assert.Equal(2, hive.Replay.Entries);
        }
    }

    [Fact]
    public void Entries_that_are_in_the_hive_already_are_passed_over()
    {
        (byte[] first, byte[] second, byte[] third) = ThreeStates();
        byte[] log = RegistryLogWriter.NewFormat(8, first, second, third);

        RegistryHive hive = Open(Dirty(second, 10, 9), log, null);

        Assert.Equal("third", hive.Find("Run")!.FindValue("state")!.AsText());
        Assert.Equal(1, hive.Replay.Entries);
    }

    [Theory]
    [InlineData(512 + 40)]
    [InlineData(512 + 8)]
    [InlineData(512 + 24)]
    public void A_broken_entry_ends_the_replay_and_is_reported(int offset)
    {
        (byte[] first, byte[] second, byte[] third) = ThreeStates();
        byte[] log = RegistryLogWriter.NewFormat(8, first, second, third);
        int entry = (int)BinaryPrimitives.ReadUInt32LittleEndian(log.AsSpan(512 + 4));
        log[entry + offset] ^= 1;
        var diagnostics = new DiagnosticList();

        RegistryHive hive = Open(Dirty(first, 9, 8), log, null, diagnostics);

        Assert.Equal("second", hive.Find("Run")!.FindValue("state")!.AsText());
        Assert.Contains(diagnostics.Items, diagnostic => diagnostic.Code == "registry.log.entry");
    }

    [Fact]
    public void Missing_sequence_numbers_between_logs_end_the_replay()
    {
        (byte[] first, byte[] second, byte[] third) = ThreeStates();
        var diagnostics = new DiagnosticList();

        RegistryHive hive = Open(Dirty(first, 9, 8), RegistryLogWriter.NewFormat(8, first, second), RegistryLogWriter.NewFormat(11, second, third), diagnostics);

        Assert.Equal("second", hive.Find("Run")!.FindValue("state")!.AsText());
        Assert.Contains(diagnostics.Items, diagnostic => diagnostic.Code == "registry.log.gap");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_broken_base_block_is_taken_from_the_log(bool newFormat)
    {
        (byte[] before, byte[] after) = TwoStates();
        byte[] log = newFormat ? RegistryLogWriter.NewFormat(8, before, after) : RegistryLogWriter.OldFormat(8, before, after);
        before.AsSpan(0, 512).Fill(0xAA);

        RegistryHive hive = Open(before, log, null);

        Assert.True(hive.Replay.HeaderFromLog);
        Assert.Equal("evil.exe", hive.Find("Run")!.FindValue("new")!.AsText());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hive_of_which_only_the_log_exists_is_read(bool newFormat)
    {
        (_, byte[] after) = TwoStates();
        byte[] log = newFormat ? RegistryLogWriter.NewFormat(1, [], after) : RegistryLogWriter.OldFormat(1, [], after);

        foreach (byte[] hive in new[] { Array.Empty<byte>(), new byte[8192] })
        {
            Assert.Equal("evil.exe", Open(hive, log, null).Find("Run")!.FindValue("new")!.AsText());
        }
    }

    [Fact]
    public void A_log_of_the_old_format_of_another_time_is_left_out()
    {
        (byte[] before, byte[] after) = TwoStates();
        byte[] log = RegistryLogWriter.OldFormat(8, before, after);
        log[12] ^= 1;
        RegistryHiveWriter.WriteChecksum(log);
        var diagnostics = new DiagnosticList();

        RegistryHive hive = Open(Dirty(before, 9, 8), log, null, diagnostics);

        Assert.Null(hive.Find("Run")!.FindValue("new"));
        Assert.Equal(["registry.dirty", "registry.log.other"], diagnostics.Items.Select(diagnostic => diagnostic.Code).Order());
    }

    [Fact]
    public void A_dirty_hive_without_logs_is_read_and_says_so()
    {
        (byte[] before, _) = TwoStates();
        var diagnostics = new DiagnosticList();

        RegistryHive hive = Open(Dirty(before, 9, 8), null, [], diagnostics);

        Assert.NotNull(hive.Find("Run"));
        Assert.Equal("registry.dirty", Assert.Single(diagnostics.Items).Code);
    }

    [Fact]
    public void The_hive_may_grow_by_its_log()
    {
        var writer = new RegistryHiveWriter();
        writer.Key("Run");
        byte[] before = writer.ToBytes();
        writer.Key("Run").Binary("large", new byte[300_000]);
        byte[] after = writer.ToBytes();

        RegistryHive hive = Open(Dirty(before, 2, 1), RegistryLogWriter.NewFormat(1, before, after), null);

        Assert.Equal(300_000, hive.Find("Run")!.FindValue("large")!.Data().Length);
    }

    private static (byte[] Before, byte[] After) TwoStates()
    {
        var writer = new RegistryHiveWriter();
        writer.Key("Run").Text("old", "fine.exe");
        byte[] before = writer.ToBytes();
        writer.Key("Run").Text("new", "evil.exe");
        return (before, writer.ToBytes());
    }

    private static (byte[] First, byte[] Second, byte[] Third) ThreeStates() => (State("first"), State("second"), State("third"));

    private static byte[] State(string state)
    {
        var writer = new RegistryHiveWriter();
        writer.Key("Run").Text("state", state);
        return writer.ToBytes();
    }

    private static byte[] Dirty(byte[] hive, uint primary, uint secondary)
    {
        byte[] dirty = [.. hive];
        BinaryPrimitives.WriteUInt32LittleEndian(dirty.AsSpan(4), primary);
        BinaryPrimitives.WriteUInt32LittleEndian(dirty.AsSpan(8), secondary);
        RegistryHiveWriter.WriteChecksum(dirty);
        return dirty;
    }

    private static RegistryHive Open(byte[] hive, byte[]? log1, byte[]? log2, IDiagnosticSink? diagnostics = null) => RegistryHive.Open(
        new MemorySource(hive), log1 is null ? null : new MemorySource(log1), log2 is null ? null : new MemorySource(log2), ParseContext.Quiet with { Diagnostics = diagnostics ?? NullDiagnosticSink.Instance });

    private static RegistryHive OpenShared(string hive, string? log1, string? log2, IDiagnosticSink? diagnostics = null) => RegistryHive.Open(
        Source(hive), log1 is null ? null : Source(log1), log2 is null ? null : Source(log2), ParseContext.Quiet with { Diagnostics = diagnostics ?? NullDiagnosticSink.Instance });

    private static FileByteSource Source(string image) => new(SharedImages.Unpack(image));

    // As regipy counts: paths that only one state has, and values that only one state of a key with another time has by name; each text of REG_MULTI_SZ is one, and what is empty or 0 is none.
    private static (int Keys, int Values) Differences(RegistryHive before, RegistryHive after)
    {
        Dictionary<string, RegistryKey> first = ByPath(before);
        Dictionary<string, RegistryKey> second = ByPath(after);
        int keys = first.Keys.Except(second.Keys).Count() + second.Keys.Except(first.Keys).Count();
        int values = 0;
        foreach ((string path, RegistryKey key) in first)
        {
            if (second.TryGetValue(path, out RegistryKey? other) && other.LastWritten != key.LastWritten)
            {
                List<(string Name, string Data)> old = Pairs(key);
                List<(string Name, string Data)> young = Pairs(other);
                values += old.Count(pair => young.All(one => one.Name != pair.Name)) + young.Count(pair => old.All(one => one.Name != pair.Name));
            }
        }
        return (keys, values);
    }

    private static List<(string Name, string Data)> Pairs(RegistryKey key)
    {
        var pairs = new HashSet<(string Name, string Data)>();
        foreach (RegistryValue value in key.Values().Where(value => value.Data().Length > 0 && value.AsNumber() != 0 && value.AsText() != ""))
        {
            pairs.UnionWith(value.Type == RegistryValueType.MultipleTexts ? value.AsTexts().Select(text => (value.Name, text)) : [(value.Name, Convert.ToHexString(value.Data().Span))]);
        }
        return [.. pairs];
    }

    private static Dictionary<string, RegistryKey> ByPath(RegistryHive hive) => hive.Keys().ToDictionary(key => key.Path, StringComparer.Ordinal);
}
