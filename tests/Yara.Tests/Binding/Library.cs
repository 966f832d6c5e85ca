using System.Text;

namespace Forensics.Yara.Tests.Binding;

/// <summary>Short forms for tests: the library is there, otherwise the test fails.</summary>
internal static class Library
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    public static readonly YaraEngine Engine = YaraEngine.Load();

    public static YaraSource Source(string text, string name = "test") => new(name, text, name + ".yar");

    /// <summary>Compiles sources of which none may have an error.</summary>
    public static YaraCompilation Compile(params YaraSource[] sources)
    {
        YaraCompilation compilation = Engine.Compile(sources);
        Assert.DoesNotContain(compilation.Messages, message => message.IsError);
        return compilation;
    }

    public static YaraScanResult Scan(string rules, ReadOnlySpan<byte> content, YaraExternals externals = default)
    {
        using YaraCompilation compilation = Compile(Source(rules));
        using YaraScanner scanner = (compilation.PeRules ?? compilation.Rules).CreateScanner(Timeout);
        return scanner.Scan(content, externals);
    }

    public static YaraScanResult Scan(string rules, string content, YaraExternals externals = default) => Scan(rules, Encoding.UTF8.GetBytes(content), externals);

    public static IEnumerable<string> Names(this YaraScanResult result) => result.Matches.Select(match => match.Rule);
}
