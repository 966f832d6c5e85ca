using System.Buffers.Binary;
using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Registry;

/// <summary>Hives made to hurt: cycles, lists without end, cells without size, names without room; and ten thousand random ones.</summary>
public sealed class HostileRegistryTests
{
    private const int Bins = 4096;
    private const int Mutations = 10_000;
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(10);

    [Fact]
    public void A_key_that_is_its_own_grandchild_is_left_out()
    {
        var writer = new RegistryHiveWriter();
        WrittenKey a = writer.Key("A");
        WrittenKey b = writer.Key(@"A\B");
        byte[] hive = writer.ToBytes();
        // B has the list of its parent, and the root's list for A.
        Copy(hive, a.CellOffset, b.CellOffset, 20);
        Copy(hive, a.CellOffset, b.CellOffset, 28);
        var diagnostics = new DiagnosticList();

        Assert.Equal(["", "A", @"A\B"], RegistryHiveTests.Open(hive, diagnostics).Keys().Select(key => key.Path));
        Assert.Contains(diagnostics.Items, diagnostic => diagnostic.Code == "registry.cycle");
    }

    [Fact]
    public void Keys_that_share_their_children_are_walked_once()
    {
        // Each of 40 levels lists the next one twice under two names: 2^40 paths.
        var writer = new RegistryHiveWriter();
        WrittenKey at = writer.Root;
        var levels = new List<(WrittenKey Left, WrittenKey Right)>();
        for (int i = 0; i < 40; i++)
        {
            levels.Add((at.Key("L"), at.Key("R")));
            at = at.Key("L");
        }
        byte[] hive = writer.ToBytes();
        foreach ((WrittenKey left, WrittenKey right) in levels.SkipLast(1))
        {
            Copy(hive, left.CellOffset, right.CellOffset, 20);
            Copy(hive, left.CellOffset, right.CellOffset, 28);
        }
        var diagnostics = new DiagnosticList();

        Assert.Equal(81, RegistryHiveTests.Open(hive, diagnostics).Keys().Count());
        Assert.Contains(diagnostics.Items, diagnostic => diagnostic.Code == "registry.key.twice");
    }

    [Fact]
    public void Keys_nested_too_deeply_are_left_out()
    {
        var writer = new RegistryHiveWriter();
        WrittenKey at = writer.Root;
        for (int i = 0; i < 2000; i++)
        {
            at = at.Key("k");
        }
        var diagnostics = new DiagnosticList();

        Assert.Equal(RegistryKey.MaximumDepth + 1, RegistryHiveTests.Open(writer.ToBytes(), diagnostics).Keys().Count());
        Assert.Contains(diagnostics.Items, diagnostic => diagnostic.Code == "registry.depth");
    }

    [Theory]
    [InlineData(20, 0xFFFFFFFF, "registry.subkeys.count")]
    [InlineData(28, 0xFFFFFFF8, "registry.offset")]
    [InlineData(28, 0x20, "registry.list")]
    [InlineData(36, 0x80000000, "registry.values.count")]
    [InlineData(40, 3, "registry.offset")]
    [InlineData(72, 0xFFFF, "registry.key.name")]
    public void A_field_without_sense_costs_what_it_names(int field, uint value, string code)
    {
        var writer = new RegistryHiveWriter();
        WrittenKey key = writer.Key("K");
        key.Text("v", "x");
        writer.Key(@"K\Sub");
        byte[] hive = writer.ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(Bins + (int)key.CellOffset + 4 + field), value);
        var diagnostics = new DiagnosticList();

        Walk(RegistryHiveTests.Open(hive, diagnostics));

