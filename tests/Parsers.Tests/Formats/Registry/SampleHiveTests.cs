using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Registry;

/// <summary>Hives that the recipes of the samples write are hives for others too: hivex and reglookup read the same in them as we do.</summary>
public sealed class SampleHiveTests
{
    [Theory]
    [InlineData("SYSTEM")]
    [InlineData("SOFTWARE")]
    [InlineData("NTUSER")]
    [InlineData("SECURITY")]
    [InlineData("DEFAULT")]
    public void Stock_texts_become_hives_that_other_readers_agree_on(string name) => Compare([Tools("windows", name + ".reg")]);

    [Fact]
    public void Many_keys_below_one_and_what_a_later_text_changes()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string first = Path.Combine(folder, "first.reg");
            string second = Path.Combine(folder, "second.reg");
            File.WriteAllText(first, "[\\Classes]\n\"Gone\"=\"x\"\n\"Kept\"=str(7):\"one\",\"two\"\n" + string.Concat(Enumerable.Range(0, 1500).Select(number => $"[\\Classes\\Key {number}]\n@=dword:{number:x8}\n")), new UTF8Encoding(false));
            File.WriteAllText(second, "[\\classes]\n\"gone\"=-\n\"kept\"=\"three\"\n", new UTF8Encoding(false));

            RegistryHive hive = Compare([first, second]);

            RegistryKey classes = hive.Find("Classes")!;
            Assert.Equal(1500, classes.Subkeys().Count());
            Assert.Null(classes.FindValue("Gone"));
            Assert.Equal("three", classes.FindValue("Kept")!.AsText());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static RegistryHive Compare(string[] texts)
    {
        RegistryHiveOracleTests.Require("python3");
        RegistryHiveOracleTests.Require("reglookup");
        string path = Path.GetTempFileName();
        string log = Path.GetTempFileName();
        try
        {
            SharedImages.Run("python3", [Tools("hive.py"), path, "test", "--set", "UBR=00000001", "--set", "HOST=WS01", .. texts], log);
            List<string> expected = HivexExport.Read(path);
            var diagnostics = new DiagnosticList();
            var hive = RegistryHive.Open(new MemorySource(File.ReadAllBytes(path)), null, null, new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None));

            Assert.Equal(string.Join('\n', expected), string.Join('\n', HivexExport.Describe(hive.Root)));
            Assert.Empty(diagnostics.Items);
            Assert.Equal(hive.Keys().Count(), RegistryHiveOracleTests.RunTool("reglookup", "-H", "-t", "KEY", path).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            return hive;
        }
        finally
        {
            File.Delete(path);
            File.Delete(log);
        }
    }

    private static string Tools(params string[] parts)
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Forensics.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }
        return Path.Combine([folder, "samples", "tools", .. parts]);
    }
}
