using System.Diagnostics;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Registry;

/// <summary>Hives that Windows wrote, read here and by hivex and reglookup: every key, value, type, byte and time.</summary>
public sealed class RegistryHiveOracleTests
{
    public static TheoryData<string> Hives { get; } =
    [
        "hives/BCD.xz", "hives/NTUSER.DAT.xz", "hives/SAM.xz", "hives/SECURITY.xz", "hives/SYSTEM_B.xz", "hives/amcache.hve.xz", "hives/transactions_NTUSER.DAT.xz",
        "plaso/regf/100_sub_keys.hiv", "plaso/regf/NTUSER.DAT.zst", "plaso/regf/SAM.zst", "plaso/regf/UsrClass.dat.zst", "artemis/windows/registry/win10/NTUSER.DAT.zst",
    ];

    [Theory]
    [MemberData(nameof(Hives))]
    public void Keys_values_types_and_data_are_those_of_hivex(string image)
    {
        string path = SharedImages.Unpack(image);
        var diagnostics = new DiagnosticList();
        List<string> expected = HivexExport.Read(path);
        RegistryHive hive = Open(path, diagnostics);

        List<string> actual = HivexExport.Describe(hive.Root);

        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
        Assert.DoesNotContain(diagnostics.Items, diagnostic => diagnostic.Code != "registry.dirty");
    }

    [Theory]
    [MemberData(nameof(Hives))]
    public void Last_write_times_are_those_of_reglookup(string image)
    {
        string path = SharedImages.Unpack(image);
        Require("reglookup");
        var expected = new List<string>();
        foreach (string line in RunTool("reglookup", "-H", "-t", "KEY", path).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] columns = line.Split(',');
            string name = Unescape(columns[0]);
            // It cannot convert names that are not plain ASCII, and writes their bytes.
            if (name.All(c => c is >= ' ' and < '\x7F'))
            {
                expected.Add(name + "\t" + columns[3]);
            }
        }
        var actual = new List<string>();
        foreach (RegistryKey key in Open(path, new DiagnosticList()).Keys())
        {
            var names = new List<string>();
            for (RegistryKey at = key; at.Parent is { } parent; at = parent)
            {
                names.Add(at.Name);
            }
            names.Reverse();
            if (names.Any(name => name.Any(c => c is < ' ' or >= '\x7F')))
            {
                continue;
            }
            actual.Add("/" + string.Join('/', names) + "\t" + key.LastWritten.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        }
        expected.Sort(StringComparer.Ordinal);
        actual.Sort(StringComparer.Ordinal);

        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
    }

    [Fact]
    public void Counts_are_those_that_regipy_states()
    {
        RegistryHive ntuser = Open(SharedImages.Unpack("hives/NTUSER.DAT.xz"), new DiagnosticList());
        RegistryHive amcache = Open(SharedImages.Unpack("hives/amcache.hve.xz"), new DiagnosticList());
        var types = new Dictionary<RegistryValueType, int>();
        foreach (RegistryValue value in amcache.Keys().SelectMany(key => key.Values()))
        {
            types[value.Type] = types.GetValueOrDefault(value.Type) + 1;
        }

        Assert.Equal(1812, ntuser.Keys().Count());
        Assert.Equal(2105, amcache.Keys().Count());
        Assert.Equal(
            new Dictionary<RegistryValueType, int>
            {
                [RegistryValueType.Binary] = 56,
                [RegistryValueType.DoubleWord] = 1656,
                [RegistryValueType.MultipleTexts] = 140,
                [RegistryValueType.QuadWord] = 1254,
                [RegistryValueType.Text] = 14433,
            },
            types);
    }

    [Fact]
    public void The_security_descriptor_of_a_key_names_its_owner()
    {
        RegistryHive hive = Open(SharedImages.Unpack("hives/NTUSER.DAT.xz"), new DiagnosticList());
        ReadOnlySpan<byte> descriptor = hive.Find(@"Software\Microsoft\Windows\CurrentVersion\Run")!.SecurityDescriptor.Span;

        // Owner S-1-5-18, as regipy's tests state too.
        int owner = BitConverter.ToInt32(descriptor[4..]);
        Assert.Equal([1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0], descriptor.Slice(owner, 12).ToArray());
    }

    internal static RegistryHive Open(string path, IDiagnosticSink diagnostics) =>
        RegistryHive.Open(new FileByteSource(path), null, null, new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None));

    internal static void Require(string tool)
    {
        bool isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));
        Assert.SkipUnless(isThere, tool + " is not installed");
    }

    internal static string RunTool(string tool, params string[] arguments)
    {
        string output = Path.GetTempFileName();
        try
        {
            SharedImages.Run(tool, arguments, output);
            return Encoding.Latin1.GetString(File.ReadAllBytes(output));
        }
        finally
        {
            File.Delete(output);
        }
    }

    // reglookup writes what is not plain as %XX of its UTF-8.
    private static string Unescape(string text)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.Add((byte)text[i]);
            }
        }
        return Encoding.Latin1.GetString([.. bytes]);
    }
}

/// <summary>The export of hivexregedit, and the same said of our reading of the hive; one sorted line a key and a value.</summary>
internal static class HivexExport
{
    public static List<string> Read(string path)
    {
        RegistryHiveOracleTests.Require("hivexregedit");
        var lines = new List<string>();
        string key = "";
        foreach (string raw in RegistryHiveOracleTests.RunTool("hivexregedit", "--export", path, "\\").Split('\n').Skip(1))
        {
            string line = Decode(raw);
            if (line.Length == 0)
            {
                continue;
            }
            if (line[0] == '[')
            {
                key = line[1..^1];
                lines.Add(key);
                continue;
            }
            lines.Add(key + "\t" + (line.StartsWith("@=", StringComparison.Ordinal) ? "\"\"" + line[1..] : line));
        }
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    public static List<string> Describe(RegistryKey root)
    {
        var lines = new List<string>();
        foreach (RegistryKey key in root.Tree())
        {
            string path = "\\" + key.Path;
            lines.Add(path);
            foreach (RegistryValue value in key.Values())
            {
                byte[] data = value.Data().ToArray();
                string name = value.Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
                string text = value.RawType == 4 && data.Length == 4
                    ? "dword:" + BitConverter.ToUInt32(data).ToString("x8", CultureInfo.InvariantCulture)
                    : string.Create(CultureInfo.InvariantCulture, $"hex({value.RawType:x}):") + string.Join(',', data.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
                lines.Add($"{path}\t\"{name}\"={text}");
            }
        }
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    // Perl writes a line in UTF-8 when it must and in Latin-1 when it can.
    private static string Decode(string line)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(line);
        return System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : line;
    }
}
