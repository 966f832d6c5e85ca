using System.Text;

namespace Forensics.Yara.Tests.Binding;

public sealed class MatchTests
{
    [Fact]
    public void Metas_tags_strings_and_offsets_are_exact()
    {
        const string Rules = """
            rule example : tag_one tag_two
            {
                meta:
                    author = "deadbox"
                    score = 75
                    negative = -9223372036854775807
                    active = true
                    hidden = false
                    author = "second author"
                strings:
                    $text = "needle"
                    $hex = { 01 ?? [1-4] 04 }
                    $wide = "wide" wide
                    $xor = "secret text" xor(1-255)
                    $regex = /ab+c/
                    $ = "anonymous"
                condition:
                    all of them
            }
            """;
        byte[] content =
        [
            .. "needle--needle"u8, 1, 2, 3, 3, 4, .. Encoding.Unicode.GetBytes("wide"), .. "secret text"u8.ToArray().Select(b => (byte)(b ^ 0x5A)),
            .. "abbbc anonymous"u8,
        ];

        YaraRuleMatch match = Assert.Single(Library.Scan(Rules, content).Matches);

        Assert.Equal("example", match.Rule);
        Assert.Equal("test", match.Namespace);
        Assert.Equal(["tag_one", "tag_two"], match.Tags);
        Assert.Equal(
            [new("author", "deadbox"), new("score", "75"), new("negative", "-9223372036854775807"), new("active", "true"), new("hidden", "false"), new("author", "second author")],
            match.Meta);
        Assert.Equal(
            [("$text", 0L, 6), ("$text", 8, 6), ("$hex", 14, 5), ("$wide", 19, 8), ("$xor", 27, 11), ("$regex", 38, 5), ("$", 44, 9)],
            match.Strings.Select(text => (text.Identifier, text.Offset, text.Length)));
        Assert.All(match.Strings, text => Assert.Equal(content.AsSpan((int)text.Offset, text.Length).ToArray(), text.Data));
        Assert.False(match.IsTruncated);
    }

    [Fact]
    public void Private_rules_and_private_strings_stay_hidden()
    {
        const string Rules = """
            private rule inner { strings: $a = "needle" condition: $a }
            rule outer { strings: $shown = "needle" $kept = "needle" private condition: inner and all of them }
            """;

        YaraRuleMatch match = Assert.Single(Library.Scan(Rules, "needle").Matches);

        Assert.Equal("outer", match.Rule);
        Assert.Equal(["$shown"], match.Strings.Select(text => text.Identifier));
    }

    [Fact]
    public void A_global_rule_that_fails_silences_its_namespace_only()
    {
        using YaraCompilation compilation = Library.Compile(
            Library.Source("global rule gate { condition: filesize > 100 } rule a { condition: true }", "gated"), Library.Source("rule b { condition: true }", "free"));
        using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);

        Assert.Equal(["b"], scanner.Scan("x"u8, default).Names());
    }

    [Fact]
    public void Long_data_is_cut_at_128_bytes_and_the_length_kept()
    {
        YaraStringMatch text = Assert.Single(Assert.Single(Library.Scan("rule x { strings: $a = /begin.{2000}/s condition: $a }", "begin" + new string('z', 3000)).Matches).Strings);

        Assert.Equal(2005, text.Length);
        Assert.Equal(128, text.Data.Length);
    }

    [Fact]
    public void A_frequent_string_does_not_crowd_out_the_others()
    {
        string content = string.Concat(Enumerable.Repeat("flood ", 500)) + "rare";

        YaraRuleMatch match = Assert.Single(Library.Scan("rule x { strings: $a = \"flood\" $b = \"rare\" condition: all of them }", content).Matches);

        Assert.True(match.IsTruncated);
        Assert.Equal(YaraRuleMatch.MaximumStrings, match.Strings.Count);
        Assert.Equal(31, match.Strings.Count(text => text.Identifier == "$a"));
        Assert.Equal(("$b", 3000L), match.Strings.Select(text => (text.Identifier, text.Offset)).Last());
    }

    [Fact]
    public void More_strings_than_places_are_cut_and_marked()
    {
        string strings = string.Join('\n', Enumerable.Range(0, 100).Select(i => $"$s{i} = \"word{i:000}\""));
        string content = string.Join(' ', Enumerable.Range(0, 100).Select(i => $"word{i:000}"));

        YaraRuleMatch match = Assert.Single(Library.Scan($"rule x {{ strings: {strings} condition: all of them }}", content).Matches);

        Assert.True(match.IsTruncated);
        Assert.Equal(Enumerable.Range(0, 32).Select(i => $"$s{i}"), match.Strings.Select(text => text.Identifier));
    }

    [Fact]
    public void Exactly_as_many_matches_as_places_is_not_truncated()
    {
        YaraRuleMatch match = Assert.Single(Library.Scan("rule x { strings: $a = \"word\" condition: $a }", string.Concat(Enumerable.Repeat("word ", 32))).Matches);

        Assert.Equal(32, match.Strings.Count);
        Assert.False(match.IsTruncated);
    }

    [Fact]
    public void A_jump_longer_than_a_chain_gives_one_match_of_the_whole()
    {
        byte[] content = [.. "XX"u8, .. "HEADxxxx"u8, .. new byte[600], .. "TAIL"u8];

        YaraRuleMatch match = Assert.Single(Library.Scan("rule x { strings: $a = { 48 45 41 44 [300-900] 54 41 49 4C } condition: $a }", content).Matches);

        Assert.Equal(("$a", 2L, 612), match.Strings.Select(text => (text.Identifier, text.Offset, text.Length)).Single());
    }

    [Fact]
    public void Text_of_metas_is_decoded_as_utf8_and_escapes_are_kept_as_they_are()
    {
        YaraRuleMatch match = Assert.Single(Library.Scan("rule x { meta: a = \"Gr\u00FC\u00DFe \u4E16\" b = \"esc\\x1b[2J\" c = \"bad\\xff\" condition: true }", "").Matches);

        Assert.Equal(["Gr\u00FC\u00DFe \u4E16", "esc\u001b[2J", "bad\uFFFD"], match.Meta.Select(meta => meta.Value));
    }

    [Fact]
    public void An_empty_content_is_scanned()
    {
        Assert.Equal(["empty"], Library.Scan("rule empty { condition: filesize == 0 } rule other { condition: filesize != 0 }", "").Names());
    }

    [Fact]
    public void Nothing_matched_is_always_the_same_instance()
    {
        Assert.Same(YaraScanResult.Clean, Library.Scan("rule x { strings: $a = \"needle\" condition: $a }", "hay"));
    }

    [Fact]
    public void A_clean_scan_allocates_nothing()
    {
        using YaraCompilation compilation = Library.Compile(Library.Source("rule x { strings: $a = \"needle\" condition: $a and filename == \"y\" }"));
        using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);
        YaraExternals[] names = [new("one", "/", "", "", "", ""), new("two", "/", "", "", "", "")];
        for (int i = 0; i < 100; i++)
        {
            scanner.Scan("some hay"u8, names[i & 1]);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            scanner.Scan("some hay"u8, names[i & 1]);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
