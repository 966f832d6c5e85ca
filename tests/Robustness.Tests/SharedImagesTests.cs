using System.Diagnostics;
using System.Text;
using Forensics.Analyzer.Tests.EndToEnd;
using Forensics.Parsers.Tests;
using Xunit;

namespace Forensics.Robustness.Tests;

/// <summary>Every image of other projects through the program, as a user would hand it over.</summary>
public sealed class SharedImagesTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(5);

    public static TheoryData<string> Files()
    {
        if (SharedImages.Folder is null)
        {
            return ["absent"];
        }
        return [.. File.ReadLines(Path.Combine(SharedImages.Folder, "MANIFEST.tsv")).Skip(1).Select(line => line.Split('\t'))
            .Where(cells => cells.Length > 4 && (cells[4].StartsWith("fs-", StringComparison.Ordinal) || cells[4] is "container" or "partition") && !cells[0].EndsWith(".tgz", StringComparison.Ordinal))
            .Select(cells => cells[0])];
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Opens_or_is_refused_with_its_reason(string file)
    {
        SharedImages.Require();
        string image = SharedImages.Decompress(file);
        foreach (string[] command in new string[][] { ["info", image], ["files", image], ["scan", image, "--format", "json", "--no-builtin-rules"] })
        {
            // On a busy machine a single slow run says nothing; two in a row do.
            (int code, TimeSpan time, string error) = Run(command);
            if (time > s_bound)
            {
                (code, time, error) = Run(command);
            }
            Assert.True(code is 0 or 3, $"{command[0]}: exit {code}: {error}");
            Assert.True(time < s_bound, $"{command[0]} took {time}");
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.DoesNotContain("internal error", error, StringComparison.Ordinal);
            if (code == 3)
            {
                Assert.NotEmpty(error.Trim());
            }
        }
    }

    private static (int Code, TimeSpan Time, string Error) Run(string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        (int code, _, string error) = Deadbox.Run(arguments);
        return (code, Stopwatch.GetElapsedTime(start), error);
    }
}
