using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Registry;

/// <summary>Hives of our own writer: what each structure means, and that hivex reads the same out of them.</summary>
public sealed class RegistryHiveTests
{
    private const int Bins = 4096;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void What_was_written_is_read_here_and_by_hivex(int minorVersion)
    {
        RegistryHiveWriter writer = Everything(minorVersion);
        byte[] bytes = writer.ToBytes();
        var diagnostics = new DiagnosticList();

        RegistryHive hive = Open(bytes, diagnostics);
        List<string> ours = HivexExport.Describe(hive.Root);

        Assert.Empty(diagnostics.Items);
        Assert.Equal(1 + 1200 + 5 + 600, hive.Keys().Count());
        Assert.Equal(minorVersion, hive.MinorVersion);
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, bytes);
            Assert.Equal(string.Join('\n', HivexExport.Read(file)), string.Join('\n', ours));
            RegistryHiveOracleTests.Require("reglookup");
            Assert.Equal(hive.Keys().Count(), RegistryHiveOracleTests.RunTool("reglookup", "-H", "-t", "KEY", file).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Every_type_is_decoded()
    {
        var writer = new RegistryHiveWriter();
        writer.Key("Types").Text("sz", "text").Expandable("expand", "%SystemRoot%\\x.exe").Texts("multi", "one", "two").Number("dword", 0xFFFFFFFF).LongNumber("qword", -2)
            .Value("big", 5, [0, 0, 1, 2]).Value("link", 6, "a\0b\0"u8.ToArray()).Binary("binary", [1, 2, 3]).Value("none", 0, []).Value("device", 0xFFFF0012, [0x41, 0, 0, 0, 0x42, 0])
            .Value("hidden", 1, "a\0\0\0b\0"u8.ToArray()).Value("odd", 1, "a\0b"u8.ToArray());
        RegistryKey key = Open(writer.ToBytes()).Find("types")!;

        Assert.Equal("text", key.FindValue("SZ")!.AsText());
        Assert.Equal("%SystemRoot%\\x.exe", key.FindValue("expand")!.AsText());
        Assert.Equal(["one", "two"], key.FindValue("multi")!.AsTexts());
        Assert.Equal(0xFFFFFFFF, key.FindValue("dword")!.AsNumber());
        Assert.Equal(-2, key.FindValue("qword")!.AsNumber());
        Assert.Equal(258, key.FindValue("big")!.AsNumber());
        Assert.Equal("ab", key.FindValue("link")!.AsText());
        Assert.Equal([1, 2, 3], key.FindValue("binary")!.Data().ToArray());
        Assert.Null(key.FindValue("binary")!.AsText());
        Assert.Null(key.FindValue("binary")!.AsNumber());
        Assert.Equal(0, key.FindValue("none")!.Data().Length);
        Assert.Equal(0xFFFF0012, key.FindValue("device")!.RawType);
        Assert.Equal("a", key.FindValue("hidden")!.AsText());
        Assert.Equal(6, key.FindValue("hidden")!.Data().Length);
        Assert.Equal("a", key.FindValue("odd")!.AsText());
        Assert.Equal(["text"], key.FindValue("sz")!.AsTexts());
        Assert.Null(key.FindValue("absent"));
    }

    [Fact]
    public void Names_are_counted_and_may_be_empty_begin_with_NUL_or_be_wide()
    {
        var writer = new RegistryHiveWriter();
        writer.Key("Run").Text("", "default").Text("\0hidden", "evil").Text("\u0416\u4E2D", "wide").Text("gr\u00FC\u00DF", "latin");
        writer.Key("\u0416\0key");
        RegistryHive hive = Open(writer.ToBytes());

        Assert.Equal(["", "\0hidden", "\u0416\u4E2D", "gr\u00FC\u00DF"], hive.Find("Run")!.Values().Select(value => value.Name));
        Assert.Equal("evil", hive.Find("RUN")!.FindValue("\0HIDDEN")!.AsText());
        Assert.Equal("default", hive.Find("run")!.FindValue("")!.AsText());
        Assert.NotNull(hive.Root.FindSubkey("\u0436\0KEY"));
    }

    [Fact]
    public void A_finding_can_be_shown_at_its_offset_in_the_file()
    {
        var writer = new RegistryHiveWriter();
        writer.Key("A\\B").Text("v", "x");
        byte[] bytes = writer.ToBytes();
        RegistryKey key = Open(bytes).Find("A\\B")!;
        RegistryValue value = key.FindValue("v")!;

        Assert.Equal("nk"u8.ToArray(), bytes[(int)(key.FileOffset + 4)..(int)(key.FileOffset + 6)]);
        Assert.Equal("vk"u8.ToArray(), bytes[(int)(value.FileOffset + 4)..(int)(value.FileOffset + 6)]);
        Assert.Equal("A\\B", key.Path);
        Assert.Equal("", Open(bytes).Root.Path);
        Assert.Equal("2026-11-20T10:00:00.000000000Z", key.LastWritten.ToString());
        Assert.Same(key, value.Key);
    }

    [Fact]
    public void Class_names_and_symbolic_links_are_shown()
    {
        var writer = new RegistryHiveWriter();
        writer.Key("JD").ClassName = "0a1b2c3d";
        WrittenKey link = writer.Key("CurrentControlSet");
        link.Flags = 0x10;
        link.Value("SymbolicLinkValue", 6, System.Text.Encoding.Unicode.GetBytes("\\Registry\\Machine\\System\\ControlSet001"));
        RegistryHive hive = Open(writer.ToBytes());

        Assert.Equal("0a1b2c3d", hive.Find("JD")!.ClassName);
        Assert.Null(hive.Find("JD")!.LinkTarget);
        Assert.Equal("\\Registry\\Machine\\System\\ControlSet001", hive.Find("CurrentControlSet")!.LinkTarget);
        Assert.Equal(80, hive.Root.SecurityDescriptor.Length);
    }

    [Theory]
    [InlineData(16344)]
    [InlineData(16345)]
    [InlineData(16344 * 3)]
    [InlineData(1_000_000)]
    public void Big_data_are_put_together(int length)
    {
        var data = new byte[length];
        new Random(length).NextBytes(data);
        var writer = new RegistryHiveWriter();
        writer.Key("K").Binary("big", data);
        var diagnostics = new DiagnosticList();

        Assert.Equal(data, Open(writer.ToBytes(), diagnostics).Find("K")!.FindValue("big")!.Data().ToArray());
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void Large_data_of_old_hives_that_begin_like_big_data_are_data()
    {
        byte[] data = [.. "db"u8, .. new byte[20000]];
        var writer = new RegistryHiveWriter(minorVersion: 3);
        writer.Key("K").Binary("v", data);

        Assert.Equal(data, Open(writer.ToBytes()).Find("K")!.FindValue("v")!.Data().ToArray());
    }

    [Fact]
    public void Subkeys_are_found_by_hash_and_by_name_in_lists_of_lists()
    {
        RegistryHive hive = Open(Everything(5).ToBytes());

        Assert.Equal("key0777", hive.Find("many\\KEY0777")!.Name);
        Assert.Null(hive.Find("many\\key1200"));
        Assert.Equal(Enumerable.Range(0, 1199).Select(i => $"key{i:d4}"), hive.Find("many")!.Subkeys().Select(key => key.Name).Take(1199));
    }

    [Fact]
    public void What_is_no_hive_is_refused()
    {
        Assert.Throws<UnknownFormatException>(() => Open(new byte[100]).Root);
        Assert.Throws<UnknownFormatException>(() => Open("MZ"u8.ToArray().Concat(new byte[8192]).ToArray()).Root);
        Assert.Throws<CorruptDataException>(() => Open(new byte[8192]).Root);
        Assert.True(RegistryHive.Matches("regf"u8));
        Assert.False(RegistryHive.Matches("regg"u8));
    }

    [Fact]
    public void The_first_cells_of_version_1_1_name_the_cell_before()
    {
        // By the description of that version: size, Last, content; no hints in lists.
        byte[] hive = OldestHive();

        RegistryHive read = Open(hive);

        Assert.Equal("root", read.Root.Name);
        Assert.Equal(1, read.MinorVersion);
    }

    internal static RegistryHive Open(byte[] bytes, IDiagnosticSink? diagnostics = null) =>
        RegistryHive.Open(new MemorySource(bytes), null, null, ParseContext.Quiet with { Diagnostics = diagnostics ?? NullDiagnosticSink.Instance });

    internal static RegistryHiveWriter Everything(int minorVersion)
    {
        var writer = new RegistryHiveWriter(minorVersion);
        WrittenKey all = writer.Key("all");
        all.Text("", "default").Text("text", "a \"quoted\" \\ text").Expandable("expand", "%x%").Texts("multi", "a", "b").Number("number", 42).LongNumber("long", 1L << 40).Binary("nothing", [])
            .Binary("three", [1, 2, 3]).Binary("four", [1, 2, 3, 4]).Binary("five", [1, 2, 3, 4, 5]).Binary("long\\name", new byte[5000]).Value("type", 0x1234, [9]).Binary("big", [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)]);
        all.LastWritten = new DateTime(2020, 2, 29, 1, 2, 3, DateTimeKind.Utc).ToFileTimeUtc();
        writer.Key("all\\nested\\deeper");
        for (int i = 0; i < 1200; i++)
        {
            writer.Key($"many\\key{i:d4}").Number("n", (uint)i);
        }
        for (int i = 0; i < 600; i++)
        {
            writer.Key($"leafs\\{i:x}");
        }
        return writer;
    }

    private static byte[] OldestHive()
    {
        var hive = new byte[Bins + 4096];
        var writer = new RegistryHiveWriter(minorVersion: 1);
        writer.Root.CellOffset = 32;
        hive.AsSpan().Clear();
        "hbin"u8.CopyTo(hive.AsSpan(Bins));
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(Bins + 8), 4096);
        BinaryPrimitives.WriteInt32LittleEndian(hive.AsSpan(Bins + 32), -96);
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(Bins + 36), uint.MaxValue);
        "nk"u8.CopyTo(hive.AsSpan(Bins + 40));
        BinaryPrimitives.WriteUInt16LittleEndian(hive.AsSpan(Bins + 42), 0x24);
        BinaryPrimitives.WriteUInt16LittleEndian(hive.AsSpan(Bins + 40 + 72), 4);
        "root"u8.CopyTo(hive.AsSpan(Bins + 40 + 76));
        writer.WriteBaseBlock(hive, 1, 1);
        return hive;
    }
}
