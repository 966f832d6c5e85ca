namespace Forensics.Yara.Tests.Binding;

public sealed class CompilationTests
{
    private const string Good = "rule good { strings: $a = \"needle\" condition: $a }";

    [Fact]
    public void Bad_file_is_named_with_its_line_and_the_others_load()
    {
        using YaraCompilation compilation = Library.Engine.Compile(
        [
            new YaraSource("first", "rule first { condition: true }", "first.yar"),
            new YaraSource("bad", "rule bad\n{\n  condition:\n    and true\n}", "dir/bad.yar"),
            new YaraSource("last", "rule last { condition: true }", "last.yar"),
        ]);

        YaraCompileMessage message = Assert.Single(compilation.Messages);
        Assert.Equal("dir/bad.yar", message.File);
        Assert.Equal(4, message.Line);
        Assert.True(message.IsError);
        Assert.Contains("syntax error", message.Message, StringComparison.Ordinal);
        Assert.Equal(2, compilation.FileCount);
        Assert.Equal(2, compilation.RuleCount);
        using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);
        Assert.Equal(["first", "last"], scanner.Scan("x"u8, default).Names());
    }

    [Fact]
    public void Several_bad_files_are_all_reported_in_the_order_of_the_files()
    {
        List<YaraSource> sources = [];
        for (int i = 0; i < 40; i++)
        {
            string text = i % 3 == 1 ? $"rule r{i} {{ condition: nonsense }}" : $"rule r{i} {{ condition: true }}";
            sources.Add(new YaraSource($"n{i}", text, $"f{i}.yar"));
        }

        using YaraCompilation compilation = Library.Engine.Compile(sources);

        Assert.Equal(sources.Where((_, i) => i % 3 == 1).Select(source => source.FileName), compilation.Messages.Select(message => message.File));
        Assert.Equal(27, compilation.FileCount);
    }

    [Fact]
    public void Includes_are_refused()
    {
        using YaraCompilation compilation = Library.Engine.Compile([new YaraSource("a", "include \"/etc/passwd\"\n" + Good, "a.yar"), Library.Source(Good)]);

        YaraCompileMessage message = Assert.Single(compilation.Messages);
        Assert.True(message.IsError);
        Assert.Equal("a.yar", message.File);
        Assert.Contains("include", message.Message, StringComparison.Ordinal);
        Assert.Equal(1, compilation.FileCount);
    }

    [Fact]
    public void Same_rule_name_in_two_namespaces_is_fine()
    {
        using YaraCompilation compilation = Library.Compile(Library.Source(Good, "one"), Library.Source(Good, "two"));
        using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);

        Assert.Equal(["one", "two"], scanner.Scan("needle"u8, default).Matches.Select(match => match.Namespace));
    }

    [Fact]
    public void Same_rule_name_in_one_namespace_rejects_the_later_file_only()
    {
        using YaraCompilation compilation = Library.Engine.Compile(
            [new YaraSource("n", Good, "a.yar"), new YaraSource("n", Good, "b.yar"), new YaraSource("n", "rule other { condition: true }", "c.yar")]);

        YaraCompileMessage message = Assert.Single(compilation.Messages);
        Assert.Equal("b.yar", message.File);
        Assert.Contains("duplicated identifier \"good\"", message.Message, StringComparison.Ordinal);
        Assert.Equal(2, compilation.RuleCount);
    }

    [Fact]
    public void Slow_strings_are_warned_about_with_their_rule()
    {
        using YaraCompilation compilation = Library.Engine.Compile([Library.Source("rule sluggish { strings: $a = /.{2,20}x[^y]*/ condition: $a }")]);

        YaraCompileMessage message = Assert.Single(compilation.Messages);
        Assert.False(message.IsError);
        Assert.Equal(1, message.Line);
        Assert.Contains("sluggish", message.Message, StringComparison.Ordinal);
        Assert.Contains("slow", message.Message, StringComparison.Ordinal);
        Assert.Equal(1, compilation.FileCount);
    }

    [Fact]
    public void Warnings_survive_when_another_file_is_bad()
    {
        using YaraCompilation compilation = Library.Engine.Compile(
            [Library.Source("rule slow { strings: $a = /.{2,20}x[^y]*/ condition: $a }", "slow"), Library.Source("rule bad {", "bad"), Library.Source(Good, "good")]);

        Assert.Equal([("slow.yar", false), ("bad.yar", true)], compilation.Messages.Select(message => (message.File, message.IsError)));
    }

    [Fact]
    public void Files_that_import_pe_or_dotnet_form_a_group_of_their_own()
    {
        using YaraCompilation compilation = Library.Compile(
            Library.Source(Good, "plain"),
            Library.Source("import \"pe\"\nrule windows { condition: pe.machine == pe.MACHINE_AMD64 or true }", "windows"),
            Library.Source("/* import \"pe\" */ // import \"dotnet\"\nrule linux { strings: $a = \"import \\\"pe\\\"\" condition: $a or true }", "linux"));

        Assert.NotNull(compilation.PeRules);
        using YaraScanner plain = compilation.Rules.CreateScanner(Library.Timeout);
        using YaraScanner pe = compilation.PeRules.CreateScanner(Library.Timeout);
        Assert.Equal(["good", "linux"], plain.Scan("needle"u8, default).Names());
        Assert.Equal(["windows"], pe.Scan("MZ needle"u8, default).Names());
        Assert.Equal(3, compilation.FileCount);
    }

    [Fact]
    public void No_rules_at_all_match_nothing()
    {
        using YaraCompilation compilation = Library.Engine.Compile([]);
        using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);

        Assert.Null(compilation.PeRules);
        Assert.Equal(0, compilation.RuleCount);
        Assert.Same(YaraScanResult.Clean, scanner.Scan("anything"u8, default));
    }

    [Fact]
    public void Only_bad_pe_rules_leave_no_pe_group()
    {
        using YaraCompilation compilation = Library.Engine.Compile([Library.Source("import \"pe\" rule x { condition: pe.no_such_field == 1 }")]);

        Assert.Null(compilation.PeRules);
        Assert.True(Assert.Single(compilation.Messages).IsError);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0rule x { condition: true }")]
    [InlineData("rule x { condition: true }\0 hidden rest")]
    [InlineData("rule")]
    [InlineData("rule x { strings: $a = \"unfinished")]
    [InlineData("rule x { strings: $a = /unfinished condition: $a }")]
    [InlineData("rule x { strings: $a = { 4D 5A [ condition: $a }")]
    [InlineData("rule x { condition: /* unfinished comment")]
    [InlineData("import \"no_such_module\" rule x { condition: true }")]
    [InlineData("rule x { condition: y }")]
    [InlineData("\uD800 lone surrogate")]
    public void Broken_text_never_throws_and_never_counts_as_a_rule(string text)
    {
        using YaraCompilation compilation = Library.Engine.Compile([Library.Source(text), Library.Source(Good, "good")]);

        Assert.Equal(1, compilation.RuleCount);
        Assert.Equal(text.Length == 0, compilation.Messages.Count == 0);
    }

    [Fact]
    public void Deeply_nested_rules_are_refused_or_compiled_but_do_not_end_the_process()
    {
        string nested = new string('(', 20_000) + "true" + new string(')', 20_000);
        string pattern = new string('(', 3_000) + "a" + new string(')', 3_000);
        using YaraCompilation compilation = Library.Engine.Compile(
            [Library.Source($"rule x {{ condition: {nested} }}", "x"), Library.Source($"rule y {{ strings: $a = /b{pattern}/ condition: $a }}", "y"), Library.Source(Good, "good")]);

        Assert.InRange(compilation.FileCount, 1, 3);
    }

    internal static T OnWorker<T>(Func<T> work)
    {
        T? result = default;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        Thread thread = new(
            () =>
            {
                try
                {
                    result = work();
                }
                catch (InvalidOperationException exception)
                {
                    failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(exception);
                }
            },
            YaraEngine.WorkerStackSize);
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }
}
