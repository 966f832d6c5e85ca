using System.Diagnostics;
using System.Globalization;
using Forensics.Yara.Tests.Binding;

namespace Forensics.Yara.Tests.Rules;

/// <summary>The binding against <c>yara</c>, an independent user of the same library: same rules, same strings, same offsets.</summary>
public sealed class CommandLineToolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-yara-").FullName;

    [Fact]
    public void Shipped_rules_match_the_same_samples_at_the_same_offsets()
    {
        List<string> rules = [];
        foreach (YaraSource source in ShippedRules.Sources)
        {
            rules.Add($"{source.Namespace}:{Path.Combine(ShippedRules.Folder, source.FileName)}");
        }
        Sample[] samples = [.. ShippedRules.Malicious, .. ShippedRules.Benign];
        for (int i = 0; i < samples.Length; i++)
        {
            File.WriteAllBytes(SamplePath(i), samples[i].Content);
        }

        SortedSet<string> expected = RunTool(rules);

        using YaraCompilation compilation = Library.Engine.Compile(ShippedRules.Sources);
        using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);
        SortedSet<string> actual = new(StringComparer.Ordinal);
        for (int i = 0; i < samples.Length; i++)
        {
            Add(actual, SamplePath(i), scanner.Scan(samples[i].Content, default));
        }
        Assert.NotEmpty(expected);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Programs_of_this_system_give_the_same_matches()
    {
        const string Text = """
            rule elf { strings: $a = "GLIBC_" $b = /lib[a-z]{1,8}\.so\.[0-9]/ $w = "e" wide fullword condition: uint32(0) == 0x464c457f and $a and $b and #w >= 0 }
            rule hex { strings: $h = { 7F 45 4C 46 02 [1-20] 3E 00 } condition: $h at 0 }
            rule any_case { strings: $n = "copyright" nocase $x = "Usage:" xor(0-3) condition: any of them }
            """;
        string rules = Path.Combine(_folder, "rules.yar");
        File.WriteAllText(rules, Text);
        string[] programs = ["/bin/ls", "/bin/cat", "/bin/sh", "/etc/passwd", "/bin/true"];
        for (int i = 0; i < programs.Length; i++)
        {
            File.Copy(programs[i], SamplePath(i));
        }

        SortedSet<string> expected = RunTool(["system:" + rules]);

        using YaraCompilation compilation = Library.Compile(Library.Source(Text, "system"));
        using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);
        SortedSet<string> actual = new(StringComparer.Ordinal);
        bool truncated = false;
        for (int i = 0; i < programs.Length; i++)
        {
            YaraScanResult result = scanner.Scan(File.ReadAllBytes(programs[i]), default);
            truncated |= result.Matches.Any(match => match.IsTruncated);
            Add(actual, SamplePath(i), result);
        }
        Assert.NotEmpty(expected);
        Assert.Superset(actual, expected);
        Assert.Equal(expected.Where(IsRule), actual.Where(IsRule));
        Assert.True(truncated || expected.SetEquals(actual));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static bool IsRule(string line) => !line.Contains('$', StringComparison.Ordinal);

    private string SamplePath(int i) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"s{i:000}.bin"));

    private static void Add(SortedSet<string> lines, string path, YaraScanResult result)
    {
        foreach (YaraRuleMatch match in result.Matches)
        {
            lines.Add($"{match.Namespace}:{match.Rule} {path}");
            lines.UnionWith(match.Strings.Select(text => string.Create(CultureInfo.InvariantCulture, $"{match.Namespace}:{match.Rule} {path} 0x{text.Offset:x}:{text.Length}:{text.Identifier}")));
        }
    }

    /// <summary>Every match as <c>namespace:rule path</c> and every string as that with offset, length and identifier.</summary>
    private SortedSet<string> RunTool(IEnumerable<string> rules)
    {
        ProcessStartInfo start = new("yara") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-w", "-e", "-s", "-L", .. rules, _folder])
        {
            start.ArgumentList.Add(argument);
        }
        using Process tool = Process.Start(start)!;
        SortedSet<string> lines = new(StringComparer.Ordinal);
        string rule = "";
        while (tool.StandardOutput.ReadLine() is string line)
        {
            if (line.StartsWith("0x", StringComparison.Ordinal))
            {
                string[] parts = line.Split(':', 4);
                lines.Add($"{rule} {parts[0]}:{parts[1]}:{parts[2].Trim()}");
            }
            else if (line.EndsWith(".bin", StringComparison.Ordinal))
            {
                rule = line;
                lines.Add(rule);
            }
        }
        tool.WaitForExit();
        Assert.Equal(0, tool.ExitCode);
        return lines;
    }
}
