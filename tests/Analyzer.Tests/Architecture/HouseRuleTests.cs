using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Forensics.Analyzer.Tests.Architecture;

/// <summary>House rules that a reader of the sources may rely on.</summary>
public sealed class HouseRuleTests
{
    private const int LongestFile = 420;

    [Fact]
    public void Only_the_Yara_binding_is_unsafe_and_Parsers_call_no_native_code()
    {
        Assert.Empty(SourceTree.Files.Where(file => file.Project != "Yara" && Regex.IsMatch(file.Code, @"\bunsafe\b")).Select(file => file.Path));
        Assert.Empty(SourceTree.Files.Where(file => file.Project == "Parsers" && Regex.IsMatch(file.Code, @"\b(DllImport|LibraryImport|Marshal\.)")).Select(file => file.Path));
        string[] allowing = [.. SourceTree.AllFiles()
            .Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(path => File.ReadAllText(Path.Combine(SourceTree.Root, path)).Contains("<AllowUnsafeBlocks>true", StringComparison.OrdinalIgnoreCase))];
        Assert.Equal(["src/Yara/Forensics.Yara.csproj"], allowing);
    }

    [Fact]
    public void No_source_file_outgrows_one_concept()
    {
        Assert.Empty(SourceTree.Files
            .Select(file => (file.Path, Lines: file.Text.AsSpan().Count('\n')))
            .Where(file => file.Lines > LongestFile)
            .Select(file => file.Path + ": " + file.Lines + " lines"));
    }

    /// <summary>Errors are caught per volume, per directory entry and per file and examiner, always by type. The exceptions to that are the two outermost
    /// frames: the entry point, and the callbacks that native code calls.</summary>
    [Fact]
    public void Nobody_catches_everything()
    {
        Assert.Empty(SourceTree.Files
            .Where(file => file.Project != "Yara" && file.Room != "Commands" && Regex.IsMatch(file.Code, @"catch\s*(\(\s*(System\.)?Exception\b[^)]*\))?\s*\{"))
            .Select(file => file.Path));
    }

    [Fact]
    public void Nobody_swallows_an_error()
    {
        Assert.Empty(SourceTree.Files.Where(file => Regex.IsMatch(file.Code, @"catch\s*(\([^)]*\))?\s*(when\s*\([^{]*\))?\s*\{\s*\}")).Select(file => file.Path));
    }

    [Fact]
    public void Nothing_is_left_for_later()
    {
        Assert.Empty(SourceTree.Files.Where(file => Regex.IsMatch(file.Text, @"NotImplemented" + @"Exception|\bTO" + @"DO\b|\bFIX" + @"ME\b")).Select(file => file.Path));
    }

    [Fact]
    public void No_path_of_a_machine_and_no_registry_host_is_in_the_repository()
    {
        // Assembled from pieces so that this file does not name them itself.
        var pattern = new Regex(@"(^|[^A-Za-z0-9_.])/(" + "wo" + "rk|fa" + @"rm)/|/tmp/be" + @"nch|api\.nu" + @"get\.org|registry\.npm" + @"js\.org|deb\.deb" + @"ian\.org");
        var wrong = new List<string>();
        foreach (string path in SourceTree.AllFiles())
        {
            byte[] content = File.ReadAllBytes(Path.Combine(SourceTree.Root, path));
            if (content.AsSpan(0, Math.Min(content.Length, 8192)).Contains((byte)0))
            {
                continue;   // binary
            }
            if (pattern.Match(Encoding.Latin1.GetString(content)) is { Success: true } match)
            {
                wrong.Add(path + ": " + match.Value);
            }
        }
        Assert.Empty(wrong);
    }
}
