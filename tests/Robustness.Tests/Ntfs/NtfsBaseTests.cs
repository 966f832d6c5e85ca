using System.Text;
using Forensics.Analyzer.Tests.EndToEnd;
using Xunit;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>The committed volume is what its recipe makes.</summary>
public sealed class NtfsBaseTests
{
    private static readonly string[] s_columns = ["type", "size", "md5", "nlink", "target"];

    [Fact]
    public void The_committed_volume_is_what_the_recipe_makes()
    {
        NtfsMaker.Require();
        using var committed = new NtfsFile(NtfsBase.Copy());
        using var made = new NtfsFile([]);
        NtfsBase.Make(made.Path);
        Assert.Equal(Lines(made.Path), Lines(committed.Path));
    }

    private static string[] Lines(string path) =>
        [.. NtfsListing.Rows(Encoding.UTF8.GetBytes(Deadbox.Text("files", path, "--hash", "md5"))).Where(row => !row.Key.StartsWith("/$", StringComparison.Ordinal)).OrderBy(row => row.Key, StringComparer.Ordinal)
            .Select(row => row.Key + "|" + string.Join('|', s_columns.Select(column => row.Value[column])))];
}
