using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.Tests.FileSystems.Ext;
using Xunit;

namespace Forensics.Analyzer.Tests.Pipeline;

/// <summary>What keeps a hostile tree from costing memory without bound: long paths, directories of too many names.</summary>
public sealed class WalkLimitsTests
{
    [Fact]
    public void Names_below_long_paths_end_at_the_limit_and_short_ones_do_not()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 8, withTree: false);
        string one = image.NewFile("one", "1"u8.ToArray());
        image.Debugfs(
        [
            "mkdir a-long-name", $"write {one} a-long-name/f0", .. Enumerable.Range(1, 50).Select(i => $"ln a-long-name/f0 a-long-name/f{i}"),
            "mkdir b", .. Enumerable.Range(0, 50).Select(i => $"ln a-long-name/f0 b/f{i}"),
        ], write: true);
        using OpenedImage opened = OpenedImage.Open(new ImageSource(image.Path), ScanLimits.Default, NullDiagnosticSink.Instance, TestContext.Current.CancellationToken);
        // "/a-long-name/f1" has 15 characters and is long, "/b/f1" is not; ten of the long ones fit.
        var limits = new ScanLimits { LongPath = 14, LongPathCharacters = 15 * 10 };
        var visitor = new Visitor();
        new TreeWalker(opened.Volumes[0].FileSystem!, ParseContext.Quiet with { Limits = limits }).Walk(visitor, 0);
        Assert.InRange(visitor.Paths.Count(path => path.StartsWith("/a-long-name/", StringComparison.Ordinal)), 8, 10);
        Assert.Equal(50, visitor.Paths.Count(path => path.StartsWith("/b/", StringComparison.Ordinal)));
        Assert.Equal(("/a-long-name", "limit.long_paths"), Assert.Single(visitor.Failures));
    }

    [Fact]
    public void A_path_through_a_directory_of_too_many_names_is_still_found()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 8, withTree: false);
        string one = image.NewFile("one", "1"u8.ToArray());
        image.Debugfs(["mkdir many", $"write {one} many/f0", .. Enumerable.Range(1, 50).Select(i => $"ln many/f0 many/f{i}"), "mkdir many/last", $"write {one} many/last/file"], write: true);
        using OpenedImage opened = OpenedImage.Open(new ImageSource(image.Path), ScanLimits.Default, NullDiagnosticSink.Instance, TestContext.Current.CancellationToken);
        var tree = new ImageTree(opened.Volumes[0], new ScanLimits { KeptNames = 20 });
        Assert.Equal("/many/last/file", tree.Resolve("/many/last/file")?.Path);
        Assert.Equal("/many/f50", tree.Resolve("/many/f50")?.Path);
        Assert.Null(tree.Resolve("/many/none"));
        Assert.Empty(tree.List("/many"));
        Assert.Equal(["file"], tree.List("/many/last"));
    }

    private sealed class Visitor : ITreeVisitor<int>
    {
        public List<string> Paths { get; } = [];

        public List<(string, string)> Failures { get; } = [];

        public void Visit(in WalkedEntry entry, int directory) => Paths.Add(entry.Path);

        public void Unreadable(string path, DirectoryEntry entry, ForensicException reason, bool wasVisited) => Failures.Add((path, reason.Code));

        public int Enter(in WalkedEntry directory, int parent) => parent + 1;
    }
}