        Assert.Contains(diagnostics.Items, diagnostic => diagnostic.Code == code);
    }

    [Fact]
    public void A_list_of_lists_that_is_part_of_itself_ends()
    {
        var writer = new RegistryHiveWriter();
        for (int i = 0; i < 1200; i++)
        {
            writer.Key("k" + i);
        }
        byte[] hive = writer.ToBytes();
        uint list = BinaryPrimitives.ReadUInt32LittleEndian(hive.AsSpan(Bins + (int)writer.Root.CellOffset + 4 + 28));
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(Bins + (int)list + 8 + 4), list);
        var diagnostics = new DiagnosticList();

        Assert.Equal(701, RegistryHiveTests.Open(hive, diagnostics).Keys().Count());
        Assert.Contains(diagnostics.Items, diagnostic => diagnostic.Code == "registry.list.twice");
    }

    [Fact]
    public void Big_data_that_name_themselves_end()
    {
        var writer = new RegistryHiveWriter();
        WrittenKey key = writer.Key("K");
        key.Binary("v", new byte[100_000]);
        byte[] hive = writer.ToBytes();
        uint data = BinaryPrimitives.ReadUInt32LittleEndian(hive.AsSpan(Bins + (int)key.Values[0].CellOffset + 4 + 8));
        BinaryPrimitives.WriteUInt16LittleEndian(hive.AsSpan(Bins + (int)data + 4 + 2), 0xFFFF);
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(Bins + (int)data + 4 + 4), data);
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(Bins + (int)key.Values[0].CellOffset + 4 + 4), 0x7FFFFFFF);

        Assert.InRange(RegistryHiveTests.Open(hive).Find("K")!.FindValue("v")!.Data().Length, 0, 100_000);
    }

    [Fact]
    public void A_million_keys_that_share_one_list_of_values_meet_the_limit()
    {
        var writer = new RegistryHiveWriter();
        WrittenKey rich = writer.Key("rich");
        for (int i = 0; i < 20_000; i++)
        {
            rich.Number("n" + i, 1);
        }
        var poor = Enumerable.Range(0, 20_000).Select(i => writer.Key("p" + i)).ToList();
        byte[] hive = writer.ToBytes();
        foreach (WrittenKey key in poor)
        {
            Copy(hive, rich.CellOffset, key.CellOffset, 36);
            Copy(hive, rich.CellOffset, key.CellOffset, 40);
        }
        var clock = Stopwatch.StartNew();

        Assert.Throws<LimitExceededException>(() => Walk(RegistryHiveTests.Open(hive)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), clock.Elapsed.ToString());
    }

    [Fact]
    public void A_hive_broken_all_over_says_so_a_bounded_number_of_times()
    {
        var writer = new RegistryHiveWriter();
        var keys = Enumerable.Range(0, 5000).Select(i => writer.Key("k" + i)).ToList();
        byte[] hive = writer.ToBytes();
        foreach (WrittenKey key in keys)
        {
            hive[Bins + (int)key.CellOffset + 4] = (byte)'x';
        }
        var diagnostics = new DiagnosticList();

        Assert.Single(RegistryHiveTests.Open(hive, diagnostics).Keys());
        Assert.Equal(256, diagnostics.Items.Count);
        Assert.Equal("registry.more", diagnostics.Items[^1].Code);
    }

    [Theory]
    [InlineData("hives/corrupted_system_hive.xz", 1)]
    [InlineData("artemis/windows/registry/win10/NTUSER_Bad.DAT.zst", 100)]
    [InlineData("plaso/regf/corrupt_sub_key_list.hiv", 2)]
    public void Damaged_hives_of_other_projects_give_what_they_have(string image, int atLeast)
    {
        var diagnostics = new DiagnosticList();
        RegistryHive hive = RegistryHiveOracleTests.Open(SharedImages.Unpack(image), diagnostics);

        Assert.InRange(Walk(hive), atLeast, int.MaxValue);
        Assert.NotEmpty(diagnostics.Items);
        hive.FindDeleted();
    }

    [Fact]
    public void Random_damage_never_escapes_and_never_takes_long()
    {
        RegistryHiveWriter writer = SmallHive();
        byte[] hive = writer.ToBytes();
        writer.Key(@"Software\New").Text("late", "x");
        byte[] after = writer.ToBytes();
        byte[] newLog = RegistryLogWriter.NewFormat(1, hive, after);
        byte[] oldLog = RegistryLogWriter.OldFormat(1, hive, after);
        for (int seed = 0; seed < Mutations; seed++)
        {
            var random = new Random(seed);
            byte[] broken = Break(random, hive);
            byte[]? log = random.Next(3) switch { 0 => Break(random, newLog), 1 => Break(random, oldLog), _ => null };
            var clock = Stopwatch.StartNew();
            try
            {
                RegistryHive read = RegistryHive.Open(new MemorySource(broken), log is null ? null : new MemorySource(log), null, ParseContext.Quiet);
                Walk(read);
                read.Find(@"Software\Many\k30");
                read.FindDeleted();
            }
            catch (ForensicException)
            {
                // The whole family is allowed; anything else fails the test with its seed.
                continue;
            }
            catch (Exception error) when (error is not Xunit.Sdk.IAssertionException)
            {
                Assert.Fail($"seed {seed}: {error}");
            }
            Assert.True(clock.Elapsed < s_most, $"seed {seed} took {clock.Elapsed}");
        }
    }

    private static RegistryHiveWriter SmallHive()
    {
        var writer = new RegistryHiveWriter();
        writer.Key("Software").Text("", "x").Texts("multi", "a", "b").Binary("big", new byte[40_000]).Number("n", 1);
        writer.Key(@"Software\Classes").ClassName = "class";
        for (int i = 0; i < 600; i++)
        {
            writer.Key(@"Software\Many\k" + i);
        }
        return writer;
    }

    private static byte[] Break(Random random, byte[] good)
    {
        byte[] bad = [.. good];
        int count = random.Next(1, 24);
        for (int i = 0; i < count; i++)
        {
            // Records are dense at the start of the bins; half of the damage goes there, and in whole words as often as in bits.
            int at = random.Next(2) == 0 ? random.Next(bad.Length - 4) : Math.Min(bad.Length - 4, 4096 + random.Next(4096));
            switch (random.Next(4))
            {
                case 0:
                    bad[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(at & ~3), random.Next(bad.Length) & ~7);
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt32LittleEndian(bad.AsSpan(at & ~3), random.Next(3) switch { 0 => 0xFFFFFFFF, 1 => 0x80000000, _ => 0 });
                    break;
                default:
                    bad.AsSpan(random.Next(bad.Length - 64) & ~7, 64).CopyTo(bad.AsSpan(Math.Min(at, bad.Length - 64) & ~7));
                    break;
            }
        }
        if (random.Next(2) == 0)
        {
            RegistryHiveWriter.WriteChecksum(bad);
        }
        return random.Next(8) == 0 ? bad[..random.Next(bad.Length)] : bad;
    }

    private static int Walk(RegistryHive hive)
    {
        int keys = 0;
        foreach (RegistryKey key in hive.Keys())
        {
            keys++;
            _ = key.ClassName;
            _ = key.SecurityDescriptor;
            foreach (RegistryValue value in key.Values())
            {
                _ = value.Data();
                _ = value.AsText();
                _ = value.AsNumber();
                _ = value.AsTexts();
            }
        }
        return keys;
    }

    private static void Copy(byte[] hive, uint from, uint to, int field) =>
        hive.AsSpan(Bins + (int)from + 4 + field, 4).CopyTo(hive.AsSpan(Bins + (int)to + 4 + field));
}
