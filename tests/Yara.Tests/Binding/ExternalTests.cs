using Forensics.Yara.Compilation;
using Forensics.Yara.Scanning;

namespace Forensics.Yara.Tests.Binding;

public sealed class ExternalTests
{
    private const string Rules = """
        rule by_name { condition: filename == "evil.sh" }
        rule by_path { condition: filepath contains "/tmp" }
        rule by_extension { condition: extension == ".sh" }
        rule by_type { condition: filetype == "ELF" }
        rule by_owner { condition: owner == "www-data" }
        rule by_md5 { condition: md5 == "d41d8cd98f00b204e9800998ecf8427e" }
        """;

    [Fact]
    public void All_six_reach_the_rules()
    {
        YaraExternals externals = new("evil.sh", "/var/tmp", ".sh", "ELF", "www-data", "d41d8cd98f00b204e9800998ecf8427e");

        Assert.Equal(["by_name", "by_path", "by_extension", "by_type", "by_owner", "by_md5"], Library.Scan(Rules, "x", externals).Names());
    }

    [Fact]
    public void Every_scan_sees_its_own_values()
    {
        using YaraCompilation compilation = Library.Compile(Library.Source(Rules));
        using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);

        Assert.Equal(["by_name", "by_extension"], scanner.Scan("x"u8, new("evil.sh", "/home", ".sh", "", "", "")).Names());
        Assert.Equal(["by_extension", "by_type"], scanner.Scan("x"u8, new("good.sh", "/home", ".sh", "ELF", "", "")).Names());
        Assert.Empty(scanner.Scan("x"u8, default).Matches);
        Assert.Equal(["by_name"], scanner.Scan("x"u8, new("evil.sh", null!, null!, null!, null!, null!)).Names());
    }

    [Fact]
    public void Two_scanners_of_one_rule_set_keep_their_values_apart()
    {
        using YaraCompilation compilation = Library.Compile(Library.Source(Rules));
        using YaraScanner one = compilation.Rules.CreateScanner(Library.Timeout);
        using YaraScanner two = compilation.Rules.CreateScanner(Library.Timeout);

        one.Scan("x"u8, new("evil.sh", "", "", "", "", ""));
        Assert.Equal(["by_owner"], two.Scan("x"u8, new("", "", "", "", "www-data", "")).Names());
        Assert.Equal(["by_name"], one.Scan("x"u8, new("evil.sh", "", "", "", "", "")).Names());
    }

    [Fact]
    public void Long_hostile_and_non_ascii_values_are_harmless()
    {
        const string Probe = "rule n { condition: filename startswith \"\u00FC\" and filename endswith \"end\" } rule cut { condition: filename == \"a\" }";
        Assert.Equal(["n"], Library.Scan(Probe, "x", new("\u00FC" + new string('x', 100_000) + "end", "", "", "", "", "")).Names());
        Assert.Empty(Library.Scan(Probe, "x", new("a\0b", "", "", "", "", "")).Matches);
        Assert.Empty(Library.Scan(Probe, "x", new("\uD800", "", "", "", "", "")).Matches);
    }

    [Theory]
    [InlineData("rule x { condition: filename == \"a\" }", (int)ExternalSet.FileName)]
    [InlineData("rule x { condition: md5=='a' or owner contains \"r\" }", (int)(ExternalSet.Md5 | ExternalSet.Owner))]
    [InlineData("rule x { meta: md5 = \"00\" owner\n=\"me\" condition: true }", 0)]
    [InlineData("rule x { condition: md5 == \"00\" }", (int)ExternalSet.Md5)]
    [InlineData("import \"hash\" rule x { condition: hash.md5(0, 1) == \"\" }", 0)]
    [InlineData("rule x { strings: $md5 = \"filename\" $b = /owner\\/filetype/ condition: $md5 and #owner > 1 and @extension == 2 and !md5 == 3 }", 0)]
    [InlineData("// filename\n/* filepath */ rule x { condition: true }", 0)]
    [InlineData("rule x { strings: $a = \"quote \\\" filename\" condition: extension /* c */ == \".sh\" }", (int)ExternalSet.Extension)]
    [InlineData("rule x { strings: $a = \"ends in backslash \\\\\" condition: filetype == \"ELF\" }", (int)ExternalSet.FileType)]
    [InlineData("rule x { strings: $a = /[\\/]\\// condition: filepath == \"a\" }", (int)ExternalSet.FilePath)]
    [InlineData("rule x { condition: filenames == 1 or my_filename }", 0)]
    public void Variables_are_noticed_in_conditions_only(string text, int expected)
    {
        Assert.Equal((ExternalSet)expected, RuleText.Analyze(text).Externals);
    }

    [Theory]
    [InlineData("import \"pe\"", true)]
    [InlineData("  import/**/\"dotnet\"", true)]
    [InlineData("import \"elf\"\nimport \"pe\"", true)]
    [InlineData("import \"elf\"", false)]
    [InlineData("// import \"pe\"", false)]
    [InlineData("rule x { meta: a = \"import \\\"pe\\\"\" condition: true }", false)]
    public void Imports_are_noticed_outside_comments_and_texts(string text, bool expected)
    {
        Assert.Equal(expected, RuleText.Analyze(text).ImportsPe);
    }
}
