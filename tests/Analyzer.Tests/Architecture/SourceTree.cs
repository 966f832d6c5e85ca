using System.Text.RegularExpressions;

namespace Forensics.Analyzer.Tests.Architecture;

/// <summary>One C# file of the product: its room (folder below the project) and its text without comments and string contents.</summary>
internal sealed record SourceFile(string Path, string Project, string Room, string Text, string Code);

/// <summary>The repository's sources, found by walking up from the test assembly to <c>Forensics.sln</c>.</summary>
internal static partial class SourceTree
{
    private static readonly string[] s_notOurs = [".git", ".build", "bin", "obj", "TestResults", "BenchmarkDotNet.Artifacts"];

    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> Files { get; } = ReadAll();

    /// <summary>Every file of the repository that is not a build result, with forward slashes, relative to the root.</summary>
    public static IEnumerable<string> AllFiles()
    {
        var pending = new Stack<string>([Root]);
        while (pending.TryPop(out string? directory))
        {
            foreach (string child in Directory.EnumerateDirectories(directory))
            {
                if (!s_notOurs.Contains(Path.GetFileName(child)))
                {
                    pending.Push(child);
                }
            }
            foreach (string file in Directory.EnumerateFiles(directory))
            {
                if (!s_notOurs.Contains(Path.GetFileName(file)))   // .git is a file in a linked work tree
                {
                    yield return Path.GetRelativePath(Root, file).Replace('\\', '/');
                }
            }
        }
    }

    private static SourceFile[] ReadAll() =>
        [.. AllFiles()
            .Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path =>
            {
                string[] parts = path.Split('/');
                string text = File.ReadAllText(Path.Combine(Root, path));
                string room = parts.Length > 3 ? parts[2] : "";
                return new SourceFile(path, parts[1], room, text, CommentsAndStrings().Replace(text, match => match.Value[0] == '/' ? "" : "\"\""));
            })];

    private static string FindRoot()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Forensics.sln")))
            {
                return directory.FullName;
            }
        }
        throw new InvalidOperationException("Forensics.sln is in no directory above " + AppContext.BaseDirectory);
    }

    // Raw strings, verbatim strings, ordinary strings, char literals, line and block comments: enough to keep prose out of the search.
    [GeneratedRegex("\"\"\"[\\s\\S]*?\"\"\"|@\"(?:[^\"]|\"\")*\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.[^']*|[^'\\\\])'|//[^\\n]*|/\\*[\\s\\S]*?\\*/")]
    private static partial Regex CommentsAndStrings();
}
