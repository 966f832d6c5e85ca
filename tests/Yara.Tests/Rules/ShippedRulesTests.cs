using System.Text.RegularExpressions;
using Forensics.Yara.Compilation;
using Forensics.Yara.Tests.Binding;

namespace Forensics.Yara.Tests.Rules;

public sealed partial class ShippedRulesTests
{
    private static readonly string[] Metas = ["author", "description", "severity", "category", "technique", "reference", "false_positives"];

    private static readonly Lazy<YaraCompilation> Compilation = new(() => Library.Engine.Compile(ShippedRules.Sources));

    public static TheoryData<string> MaliciousNames => [.. ShippedRules.Malicious.Select(sample => sample.Name)];

    public static TheoryData<string> BenignNames => [.. ShippedRules.Benign.Select(sample => sample.Name)];

    [Fact]
    public void Rules_compile_without_error_and_without_a_slow_string()
    {
        Assert.Empty(Compilation.Value.Messages);
        Assert.Null(Compilation.Value.PeRules);
        Assert.Equal(ShippedRules.Sources.Count, Compilation.Value.FileCount);
    }

    [Fact]
    public void Rules_import_no_module()
    {
        Assert.All(ShippedRules.Sources, source => Assert.DoesNotMatch(ImportPattern(), source.Text));
    }

    [Theory]
    [MemberData(nameof(MaliciousNames))]
    public void Malicious_look_alike_is_found_by_exactly_its_rules(string name)
    {
        Sample sample = ShippedRules.Malicious.Single(candidate => candidate.Name == name);

        Assert.Equal(sample.Expected.Order(StringComparer.Ordinal), Scan(sample.Content).Names().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(BenignNames))]
    public void Benign_twin_is_silent(string name)
    {
        Assert.Empty(Scan(ShippedRules.Benign.Single(candidate => candidate.Name == name).Content).Names());
    }

    [Fact]
    public void Every_rule_has_a_look_alike()
    {
        string[] tested = [.. ShippedRules.Malicious.SelectMany(sample => sample.Expected).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string[] rules = [.. ShippedRules.Sources.SelectMany(PublicRules).Order(StringComparer.Ordinal)];

        Assert.Equal(rules, tested);
        Assert.Equal(rules.Length, rules.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Every_rule_carries_the_metadata_that_findings_need()
    {
        // Every rule matches something in the table above, so all of them are seen here.
        Dictionary<string, YaraRuleMatch> rules = [];
        foreach (Sample sample in ShippedRules.Malicious)
        {
            foreach (YaraRuleMatch match in Scan(sample.Content).Matches)
            {
                rules.TryAdd(match.Rule, match);
            }
        }
        foreach (YaraRuleMatch match in rules.Values)
        {
            Assert.Equal(Metas, match.Meta.Select(meta => meta.Key));
            Dictionary<string, string> meta = new(match.Meta, StringComparer.Ordinal);
            Assert.Equal("deadbox", meta["author"]);
            Assert.Contains(meta["severity"], (string[])["critical", "high", "medium", "low"]);
            Assert.Contains(meta["category"], (string[])["malware", "persistence", "access", "evasion", "execution"]);
            Assert.Matches(TechniquePattern(), meta["technique"]);
            Assert.StartsWith("https://", meta["reference"], StringComparison.Ordinal);
            Assert.All(Metas, key => Assert.NotEmpty(meta[key]));
        }
    }

    [Fact]
    public void The_repository_itself_is_silent()
    {
        // Sources, signatures and documents name malware all the time; an analyst who keeps this tool on the examined host must not be alarmed by it.
        // The tests are left out: they hold the very commands of attackers as samples.
        using YaraScanner scanner = Compilation.Value.Rules.CreateScanner(Library.Timeout);
        List<string> hits = [];
        foreach (string folder in (string[])["src", "docs", "signatures"])
        {
            string path = Path.Combine(ShippedRules.Root, folder);
            foreach (string file in Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories) : [])
            {
                if (!file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal) && new FileInfo(file).Length < 4 << 20)
                {
                    hits.AddRange(scanner.Scan(File.ReadAllBytes(file), default).Names().Select(rule => rule + " " + file));
                }
            }
        }

        Assert.Empty(hits);
    }

    [Theory]
    [InlineData("/usr/bin")]
    [InlineData("/usr/sbin")]
    [InlineData("/etc")]
    [InlineData("/usr/lib/systemd")]
    [InlineData("/usr/share/doc")]
    public void The_system_that_runs_the_tests_is_silent(string folder)
    {
        Assert.SkipUnless(Directory.Exists(folder), folder + " absent");
        using YaraScanner scanner = Compilation.Value.Rules.CreateScanner(Library.Timeout);
        EnumerationOptions options = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device };
        List<string> hits = [];
        foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", options).Where(file => file.Length is > 0 and < 2 << 20).Take(4000))
        {
            byte[] content;
            try
            {
                content = File.ReadAllBytes(file.FullName);
            }
            catch (UnauthorizedAccessException)
            {
                continue;
            }
            hits.AddRange(scanner.Scan(content, default).Matches.Where(match => !match.Meta.Contains(new("severity", "low"))).Select(match => match.Rule + " " + file.FullName));
        }

        Assert.Empty(hits);
    }

    private static YaraScanResult Scan(byte[] content)
    {
        using YaraScanner scanner = Compilation.Value.Rules.CreateScanner(Library.Timeout);
        YaraScanResult result = scanner.Scan(content, default);
        Assert.Equal(YaraScanOutcome.Completed, result.Outcome);
        return result;
    }

    private static IEnumerable<string> PublicRules(YaraSource source) =>
        RuleText.Analyze(source.Text).Rules.Where(rule => !source.Text.Contains("private rule " + rule + "\n", StringComparison.Ordinal));

    [GeneratedRegex(@"^\s*(import|include)\b", RegexOptions.Multiline)]
    private static partial Regex ImportPattern();

    [GeneratedRegex(@"^T\d{4}(\.\d{3})?$")]
    private static partial Regex TechniquePattern();
}
